"""A picture to draw boxes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apps.components import component, sent
from apps.shell.sheet import data_uri

_PAD = component("boxes")

Edges = tuple[int, int, int, int]


def box_pad(
    key: str,
    png: bytes,
    size: tuple[int, int],
    alt: str,
    boxes: Sequence[Edges],
    on_change: Callable[[tuple[Edges, ...]], None],
    most: int = 12,
) -> None:
    """Show a picture on which boxes are drawn, moved, resized and deleted, by mouse, finger or keyboard.

    Parameters
    ----------
    key : str
        Of the element, one for each picture: another picture needs another key.
    png : bytes
        The picture.
    size : (int, int)
        Its width and height in pixels.
    alt : str
        What it is, in words.
    boxes : sequence of (x0, y0, x1, y1)
        Those that are there, in pixels of the picture, end-exclusive.
    on_change : callable
        Called with all boxes after a change, before the page is drawn again.
    most : int
        Boxes at once.
    """
    stamp = sent(key, "boxes").get("stamp", 0)

    def changed() -> None:
        found = sent(key, "boxes").get("boxes")
        if isinstance(found, list):
            on_change(checked(found, size)[:most])

    data = {
        "label": f"{alt}; draw boxes on it",
        "src": data_uri(png),
        "alt": alt,
        "width": size[0],
        "height": size[1],
        "boxes": [list(box) for box in boxes],
        "most": most,
        "stamp": stamp,
    }
    _PAD(key=key, data=data, on_boxes_change=changed)


def checked(boxes: Sequence[object], size: tuple[int, int]) -> tuple[Edges, ...]:
    """Those of a browser's boxes that lie inside the picture and hold an area; a browser may send anything.

    Examples
    --------
    >>> checked([[1, 2, 9, 8], [5, 5, 5, 9], "box", [0, 0, 99, 9]], (64, 64))
    ((1, 2, 9, 8),)
    """
    found = []
    for box in boxes:
        if isinstance(box, list | tuple) and len(box) == 4 and all(type(edge) is int for edge in box):
            x0, y0, x1, y1 = box
            if 0 <= x0 < x1 <= size[0] and 0 <= y0 < y1 <= size[1]:
                found.append((x0, y0, x1, y1))
    return tuple(found)
