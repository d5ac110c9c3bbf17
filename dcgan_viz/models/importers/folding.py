"""Reparametrised weights, folded into the plain weight that a network in eval mode computes with."""

from __future__ import annotations

import torch
from torch import Tensor

from dcgan_viz.errors import InputError

_NEW = "parametrizations.weight."


def fold(source: str, name: str, tensors: dict[str, Tensor]) -> tuple[dict[str, Tensor], str]:
    """Replace the parts of one module's reparametrised weight by the weight.

    Known are, in the older and in the newer spelling where there are two: spectral normalisation
    (``weight_orig``, ``weight_u``, ``weight_v``), weight normalisation (``weight_g``, ``weight_v``) and
    pruning (``weight_orig``, ``weight_mask``), all as ``torch.nn.utils`` writes them.

    Parameters
    ----------
    source : str
        Where the tensors come from, for messages.
    name : str
        Name of the module.
    tensors : dict of str to Tensor
        The module's tensors by the rest of their names, float32.

    Returns
    -------
    dict of str to Tensor, str
        The tensors with ``weight`` in place of its parts, and the word for what was folded ("" for nothing).

    Raises
    ------
    InputError
        If a part is missing or the parts' shapes contradict each other.
    """
    kept = {key: tensor for key, tensor in tensors.items() if not _is_part(key)}
    parts = {key: tensor for key, tensor in tensors.items() if _is_part(key)}
    if not parts:
        return kept, ""
    where = f"{source}: {name}.weight"
    if "weight" in kept:
        raise InputError(f"{where} is there as {name}.{next(iter(parts))} too; save one of them")
    match sorted(parts):
        case ["weight_orig", "weight_u", "weight_v"]:
            weight = _spectral(where, parts["weight_orig"], parts["weight_u"], parts["weight_v"])
            word = "spectral norm"
        case [
            "parametrizations.weight.0._u",
            "parametrizations.weight.0._v",
            "parametrizations.weight.original",
        ]:
            u, v = parts[f"{_NEW}0._u"], parts[f"{_NEW}0._v"]
            weight = _spectral(where, parts[f"{_NEW}original"], u, v)
            word = "spectral norm"
        case ["weight_g", "weight_v"]:
            weight, word = _weight_norm(where, parts["weight_g"], parts["weight_v"]), "weight norm"
        case ["parametrizations.weight.original0", "parametrizations.weight.original1"]:
            g, v = parts[f"{_NEW}original0"], parts[f"{_NEW}original1"]
            weight, word = _weight_norm(where, g, v), "weight norm"
        case ["weight_mask", "weight_orig"]:
            weight, word = _product(where, parts["weight_orig"], parts["weight_mask"]), "pruning mask"
        case names:
            raise InputError(
                f"{where} is reparametrised in a way that cannot be undone from {', '.join(names)}; "
                "remove the parametrisation (torch.nn.utils) and save again"
            )
    return {"weight": weight, **kept}, word


def _is_part(key: str) -> bool:
    return key in {"weight_orig", "weight_u", "weight_v", "weight_g", "weight_mask"} or key.startswith(_NEW)


def _spectral(where: str, weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    # In eval mode: weight / (u^T W v), W the weight as a matrix with the output maps as rows. They are the
    # first axis of a convolution and the second of a transposed one; where both are as long, u and v fit
    # the right one: they are nearly its first singular vectors, so that u^T W v is largest.
    sigmas = [
        torch.dot(u, torch.mv(matrix, v))
        for axis in (range(2) if weight.ndim > 1 else ())
        if (matrix := weight.movedim(axis, 0).flatten(1)).shape == (*u.shape, *v.shape)
    ]
    if not sigmas:
        raise InputError(
            f"{where} {tuple(weight.shape)}: spectral norm's vectors {tuple(u.shape)} and {tuple(v.shape)} "
            "do not fit it; save it again"
        )
    sigma = max(sigmas, key=lambda value: abs(value.item()))
    if sigma == 0:
        raise InputError(f"{where}: its spectral norm is 0; use another checkpoint")
    return weight / sigma


def _weight_norm(where: str, g: Tensor, v: Tensor) -> Tensor:
    # weight = g v / |v|, the norm over all axes along which g has length 1.
    if g.ndim not in (0, v.ndim) or any(size not in (1, v.shape[axis]) for axis, size in enumerate(g.shape)):
        raise InputError(
            f"{where}: weight norm's g {tuple(g.shape)} does not fit v {tuple(v.shape)}; save it again"
        )
    axes = [axis for axis in range(v.ndim) if g.ndim == 0 or g.shape[axis] != v.shape[axis]]
    norm = torch.linalg.vector_norm(v, dim=axes, keepdim=True) if axes else v.abs()
    if (norm == 0).any():
        raise InputError(f"{where}: weight norm of a direction of length 0; use another checkpoint")
    return v * (g / norm)


def _product(where: str, weight: Tensor, mask: Tensor) -> Tensor:
    if weight.shape != mask.shape:
        raise InputError(f"{where} {tuple(weight.shape)}: its mask is {tuple(mask.shape)}; save it again")
    return weight * mask
