"""Named rows on the printed page, shared by dots, bars and stacked shares."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from dcgan_viz.figures import style
from dcgan_viz.figures.print.page import Area, Page, line_height, text_width, wrap
from dcgan_viz.figures.print.parts import bare

_MOST_OF_WIDTH = 0.42
_MOST_STRETCH = 1.7
LABEL_GAP = 0.1


@dataclass(frozen=True)
class Names:
    """Names of rows, broken into lines; the width of their column, and the height of each row, all equal."""

    lines: tuple[tuple[str, ...], ...]
    strong: tuple[bool, ...]
    width: float
    heights: tuple[float, ...]


def names(labels: tuple[str, ...], most: float, least_height: float, strong: tuple[str, ...] = ()) -> Names:
    """Break row names into a column of at most `most` inches; a row is at least `least_height` high."""
    bold = tuple(label in strong for label in labels)
    lines = tuple(
        tuple(wrap(label, style.TEXT_PT, most, is_bold)) for label, is_bold in zip(labels, bold, strict=True)
    )
    widths = [
        text_width(line, style.TEXT_PT, is_bold)
        for row, is_bold in zip(lines, bold, strict=True)
        for line in row
    ]
    most_lines = max((len(row) for row in lines), default=1)
    height = max(least_height, most_lines * line_height(style.TEXT_PT) + 0.08)
    return Names(lines, bold, max(widths, default=0.0), (height,) * len(labels))


def widest_names(width: float) -> float:
    """Most room that row names may take of a panel."""
    return width * _MOST_OF_WIDTH


def spread(heights: tuple[float, ...], room: float) -> list[float]:
    """Stretch rows over the room, as far as they still read as one block."""
    factor = min(_MOST_STRETCH, max(1.0, room / sum(heights)))
    return [height * factor for height in heights]


def centres(heights: list[float]) -> list[float]:
    """Return the middle of each row, from the top of the first."""
    return [sum(heights[:index]) + height / 2 for index, height in enumerate(heights)]


def draw_names(page: Page, column: Names, right: float, middles: list[float]) -> None:
    """Write the names right-aligned at `right`, each around its middle."""
    for middle, lines, bold in zip(middles, column.lines, column.strong, strict=True):
        first = middle - (len(lines) - 1) / 2 * line_height(style.TEXT_PT)
        for index, line in enumerate(lines):
            y = first + index * line_height(style.TEXT_PT)
            page.text(right, y, line, bold=bold, align="right", anchor="center")


def row_axes(page: Page, plot: Area) -> Axes:
    """Axes whose y is inches from the top of the rows."""
    axes = page.axes(plot)
    bare(axes)
    axes.set_ylim(plot.height, 0)
    axes.set_yticks([])
    return axes
