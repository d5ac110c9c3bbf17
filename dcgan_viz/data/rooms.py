"""Rooms: procedurally drawn bedrooms with the class of every pixel.

A data set with ground truth, for whatever has to be measured rather than believed: which of a
generator's feature maps draw windows, and what became of the picture without them.

A room is a function of (seed, index) alone. Indices are dealt to the splits by their last digit, so
that no index is ever in two: 9 is held out, the others train.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from torch.utils.data import Dataset

from dcgan_viz.data.room_raycast import draw
from dcgan_viz.data.room_scene import draw_scene
from dcgan_viz.errors import InputError

SURFACES = ("wall", "floor", "ceiling")  # what every room shows
OBJECTS = ("window", "bed", "lamp", "picture", "door", "rug")
CLASSES = SURFACES + OBJECTS
SPLITS = ("train", "held_out")
# Where in the held-out split each purpose begins: what chooses and what measures never share a room.
CHOOSING_START = 0  # scores of segmenters and snapshots
QUALITY_START = 10_000  # the judge's comparison of samples with rooms
TARGETLESS_START = 20_000  # real rooms without a target
COMPARISON_START = 40_000  # what training rooms are compared with
FILTERS_START = 60_000  # what filters of a discriminator are shown


def render(seed: int, index: int, image_size: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Draw one room.

    Parameters
    ----------
    seed : int
        The data set's seed, at least 0.
    index : int
        The room's number, at least 0.
    image_size : int
        Side in pixels.

    Returns
    -------
    image : uint8 (H, W, 3)
    mask : uint8 (H, W)
        Indices into ``CLASSES``. Curtains count as window, pillows as bed.

    Examples
    --------
    >>> image, mask = render(seed=0, index=7)
    >>> image.shape, mask.shape
    ((64, 64, 3), (64, 64))
    """
    return draw(draw_scene(seed, index), image_size)


def split_index(split: str, position: int) -> int:
    """The room number of the split's room at this position, counted from 0.

    Raises
    ------
    InputError
        If the split is neither "train" nor "held_out".
    """
    if split == "train":
        return position // 9 * 10 + position % 9
    if split == "held_out":
        return position * 10 + 9
    raise InputError(f"split {split!r}: there is none of that name; choose from {', '.join(SPLITS)}")


class Rooms(Dataset):
    """Rooms as a map-style data set.

    Parameters
    ----------
    split : {"train", "held_out"}
    count : int
        How many rooms.
    seed : int
    image_size : int
        Side in pixels.
    start : int
        Position in the split of the first room; halves that must not meet start apart.
    """

    def __init__(self, split: str, count: int, seed: int = 0, image_size: int = 64, start: int = 0) -> None:
        if count < 1:
            raise InputError(f"rooms: a count of {count} leaves nothing to draw; give at least 1")
        split_index(split, start)
        self.split, self.count, self.seed, self.image_size, self.start = split, count, seed, image_size, start

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, position: int) -> tuple[np.ndarray, np.ndarray]:
        """Image uint8 (H, W, 3) and mask uint8 (H, W)."""
        if not 0 <= position < self.count:
            raise IndexError(position)
        return render(self.seed, split_index(self.split, self.start + position), self.image_size)


def render_split(
    split: str, count: int, *, seed: int = 0, start: int = 0, image_size: int = 64, workers: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Draw many rooms at once.

    Parameters
    ----------
    split, count, seed, start, image_size
        As for `Rooms`.
    workers : int
        Processes; the result does not depend on it. More than one need a main module that can be imported
        (see `multiprocessing`), and pay off from a few thousand rooms on.

    Returns
    -------
    images : uint8 (N, H, W, 3)
    masks : uint8 (N, H, W)
    """
    rooms = Rooms(split, count, seed, image_size, start)
    images = np.empty((count, image_size, image_size, 3), np.uint8)
    masks = np.empty((count, image_size, image_size), np.uint8)
    chunk = 250
    tasks = [(rooms, first, min(first + chunk, count)) for first in range(0, count, chunk)]
    for first, some_images, some_masks in _map(tasks, min(workers, len(tasks))):
        images[first : first + len(some_images)] = some_images
        masks[first : first + len(some_masks)] = some_masks
    return images, masks


def _draw_range(task: tuple[Rooms, int, int]) -> tuple[int, np.ndarray, np.ndarray]:
    rooms, first, stop = task
    pairs = [rooms[position] for position in range(first, stop)]
    return first, np.stack([image for image, _ in pairs]), np.stack([mask for _, mask in pairs])


def _map(
    tasks: Iterable[tuple[Rooms, int, int]], workers: int
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    if workers <= 1:
        yield from map(_draw_range, tasks)
        return
    # forkserver: a fork of a process that has already run torch's threads can hang
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        yield from pool.map(_draw_range, tasks)
