"""The parts of the page that are plain HTML: pictures, number cards, legends."""

from __future__ import annotations

import base64
import io
from html import escape

from PIL import Image

from dcgan_viz.figures import style
from dcgan_viz.figures.legend import Mark, marks
from dcgan_viz.figures.spec import Box, ImageGrid, ImageRow, NumberCard, Panel, Pixels, Table, Tile


def _data_uri(image: Pixels) -> str:
    """Encode one picture (H, W, 3) as a PNG inside an address."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG", optimize=False)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _box(box: Box, height: int, width: int, colour: str) -> str:
    x0, y0, x1, y1 = box
    place = (
        f"left:{100 * x0 / width:.3f}%;top:{100 * y0 / height:.3f}%;"
        f"width:{100 * (x1 - x0) / width:.3f}%;height:{100 * (y1 - y0) / height:.3f}%"
    )
    return f'<i style="{place};border-color:{colour}"></i>'


def _picture(row: ImageRow, index: int) -> str:
    height, width = row.images.shape[1:3]
    boxes = row.boxes[index] if row.boxes else ()
    drawn = "".join(_box(box, height, width, style.role_colour(row.role)) for box in boxes)
    name = escape(f"{row.label or 'image'} {index + 1}", quote=True)
    return f'<span class="cell"><img src="{_data_uri(row.images[index])}" alt="{name}">{drawn}</span>'


def _image_row(row: ImageRow, columns: int, labelled: bool) -> str:
    spacer = '<span class="apart"></span>' if row.gap_above else ""
    colour = style.role_colour(row.role)
    label = (
        f'<div class="row-label"><b style="color:{colour}">{escape(row.label)}</b>'
        f"<small>{escape(row.detail)}</small></div>"
        if labelled
        else ""
    )
    cells = "".join(_picture(row, index) for index in range(len(row.images)))
    empty = "<span></span>" * (columns - len(row.images))
    captions = "".join(f"<small>{escape(caption)}</small>" for caption in row.captions)
    below = ('<span class="corner"></span>' if labelled else "") + captions + empty if captions else ""
    return spacer + label + cells + empty + below


def image_grid(grid: ImageGrid) -> str:
    """Write a grid of pictures, each enlarged by a whole number; wide grids scroll inside their panel."""
    height, width = grid.image_shape
    scale = style.image_scale(min(height, width), style.IMAGE_CSS_PX)
    labelled = any(row.label or row.detail for row in grid.rows)
    titles = ""
    if grid.column_labels:
        corner = '<span class="corner"></span>' if labelled else ""
        titles = corner + "".join(f"<small>{escape(label)}</small>" for label in grid.column_labels)
    rows = "".join(_image_row(row, grid.columns, labelled) for row in grid.rows)
    sizes = f"--columns:{grid.columns};--width:{width * scale}px;--height:{height * scale}px"
    kind = "images labelled" if labelled else "images"
    return f'<div class="scroll" tabindex="0"><div class="{kind}" style="{sizes}">{titles}{rows}</div></div>'


def _tile(tile: Tile) -> str:
    return (
        f'<div class="tile"><b style="color:{style.role_colour(tile.role)}">{escape(tile.value)}</b>'
        f"<span>{escape(tile.label)}</span><small>{escape(tile.detail)}</small></div>"
    )


def _table(table: Table) -> str:
    roles = table.roles or (None,) * len(table.headers)
    heads = "".join(
        f'<th scope="col" style="color:{style.role_colour(role)}">{escape(header)}</th>'
        for header, role in zip(table.headers, roles, strict=True)
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for name, cells in table.rows
    )
    return f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def number_card(card: NumberCard) -> str:
    """Write the large numbers and the table of a card."""
    tiles = f'<div class="tiles">{"".join(_tile(tile) for tile in card.tiles)}</div>' if card.tiles else ""
    return f'<div class="card">{tiles}{_table(card.table) if card.table else ""}</div>'


def _swatch(mark: Mark) -> str:
    colour, fill = mark.colour, style.PAGE if mark.control else mark.colour
    if mark.kind == "patch":
        inside = f'<rect x="5" y="1" width="14" height="10" rx="2" fill="{colour}"/>'
    elif mark.kind == "reference":
        inside = f'<path d="M1 6H23" stroke="{colour}" stroke-width="1.5" stroke-dasharray="2 2"/>'
    else:
        dashes = ' stroke-dasharray="5 3"' if mark.control else ""
        path = f'<path d="M1 6H23" stroke="{colour}" stroke-width="2.5"{dashes}/>'
        dot = f'<circle cx="12" cy="6" r="4" fill="{fill}" stroke="{colour}" stroke-width="2"/>'
        inside = (path if mark.kind in ("line", "stroke") else "") + (dot if mark.kind != "stroke" else "")
    return f'<svg width="24" height="12" aria-hidden="true">{inside}</svg>'


def legend(panel: Panel) -> str:
    """Write the legend of a panel, or nothing."""
    entries = "".join(f"<li>{_swatch(mark)}{escape(mark.label)}</li>" for mark in marks(panel))
    return f'<ul class="legend">{entries}</ul>' if entries else ""
