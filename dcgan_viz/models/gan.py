"""The `Gan`: a generator with everything that an analysis has to know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self, get_args

import torch
from torch import nn

from dcgan_viz.errors import InputError

PriorKind = Literal["uniform", "normal"]


@dataclass(frozen=True)
class Prior:
    """The distribution over z that the generator was trained with.

    Parameters
    ----------
    kind : {"uniform", "normal"}
        ``uniform`` on (-1, 1), as in the paper, or standard ``normal``.
    size : int
        Size of z.

    Raises
    ------
    InputError
        If the kind is unknown or the size is not positive.

    Examples
    --------
    >>> Prior("uniform", 100).sample(2, seed=0).shape
    torch.Size([2, 100])
    """

    kind: PriorKind = "uniform"
    size: int = 100

    def __post_init__(self) -> None:
        if self.kind not in get_args(PriorKind):
            raise InputError(f"prior {self.kind!r}: not known; use one of {', '.join(get_args(PriorKind))}")
        if self.size < 1:
            raise InputError(f"prior of size {self.size}: z needs at least one number")

    def draw(self, n: int, random: torch.Generator) -> torch.Tensor:
        """Draw from a running random generator, on that generator's device.

        Parameters
        ----------
        n : int
            How many z.
        random : torch.Generator
            Moves on by n draws.

        Returns
        -------
        torch.Tensor
            z (N, nz), float32.
        """
        z = torch.empty(n, self.size, device=random.device)
        if self.kind == "uniform":
            return z.uniform_(-1.0, 1.0, generator=random)
        return z.normal_(generator=random)

    def sample(self, n: int, seed: int, device: torch.device | str = "cpu") -> torch.Tensor:
        """Draw n vectors that are the same on every device.

        Parameters
        ----------
        n : int
            How many z.
        seed : int
            Seed of the draw, which is made on the CPU.
        device : torch.device or str
            Where the result is wanted.

        Returns
        -------
        torch.Tensor
            z (N, nz), float32.
        """
        return self.draw(n, torch.Generator().manual_seed(seed)).to(device)


@dataclass(frozen=True)
class Provenance:
    """Where a `Gan` came from, as results state it.

    Parameters
    ----------
    path : str
        The file the weights were read from, or a word for what is no file.
    sha256 : str
        Of that file, in hexadecimal; empty where there is none.
    importer : str
        Which reader understood the file.
    batchnorm : str
        Where the generator's BatchNorm statistics come from.
    metadata : Mapping
        What the file says about itself.
    """

    path: str
    sha256: str
    importer: str
    batchnorm: str
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dictionary that JSON can hold."""
        return asdict(self)


@dataclass
class Gan:
    """A generator, perhaps its discriminator, and what is known about them.

    Parameters
    ----------
    generator : nn.Module
        Maps z (N, nz) to images (N, C, H, W) in [-1, 1].
    discriminator : nn.Module or None
        Maps images to logits (N,).
    prior : Prior
        Distribution over z.
    provenance : Provenance
        File, importer and BatchNorm statistics.
    image_size : int
        Side of the images in pixels.
    channels : int
        Colour channels of the images.
    """

    generator: nn.Module
    discriminator: nn.Module | None
    prior: Prior
    provenance: Provenance
    image_size: int
    channels: int

    @property
    def device(self) -> torch.device:
        """Where the generator's weights are."""
        return next(self.generator.parameters()).device

    def to(self, device: torch.device | str) -> Self:
        """Move both networks to a device and return this Gan."""
        self.generator.to(device)
        if self.discriminator is not None:
            self.discriminator.to(device)
        return self

    def sample_z(self, n: int, seed: int) -> torch.Tensor:
        """Draw z (N, nz) from the prior, on this Gan's device; the same numbers on every device."""
        return self.prior.sample(n, seed, self.device)

    @torch.inference_mode()
    def generate(self, z: torch.Tensor, batch_size: int = 250) -> torch.Tensor:
        """Generate images in eval mode, so that an image depends on its own z alone.

        Parameters
        ----------
        z : torch.Tensor
            (N, nz), on any device.
        batch_size : int
            How many to run through the generator at once.

        Returns
        -------
        torch.Tensor
            images (N, C, H, W), float32 in [-1, 1], on the CPU.
        """
        modes = {module: module.training for module in self.generator.modules()}
        self.generator.eval()
        try:
            batches = [self.generator(part.to(self.device)).float().cpu() for part in z.split(batch_size)]
        finally:
            for module, training in modes.items():
                module.training = training
        return torch.cat(batches)
