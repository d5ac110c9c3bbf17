"""Layers with weights, and the rows that they can form: each takes what the one before it gives."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

COLOURS = (1, 3)

_MAX_STEPS = 20_000  # of one search; that for the order of a real file takes fewer than a hundred

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Weighted:
    """A layer with a weight.

    Attributes
    ----------
    name : str
        Of the module.
    kind : str
        "linear", "transposed" or "ordinary" (a convolution).
    n_in, n_out : int
        Maps, or units, that it takes and gives.
    kernel : int
        Side of the kernel in px; 0 for a linear layer.
    """

    name: str
    kind: str
    n_in: int
    n_out: int
    kernel: int = 0

    @property
    def is_square(self) -> bool:
        """Whether the shape fits a transposed and an ordinary convolution alike."""
        return self.kernel > 0 and self.n_in == self.n_out


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts main.10 after main.9."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(1, int(part), "") if part.isdecimal() else (2, 0, part) for part in parts]


def side_of(units: int, maps: int) -> int:
    """Side of square maps that have so many pixels in all; 0 if there is none.

    Examples
    --------
    >>> side_of(256 * 7 * 7, 256), side_of(100, 64)
    (7, 0)
    """
    side = math.isqrt(units // maps)
    return side if side * side * maps == units else 0


def rows(
    role: str, names: Sequence[str], shapes: Shapes, any_order: bool = False, any_ends: bool = False
) -> Iterator[list[Weighted]]:
    """Rows of all layers in which each takes what the one before it gives.

    Parameters
    ----------
    role : {"generator", "discriminator"}
        From z through linear layers and convolutions, or from images through convolutions and linear layers.
    names : sequence of str
        Layers in the order in which they are tried.
    shapes : mapping of str to tuple of int
        Of their weights.
    any_order : bool
        Other orders, too.
    any_ends : bool
        Ends that are neither z, nor images, nor one number, too.
    """
    n_steps = 0

    def grow(row: list[Weighted], rest: Sequence[str]) -> Iterator[list[Weighted]]:
        nonlocal n_steps
        n_steps += 1
        if n_steps > _MAX_STEPS:
            return
        if not rest:
            if any_ends or _ends_well(role, row[-1]):
                yield row
            return
        for name in rest if any_order else rest[:1]:
            for weight in _readings(role, name, shapes[name]):
                if _follows(role, row[-1], weight) if row else _starts(role, weight, any_ends):
                    yield from grow([*row, weight], [other for other in rest if other != name])

    yield from grow([], names)


def _readings(role: str, name: str, shape: tuple[int, ...]) -> Iterator[Weighted]:
    if len(shape) == 2:
        yield Weighted(name, "linear", shape[1], shape[0])
        return
    if role == "generator":
        yield Weighted(name, "transposed", shape[0], shape[1], shape[2])
    yield Weighted(name, "ordinary", shape[1], shape[0], shape[2])


def _starts(role: str, weight: Weighted, any_ends: bool) -> bool:
    if role == "generator":
        return weight.kind != "ordinary" and (any_ends or weight.n_in > 1)
    return weight.kind == "ordinary" and (any_ends or weight.n_in in COLOURS)


def _follows(role: str, before: Weighted, weight: Weighted) -> bool:
    if bool(before.kernel) == bool(weight.kernel):
        return before.n_out == weight.n_in
    if role == "generator":
        return not before.kernel and side_of(before.n_out, weight.n_in) > 0
    return before.kernel > 0 and side_of(weight.n_in, before.n_out) > 0


def _ends_well(role: str, weight: Weighted) -> bool:
    if role == "generator":
        return weight.kernel > 0 and weight.n_out in COLOURS
    return weight.n_out == 1
