"""Who says where a target is: the interface of a judge, the rooms' judge, and none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from dcgan_viz.data.room_gans import check_fits_segmenters
from dcgan_viz.data.rooms import CLASSES, TARGETLESS_START, render_split
from dcgan_viz.data.segmenter import SEGMENTER_SIZE, Segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.remove_objects.targetless import TargetlessDistance, targetless_distance

NOTHING = 255  # of a pixel that is of none of a judge's classes
N_REAL = 2000  # held-out rooms among which those without the target are looked for


class Judge(Protocol):
    """What measures an edit, and has had no part in choosing it."""

    @property
    def name(self) -> str:
        """As in result.json."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """What it can tell apart, by index; empty for a judge that measures no areas at all."""
        ...

    @property
    def fitted_on(self) -> tuple[int, ...]:
        """Boxed samples that it was fitted on, from which probes therefore keep away."""
        ...

    def predict(self, images: Tensor) -> Tensor:
        """Class (N, H, W), uint8 on the CPU, of every pixel of images (N, C, H, W) in [-1, 1]."""
        ...

    def distance(self, edited: Tensor, untouched: Tensor, target: str) -> TargetlessDistance:
        """How close images (N, C, H, W) come to real ones without the target, where it can say."""
        ...

    def to_json(self) -> dict[str, object]:
        """What is known about it, with its ``name``."""
        ...


@dataclass(frozen=True)
class RoomsJudge:
    """The segmenter of rooms that was trained to measure.

    Attributes
    ----------
    segmenter : Segmenter
    """

    segmenter: Segmenter
    _real: dict[str, Tensor] = field(default_factory=dict, repr=False, compare=False)

    name = "rooms"
    classes = CLASSES
    fitted_on = ()

    def predict(self, images: Tensor) -> Tensor:
        """Indices (N, 64, 64) into the classes of the rooms."""
        return self.segmenter.predict(images)

    def distance(self, edited: Tensor, untouched: Tensor, target: str) -> TargetlessDistance:
        """Fréchet distances on the segmenter's features to held-out rooms without the target."""
        if target not in self._real:
            self._real[target] = self.segmenter.features(real_rooms_without(target))
        look = self.segmenter.features
        return targetless_distance(look(edited), look(untouched), self._real[target])

    def to_json(self) -> dict[str, object]:
        """Seed and held-out scores of the segmenter."""
        return {**self.segmenter.metadata, "name": self.name}


@dataclass(frozen=True)
class NoJudge:
    """Nobody who could say where the target is; what changed inside and outside of boxes is all there is.

    Attributes
    ----------
    reason : str
        Why, in a few words.
    tried : mapping
        What a judge that was turned down had to show.
    """

    reason: str
    tried: Mapping[str, Any] = field(default_factory=dict)

    name = "none"
    classes = ()
    fitted_on = ()

    def predict(self, images: Tensor) -> Tensor:
        """`NOTHING` everywhere."""
        return torch.full((len(images), *images.shape[2:]), NOTHING, dtype=torch.uint8)

    def distance(self, edited: Tensor, untouched: Tensor, target: str) -> TargetlessDistance:
        """Unknown."""
        return TargetlessDistance.unknown()

    def to_json(self) -> dict[str, object]:
        """The reason, and what was tried."""
        return {"name": self.name, "reason": self.reason, **({"tried": self.tried} if self.tried else {})}


def check_rooms(gan: Gan, target: str, who: str) -> None:
    """Check that a segmenter of rooms can look for a target in a GAN's images.

    Raises
    ------
    InputError
        If it does not know the target, or the images are not of 64 px in colour.
    """
    if target not in CLASSES:
        raise InputError(f"target {target!r}: the {who} does not know it; choose from {', '.join(CLASSES)}")
    check_fits_segmenters(gan, who, "leave out --judge rooms and give --boxes")


def real_rooms_without(target: str) -> Tensor:
    """Held-out rooms that do not show the target at all: images (N, 3, 64, 64), float32 in [-1, 1]."""
    images, masks = render_split("held_out", N_REAL, start=TARGETLESS_START, image_size=SEGMENTER_SIZE)
    without = ~(masks == CLASSES.index(target)).any(axis=(1, 2))
    return torch.from_numpy(images[without]).permute(0, 3, 1, 2).float() / 127.5 - 1
