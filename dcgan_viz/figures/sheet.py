"""A contact sheet: many pictures, row after row."""

from __future__ import annotations

from dcgan_viz.figures.spec import Figure, ImageGrid, ImageRow, Pixels, Placed


def sheet_figure(
    images: Pixels, title: str, *, columns: int = 10, subtitle: str = "", caption: str = ""
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
    rows = tuple(ImageRow(images[start : start + columns]) for start in range(0, len(images), columns))
    return Figure(title, (Placed(ImageGrid(rows), 0),), subtitle, caption, least_width_in=4.0)
