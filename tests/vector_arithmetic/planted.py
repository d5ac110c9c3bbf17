"""A generator whose z is read off its pictures: classes as grey levels, and a segmenter that decodes them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.prior import Prior
from dcgan_viz.output import dump_json
from dcgan_viz.vector_arithmetic.looks import Looks
from dcgan_viz.vector_arithmetic.recipe import Recipe, TurnRecipe

NZ = 8
LEVELS = len(CLASSES) - 1


def window_side(z0: float) -> int:
    """Side of the window in px: none below 1/12, 4 px (just seen) from 7/12 on."""
    return int(np.clip(np.round(6 * z0), 0, 20))


def bed_left(z1: float) -> int:
    """Left edge of the bed in px; it is 12 px wide."""
    return int(np.clip(np.round(26 + 20 * z1), 0, 52))


def classes_of(z: np.ndarray) -> np.ndarray:
    """The room of one z (NZ,): classes (64, 64)."""
    room = np.full((64, 64), CLASSES.index("wall"))
    room[:16] = CLASSES.index("ceiling")
    room[48:] = CLASSES.index("floor")
    side, left = window_side(float(z[0])), bed_left(float(z[1]))
    room[20 : 20 + side, 20 : 20 + side] = CLASSES.index("window")
    room[42:54, left : left + 12] = CLASSES.index("bed")
    return room


class Rooms(nn.Module):
    """Draws the room of each z, its classes as grey levels from -1 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Parameter(torch.ones(1))

    def forward(self, z: Tensor) -> Tensor:
        rooms = np.stack([classes_of(one) for one in z.flatten(1).detach().cpu().numpy()])
        grey = torch.from_numpy(rooms).float() / LEVELS * 2 - 1
        return grey[:, None].expand(-1, 3, -1, -1) * self.one


class Painter(nn.Module):
    """Draws a smooth function of z: every number of z changes every pixel."""

    def __init__(self, size: int = 32, channels: int = 3, nz: int = 6) -> None:
        super().__init__()
        self.shape = (channels, size, size)
        weights = torch.randn(nz, channels * size * size, generator=torch.Generator().manual_seed(5))
        self.weights = nn.Parameter(weights / nz**0.5)

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(z.flatten(1) @ self.weights).unflatten(1, self.shape)


class Decoder:
    """Reads the classes off again."""

    metadata: dict = {"seed": 1}  # noqa: RUF012

    def predict(self, images: Tensor) -> Tensor:
        return ((images[:, 0] + 1) / 2 * LEVELS).round().to(torch.uint8)


class Blind(Decoder):
    """Sees walls everywhere."""

    def predict(self, images: Tensor) -> Tensor:
        return torch.zeros(len(images), 64, 64, dtype=torch.uint8)


def as_json(result: Any) -> dict[str, Any]:
    """What a result is in its file."""
    return json.loads(dump_json(result.to_json()))


def planted_gan() -> Gan:
    return Gan(Rooms(), prior=Prior("uniform", NZ))


def planted_looks(judge: Decoder | None = None) -> Looks:
    return Looks(Decoder(), judge or Decoder())  # type: ignore[arg-type]


def recipe_for(gan: Gan, **changes: object) -> Recipe:
    """Some recipe of three concepts and a turn."""
    assert gan.prior is not None
    fields: dict = {
        "seed": 3,
        "sheet_size": 20,
        "z_size": gan.prior.size,
        "checkpoint_sha256": gan.provenance.sha256,
        "prior": gan.prior.kind,
        "concepts": {"a": (0, 5, 7), "b": (1, 2), "c": (11, 3, 19, 8)},
        "expression": {"a": "+", "b": "-", "c": "+"},
        "turn": TurnRecipe("b", "c"),
    }
    return Recipe(**{**fields, **changes})
