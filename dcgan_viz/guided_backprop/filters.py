"""A discriminator's convolutions, where their filters' responses are to be had, and which filters live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm as BatchNorm
from torch.overrides import TorchFunctionMode

from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop.rules import is_rectifier
from dcgan_viz.models.layers import record
from dcgan_viz.models.modes import evaluating
from dcgan_viz.models.trace import CONVOLUTIONS, Call, run_of

N_FILTERS = 6  # as in figure 5 of the paper
_FLAT = 1e-6  # of the liveliest filter's range: rounding, not a response


@dataclass(frozen=True)
class Convolution:
    """A convolution of a discriminator, and where its filters' responses are to be had.

    Attributes
    ----------
    name : str
        As in ``named_modules()``, perhaps with the number of the call.
    response : str
        The layer whose maps are the responses: the convolution's own BatchNorm where one reads it, for the
        activation after that decides by the sign of what BatchNorm returns; else the convolution itself.
    shape : tuple of int
        Of the responses to one image, (C, H, W).
    is_rectified : bool
        Whether a ReLU or LeakyReLU reads the responses, so that what is not above 0 is no response.
    """

    name: str
    response: str
    shape: tuple[int, int, int]
    is_rectified: bool


def convolutions(network: nn.Module, example: Tensor) -> list[Convolution]:
    """All convolutions of a discriminator, in the order in which they run.

    Parameters
    ----------
    network : nn.Module
        Left as it is.
    example : Tensor
        An input of it that is no constant.
    """
    run = run_of(network, example)
    found = [
        (call, _own_batchnorm(call, run[k + 1 :]) or call)
        for k, call in enumerate(run)
        if isinstance(call.module, CONVOLUTIONS) and call.is_map
    ]
    rectified = _rectified(network, example, [str(response.place) for _, response in found])
    return [
        Convolution(
            str(call.place),
            str(response.place),
            (response.shape[1], response.shape[2], response.shape[3]),
            str(response.place) in rectified,
        )
        for call, response in found
    ]


def choose_convolution(found: list[Convolution], wanted: str | None) -> Convolution:
    """The convolution of a name, or the last one with more than one map.

    Raises
    ------
    InputError
        If there is none of that name, or none at all.
    """
    if not found:
        raise InputError("discriminator: it has no convolution (nn.Conv2d), and so no filters to show")
    if wanted is None:
        several = [convolution for convolution in found if convolution.shape[0] > 1]
        return (several or found)[-1]
    for convolution in found:
        if convolution.name == wanted:
            return convolution
    known = ", ".join(f"{one.name} ({one.shape[0]} filters)" for one in found)
    raise InputError(f"layer {wanted!r}: no convolution of that name; choose from {known}")


def choose_filters(convolution: Convolution, wanted: tuple[int, ...] | None) -> tuple[int, ...]:
    """The filters of some numbers, or the first six.

    Raises
    ------
    InputError
        If there are none of these numbers.
    """
    n = convolution.shape[0]
    if wanted is None:
        return tuple(range(min(N_FILTERS, n)))
    for index in wanted:
        if not 0 <= index < n:
            raise InputError(
                f"filter {index}: {convolution.name} has no such filter; choose from 0 to {n - 1}"
            )
    return tuple(dict.fromkeys(wanted))


@dataclass(frozen=True)
class Responses:
    """How strongly filters respond to images.

    Attributes
    ----------
    highest : Tensor (N, C)
        Largest response of each filter in each image.
    position : Tensor (N, C), int
        Where that is, as ``y * W + x``.
    lowest : Tensor (N, C)
    """

    highest: Tensor
    position: Tensor
    lowest: Tensor

    @classmethod
    def of(cls, maps: Tensor) -> Responses:
        """Of maps (N, C, H, W)."""
        flat = maps.flatten(2)
        highest, position = flat.max(dim=2)
        return cls(highest.cpu(), position.cpu(), flat.amin(dim=2).cpu())

    @classmethod
    def joined(cls, parts: list[Responses]) -> Responses:
        """Those of several sets of images as one."""
        return cls(
            torch.cat([part.highest for part in parts]),
            torch.cat([part.position for part in parts]),
            torch.cat([part.lowest for part in parts]),
        )

    def fires(self, convolution: Convolution) -> Tensor:
        """Where (N, C) a filter responds at all."""
        if convolution.is_rectified:
            return self.highest > 0
        return torch.ones_like(self.highest, dtype=torch.bool)

    def dead(self, convolution: Convolution) -> Tensor:
        """Filters (C,) that respond to no image, or to all of them alike, save for rounding."""
        reach = self.highest.amax(dim=0) - self.lowest.amin(dim=0)
        return ~self.fires(convolution).any(dim=0) | (reach <= _FLAT * reach.max())


def _own_batchnorm(convolution: Call, after: list[Call]) -> Call | None:
    """The BatchNorm that reads exactly what the convolution returns."""
    made = convolution.returns
    reader = next((call for call in after if made and call.reads and call.reads.is_same(made)), None)
    return reader if reader and isinstance(reader.module, BatchNorm) else None


class _RectifierInputs(TorchFunctionMode):
    """Keeps copies of what activations read."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        if is_rectifier(func):
            self.seen.append((args[0] if args else (kwargs or {})["input"]).clone())
        return func(*args, **(kwargs or {}))


@torch.no_grad()
def _rectified(network: nn.Module, example: Tensor, names: list[str]) -> set[str]:
    """Layers whose output a ReLU or LeakyReLU reads unchanged."""
    with evaluating(network), record(network, names) as outputs, _RectifierInputs() as inputs:
        network(example)
    return {
        name
        for name, maps in outputs.items()
        if any(maps.shape == x.shape and torch.equal(maps, x) for x in inputs.seen)
    }
