"""Generator and discriminator of the DCGAN paper (arXiv 1511.06434), in two families of layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import Any, Literal, get_args

import torch
from torch import nn

from dcgan_viz.errors import InputError

Family = Literal["conv4", "paper5"]

# Image side in px -> side of the first map and number of layers that double it.
_PYRAMIDS = {28: (7, 2), 32: (4, 3), 64: (4, 4), 128: (4, 5)}

_LEAK = 0.2  # slope of LeakyReLU, section 3 of the paper
_INIT_STD = 0.02  # standard deviation of weights and BatchNorm gains, section 4


@dataclass(frozen=True)
class Architecture:
    """What both networks are built from.

    Parameters
    ----------
    family : {"conv4", "paper5"}
        ``conv4``: 4x4 kernels and the parameter names of pytorch/examples' dcgan. ``paper5``: z projected by
        a linear layer with BatchNorm per unit, 5x5 kernels, as the authors' code.
    image_size : {28, 32, 64, 128}
        Side of the square images in pixels.
    channels : {1, 3}
        Colour channels of the images.
    channels_noise : int
        Size of z.
    width : int
        Feature maps of the generator's last hidden layer and of the discriminator's first one; every layer
        away from the image has twice as many.

    Raises
    ------
    InputError
        If a value is not among the possible ones.

    Examples
    --------
    >>> Architecture(image_size=32).maps
    (256, 128, 64)
    """

    family: Family = "conv4"
    image_size: int = 64
    channels: int = 3
    channels_noise: int = 100
    width: int = 64

    def __post_init__(self) -> None:
        possible: dict[str, tuple[Any, ...]] = {
            "family": get_args(Family),
            "image_size": tuple(_PYRAMIDS),
            "channels": (1, 3),
        }
        for name, choices in possible.items():
            value = getattr(self, name)
            if value not in choices:
                raise InputError(f"{name} {value!r}: not known; use one of {', '.join(map(str, choices))}")
        for name in ("channels_noise", "width"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise InputError(f"{name} {value!r}: not a count; use a whole number of at least 1")

    @property
    def start_size(self) -> int:
        """Side in pixels of the generator's first map, which is the discriminator's last."""
        return _PYRAMIDS[self.image_size][0]

    @property
    def maps(self) -> tuple[int, ...]:
        """Feature maps of the hidden layers, from z towards the image."""
        levels = _PYRAMIDS[self.image_size][1]
        return tuple(self.width * 2**level for level in reversed(range(levels)))

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dictionary that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Architecture:
        """Build from what `to_json` gave.

        Raises
        ------
        InputError
            If a key is unknown or a value is not possible.
        """
        known = [field.name for field in fields(cls)]
        if unknown := sorted(set(values) - set(known)):
            raise InputError(
                f"architecture: unknown key {unknown[0]!r}; the known ones are {', '.join(known)}"
            )
        return cls(**values)


class Generator(nn.Module):
    """Map z to images through fractionally strided convolutions.

    Parameters
    ----------
    architecture : Architecture
        Family, sizes and widths.
    seed : int or None
        Seed of the initial weights; the global random state is neither used nor moved. With None there are
        none, only shapes (torch's "meta" device), until ``load_state_dict(..., assign=True)`` brings them.

    Examples
    --------
    >>> Generator(Architecture(width=4)).eval()(torch.zeros(2, 100)).shape
    torch.Size([2, 3, 64, 64])
    """

    def __init__(self, architecture: Architecture, seed: int | None = 0) -> None:
        super().__init__()
        self.architecture = architecture
        build = _conv4_generator if architecture.family == "conv4" else _paper5_generator
        with torch.device("meta"):  # torch's own draws would move the global random state for nothing
            self.main = nn.Sequential(*build(architecture))
        if seed is not None:
            initialise(self.to_empty(device="cpu"), seed)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Generate images.

        Parameters
        ----------
        z : torch.Tensor
            (N, nz) or (N, nz, 1, 1), float32.

        Returns
        -------
        torch.Tensor
            (N, C, H, W) in [-1, 1].
        """
        z = z.flatten(1)  # (N, nz)
        return self.main(z[:, :, None, None] if self.architecture.family == "conv4" else z)


class Discriminator(nn.Module):
    """Map images to logits of "this is a real one" through strided convolutions.

    Parameters
    ----------
    architecture : Architecture
        Family, sizes and widths.
    seed : int or None
        As for `Generator`.

    Examples
    --------
    >>> Discriminator(Architecture(width=4)).eval()(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2])
    """

    def __init__(self, architecture: Architecture, seed: int | None = 0) -> None:
        super().__init__()
        self.architecture = architecture
        build = _conv4_discriminator if architecture.family == "conv4" else _paper5_discriminator
        with torch.device("meta"):  # torch's own draws would move the global random state for nothing
            self.main = nn.Sequential(*build(architecture))
        if seed is not None:
            initialise(self.to_empty(device="cpu"), seed)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Judge images.

        Parameters
        ----------
        images : torch.Tensor
            (N, C, H, W) in [-1, 1].

        Returns
        -------
        torch.Tensor
            Logits (N,): positive for "real".
        """
        return self.main(images).flatten()


@torch.no_grad()
def initialise(module: nn.Module, seed: int) -> None:
    """Draw weights from N(0, 0.02) and BatchNorm gains from N(1, 0.02); biases and statistics start afresh.

    Parameters
    ----------
    module : nn.Module
        Changed in place, in the order of ``module.modules()``.
    seed : int
        Seed of the draws, which are made on the CPU.
    """
    random = torch.Generator().manual_seed(seed)
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            layer.weight.copy_(torch.empty(layer.weight.shape).normal_(0.0, _INIT_STD, generator=random))
            if layer.bias is not None:
                layer.bias.zero_()
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            if layer.affine:
                layer.weight.copy_(torch.empty(layer.weight.shape).normal_(1.0, _INIT_STD, generator=random))
                layer.bias.zero_()
            layer.reset_running_stats()


def _conv4_generator(architecture: Architecture) -> list[nn.Module]:
    maps = architecture.maps
    layers: list[nn.Module] = [
        nn.ConvTranspose2d(architecture.channels_noise, maps[0], architecture.start_size, bias=False),
        nn.BatchNorm2d(maps[0]),
        nn.ReLU(inplace=True),
    ]
    for n_in, n_out in pairwise(maps):
        layers += [
            nn.ConvTranspose2d(n_in, n_out, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(inplace=True),
        ]
    last = nn.ConvTranspose2d(maps[-1], architecture.channels, 4, stride=2, padding=1, bias=False)
    return [*layers, last, nn.Tanh()]


def _conv4_discriminator(architecture: Architecture) -> list[nn.Module]:
    maps = architecture.maps[::-1]
    layers: list[nn.Module] = [
        nn.Conv2d(architecture.channels, maps[0], 4, stride=2, padding=1, bias=False),
        nn.LeakyReLU(_LEAK, inplace=True),
    ]
    for n_in, n_out in pairwise(maps):
        layers += [
            nn.Conv2d(n_in, n_out, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.LeakyReLU(_LEAK, inplace=True),
        ]
    return [*layers, nn.Conv2d(maps[-1], 1, architecture.start_size, bias=False)]


def _paper5_generator(architecture: Architecture) -> list[nn.Module]:
    maps, start = architecture.maps, architecture.start_size
    units = maps[0] * start**2
    layers: list[nn.Module] = [
        nn.Linear(architecture.channels_noise, units, bias=False),
        nn.BatchNorm1d(units),
        nn.ReLU(inplace=True),
        nn.Unflatten(1, (maps[0], start, start)),
    ]
    for n_in, n_out in pairwise(maps):
        layers += [_double5(n_in, n_out), nn.BatchNorm2d(n_out), nn.ReLU(inplace=True)]
    return [*layers, _double5(maps[-1], architecture.channels), nn.Tanh()]


def _double5(n_in: int, n_out: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(n_in, n_out, 5, stride=2, padding=2, output_padding=1, bias=False)


def _paper5_discriminator(architecture: Architecture) -> list[nn.Module]:
    maps = architecture.maps[::-1]
    layers: list[nn.Module] = [
        nn.Conv2d(architecture.channels, maps[0], 5, stride=2, padding=2, bias=False),
        nn.LeakyReLU(_LEAK, inplace=True),
    ]
    for n_in, n_out in pairwise(maps):
        layers += [
            nn.Conv2d(n_in, n_out, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(n_out),
            nn.LeakyReLU(_LEAK, inplace=True),
        ]
    return [*layers, nn.Flatten(), nn.Linear(maps[-1] * architecture.start_size**2, 1, bias=False)]
