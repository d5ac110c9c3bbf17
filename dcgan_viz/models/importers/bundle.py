"""The networks in one file: a state dict alone, several in a dictionary, or several under prefixes in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers.parameters import plain_names

_MAX_DEPTH = 6
_FILLERS = {"net", "model", "network", "state", "dict", "params", "weights"}
_AVERAGES = {"ema", "avg", "average", "averaged", "swa", "shadow"}
_ROLES = {
    "generator": {"g", "gen", "generator", "netg"},
    "discriminator": {"d", "dis", "disc", "discriminator", "netd", "critic"},
}


@dataclass(frozen=True)
class Entry:
    """One network's tensors in a file.

    Attributes
    ----------
    name : str
        Where in the file: "netG", "state_dict.generator"; empty for the whole file.
    tensors : mapping of str to Tensor
        With names that are free of wrappers' prefixes and of ``name``.
    averaged : bool
        Whether its name says that it is an average over training (EMA, SWA).
    """

    name: str
    tensors: Mapping[str, Tensor]
    averaged: bool

    def source(self, path: object) -> str:
        """Path and name, for messages."""
        return f"{path}, {self.name}" if self.name else str(path)

    @property
    def role(self) -> str:
        """What its name says that it is: "generator", "discriminator" or nothing."""
        return next(filter(None, map(role_of, reversed(self.name.split(".")))), "")


def entries(source: str, content: object) -> tuple[Entry, ...]:
    """Find the state dicts in what a file holds.

    Parameters
    ----------
    source : str
        The file, for messages.
    content : object
        As `reading.read_torch` gives it, or a mapping of names to tensors.

    Returns
    -------
    tuple of Entry
        At least one.

    Raises
    ------
    InputError
        If there is none, with what there is instead.
    """
    found = tuple(_walk(source, "", content, 0))
    if found:
        return found
    way_out = "save the networks' state_dict()"
    if isinstance(content, Tensor):
        raise InputError(
            f"{source}: a single tensor of shape {tuple(content.shape)}, no state dict; {way_out}"
        )
    if _is_optimizer(content) or (isinstance(content, Mapping) and any(map(_is_optimizer, content.values()))):
        raise InputError(f"{source}: an optimizer's state and no network's; {way_out}")
    if not isinstance(content, Mapping):
        raise InputError(f"{source}: holds a {type(content).__name__}, no state dict; {way_out}")
    keys = ", ".join(str(key)[:40] for key in list(content)[:6]) or "nothing"
    raise InputError(f"{source}: no weights of a network in it (it holds {keys}); {way_out}")


def role_of(name: str) -> str:
    """What a name says that a network is.

    Examples
    --------
    >>> role_of("netG_ema"), role_of("disc"), role_of("main")
    ('generator', 'discriminator', '')
    """
    words = _words(name) - _FILLERS - _AVERAGES
    return next((role for role, names in _ROLES.items() if len(words) == 1 and words <= names), "")


def _words(name: str) -> set[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return set(filter(None, re.split(r"[^a-z]+", apart)))


def _is_optimizer(value: object) -> bool:
    return isinstance(value, Mapping) and "param_groups" in value


def _walk(source: str, name: str, value: object, depth: int) -> Iterator[Entry]:
    if depth > _MAX_DEPTH or _is_optimizer(value):
        return
    if isinstance(value, Mapping):
        inner = {str(key): item for key, item in value.items()}
        tensors = {key: item for key, item in inner.items() if isinstance(item, Tensor)}
        if any("weight" in key and item.ndim > 1 for key, item in tensors.items()):
            yield from _apart(source, name, tensors)
    elif isinstance(value, list | tuple):
        inner = {str(index): item for index, item in enumerate(value)}
    else:
        return
    for key, item in inner.items():
        yield from _walk(source, f"{name}.{key}" if name else key, item, depth + 1)


def _apart(source: str, name: str, state: Mapping[str, Tensor]) -> Iterator[Entry]:
    averaged = "n_averaged" in state or bool(_words(name) & _AVERAGES)
    tensors = plain_names(f"{source}, {name}" if name else source, state)
    paths = [key.split(".") for key in tensors]
    depth = 0
    while all(len(path) > depth + 1 and path[: depth + 1] == paths[0][: depth + 1] for path in paths):
        depth += 1
    firsts = dict.fromkeys(path[depth] for path in paths)
    networks = [first for first in firsts if role_of(first)]
    if len(networks) < 2:
        yield Entry(name, tensors, averaged)
        return
    for first in networks:
        prefix = ".".join([*paths[0][:depth], first])
        own = {
            key.removeprefix(f"{prefix}."): item
            for key, item in tensors.items()
            if key.startswith(f"{prefix}.")
        }
        if own:
            inner = f"{name}.{prefix}" if name else prefix
            yield Entry(inner, own, averaged or bool(_words(first) & _AVERAGES))
