"""Boxes around a target in numbered samples, and the masks they come from and turn into."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dcgan_viz.errors import InputError

FORMAT = "dcgan_viz.boxes"


@dataclass(frozen=True)
class Box:
    """A box in pixels, x to the right, y down, end-exclusive: a whole image is (0, 0, width, height).

    Attributes
    ----------
    x0, y0 : float
        Upper left corner, inside the box.
    x1, y1 : float
        Lower right corner, just outside of it.

    Raises
    ------
    InputError
        When a coordinate is not finite or the box holds no area.

    Examples
    --------
    >>> Box(2, 3, 10, 11).area
    64
    """

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(edge) for edge in self.edges):
            raise InputError(f"box {self}: not finite; give x0, y0, x1, y1 in pixels")
        if self.x1 <= self.x0 or self.y1 <= self.y0:
            raise InputError(f"box {self}: holds no area; give x0 < x1 and y0 < y1 in pixels")

    def __str__(self) -> str:
        return f"({', '.join(f'{edge:g}' for edge in self.edges)})"

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1."""
        return self.x0, self.y0, self.x1, self.y1

    @property
    def area(self) -> float:
        """Square pixels."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)


@dataclass(frozen=True)
class Boxes:
    """The boxes around one target in a series of numbered samples.

    Attributes
    ----------
    target : str
        What is inside the boxes, "window" for one.
    image_size : int
        Side of the samples in pixels; every box lies inside.
    by_image : mapping of int to tuple of Box
        The boxes of each sample that has any, by its number from 0, in rising order.

    Raises
    ------
    InputError
        When there is no box at all, or one lies outside its image.

    Examples
    --------
    >>> boxes = Boxes("window", 64, {3: (Box(8, 8, 24, 32),)})
    >>> len(boxes), boxes.images
    (1, (3,))
    """

    target: str
    image_size: int
    by_image: Mapping[int, tuple[Box, ...]] = field(hash=False)

    def __post_init__(self) -> None:
        kept = {image: tuple(boxes) for image, boxes in sorted(self.by_image.items()) if boxes}
        object.__setattr__(self, "by_image", kept)
        if not kept:
            raise InputError(f"boxes of '{self.target}': no box at all; draw at least one")
        for image, box in self:
            if image < 0:
                raise InputError(f"image {image}: negative; samples are numbered from 0")
            if min(box.x0, box.y0) < 0 or max(box.x1, box.y1) > self.image_size:
                raise InputError(
                    f"box {box} of image {image}: outside the image, {self.image_size}x{self.image_size} px; "
                    "give x0, y0, x1, y1 within it"
                )

    def __len__(self) -> int:
        return sum(len(boxes) for boxes in self.by_image.values())

    def __iter__(self) -> Iterator[tuple[int, Box]]:
        return ((image, box) for image, boxes in self.by_image.items() for box in boxes)

    @property
    def images(self) -> tuple[int, ...]:
        """Numbers of the samples that have boxes, rising."""
        return tuple(self.by_image)

    def to_json(self) -> dict[str, Any]:
        """Content of a box file in this tool's own format."""
        return {
            "format": FORMAT,
            "image_size": self.image_size,
            "target": self.target,
            "boxes": [{"image": image, "box": list(box.edges)} for image, box in self],
        }

    def to_coco(self) -> dict[str, Any]:
        """Content of a COCO file: sample 3 is image 3, ``sample_00003.png``; the target is category 1."""
        size = {"width": self.image_size, "height": self.image_size}
        return {
            "images": [{"id": n, "file_name": f"sample_{n:05d}.png", **size} for n in self.images],
            "categories": [{"id": 1, "name": self.target}],
            "annotations": [
                {
                    "id": number,
                    "image_id": image,
                    "category_id": 1,
                    "bbox": [box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0],
                    "area": box.area,
                    "iscrowd": 0,
                }
                for number, (image, box) in enumerate(self, start=1)
            ],
        }

    def masks(self, height: int, width: int) -> np.ndarray:
        """Share of each cell of a grid inside boxes, for each of ``images``.

        Parameters
        ----------
        height, width : int
            Cells of the grid, those of a layer for one.

        Returns
        -------
        np.ndarray
            (len(images), height, width), float32 in [0, 1].
        """
        return np.stack(
            [boxes_to_mask(boxes, height, width, self.image_size) for boxes in self.by_image.values()]
        )


def boxes_to_mask(boxes: Sequence[Box], height: int, width: int, image_size: int) -> np.ndarray:
    """Share of each cell of a grid over one image that lies inside any of its boxes.

    Exact, whatever the grid: image and grid are cut along all edges of boxes and cells at once.

    Parameters
    ----------
    boxes : sequence of Box
        Boxes of one image, in its pixels; where they overlap, the area counts once.
    height, width : int
        Cells of the grid.
    image_size : int
        Side of the image in pixels.

    Returns
    -------
    np.ndarray
        (height, width), float32 in [0, 1].

    Examples
    --------
    >>> boxes_to_mask([Box(0, 0, 3, 2)], height=2, width=2, image_size=4)
    array([[1. , 0.5],
           [0. , 0. ]], dtype=float32)
    """
    rows, columns = np.linspace(0, image_size, height + 1), np.linspace(0, image_size, width + 1)
    ys = np.unique([*rows, *np.clip([edge for box in boxes for edge in (box.y0, box.y1)], 0, image_size)])
    xs = np.unique([*columns, *np.clip([edge for box in boxes for edge in (box.x0, box.x1)], 0, image_size)])
    inside = np.zeros((len(ys) - 1, len(xs) - 1), bool)
    for box in boxes:
        inside |= np.outer((ys[:-1] >= box.y0) & (ys[1:] <= box.y1), (xs[:-1] >= box.x0) & (xs[1:] <= box.x1))
    areas = inside * np.outer(np.diff(ys), np.diff(xs))
    by_row = np.add.reduceat(areas, np.searchsorted(ys, rows[:-1]), axis=0)
    by_cell = np.add.reduceat(by_row, np.searchsorted(xs, columns[:-1]), axis=1)
    return (by_cell / (image_size / height) / (image_size / width)).clip(0, 1).astype(np.float32)


def boxes_from_mask(mask: np.ndarray, minimum_area: int = 16) -> tuple[Box, ...]:
    """The box around each connected piece of a mask.

    Parameters
    ----------
    mask : np.ndarray
        (H, W); whatever is not 0 belongs to the target. Pixels that touch at a corner are connected.
    minimum_area : int
        Pixels below which a piece is left out.

    Returns
    -------
    tuple of Box
        The largest piece first; pieces of equal size from the top, then from the left.

    Examples
    --------
    >>> mask = np.zeros((64, 64), bool)
    >>> mask[8:20, 4:40] = True
    >>> boxes_from_mask(mask)
    (Box(x0=4, y0=8, x1=40, y1=20),)
    """
    from scipy import ndimage  # comes with scikit-learn

    pieces, _ = ndimage.label(np.asarray(mask) != 0, structure=np.ones((3, 3)))
    areas = np.bincount(pieces.ravel())[1:]
    found = [
        (area, Box(x.start, y.start, x.stop, y.stop))
        for area, (y, x) in zip(areas.tolist(), ndimage.find_objects(pieces), strict=True)
        if area >= minimum_area
    ]
    found.sort(key=lambda piece: (-piece[0], piece[1].y0, piece[1].x0))
    return tuple(box for _, box in found)
