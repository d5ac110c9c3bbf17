"""The tensors of one network's state dict: plain names, float32, every number finite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers.folding import fold
from dcgan_viz.models.importers.strangers import OWN_CLASS, refuse_by_name

MAX_NUMBERS = 500_000_000  # of one network: 2 GB in float32; pytorch/examples' largest has 13 million
MAX_MODULES = 200

_WRAPPERS = {"module", "_orig_mod"}  # DataParallel, torch.compile
_IGNORED = {"n_averaged"}  # torch.optim.swa_utils.AveragedModel's count
_KNOWN = {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}


@dataclass(frozen=True)
class Parameters:
    """What one network's state dict holds.

    Attributes
    ----------
    modules : mapping of str to mapping of str to Tensor
        Module name -> {"weight", "bias", "running_mean", ...}, float32 save for the count of batches, in the
        file's order.
    notes : tuple of str
        What was converted or folded on the way.
    """

    modules: Mapping[str, Mapping[str, Tensor]]
    notes: tuple[str, ...] = ()


def parameters(source: str, state: Mapping[str, object]) -> Parameters:
    """Clean one network's state dict.

    The wrappers' ``module.`` and ``_orig_mod.`` are dropped wherever they stand, reparametrised weights are
    folded, and every other floating-point type becomes float32.

    Parameters
    ----------
    source : str
        Where the tensors come from, for messages: a path, and a name inside the file where it has several.
    state : mapping of str to object
        A state dict; what is no tensor is passed over.

    Raises
    ------
    InputError
        If a tensor holds NaN or infinity, is of integers, sparse or absurdly large, if a name has no place
        in a DCGAN, or if names collide.
    """
    tensors = plain_names(source, state)
    refuse_by_name(source, tensors)
    if sum(tensor.numel() for tensor in tensors.values()) > MAX_NUMBERS:
        raise InputError(f"{source}: more than {MAX_NUMBERS:,} numbers, which is no DCGAN; use a smaller one")
    notes = []
    kinds = {str(t.dtype).removeprefix("torch.") for t in tensors.values() if t.is_floating_point()}
    if foreign := sorted(kinds - {"float32"}):
        notes.append(f"{' and '.join(foreign)} converted to float32")
    modules: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        name, leaf = _split(key)
        modules.setdefault(name, {})[leaf] = _checked(source, key, leaf, tensor)
    if len(modules) > MAX_MODULES:
        raise InputError(f"{source}: {len(modules)} layers, which is no DCGAN; use another file")
    folded: dict[str, list[str]] = {}
    plain = {}
    for name, own in modules.items():
        plain[name], word = fold(source, name, own)
        if word:
            folded.setdefault(word, []).append(name)
        if unknown := sorted(set(plain[name]) - _KNOWN):
            key = f"{name}.{unknown[0]}".lstrip(".")
            raise InputError(
                f"{source}: {key} has no place in a DCGAN; save the network alone, or {OWN_CLASS}"
            )
    notes += [f"{word} folded into the weights of {', '.join(names)}" for word, names in folded.items()]
    return Parameters(plain, tuple(notes))


def plain_names(source: str, state: Mapping[str, object]) -> dict[str, Tensor]:
    """Tensors of a state dict by their names without the wrappers' prefixes."""
    tensors: dict[str, Tensor] = {}
    for key, value in state.items():
        if not isinstance(value, Tensor) or key in _IGNORED:
            continue
        plain = ".".join(part for part in key.split(".") if part not in _WRAPPERS)
        if plain in tensors:
            raise InputError(f"{source}: {key} and another name both stand for {plain}; save one network")
        tensors[plain] = value
    return tensors


def _split(key: str) -> tuple[str, str]:
    name, found, part = key.partition(".parametrizations.")
    if found:
        return name, f"parametrizations.{part}"
    name, _, leaf = key.rpartition(".")
    return name, leaf


def _checked(source: str, key: str, leaf: str, tensor: Tensor) -> Tensor:
    shape = tuple(tensor.shape)
    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_meta:
        raise InputError(f"{source}: {key} is sparse, quantised or without data; save it as a plain tensor")
    if tensor.untyped_storage().nbytes() < math.prod(shape) * tensor.element_size():
        raise InputError(
            f"{source}: {key} claims a shape of {shape}, for which the file has no data; save it again"
        )
    if tensor.numel() == 0:
        raise InputError(f"{source}: {key} has shape {shape}, with nothing in it; use another checkpoint")
    if leaf == "num_batches_tracked":
        if tensor.numel() != 1 or tensor.is_complex():
            raise InputError(f"{source}: {key} has shape {shape}, it is one count; save it again")
        return tensor.reshape(()).to(torch.long, copy=True)
    if not tensor.is_floating_point():
        kind = str(tensor.dtype).removeprefix("torch.")
        raise InputError(
            f"{source}: {key} is of type {kind}, not of floating-point numbers; save the float model"
        )
    tensor = tensor.detach().to("cpu", torch.float32, copy=True)
    if not tensor.isfinite().all():
        raise InputError(f"{source}: {key} holds NaN or infinity (as float32); use another checkpoint")
    return tensor
