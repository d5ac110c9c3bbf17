"""A figure on the screen: one HTML page, from a phone's width to a wide monitor's, that needs no network."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Literal

import plotly.io
from plotly.offline import get_plotlyjs

from dcgan_viz.figures.screen.blocks import image_grid, legend, number_card
from dcgan_viz.figures.screen.charts import chart
from dcgan_viz.figures.screen.stylesheet import STYLESHEET
from dcgan_viz.figures.spec import Figure, ImageGrid, LinePanel, NumberCard, Panel

PlotlyJs = Literal["inline", "directory"]

# A chart is drawn before the panels beside it are there, which then take some of its width.
FIT = """<script>
for (const chart of document.querySelectorAll(".js-plotly-plot")) {
  new ResizeObserver(() => Plotly.Plots.resize(chart)).observe(chart);
}
</script>"""

_CONFIG = {"displayModeBar": False, "responsive": True}
_NARROW = 3  # columns of pictures that leave room for a panel beside them


def _panel(panel: Panel, identity: str) -> str:
    """Write one panel with its title, legend and note."""
    kind = "panel"
    if isinstance(panel, ImageGrid):
        kind, body = f"panel {'narrow' if panel.columns <= _NARROW else 'wide'}", image_grid(panel)
    elif isinstance(panel, NumberCard):
        kind, body = "panel wide tinted", number_card(panel)
    else:
        drawn = chart(panel)
        body = plotly.io.to_html(
            drawn,
            config=_CONFIG,
            include_plotlyjs=False,
            full_html=False,
            div_id=identity,
            default_height=f"{drawn.layout.height}px",
        )
    title = f"<h2>{escape(panel.title)}</h2>" if panel.title else ""
    axis = f'<p class="axis">{escape(panel.y_label)}</p>' if isinstance(panel, LinePanel) else ""
    note = f'<p class="note">{escape(panel.note)}</p>' if panel.note else ""
    return f'<section class="{kind}">{title}{legend(panel)}{axis}{body}{note}</section>'


def panels(figure: Figure, prefix: str = "panel") -> str:
    """Write the panels of a figure, for a page that loads plotly's script before them and ends with `FIT`.

    Parameters
    ----------
    figure
        What to show.
    prefix
        Begins the identity of every chart; several figures in a page need one each.

    Returns
    -------
    str
    """
    drawn = "".join(_panel(placed.panel, f"{prefix}-{i}") for i, placed in enumerate(figure.panels))
    return f'<div class="panels">{drawn}</div>'


def page(figure: Figure, plotly_js: PlotlyJs = "inline") -> str:
    """Write a figure as an HTML page.

    Parameters
    ----------
    figure
        What to show.
    plotly_js
        "inline" puts plotly's script (about 4.7 MB) into the page; "directory" expects `plotly.min.js` beside
        it, which several pages can share.

    Returns
    -------
    str
        The page. It loads nothing from a network.
    """
    script = f"<script>{get_plotlyjs()}</script>" if plotly_js == "inline" else _SHARED_SCRIPT
    subtitle = f"<p>{escape(figure.subtitle)}</p>" if figure.subtitle else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(figure.title)}</title><style>{STYLESHEET}</style>{script}</head><body><main>"
        f"<header><h1>{escape(figure.title)}</h1>{subtitle}</header>"
        f"{panels(figure)}<footer>{escape(figure.caption)}</footer></main>{FIT}</body></html>\n"
    )


_SHARED_SCRIPT = '<script src="plotly.min.js"></script>'


def save(
    figure: Figure, directory: Path, stem: str = "figure", plotly_js: PlotlyJs = "inline"
) -> tuple[Path, ...]:
    """Write a figure as HTML.

    Parameters
    ----------
    figure
        What to show.
    directory
        An existing directory.
    stem
        Name of the file without its ending.
    plotly_js
        Where plotly's script goes; see `page`.

    Returns
    -------
    tuple of Path
        The page, and `plotly.min.js` where it stands beside it.
    """
    target = directory / f"{stem}.html"
    target.write_text(page(figure, plotly_js), encoding="utf-8")
    if plotly_js == "inline":
        return (target,)
    shared = directory / "plotly.min.js"
    shared.write_text(get_plotlyjs(), encoding="utf-8")
    return target, shared
