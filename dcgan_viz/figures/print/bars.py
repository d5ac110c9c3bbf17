"""Bars and stacked shares on the printed page."""

from __future__ import annotations

from matplotlib.axes import Axes

from dcgan_viz.figures import style
from dcgan_viz.figures.print.page import Area, Page, text_width
from dcgan_viz.figures.print.parts import (
    AXIS_ROOM,
    EDGE,
    axis_name,
    axis_name_height,
    axis_top,
    draw_foot,
    draw_head,
    foot_height,
    head_height,
    value_axis,
)
from dcgan_viz.figures.print.rows import (
    LABEL_GAP,
    Names,
    centres,
    draw_names,
    names,
    row_axes,
    spread,
    widest_names,
)
from dcgan_viz.figures.spec import BarPanel, StackPanel, finite
from dcgan_viz.figures.wording import number

_BAR_ROW = 0.25
_STACK_ROW = 0.34


def _names(panel: BarPanel | StackPanel, width: float) -> Names:
    if isinstance(panel, BarPanel):
        return names(tuple(bar.label for bar in panel.bars), widest_names(width), _BAR_ROW)
    return names(tuple(name for name, _ in panel.bars), widest_names(width), _STACK_ROW)


def height(panel: BarPanel | StackPanel, width: float) -> float:
    """Natural height of the panel in inches."""
    body = sum(_names(panel, width).heights) + AXIS_ROOM + axis_name_height(panel.value_label, width)
    return head_height(panel, width) + body + foot_height(panel.note, width)


def _frame(
    page: Page, panel: BarPanel | StackPanel, area: Area, right: float
) -> tuple[Area, list[float], list[float]]:
    """Draw what both kinds share; return the plot, and the heights and middles of its rows."""
    column = _names(panel, area.width)
    area = draw_foot(page, panel.note, draw_head(page, panel, area))
    room = area.height - AXIS_ROOM - axis_name_height(panel.value_label, area.width)
    heights = spread(column.heights, room)
    middles = centres(heights)
    draw_names(page, column, area.x + column.width, [area.y + middle for middle in middles])
    plot = Area(area.x, area.y, area.width, sum(heights)).inset(left=column.width + LABEL_GAP, right=right)
    axis_name(page, panel.value_label, plot)
    return plot, heights, middles


def draw_bars(page: Page, panel: BarPanel, area: Area) -> None:
    """Draw bars with their numbers at their ends."""
    number_room = max((text_width(bar.text, style.TEXT_PT) for bar in panel.bars), default=0.0) + 0.12
    plot, heights, middles = _frame(page, panel, area, number_room)
    axes = row_axes(page, plot)
    top = axis_top(finite(bar.value for bar in panel.bars))
    value_axis(axes, top, plot.width)
    for bar, middle, row in zip(panel.bars, middles, heights, strict=True):
        length = bar.value or 0.0
        axes.barh(middle, length, height=row * 0.62, color=style.role_colour(bar.role), label=bar.label)
        page.text(plot.x + length / top * plot.width + 0.06, plot.y + middle, bar.text, anchor="center")


def _share_text(name: str, share: float, width: float) -> str:
    """Name and number of a segment, or its number alone, or nothing: whichever fits."""
    candidates = (f"{name} {number(share)}", number(share), "")
    return next(text for text in candidates if not text or text_width(text, style.SMALL_PT) < width - 0.06)


def draw_stack(page: Page, panel: StackPanel, area: Area) -> None:
    """Draw bars of shares, each segment named where there is room."""
    plot, heights, middles = _frame(page, panel, area, EDGE)
    axes = row_axes(page, plot)
    top = max(1.0, *(sum(share for _, share in shares) for _, shares in panel.bars))
    value_axis(axes, top, plot.width)
    for (_, shares), middle, row in zip(panel.bars, middles, heights, strict=True):
        left = 0.0
        for name, share in shares:
            colour = style.class_colour(name, panel.classes)
            _draw_segment(axes, name, (left, share), (middle, row * 0.7), colour)
            text = _share_text(name, share, share / top * plot.width)
            x, y = plot.x + (left + share / 2) / top * plot.width, plot.y + middle
            ink = style.text_on(colour)
            page.text(x, y, text, size=style.SMALL_PT, colour=ink, align="center", anchor="center")
            left += share


def _draw_segment(
    axes: Axes, name: str, across: tuple[float, float], down: tuple[float, float], colour: str
) -> None:
    """Draw one share from `across` (left, width), around `down` (middle, height)."""
    axes.barh(
        down[0],
        across[1],
        left=across[0],
        height=down[1],
        color=colour,
        edgecolor=style.PAGE,
        linewidth=0.8,
        label=name,
    )
