"""Curves as a small drawing on which a place along the axis can be followed, as a player does frame by frame.

The charts of a saved page are drawn by plotly; this is for a surface that moves a mark over many of them
many times a second, and that is read in a light and in a dark theme.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import numpy as np
from matplotlib.ticker import MaxNLocator

from dcgan_viz.figures.screen.palette import variable
from dcgan_viz.figures.spec import Curve, LinePanel, Reference, Role
from dcgan_viz.figures.wording import significant, tick

WIDTH, HEIGHT = 310.0, 150.0  # in px, before the page stretches it
_TOP, _BOTTOM, _RIGHT, _TEXT = 8.0, 34.0, 10.0, 11.5
_CHARACTER = 6.4
_TICKS = (8, 4)  # most spaces between them, along and up

To = Callable[[float], float]


@dataclass(frozen=True)
class Track:
    """A drawing of a panel, and what is needed to mark a place on it.

    Attributes
    ----------
    svg
        The drawing, `WIDTH` by `HEIGHT`; its colours are those of `palette.properties`.
    left, right
        Where the horizontal axis begins and ends in the drawing.
    top, bottom
        The same of the vertical one.
    low, high
        Values of the horizontal axis at its ends.
    points
        The panel's own curve, a point each: value along the axis, height in the drawing, and the value there
        as it is written.
    """

    svg: str
    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float
    points: tuple[tuple[float, float, str], ...]


def track(panel: LinePanel) -> Track:
    """Draw a panel without its title and legend.

    Parameters
    ----------
    panel
        Its own curve, that which is followed, is the first of role `ours` that is drawn as a line.

    Returns
    -------
    Track
    """
    (x0, x1), (y0, y1) = panel.x_ends, panel.y_ends
    ys = _ticks(y0, y1, _TICKS[1])
    left = 12 + _CHARACTER * max(len(tick(y)) for y in ys)
    right, top, bottom = WIDTH - _RIGHT, _TOP, HEIGHT - _BOTTOM

    def across(x: float) -> float:
        return left + (x - x0) / (x1 - x0) * (right - left)

    def up(y: float) -> float:
        return bottom - (y - y0) / (y1 - y0) * (bottom - top)

    parts = [_grid(ys, left, right, up), _along(panel, _ticks(x0, x1, _TICKS[0], whole=True), across, bottom)]
    parts += [_reference(reference, left, right, up) for reference in panel.references]
    parts += [_band(curve, across, up) for curve in panel.curves]
    parts += [_curve(curve, across, up) for curve in panel.curves]
    svg = f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(_words(panel))}">'
    own = _own(panel)
    points = [(x, up(y), significant(y)) for x, y in zip(own.x, own.y, strict=True) if y is not None]
    return Track(f"{svg}{''.join(parts)}</svg>", left, right, top, bottom, x0, x1, tuple(points))


def _own(panel: LinePanel) -> Curve:
    lines = [curve for curve in panel.curves if curve.marks != "dots"]
    return next((curve for curve in lines if curve.role == Role.OURS), lines[0])


def _words(panel: LinePanel) -> str:
    """The drawing in a sentence, for who does not see it."""
    own = _own(panel)
    values = [y for y in own.y if y is not None]
    return (
        f"{panel.title}: {own.label} from {significant(min(values))} to {significant(max(values))}, "
        f"{panel.y_label}, over {len(values)} places"
    )


def _ticks(low: float, high: float, most: int, whole: bool = False) -> list[float]:
    found = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], integer=whole).tick_values(low, high)
    margin = 1e-9 * (high - low)
    return [float(np.round(value, 10)) for value in found if low - margin <= value <= high + margin]


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{_TEXT}" '
        f'style="fill:var(--muted)">{escape(text)}</text>'
    )


def _stroke(x0: float, y0: float, x1: float, y1: float, colour: str, more: str = "") -> str:
    ends = f'x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
    return f'<line {ends} style="stroke:{colour}" {more}/>'


def _grid(ys: list[float], left: float, right: float, up: To) -> str:
    lines = [_stroke(left, up(y), right, up(y), "var(--line)") for y in ys]
    return "".join([*lines, *(_text(left - 6, up(y) + 4, "end", tick(y)) for y in ys)])


def _along(panel: LinePanel, xs: list[float], across: To, bottom: float) -> str:
    numbers = [_text(across(x), bottom + 16, "middle", tick(x)) for x in xs]
    return "".join([*numbers, _text(across(panel.x_ends[1]), bottom + 30, "end", panel.x_label)])


def _reference(reference: Reference, left: float, right: float, up: To) -> str:
    y = up(reference.value)
    return _stroke(left, y, right, y, "var(--muted)", 'stroke-dasharray="2 3"')


def _band(curve: Curve, across: To, up: To) -> str:
    ends = zip(curve.x, curve.low, curve.high, strict=False)
    there = [(x, low, high) for x, low, high in ends if low is not None and high is not None]
    if not there:
        return ""
    outline = [(x, high) for x, _, high in there] + [(x, low) for x, low, _ in there[::-1]]
    points = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in outline)
    return f'<polygon points="{points}" style="fill:{variable(curve.role)};opacity:0.18"/>'


def _curve(curve: Curve, across: To, up: To) -> str:
    places = [(across(x), up(y)) for x, y in zip(curve.x, curve.y, strict=True) if y is not None]
    colour, drawn = variable(curve.role), ""
    if curve.marks != "dots":
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dashes = 'stroke-dasharray="6 4" ' if curve.control else ""
        drawn = f'<polyline points="{points}" fill="none" {dashes}style="stroke:{colour};stroke-width:2"/>'
    if curve.marks != "line":
        radius, fill = (2.2 if curve.control else 4.0), ("var(--page)" if curve.control else colour)
        look = f"fill:{fill};stroke:{colour};stroke-width:{1.2 if curve.control else 1.6}"
        drawn += "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" style="{look}"/>' for x, y in places
        )
    return drawn
