"""Dots with their intervals as a small drawing that follows the page from light to dark; see `track`."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import numpy as np
from matplotlib.ticker import MaxNLocator

from dcgan_viz.figures.screen.palette import variable
from dcgan_viz.figures.spec import DotPanel, DotSeries
from dcgan_viz.figures.wording import tick, with_interval

WIDTH = 330.0
_ROW, _TOP, _BOTTOM, _RIGHT, _TEXT, _CHARACTER = 25.0, 6.0, 36.0, 12.0, 12.0, 6.8
_DODGE = 8.0


def dot_drawing(panel: DotPanel) -> str:
    """Draw a panel of one facet without its title and legend.

    Parameters
    ----------
    panel
        Its written columns are left out: a dot says its number when a person points at it.

    Returns
    -------
    str
        An SVG element; its colours are those of `palette.properties`.

    Raises
    ------
    ValueError
        If there are several facets.
    """
    (facet,) = panel.facets
    extent = [end for series in facet.series for end in series.extent]
    extent += [reference.value for reference in facet.references]
    low, high = 1.07 * min([*extent, 0.0]), 1.07 * max([*extent, 0.1])
    left = 14 + _CHARACTER * max(len(row) for row in panel.rows)
    bottom = _TOP + _ROW * len(panel.rows)

    def across(value: float) -> float:
        return left + (value - low) / (high - low) * (WIDTH - _RIGHT - left)

    parts = []
    for value in MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high):
        if low <= value <= high:
            x = across(float(value))
            parts.append(_line(x, _TOP, x, bottom, "var(--line)"))
            parts.append(_text(x, bottom + 15, "middle", tick(float(np.round(value, 10)))))
    for reference in facet.references:
        x = across(reference.value)
        parts.append(_line(x, _TOP, x, bottom, "var(--muted)", 'stroke-dasharray="2 3"'))
    parts.append(_text(WIDTH - _RIGHT, bottom + 31, "end", facet.value_label))
    for row, name in enumerate(panel.rows):
        strong = ' font-weight="650"' if name in panel.strong_rows else ""
        y = _TOP + _ROW * (row + 0.5)
        parts.append(_text(left - 8, y + 4, "end", name, "var(--ink)", strong))
        sharing = panel.shares(facet, row)
        for place, index in enumerate(sharing):
            height = y + (place - (len(sharing) - 1) / 2) * _DODGE
            parts.append(_dot(facet.series[index], row, name, height, across))
    words = escape(f"{panel.title}; {facet.value_label}", quote=True)
    size = f"0 0 {WIDTH:g} {bottom + _BOTTOM:g}"
    return f'<svg viewBox="{size}" role="img" aria-label="{words}">{"".join(parts)}</svg>'


def _dot(series: DotSeries, row: int, name: str, y: float, across: Callable[[float], float]) -> str:
    value, colour = series.values[row], variable(series.role)
    interval = series.intervals[row] if series.intervals else None
    assert value is not None
    parts = []
    if interval is not None:
        thick = "stroke-width:2.5;stroke-opacity:0.55"
        parts.append(_line(across(interval[0]), y, across(interval[1]), y, f"{colour};{thick}"))
    fill = "var(--page)" if series.control else colour
    parts.append(
        f'<circle cx="{across(value):.1f}" cy="{y:.1f}" r="4" '
        f'style="fill:{fill};stroke:{colour};stroke-width:1.8"/>'
    )
    told = escape(f"{name}, {series.label}: {with_interval(value, interval)}")
    return f"<g><title>{told}</title>{''.join(parts)}</g>"


def _line(x0: float, y0: float, x1: float, y1: float, colour: str, more: str = "") -> str:
    ends = f'x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
    return f'<line {ends} style="stroke:{colour}" {more}/>'


def _text(x: float, y: float, anchor: str, text: str, colour: str = "var(--muted)", more: str = "") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{_TEXT:g}"{more} '
        f'style="fill:{colour}">{escape(text)}</text>'
    )
