"""Weights for a network that exists: the state dict in a file that fits it, or what is wrong with each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading import read_content

_MAX_DEPTH = 6  # a pickle may hold itself
_COUNTER = "num_batches_tracked"  # which torch before 0.4.1 did not save


def load_weights(module: nn.Module, path: Path, name: str) -> None:
    """Give a network the weights in a file.

    Parameters
    ----------
    module : nn.Module
        Changed in place.
    path : Path
        A state dict as torch.save or safetensors wrote it, or a checkpoint that holds, at any depth, just one
        that fits: with the same names and shapes. Names may have more in front (``module.``, ``netG.``,
        ``_orig_mod.``), or lack the first part that all of the network's have, so that a class that wraps a
        network takes the weights of what it wraps. Half precision becomes that of the network.
    name : str
        What errors call the network.

    Raises
    ------
    InputError
        If the file cannot be read or holds no such state dict, several, or values that are not finite.
    """
    tensors = _tensors(path)
    if not tensors:
        raise InputError(f"{path}: holds no tensors; save the state_dict() of {name} into it")
    expected = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    candidates = list(_candidates(tensors))
    wrapper, fitting = "", [candidate for candidate in candidates if candidate.fits(expected)]
    if not fitting and (wrapper := _common_prefix(expected)):  # the file may hold what the class wraps
        inner = {key.removeprefix(wrapper): shape for key, shape in expected.items()}
        fitting = [candidate for candidate in candidates if candidate.fits(inner)]
    if len(fitting) > 1:
        raise InputError(
            f"{path}: holds {len(fitting)} state dicts that fit {name} "
            f"({_listed(repr(candidate.prefix) for candidate in fitting)}); save the one you mean by itself"
        )
    if not fitting:
        nearest = max(candidates, key=lambda candidate: candidate.likeness(expected))
        raise InputError(
            f"{path}: does not fit {name}: {nearest.difference(expected)}; "
            "give the arguments that the network was trained with, or weights of this class"
        )
    for key, tensor in fitting[0].tensors.items():
        _check_values(path, fitting[0].prefix + key, tensor)
    state = {wrapper + key: tensor for key, tensor in fitting[0].tensors.items()}
    own = module.state_dict()
    state |= {key: own[key] for key in expected if key not in state}
    try:
        module.load_state_dict(state)
    except Exception as error:  # the network's class may have hooks of its own
        said = " ".join(str(error).split())[:300]
        raise InputError(f"{path}: {name} does not take it ({type(error).__name__}: {said})") from error


@dataclass(frozen=True)
class _Candidate:
    """Tensors of a file below one prefix.

    Attributes
    ----------
    prefix : str
        In front of their names, with a dot at its end; empty for all.
    tensors : Mapping of str to Tensor
    """

    prefix: str
    tensors: Mapping[str, Tensor]

    def missing(self, expected: Mapping[str, tuple[int, ...]]) -> list[str]:
        return [key for key in expected if key not in self.tensors and not key.endswith(_COUNTER)]

    def unexpected(self, expected: Mapping[str, tuple[int, ...]]) -> list[str]:
        return [key for key in self.tensors if key not in expected]

    def mismatching(self, expected: Mapping[str, tuple[int, ...]]) -> list[str]:
        return [
            key for key, tensor in self.tensors.items() if expected.get(key, tensor.shape) != tensor.shape
        ]

    def fits(self, expected: Mapping[str, tuple[int, ...]]) -> bool:
        return not (self.missing(expected) or self.unexpected(expected) or self.mismatching(expected))

    def likeness(self, expected: Mapping[str, tuple[int, ...]]) -> tuple[int, int]:
        """For choosing whose difference is told: the one with most names in common, then fewest others."""
        unexpected = len(self.unexpected(expected))
        return len(self.tensors) - unexpected, -unexpected

    def difference(self, expected: Mapping[str, tuple[int, ...]]) -> str:
        parts = []
        if missing := self.missing(expected):
            parts.append(f"missing {_listed(missing)}")
        if unexpected := self.unexpected(expected):
            parts.append(f"unexpected {_listed(self.prefix + key for key in unexpected)}")
        if mismatching := self.mismatching(expected):
            key = mismatching[0]
            others = f" (and {len(mismatching) - 1} more shapes)" if len(mismatching) > 1 else ""
            parts.append(
                f"{self.prefix}{key} has shape {tuple(self.tensors[key].shape)}, "
                f"the network's has {expected[key]}{others}"
            )
        return "; ".join(parts)


def _tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a file by their names, those of nested dictionaries joined by dots."""
    return {_plain(key): tensor for key, tensor in _flattened(read_content(path), "", 0)}


def _flattened(value: object, name: str, depth: int) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, Mapping) and depth < _MAX_DEPTH:
        for key, inner in value.items():
            yield from _flattened(inner, f"{name}.{key}" if name else str(key), depth + 1)


def _plain(name: str) -> str:
    """A name without the part that torch.compile adds wherever a module was compiled."""
    return ".".join(part for part in name.split(".") if part != "_orig_mod")


def _candidates(tensors: Mapping[str, Tensor]) -> Iterator[_Candidate]:
    """Everything below each prefix, the shortest prefixes first."""
    below: dict[str, dict[str, Tensor]] = {"": {}}
    for name, tensor in tensors.items():
        parts = name.split(".")
        for k in range(min(len(parts), _MAX_DEPTH + 1)):
            prefix = "".join(f"{part}." for part in parts[:k])
            below.setdefault(prefix, {})[name.removeprefix(prefix)] = tensor
    for prefix in sorted(below, key=lambda prefix: (prefix.count("."), prefix)):
        yield _Candidate(prefix, below[prefix])


def _common_prefix(names: Iterable[str]) -> str:
    """The first part of the names, with its dot, where all have the same; else nothing."""
    firsts = {name.partition(".")[0] for name in names}
    return f"{firsts.pop()}." if len(firsts) == 1 else ""


def _check_values(path: Path, name: str, tensor: Tensor) -> None:
    n_bad = int((~tensor.float().isfinite()).sum()) if tensor.is_floating_point() else 0
    if n_bad:
        raise InputError(
            f"{path}: {n_bad} of {tensor.numel()} values of {name} are not finite; use another checkpoint"
        )


def _listed(names: Iterable[str], most: int = 3) -> str:
    found: Sequence[str] = list(names)
    rest = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + rest
