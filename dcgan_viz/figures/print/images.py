"""Rows of pictures on the printed page, every image pixel a whole number of PNG pixels wide."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from dcgan_viz.figures import style
from dcgan_viz.figures.print.page import Area, Page, line_height, wrap
from dcgan_viz.figures.print.parts import draw_foot, draw_head, foot_height, head_height
from dcgan_viz.figures.spec import ImageGrid, ImageRow

_GAP = 6 / style.PRINT_DPI
_WIDE_GAP = 26 / style.PRINT_DPI
_CAPTION_HEIGHT = line_height(style.SMALL_PT) + 0.03
_LABEL_WIDTH = 0.98
_LABEL_GAP = 0.12


@dataclass(frozen=True)
class Cells:
    """Geometry of a grid in inches: a picture, room for the labels, tops of the rows, height of all rows."""

    width: float
    height: float
    labels: float
    tops: tuple[float, ...]
    total_height: float

    def total_width(self, columns: int) -> float:
        """Width of the whole block in inches."""
        return self.labels + columns * self.width + (columns - 1) * _GAP


def cells(grid: ImageGrid) -> Cells:
    """Measure a grid. A picture is at least `style.IMAGE_CM` wide, enlarged by a whole number."""
    height, width = grid.image_shape
    scale = style.image_scale(min(height, width), style.IMAGE_CM / 2.54 * style.PRINT_DPI)
    cell_height = height * scale / style.PRINT_DPI
    labelled = any(row.label or row.detail for row in grid.rows)
    labels = _LABEL_WIDTH + _LABEL_GAP if labelled else 0.0
    tops: list[float] = []
    y = line_height(style.SMALL_PT) + 0.02 if grid.column_labels else 0.0
    for row in grid.rows:
        if row.gap_above and tops:
            y += _WIDE_GAP - _GAP
        overhang = max(0.0, _label_height(row) + 0.04 - cell_height)
        tops.append(round((y + overhang / 2) * style.PRINT_DPI) / style.PRINT_DPI)
        y += cell_height + overhang + _GAP + (_CAPTION_HEIGHT if row.captions else 0.0)
    return Cells(width * scale / style.PRINT_DPI, cell_height, labels, tuple(tops), y - _GAP)


def block_width(grid: ImageGrid) -> float:
    """Width in inches of pictures and labels."""
    return cells(grid).total_width(grid.columns)


def height(grid: ImageGrid, width: float) -> float:
    """Natural height of the panel in inches."""
    head = head_height(grid, width) if grid.title else 0.0
    return head + cells(grid).total_height + foot_height(grid.note, width)


def _label_lines(row: ImageRow) -> tuple[list[str], list[str]]:
    return wrap(row.label, style.TEXT_PT, _LABEL_WIDTH, bold=True), wrap(
        row.detail, style.SMALL_PT, _LABEL_WIDTH
    )


def _label_height(row: ImageRow) -> float:
    labels, details = _label_lines(row)
    return len(labels) * line_height(style.TEXT_PT) + len(details) * line_height(style.SMALL_PT)


def _draw_label(page: Page, row: ImageRow, x: float, middle: float) -> None:
    labels, details = _label_lines(row)
    y = page.lines(
        x,
        middle - _label_height(row) / 2,
        labels,
        bold=True,
        colour=style.role_colour(row.role),
        align="right",
    )
    page.lines(x, y, details, size=style.SMALL_PT, colour=style.MUTED, align="right")


def _draw_boxes(axes: Axes, row: ImageRow, index: int, left: float, top: float, scale: float) -> None:
    for x0, y0, x1, y1 in row.boxes[index] if row.boxes else ():
        axes.add_patch(
            Rectangle(
                (left + x0 * scale, top - y1 * scale),
                (x1 - x0) * scale,
                (y1 - y0) * scale,
                fill=False,
                edgecolor=style.role_colour(row.role),
                linewidth=1.2,
            )
        )


def draw(page: Page, grid: ImageGrid, area: Area) -> None:
    """Draw the pictures from the top left corner of the area."""
    geometry = cells(grid)
    width, tall = geometry.total_width(grid.columns), geometry.total_height
    if grid.title:
        area = draw_head(page, grid, area)
    draw_foot(page, grid.note, Area(area.x, area.y, area.width, tall + foot_height(grid.note, area.width)))
    block = Area(page.snap(area.x + geometry.labels), page.snap(area.y), width - geometry.labels, tall)
    axes = page.axes(block)
    axes.set_axis_off()
    axes.set_xlim(0, block.width)
    axes.set_ylim(0, block.height)
    scale = geometry.height / grid.image_shape[0]
    for row, top in zip(grid.rows, geometry.tops, strict=True):
        if row.label or row.detail:
            _draw_label(page, row, block.x - _LABEL_GAP, block.y + top + geometry.height / 2)
        for index, image in enumerate(row.images):
            left = index * (geometry.width + _GAP)
            ceiling = block.height - top
            # "none" is nearest in the PNG, and keeps the pixels as they are in SVG and PDF.
            axes.imshow(
                image,
                extent=(left, left + geometry.width, ceiling - geometry.height, ceiling),
                interpolation="none",
                aspect="auto",
            )
            _draw_boxes(axes, row, index, left, ceiling, scale)
        for index, caption in enumerate(row.captions):
            middle = block.x + index * (geometry.width + _GAP) + geometry.width / 2
            below = block.y + top + geometry.height + 0.03
            page.text(middle, below, caption, size=style.SMALL_PT, align="center")
    axes.set_xlim(0, block.width)
    axes.set_ylim(0, block.height)
    for index, label in enumerate(grid.column_labels):
        middle = block.x + index * (geometry.width + _GAP) + geometry.width / 2
        page.text(middle, block.y, label, size=style.SMALL_PT, colour=style.MUTED, align="center")
