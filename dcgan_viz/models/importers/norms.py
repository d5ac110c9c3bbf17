"""Normalisations: which layer each of them follows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers.strangers import OWN_CLASS
from dcgan_viz.models.importers.weighted import Weighted, natural

_MAX_WAYS = 1000

Modules = Mapping[str, Mapping[str, Tensor]]


def place_norms(
    source: str, modules: Modules, row: Sequence[Weighted], order: Sequence[str]
) -> dict[str, str]:
    """Find the layer that each normalisation follows.

    It is the one before it in the file, if the sizes say so too; else the only one by sizes and order, or by
    sizes and the numbers in the names.

    Parameters
    ----------
    source : str
        Where the tensors come from, for messages.
    modules : mapping
        As in `parameters.Parameters`.
    row : sequence of Weighted
        In the order in which they run.
    order : sequence of str
        All modules in the order of the file.

    Returns
    -------
    dict of str to str
        Name of a weighted layer -> name of its normalisation.

    Raises
    ------
    InputError
        If one fits nowhere, or in several places.
    """
    names = [weight.name for weight in row]
    sizes = {name: norm_size(source, name, own) for name, own in modules.items() if name not in names}
    fits = {weight.name: {weight.n_out} for weight in row}
    for before, after in pairwise(row):
        if not before.kernel and after.kernel:
            fits[before.name].add(after.n_in)  # a norm per map, after the reshape
    if [name for name in order if name in fits] == names:
        by_place = _by_place(order, fits, sizes)
        if len(by_place) == len(sizes):
            return by_place
    for monotone in (True, False):
        ways = _ways(names, fits, sizes, monotone)
        numbered = [
            way for way in ways if all(_number(weight) == _number(norm) for weight, norm in way.items())
        ]
        for found in (ways, numbered):
            if len(found) == 1:
                return found[0]
    if ways:
        raise InputError(
            f"{source}: {', '.join(sizes)} fit more than one place between {', '.join(names)}; {OWN_CLASS}"
        )
    raise InputError(f"{source}: {_stray(modules, order, fits, sizes)}; save it again, or {OWN_CLASS}")


def norm_size(source: str, name: str, own: Mapping[str, Tensor]) -> int:
    """Number of maps or units that a normalisation is for.

    Parameters
    ----------
    source, name : str
        Where its tensors come from and what it is called, for messages.
    own : mapping of str to Tensor
        Its tensors.

    Raises
    ------
    InputError
        If they do not belong together.
    """
    for one, other in (("weight", "bias"), ("running_mean", "running_var")):
        for there, missing in ((one, other), (other, one)):
            if there in own and missing not in own:
                raise InputError(
                    f"{source}: {name}.{missing} is missing beside {name}.{there} {tuple(own[there].shape)}; "
                    f"save the whole state_dict, or {OWN_CLASS}"
                )
    tensors = [(leaf, tensor) for leaf, tensor in own.items() if leaf != "num_batches_tracked"]
    if not tensors:
        raise InputError(f"{source}: {name} is a count of batches alone; save the whole state_dict")
    expected = tensors[0][1].shape
    for leaf, tensor in tensors:
        if tensor.ndim != 1 or tensor.shape != expected:
            raise InputError(
                f"{source}: {name}.{leaf} {tuple(tensor.shape)} contradicts {name}.{tensors[0][0]} "
                f"{tuple(expected)}, or is no BatchNorm's; save it again, or {OWN_CLASS}"
            )
    return expected[0]


def _by_place(order: Sequence[str], fits: Mapping[str, set[int]], sizes: Mapping[str, int]) -> dict[str, str]:
    placed: dict[str, str] = {}
    last = ""
    for name in order:
        if name in fits:
            last = name
        elif last and last not in placed and sizes[name] in fits[last]:
            placed[last] = name
    return placed


def _ways(
    names: Sequence[str], fits: Mapping[str, set[int]], sizes: Mapping[str, int], monotone: bool
) -> list[dict[str, str]]:
    """Ways to give each norm a layer of its size, at most one a layer, perhaps both in their order."""
    ways: list[dict[str, str]] = [{}]
    for norm in sorted(sizes, key=natural):
        ahead = []
        for way in ways:
            first = 1 + max(map(names.index, way), default=-1) if monotone else 0
            free = (name for name in names[first:] if name not in way and sizes[norm] in fits[name])
            ahead += [{**way, name: norm} for name in free]
        ways = ahead[:_MAX_WAYS]
    return ways


def _number(name: str) -> str:
    return "".join(re.findall(r"[0-9]+", name))


def _stray(
    modules: Modules, order: Sequence[str], fits: Mapping[str, set[int]], sizes: Mapping[str, int]
) -> str:
    """Which norm has no place, beside the layer before it."""
    possible = set().union(*fits.values())
    placed = _by_place(order, fits, sizes).values()
    stray = next((name for name in sizes if sizes[name] not in possible), None)
    stray = stray or next((name for name in sizes if name not in placed), next(iter(sizes)))
    before = [name for name in order[: list(order).index(stray)] if name in fits]
    near = before[-1] if before else next(iter(fits))
    shape = tuple(modules[near]["weight"].shape)
    return f"{stray} is of size {sizes[stray]}, which contradicts {near}.weight {shape}"
