"""The charts of the library's figures, in the colours of the page's theme."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

import plotly.io
import streamlit as st

from apps.shell.markdown import escaped
from dcgan_viz.figures import style
from dcgan_viz.figures.legend import Mark, marks
from dcgan_viz.figures.screen.charts import ChartPanel, chart
from dcgan_viz.figures.screen.dark import darkened
from dcgan_viz.figures.spec import LinePanel

_CONFIG = {"displayModeBar": False, "responsive": True}
_LOOKS = f"""<style>
.dcgan-head {{ line-height: 1.35; min-height: 4.4rem; display: flex; flex-direction: column; }}
.dcgan-head h3 {{ margin: 0 0 4px; padding: 0; font-size: 1rem; font-weight: 600; }}
.dcgan-head ul {{ display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0; padding: 0; list-style: none; }}
.dcgan-head li {{ display: flex; align-items: center; gap: 6px; margin: 0; font-size: 13px;
  color: {style.MUTED}; }}
.dcgan-head i {{ flex: none; width: 22px; height: 0; border-top: 2.5px solid; }}
.dcgan-head i.reference {{ border-top: 1.5px dotted; }}
.dcgan-head i.dot {{ width: 9px; height: 9px; border: 2px solid; border-radius: 50%; }}
.dcgan-head i.patch {{ width: 14px; height: 10px; border: 5px solid; border-radius: 2px; }}
.dcgan-head i.control {{ border-top-style: dashed; }}
.dcgan-head i.filled {{ background: currentColor; }}
.dcgan-head p {{ margin: auto 0 0; font-size: 12px; color: {style.MUTED}; }}
</style>"""


def is_dark() -> bool:
    """Whether the page has a dark ground."""
    return st.context.theme.type == "dark"


def line_chart(key: str, panel: LinePanel) -> None:
    """Show curves with their title and legend.

    Parameters
    ----------
    key : str
        Of the element, one for each on a page.
    panel : LinePanel
        Of a figure of the library.
    """
    dark = is_dark()
    heading = (
        f'{_LOOKS}<div class="dcgan-head"><h3>{escape(panel.title)}</h3>'
        f"<ul>{''.join(map(_entry, marks(panel)))}</ul><p>{escape(panel.y_label)}</p></div>"
    )
    with st.container(gap="xxsmall"):
        st.html(darkened(heading) if dark else heading)
        alt = f"{panel.title}. {panel.y_label} over {panel.x_label}"
        st.plotly_chart(_drawn(panel, dark), theme=None, key=key, config=_CONFIG, alt=alt)
        if panel.note:
            st.caption(escaped(panel.note))


def _entry(mark: Mark) -> str:
    """One entry of a legend; Streamlit takes SVG out of a page's HTML."""
    kind = "line" if mark.kind == "stroke" else mark.kind
    look = f"{kind}{' control' if mark.control else ' filled' if kind == 'dot' else ''}"
    return f'<li><i class="{look}" style="color:{mark.colour}"></i>{escape(mark.label)}</li>'


@lru_cache(maxsize=64)
def _drawn(panel: ChartPanel, dark: bool) -> Any:
    figure = chart(panel)
    return plotly.io.from_json(darkened(figure.to_json())) if dark else figure
