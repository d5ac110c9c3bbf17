"""Dots with intervals on the printed page: named rows, one or several value axes, written columns."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes

from dcgan_viz.figures import style
from dcgan_viz.figures.print.page import Area, Page, line_height, text_width, wrap
from dcgan_viz.figures.print.parts import (
    AXIS_ROOM,
    EDGE,
    axis_bottom,
    axis_name,
    axis_name_height,
    axis_top,
    draw_foot,
    draw_head,
    draw_references,
    draw_series,
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
from dcgan_viz.figures.spec import DotPanel, DotSeries, Facet

_FACET_GAP = 0.28
_LEAST_FACET = 0.85
_COLUMN_GAP = 0.14
_WIDEST_HEADER = 0.75
_DODGE = 0.085
_ROW_PAD = 0.14
_LEAST_TOP = 0.1


@dataclass(frozen=True)
class Columns:
    """How the width of a panel is shared out: names, facets, written columns with their headers."""

    names: Names
    facet: float
    written: tuple[float, ...]
    headers: tuple[tuple[str, ...], ...]

    @property
    def written_width(self) -> float:
        """Width of all written columns with the gaps before them."""
        return sum(self.written) + _COLUMN_GAP * len(self.written)

    @property
    def header_height(self) -> float:
        """Height of the headers over the written columns."""
        return max((len(lines) for lines in self.headers), default=0) * line_height(style.SMALL_PT)


def _columns(panel: DotPanel, width: float) -> Columns:
    headers = tuple(tuple(wrap(header, style.SMALL_PT, _WIDEST_HEADER)) for header, _ in panel.written)
    written = tuple(
        max(text_width(text, style.SMALL_PT) for text in (*lines, *texts))
        for lines, (_, texts) in zip(headers, panel.written, strict=True)
    )
    gaps = _COLUMN_GAP * len(written) + LABEL_GAP + EDGE + _FACET_GAP * (len(panel.facets) - 1)
    left = width - sum(written) - gaps
    most = min(widest_names(width), left - _LEAST_FACET * len(panel.facets))
    column = names(panel.rows, most, _row_height(panel), panel.strong_rows)
    return Columns(column, (left - column.width) / len(panel.facets), written, headers)


def _row_height(panel: DotPanel) -> float:
    return _ROW_PAD + _DODGE * panel.dots_in_a_row


def _axis_names(panel: DotPanel, columns: Columns) -> float:
    return AXIS_ROOM + max(axis_name_height(facet.value_label, columns.facet) for facet in panel.facets)


def height(panel: DotPanel, width: float) -> float:
    """Natural height of the panel in inches."""
    columns = _columns(panel, width)
    body = columns.header_height + sum(columns.names.heights) + _axis_names(panel, columns)
    return head_height(panel, width) + body + foot_height(panel.note, width)


def _draw_dots(axes: Axes, series: DotSeries, ys: list[float]) -> None:
    colour = style.role_colour(series.role)
    for y, ends in zip(ys, series.intervals or (None,) * len(ys), strict=True):
        if ends is not None:
            axes.plot(list(ends), [y, y], color=colour, linewidth=1.8, alpha=0.55, solid_capstyle="round")
    points = [(value, y) for value, y in zip(series.values, ys, strict=True) if value is not None]
    draw_series(axes, points, label=series.label, colour=colour, control=series.control, marks="dots")


def _dodged(panel: DotPanel, facet: Facet, index: int, middles: list[float], step: float) -> list[float]:
    """Return the y of a series' dot in each row; dots that share a row stand around its middle."""
    ys = []
    for row, middle in enumerate(middles):
        sharing = panel.shares(facet, row)
        place = sharing.index(index) - (len(sharing) - 1) / 2 if index in sharing else 0.0
        ys.append(middle + place * step)
    return ys


def _draw_facet(
    page: Page, panel: DotPanel, facet: Facet, plot: Area, middles: list[float], step: float
) -> None:
    axes = row_axes(page, plot)
    extent = [end for s in facet.series for end in s.extent]
    top = max(_LEAST_TOP, axis_top(extent, facet.references))
    value_axis(axes, top, plot.width, low=axis_bottom(extent))
    between = [(above + below) / 2 for above, below in pairwise(middles)]
    for y in between if panel.dots_in_a_row > 1 else middles:
        axes.axhline(y, color=style.LINE, linewidth=0.6, zorder=0)
    draw_references(axes, facet.references, vertical=True)
    for index, series in enumerate(facet.series):
        _draw_dots(axes, series, _dodged(panel, facet, index, middles, step))
    axis_name(page, facet.value_label, plot)


def _draw_written(page: Page, panel: DotPanel, columns: Columns, area: Area, middles: list[float]) -> None:
    """Write the columns at the right edge of the area."""
    x = area.right - columns.written_width
    for width, lines, (_, texts) in zip(columns.written, columns.headers, panel.written, strict=True):
        x += _COLUMN_GAP + width
        top = area.y + columns.header_height - len(lines) * line_height(style.SMALL_PT)
        page.lines(x, top, list(lines), size=style.SMALL_PT, colour=style.MUTED, align="right")
        for middle, text in zip(middles, texts, strict=True):
            y = area.y + columns.header_height + middle
            page.text(x, y, text, size=style.SMALL_PT, align="right", anchor="center")


def draw(page: Page, panel: DotPanel, area: Area) -> None:
    """Draw the rows with their names, dots and written numbers."""
    columns = _columns(panel, area.width)
    area = draw_foot(page, panel.note, draw_head(page, panel, area))
    room = area.height - columns.header_height - _axis_names(panel, columns)
    heights = spread(columns.names.heights, room)
    middles = centres(heights)
    top = area.y + columns.header_height
    draw_names(page, columns.names, area.x + columns.names.width, [top + middle for middle in middles])
    step = _DODGE * sum(heights) / sum(columns.names.heights)
    x = area.x + columns.names.width + LABEL_GAP
    for facet in panel.facets:
        _draw_facet(page, panel, facet, Area(x, top, columns.facet, sum(heights)), middles, step)
        x += columns.facet + _FACET_GAP
    _draw_written(page, panel, columns, area, middles)
