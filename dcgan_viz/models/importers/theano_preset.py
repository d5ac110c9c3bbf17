"""The architectures of the authors' Theano release, and networks from its arrays.

Source: https://github.com/Newmu/dcgan_code, ``lib/ops.py`` for BatchNorm and fractionally strided
convolution, ``faces/train_uncond_dcgan.py`` and ``imagenet/load_pretrained.py`` for the architectures. The
code for SVHN was not released; the name of its directory tells the prior ("100z_gaussian").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Literal

import numpy as np
import torch
from torch import nn

from dcgan_viz.models.prior import PriorKind

Role = Literal["generator", "discriminator"]
Shape = tuple[int, ...]
Side = int | tuple[str, int]  # a number, or so many times a width that the arrays themselves tell

_EPS = 1e-8  # lib/ops.py, batchnorm
_LEAK = 0.2  # lib/activations.py, LeakyRectify


@dataclass(frozen=True)
class Preset:
    """What the arrays of a released pair of networks do not say; widths and the size of z, they do.

    Parameters
    ----------
    name : str
    image_size : int
        Side of the square images in pixels.
    kernel : int
        Side of every kernel; padding is half of it, rounded down.
    generator_strides, discriminator_strides : tuple of int
        Of each convolution in the order in which they run.
    prior : {"uniform", "normal"}
        Which z the generator was trained with.
    """

    name: str
    image_size: int
    kernel: int
    generator_strides: tuple[int, ...]
    discriminator_strides: tuple[int, ...]
    prior: PriorKind

    @property
    def start_size(self) -> int:
        """Side of the maps next to the linear layer, in both networks."""
        return self.image_size // prod(self.generator_strides)

    def strides(self, role: Role) -> tuple[int, ...]:
        """Strides of one of the networks."""
        return self.generator_strides if role == "generator" else self.discriminator_strides

    def template(self, role: Role) -> tuple[tuple[Side, ...], ...]:
        """Shapes of a network's arrays in their order, with names for the widths.

        Linear weights are (in, out), kernels (out, in, k, k) for a convolution and (in, out, k, k) for a
        fractionally strided one; gain and shift of BatchNorm follow the weights they belong to.
        """
        layers = list(pairwise(_map_names(role, len(self.strides(role)))))
        square = (self.kernel, self.kernel)
        if role == "generator":
            units = ("maps 1", self.start_size**2)
            arrays: list[tuple[Side, ...]] = [(("z", 1), units), (units,), (units,)]
            for n_in, n_out in layers[:-1]:
                arrays += [((n_in, 1), (n_out, 1), *square), ((n_out, 1),), ((n_out, 1),)]
            n_in, n_out = layers[-1]
            return (*arrays, ((n_in, 1), (n_out, 1), *square))
        n_in, n_out = layers[0]
        arrays = [((n_out, 1), (n_in, 1), *square)]
        for n_in, n_out in layers[1:]:
            arrays += [((n_out, 1), (n_in, 1), *square), ((n_out, 1),), ((n_out, 1),)]
        return (*arrays, ((layers[-1][1], self.start_size**2), 1))


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("svhn", 32, 5, (2, 2, 2), (2, 2, 2), "normal"),
        Preset("imagenet32", 32, 3, (2, 1, 2, 1, 2, 1), (1, 2, 1, 2, 1, 2), "uniform"),
        Preset("faces64", 64, 5, (2, 2, 2, 2), (2, 2, 2, 2), "uniform"),
    )
}


@dataclass(frozen=True)
class Mismatch:
    """The first array that does not fit.

    Attributes
    ----------
    position : int
        Of the array, counted from 0.
    expected : str
        Its shape by the preset and by the arrays before it, ``*`` for a side that is free.
    """

    position: int
    expected: str


def widths(preset: Preset, role: Role, shapes: Sequence[Shape]) -> dict[str, int] | Mismatch:
    """Read the widths from the arrays' shapes, each from the first array that has it.

    Parameters
    ----------
    preset : Preset
    role : {"generator", "discriminator"}
    shapes : sequence of tuple of int
        As many as the preset has arrays.

    Returns
    -------
    dict of str to int, or Mismatch
        "z" (of a generator), "channels", and "maps 1" onwards in the order in which they run.
    """
    known: dict[str, int] = {}
    for position, (shape, sides) in enumerate(zip(shapes, preset.template(role), strict=True)):
        before = dict(known)
        if len(shape) != len(sides) or not all(map(_fits, shape, sides, [known] * len(sides))):
            expected = ", ".join(_text(side, before) for side in sides)
            return Mismatch(position, f"({expected}{',' if len(sides) == 1 else ''})")
    return known


class TheanoGenerator(nn.Module):
    """A generator of the release: linear, BatchNorm per unit, fractionally strided convolutions.

    Parameters
    ----------
    preset : Preset
    arrays : sequence of np.ndarray
        In the release's order, finite, of shapes that `widths` has passed.
    """

    def __init__(self, preset: Preset, arrays: Sequence[np.ndarray]) -> None:
        super().__init__()
        found = _checked(preset, "generator", arrays)
        with torch.device("meta"):  # weights come from the arrays
            self.main = nn.Sequential(*_generator_layers(preset, found))
        _fill(self, arrays)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Generate images (N, C, H, W) in [-1, 1] from z (N, nz)."""
        return self.main(z.flatten(1))


class TheanoDiscriminator(nn.Module):
    """A discriminator of the release: strided convolutions, BatchNorm on all but the first, linear.

    Parameters
    ----------
    preset : Preset
    arrays : sequence of np.ndarray
        As for `TheanoGenerator`.
    """

    def __init__(self, preset: Preset, arrays: Sequence[np.ndarray]) -> None:
        super().__init__()
        found = _checked(preset, "discriminator", arrays)
        with torch.device("meta"):
            self.main = nn.Sequential(*_discriminator_layers(preset, found))
        _fill(self, arrays)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Judge images (N, C, H, W) in [-1, 1]: logits (N,), positive for "real"."""
        return self.main(images).flatten()


def _map_names(role: Role, n_layers: int) -> list[str]:
    if role == "generator":
        return [*(f"maps {k}" for k in range(1, n_layers + 1)), "channels"]
    return ["channels", *(f"maps {k}" for k in range(1, n_layers + 1))]


def _fits(size: int, side: Side, known: dict[str, int]) -> bool:
    """Whether a side has its size; a width that was not known is known afterwards."""
    if isinstance(side, int):
        return size == side
    name, factor = side
    width = known.setdefault(name, max(size // factor, 1))
    return size == width * factor


def _text(side: Side, known: Mapping[str, int]) -> str:
    if isinstance(side, int):
        return str(side)
    name, factor = side
    if name in known:
        return str(known[name] * factor)
    return "*" if factor == 1 else f"{factor} times *"


def _checked(preset: Preset, role: Role, arrays: Sequence[np.ndarray]) -> dict[str, int]:
    found = widths(preset, role, [array.shape for array in arrays])
    if isinstance(found, Mismatch):
        raise ValueError(f"array {found.position} of a {role} of preset {preset.name}: not {found.expected}")
    return found


def _generator_layers(preset: Preset, found: Mapping[str, int]) -> Iterator[nn.Module]:
    maps = [found[name] for name in _map_names("generator", len(preset.generator_strides))]
    start = preset.start_size
    yield nn.Linear(found["z"], maps[0] * start**2, bias=False)
    yield nn.BatchNorm1d(maps[0] * start**2, eps=_EPS, track_running_stats=False)
    yield nn.ReLU(inplace=True)
    yield nn.Unflatten(1, (maps[0], start, start))
    for k, ((n_in, n_out), stride) in enumerate(zip(pairwise(maps), preset.generator_strides, strict=True)):
        if k > 0:
            yield nn.BatchNorm2d(n_in, eps=_EPS, track_running_stats=False)
            yield nn.ReLU(inplace=True)
        yield nn.ConvTranspose2d(
            n_in,
            n_out,
            preset.kernel,
            stride=stride,
            padding=preset.kernel // 2,
            output_padding=stride - 1,
            bias=False,
        )
    yield nn.Tanh()


def _discriminator_layers(preset: Preset, found: Mapping[str, int]) -> Iterator[nn.Module]:
    maps = [found[name] for name in _map_names("discriminator", len(preset.discriminator_strides))]
    for k, ((n_in, n_out), stride) in enumerate(
        zip(pairwise(maps), preset.discriminator_strides, strict=True)
    ):
        yield nn.Conv2d(n_in, n_out, preset.kernel, stride=stride, padding=preset.kernel // 2, bias=False)
        if k > 0:
            yield nn.BatchNorm2d(n_out, eps=_EPS, track_running_stats=False)
        yield nn.LeakyReLU(_LEAK, inplace=True)
    yield nn.Flatten()
    yield nn.Linear(maps[-1] * preset.start_size**2, 1, bias=False)


def _fill(network: nn.Module, arrays: Sequence[np.ndarray]) -> None:
    # The release lists parameters in the order in which they are used, as state_dict() does.
    names = network.state_dict()
    state = {name: _as_torch(array) for name, array in zip(names, arrays, strict=True)}
    network.load_state_dict(state, assign=True)
    network.eval()


def _as_torch(array: np.ndarray) -> torch.Tensor:
    if array.ndim == 2:
        array = array.T  # (in, out) -> (out, in)
    elif array.ndim == 4:
        array = array[:, :, ::-1, ::-1]  # Theano convolves, torch correlates
    return torch.from_numpy(np.array(array, dtype=np.float32, order="C"))
