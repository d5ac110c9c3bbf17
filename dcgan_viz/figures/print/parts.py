"""Parts that printed panels share: title, legend, note, axes."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from dcgan_viz.figures import style
from dcgan_viz.figures.legend import Mark, marks
from dcgan_viz.figures.print.page import (
    CURVE_PT,
    DASHED,
    DOT_EDGE_PT,
    DOT_PT,
    DOTTED,
    SOLID,
    Area,
    Page,
    line_height,
    text_width,
    wrap,
)
from dcgan_viz.figures.spec import Marks, Panel, Reference
from dcgan_viz.figures.wording import tick

_SWATCH = 0.2
_SWATCH_GAP = 0.06
_ENTRY_GAP = 0.16
AXIS_ROOM = 0.2
_TICK_GAP_PT = 4.0  # a dot on the axis does not touch the numbers below
EDGE = 0.12


def _legend_rows(entries: Sequence[Mark], width: float) -> list[list[tuple[float, Mark, list[str]]]]:
    """Set entries side by side as they fit: rows of (x offset, mark, its lines)."""
    rows: list[list[tuple[float, Mark, list[str]]]] = []
    x = width
    for mark in entries:
        lines = wrap(mark.label, style.SMALL_PT, width - _SWATCH - _SWATCH_GAP)
        entry = _SWATCH + _SWATCH_GAP + max(text_width(line, style.SMALL_PT) for line in lines)
        if not rows or x + entry > width:
            rows.append([])
            x = 0.0
        rows[-1].append((x, mark, lines))
        x += entry + _ENTRY_GAP
    return rows


def _draw_swatch(page: Page, mark: Mark, x: float, y: float) -> None:
    if mark.kind == "patch":
        page.box(Area(x + 0.05, y - 0.045, 0.12, 0.09), mark.colour)
        return
    if mark.kind == "reference":
        page.stroke([x, x + _SWATCH], y, mark.colour, width=0.9, dashes=DOTTED)
        return
    if mark.kind in ("line", "stroke"):
        dashes = DASHED if mark.control else SOLID
        page.stroke([x, x + _SWATCH], y, mark.colour, width=CURVE_PT, dashes=dashes)
    if mark.kind != "stroke":
        page.dot(x + _SWATCH / 2, y, mark.colour, hollow=mark.control)


def draw_series(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    *,
    label: str,
    colour: str,
    control: bool,
    marks: Marks,
) -> None:
    """Draw dots at (x, y), a line through them, or both; a control's are hollow, and its line is dashed."""
    dashes = DASHED if control else SOLID
    axes.plot(
        [x for x, _ in points],
        [y for _, y in points],
        label=label,
        color=colour,
        linewidth=CURVE_PT,
        linestyle="none" if marks == "dots" else dashes,
        marker="none" if marks == "line" else "o",
        markersize=DOT_PT,
        markerfacecolor=style.PAGE if control else colour,
        markeredgecolor=colour,
        markeredgewidth=DOT_EDGE_PT,
        clip_on=False,
        zorder=4,
    )


def head_height(panel: Panel, width: float, y_label: str = "") -> float:
    """Height of title, legend and the name of the vertical axis."""
    height = len(wrap(panel.title, style.PANEL_PT, width, bold=True)) * line_height(style.PANEL_PT)
    for row in _legend_rows(marks(panel), width):
        height += max(len(lines) for _, _, lines in row) * line_height(style.SMALL_PT)
    if y_label:
        height += 0.05 + len(wrap(y_label, style.SMALL_PT, width)) * line_height(style.SMALL_PT)
    return height + 0.08


def draw_head(page: Page, panel: Panel, area: Area, y_label: str = "") -> Area:
    """Draw title, legend and the name of the vertical axis; return what is left of the area."""
    titles = wrap(panel.title, style.PANEL_PT, area.width, bold=True)
    y = page.lines(area.x, area.y, titles, size=style.PANEL_PT, bold=True)
    for row in _legend_rows(marks(panel), area.width):
        bottom = y
        for x, mark, lines in row:
            _draw_swatch(page, mark, area.x + x, y + line_height(style.SMALL_PT) * 0.4)
            text_x = area.x + x + _SWATCH + _SWATCH_GAP
            bottom = max(bottom, page.lines(text_x, y, lines, size=style.SMALL_PT, colour=style.MUTED))
        y = bottom
    if y_label:
        lines = wrap(y_label, style.SMALL_PT, area.width)
        y = page.lines(area.x, y + 0.05, lines, size=style.SMALL_PT, colour=style.INK)
    return area.below(y + 0.08)


def foot_height(note: str, width: float) -> float:
    """Height of a note."""
    lines = wrap(note, style.SMALL_PT, width)
    return len(lines) * line_height(style.SMALL_PT) + (0.06 if lines else 0)


def draw_foot(page: Page, note: str, area: Area) -> Area:
    """Write a note at the bottom; return what is left of the area."""
    height = foot_height(note, area.width)
    if note:
        lines = wrap(note, style.SMALL_PT, area.width)
        page.lines(area.x, area.bottom - height + 0.06, lines, size=style.SMALL_PT, colour=style.MUTED)
    return area.inset(bottom=height)


def ticks(high: float, length: float, *, low: float = 0.0, whole: bool = False) -> list[float]:
    """Round numbers from `low` to `high`, about one each 0.42 inches."""
    count = max(2, min(6, int(length / 0.42)))
    locator = MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10], integer=whole)
    slack = 1e-4 * (high - low)
    return [float(tick) for tick in locator.tick_values(low, high) if low - slack <= tick <= high + slack]


def bare(axes: Axes) -> None:
    """Leave only the lower and left rule of the axes, thin."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(style.LINE)
        axes.spines[side].set_linewidth(0.8)
    axes.tick_params(length=0, pad=_TICK_GAP_PT, labelsize=style.SMALL_PT, labelcolor=style.MUTED)
    axes.set_axisbelow(True)
    axes.patch.set_visible(False)


def value_axis(axes: Axes, high: float, length: float, *, low: float = 0.0, whole: bool = False) -> None:
    """Set the horizontal axis from `low` to `high` with its ticks and grid."""
    places = ticks(high, length, low=low, whole=whole)
    axes.set_xlim(low, high)
    axes.set_xticks(places, [tick(place) for place in places])
    axes.grid(axis="x", color=style.LINE, linewidth=0.6)


def draw_references(axes: Axes, references: Sequence[Reference], *, vertical: bool) -> None:
    """Draw the reference values as dotted lines."""
    for reference in references:
        draw = axes.axvline if vertical else axes.axhline
        draw(reference.value, color=style.MUTED, linewidth=0.9, linestyle=DOTTED, zorder=1)


def axis_top(values: Sequence[float], references: Sequence[Reference] = ()) -> float:
    """Upper end of an axis from 0: room for every value and reference, and 1 where there is nothing."""
    return max([*values, *(reference.value for reference in references), 0.0]) * 1.07 or 1.0


def axis_bottom(values: Sequence[float]) -> float:
    """Lower end of an axis: 0, or room for the least value below it."""
    return min([*values, 0.0]) * 1.07


def axis_name_height(name: str, width: float) -> float:
    """Height of the name of a horizontal axis."""
    return len(wrap(name, style.SMALL_PT, width)) * line_height(style.SMALL_PT)


def axis_name(page: Page, name: str, plot: Area) -> None:
    """Write the name of a horizontal axis, centred below its ticks."""
    lines = wrap(name, style.SMALL_PT, plot.width)
    page.lines(plot.x + plot.width / 2, plot.bottom + AXIS_ROOM, lines, size=style.SMALL_PT, align="center")
