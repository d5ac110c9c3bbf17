"""The number card on the printed page: large numbers, and a table below them."""

from __future__ import annotations

from dataclasses import dataclass

from dcgan_viz.figures import style
from dcgan_viz.figures.print.page import Area, Page, line_height, text_width, wrap
from dcgan_viz.figures.print.parts import draw_foot, draw_head, foot_height, head_height
from dcgan_viz.figures.spec import NumberCard, Table, Tile

_PAD = 0.14
_TILE_GAP = 0.16
_TILE_WIDTH = 1.45
_TILE_ROW_GAP = 0.13
_CELL_GAP = 0.14
_ROW_PAD = 0.07
_WIDEST_HEADER = 0.9
_LEAST_NAME = 0.7
_MOST_SPREAD = 0.12


def _tile_columns(card: NumberCard, width: float) -> int:
    return max(1, min(len(card.tiles), int((width + _TILE_GAP) / (_TILE_WIDTH + _TILE_GAP))))


def _tile_height(tile: Tile, width: float) -> float:
    height = line_height(style.TILE_PT)
    height += len(wrap(tile.label, style.TEXT_PT, width)) * line_height(style.TEXT_PT)
    return height + len(wrap(tile.detail, style.SMALL_PT, width)) * line_height(style.SMALL_PT)


def _tile_rows(card: NumberCard, width: float) -> tuple[float, list[tuple[float, tuple[Tile, ...]]]]:
    """Width of a tile, and the rows of tiles with their heights."""
    columns = _tile_columns(card, width)
    each = (width - (columns - 1) * _TILE_GAP) / columns
    rows = [card.tiles[i : i + columns] for i in range(0, len(card.tiles), columns)]
    return each, [(max(_tile_height(tile, each) for tile in row), row) for row in rows]


@dataclass(frozen=True)
class _Columns:
    """A table set into a width: headers in lines, widths of the columns, names of the rows in lines."""

    headers: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    names: tuple[tuple[str, ...], ...]

    @property
    def header_height(self) -> float:
        return max(len(lines) for lines in self.headers) * line_height(style.TEXT_PT) + _ROW_PAD

    @property
    def row_heights(self) -> tuple[float, ...]:
        return tuple(len(lines) * line_height(style.TEXT_PT) + _ROW_PAD for lines in self.names)

    @property
    def height(self) -> float:
        return self.header_height + sum(self.row_heights)


def _columns(table: Table, width: float) -> _Columns:
    headers = tuple(tuple(wrap(header, style.TEXT_PT, _WIDEST_HEADER, True)) for header in table.headers)
    widths = tuple(
        max(
            [
                0.0,
                *(text_width(line, style.TEXT_PT, True) for line in lines),
                *(text_width(cells[index], style.TEXT_PT) for _, cells in table.rows),
            ]
        )
        for index, lines in enumerate(headers)
    )
    left = max(_LEAST_NAME, width - sum(widths) - _CELL_GAP * len(widths))
    return _Columns(headers, widths, tuple(tuple(wrap(name, style.TEXT_PT, left)) for name, _ in table.rows))


def height(card: NumberCard, width: float) -> float:
    """Natural height of the card in inches."""
    inner = width - 2 * _PAD
    _, rows = _tile_rows(card, inner) if card.tiles else (0.0, [])
    tiles = sum(tall + _TILE_ROW_GAP for tall, _ in rows)
    body = tiles + (_columns(card.table, inner).height if card.table else 0.0)
    return 2 * _PAD + head_height(card, inner) + body + foot_height(card.note, inner)


def _draw_tile(page: Page, tile: Tile, area: Area) -> None:
    colour = style.role_colour(tile.role)
    y = page.lines(area.x, area.y, [tile.value], size=style.TILE_PT, colour=colour, bold=True)
    y = page.lines(area.x, y, wrap(tile.label, style.TEXT_PT, area.width))
    page.lines(
        area.x, y, wrap(tile.detail, style.SMALL_PT, area.width), size=style.SMALL_PT, colour=style.MUTED
    )


def _draw_table(page: Page, table: Table, area: Area, spread: float) -> None:
    """Draw a table; `spread` is added to the height of each row."""
    columns = _columns(table, area.width)
    rights = [
        area.right - sum(columns.widths[index + 1 :]) - _CELL_GAP * (len(columns.widths) - 1 - index)
        for index in range(len(columns.widths))
    ]
    y = area.y + columns.header_height - _ROW_PAD / 2
    for right, lines, role in zip(rights, columns.headers, table.roles or [None] * len(rights), strict=True):
        top = y - len(lines) * line_height(style.TEXT_PT)
        page.lines(right, top, list(lines), bold=True, colour=style.role_colour(role), align="right")
    for (_, cells), lines, tall in zip(table.rows, columns.names, columns.row_heights, strict=True):
        page.stroke([area.x, area.right], y, style.LINE, width=0.7)
        top = y + (_ROW_PAD + spread) / 2
        page.lines(area.x, top, list(lines), colour=style.MUTED)
        for right, cell in zip(rights, cells, strict=True):
            page.text(right, top, cell, align="right")
        y += tall + spread


def _spread(table: Table | None, spare: float) -> float:
    """Height that each row of the table takes of what is spare."""
    return 0.0 if table is None else min(_MOST_SPREAD, max(0.0, spare) / len(table.rows))


def draw(page: Page, card: NumberCard, area: Area) -> None:
    """Draw the card on a tinted ground."""
    natural = height(card, area.width)
    spread = _spread(card.table, area.height - natural)
    used = natural + spread * len(card.table.rows if card.table else ())
    area = Area(area.x, area.y, area.width, used)
    page.box(area, style.TILE)
    inner = draw_head(page, card, area.inset(_PAD, _PAD, _PAD, _PAD))
    inner = draw_foot(page, card.note, inner)
    y = inner.y
    if card.tiles:
        each, rows = _tile_rows(card, inner.width)
        for tall, row in rows:
            for index, tile in enumerate(row):
                _draw_tile(page, tile, Area(inner.x + index * (each + _TILE_GAP), y, each, tall))
            y += tall + _TILE_ROW_GAP
    if card.table is not None:
        _draw_table(page, card.table, inner.below(y), spread)
