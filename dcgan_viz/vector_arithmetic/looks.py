"""The two segmenters of rooms: the annotator, who chooses exemplars, and the judge, who measures."""

from dataclasses import dataclass, fields

import numpy as np
from torch import Tensor

from dcgan_viz.data.room_gans import check_fits_segmenters, draws_rooms
from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.data.segmenter import Segmenter, load_segmenter
from dcgan_viz.models.gan import Gan

AT_ONCE = 1000  # pictures that are kept; a multiple of the batches of `Gan.generate`
PRESENT_PIXELS = 16  # of 64 x 64, from which on a class counts as seen, here as in `remove_objects`


@dataclass(frozen=True)
class Looks:
    """Who looks at rooms.

    Attributes
    ----------
    annotator, judge : Segmenter
        The one chooses, and the other measures; neither does both.
    """

    annotator: Segmenter
    judge: Segmenter


def looks_at(gan: Gan, judge: str) -> Looks | None:
    """The segmenters for a GAN, or None where they have no business with it.

    Parameters
    ----------
    gan : Gan
    judge : {"auto", "rooms", "none"}
        "auto": for a GAN that was trained on rooms.

    Raises
    ------
    InputError
        If they are wanted, and the images are not of 64 px in colour.
    """
    if judge == "none" or (judge == "auto" and not draws_rooms(gan)):
        return None
    check_fits_segmenters(gan, "judge", "give --judge none")
    return Looks(load_segmenter("annotator", gan.device), load_segmenter("judge", gan.device))


@dataclass(frozen=True)
class Seen:
    """What a segmenter sees in images.

    Attributes
    ----------
    areas : ndarray (N, 9), int
        Pixels of each class of the rooms.
    centres : ndarray (N, 9)
        Mean x of those pixels, from 0 at the left edge to 64; NaN below `PRESENT_PIXELS`.
    """

    areas: np.ndarray
    centres: np.ndarray

    @classmethod
    def by(cls, segmenter: Segmenter, images: Tensor) -> "Seen":
        """Let a segmenter look at images (N, 3, 64, 64) in [-1, 1]."""
        classes = segmenter.predict(images).numpy()
        middles = np.arange(classes.shape[2]) + 0.5
        columns = np.stack([(classes == k).sum(axis=1) for k in range(len(CLASSES))], axis=1)  # (N, 9, W)
        areas = columns.sum(axis=2)
        centres = (columns @ middles) / np.maximum(areas, 1)
        return cls(areas, np.where(areas >= PRESENT_PIXELS, centres, np.nan))

    @classmethod
    def of(cls, gan: Gan, segmenter: Segmenter, z: Tensor) -> "Seen":
        """Let a segmenter look at what a GAN draws from z (N, nz), without keeping all the pictures."""
        parts = [cls.by(segmenter, gan.generate(some)) for some in z.split(AT_ONCE)]
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))

    def area(self, name: str) -> np.ndarray:
        """Pixels (N,) of a class."""
        return self.areas[:, CLASSES.index(name)]

    def shows(self, name: str) -> np.ndarray:
        """Which images (N,) show a class."""
        return self.area(name) >= PRESENT_PIXELS

    def centre(self, name: str) -> np.ndarray:
        """Mean x (N,) of a class."""
        return self.centres[:, CLASSES.index(name)]
