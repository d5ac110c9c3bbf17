"""The distribution over z that a generator was trained with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import torch

from dcgan_viz.errors import InputError

PriorKind = Literal["uniform", "normal"]

_MAX_SIZE = 1_000_000

_BLOCK = 16


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
        If the kind is unknown, or the size is not positive or more than a million.

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
        if self.size > _MAX_SIZE:
            raise InputError(f"prior of size {self.size}: more than {_MAX_SIZE:,}; give the size of z")

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
        if self.kind == "uniform":
            return torch.empty(n, self.size, dtype=torch.float32, device=random.device).uniform_(
                -1.0, 1.0, generator=random
            )
        # torch makes normal numbers in blocks of 16, and a last, incomplete block in another way: with whole
        # blocks alone, few z are those with which many begin.
        blocks = torch.empty(-(-n * self.size // _BLOCK) * _BLOCK, dtype=torch.float32, device=random.device)
        return blocks.normal_(generator=random)[: n * self.size].view(n, self.size).clone()

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
