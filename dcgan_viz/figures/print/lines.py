"""Curves on the printed page."""

from __future__ import annotations

from matplotlib.axes import Axes

from dcgan_viz.figures import style
from dcgan_viz.figures.print.page import Area, Page, text_width
from dcgan_viz.figures.print.parts import (
    AXIS_ROOM,
    EDGE,
    axis_name,
    axis_name_height,
    bare,
    draw_foot,
    draw_head,
    draw_references,
    draw_series,
    foot_height,
    head_height,
    ticks,
    value_axis,
)
from dcgan_viz.figures.spec import Curve, LinePanel
from dcgan_viz.figures.wording import tick

_PLOT_HEIGHT = 1.55


def height(panel: LinePanel, width: float) -> float:
    """Natural height of the panel in inches."""
    body = _PLOT_HEIGHT + AXIS_ROOM + axis_name_height(panel.x_label, width)
    return head_height(panel, width, panel.y_label) + body + foot_height(panel.note, width)


def _draw_curve(axes: Axes, curve: Curve) -> None:
    colour = style.role_colour(curve.role)
    ends = zip(curve.x, curve.low, curve.high, strict=False)
    band = [(x, low, high) for x, low, high in ends if low is not None and high is not None]
    if band:
        xs, lows, highs = zip(*band, strict=True)
        axes.fill_between(xs, lows, highs, color=colour, alpha=0.18, linewidth=0)
    points = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if y is not None]
    draw_series(axes, points, label=curve.label, colour=colour, control=curve.control, marks=curve.marks)


def draw(page: Page, panel: LinePanel, area: Area) -> None:
    """Draw the curves over their axes."""
    area = draw_foot(page, panel.note, draw_head(page, panel, area, panel.y_label))
    low, top = panel.y_ends
    bottom = AXIS_ROOM + axis_name_height(panel.x_label, area.width)
    places = ticks(top, area.height - bottom, low=low)
    left = max(text_width(tick(place), style.SMALL_PT) for place in places) + 0.08
    plot = area.inset(left=left, right=EDGE, top=0.03, bottom=bottom)
    axes = page.axes(plot)
    bare(axes)
    first, last = panel.x_ends
    value_axis(axes, last, plot.width, low=first, whole=True)
    axes.set_ylim(low, top)
    axes.set_yticks(places, [tick(place) for place in places])
    axes.grid(axis="y", color=style.LINE, linewidth=0.6)
    draw_references(axes, panel.references, vertical=False)
    for curve in panel.curves:
        _draw_curve(axes, curve)
    axis_name(page, panel.x_label, plot)
