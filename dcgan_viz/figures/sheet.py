"""A contact sheet: many pictures, row after row."""

from __future__ import annotations

from collections.abc import Collection

from dcgan_viz.figures.spec import Figure, ImageGrid, ImageRow, Pixels, Placed, Role


def sheet_figure(
    images: Pixels,
    title: str,
    *,
    columns: int = 10,
    subtitle: str = "",
    caption: str = "",
    numbered: bool = False,
    framed: Collection[int] = (),
) -> Figure:
    """Lay pictures out in rows.

    Parameters
    ----------
    images
        uint8 (N, H, W, 3), N at least 1; `images.to_pixels` makes them of a generator's output.
    title, subtitle, caption
        Headline, the sentence below it, and how the pictures came about.
    columns
        Pictures a row.
    numbered
        Write its number below each picture, from 0.
    framed
        Numbers of pictures that get a frame.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If there is no image, or its type or shape is another.

    Examples
    --------
    >>> import numpy as np
    >>> figure = sheet_figure(np.zeros((25, 64, 64, 3), np.uint8), "Samples", columns=10)
    >>> [len(row.images) for row in figure.panels[0].panel.rows]
    [10, 10, 5]
    """
    numbers = tuple(str(k) for k in range(len(images))) if numbered else ()
    whole = (0.0, 0.0, float(images.shape[2]), float(images.shape[1]))
    boxes = tuple((whole,) if k in framed else () for k in range(len(images))) if framed else ()
    rows = []
    for start in range(0, len(images), columns):
        part = slice(start, start + columns)
        rows.append(ImageRow(images[part], boxes=boxes[part], role=Role.TARGET, captions=numbers[part]))
    return Figure(title, (Placed(ImageGrid(tuple(rows)), 0),), subtitle, caption, least_width_in=4.0)
