"""The DCGAN authors' own release, saved from Theano (https://github.com/Newmu/dcgan_code).

A network is ``EPOCH_gen_params.jl`` or ``EPOCH_discrim_params.jl``, an old joblib pickle, with its arrays
beside it: ``EPOCH_gen_params.jl_01.npy``, ``_02`` and so on, in the order of the parameters. The pickle says
nothing that the arrays do not, and is never opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers import Imported, Request
from dcgan_viz.models.importers.theano_preset import (
    PRESETS,
    Mismatch,
    Preset,
    Role,
    TheanoDiscriminator,
    TheanoGenerator,
    widths,
)
from dcgan_viz.models.prior import Prior
from dcgan_viz.models.reading import read_npy

_NAME = re.compile(r"(?P<epoch>\d{1,9})_(?P<kind>gen|discrim)_params\.jl(?:_(?P<number>\d\d)\.npy)?")
_KINDS: Mapping[Role, str] = {"generator": "gen", "discriminator": "discrim"}


class TheanoImporter:
    """Reads the networks of one epoch from the release's directory, or from one of its files."""

    name = "theano"

    def recognises(self, request: Request) -> bool:
        """Whether the file, or one in the directory, has the release's kind of name."""
        try:
            if request.path.is_dir():
                return any(_NAME.fullmatch(entry.name) for entry in request.path.iterdir())
        except OSError:
            return False
        return _NAME.fullmatch(request.path.name) is not None

    def read(self, request: Request) -> Imported:
        """Build the networks of an epoch.

        Parameters
        ----------
        request : Request
            ``arch`` names a preset (``svhn``, ``imagenet32``, ``faces64``); without it the one that has as
            many arrays is taken. ``step`` is an epoch or "latest".

        Raises
        ------
        InputError
            If arrays are missing, too many, damaged, or contradict the preset or one another.
        """
        files = _networks(request)
        preset, why = _preset(request.arch, files)
        found: dict[Role, Mapping[str, int]] = {}
        arrays: dict[Role, list[np.ndarray]] = {}
        for role, network in files.items():
            found[role], arrays[role] = _read(network, preset)
        _check_channels(files, found)
        generator = discriminator = prior = None
        assumptions = [why]
        if "generator" in arrays:
            generator = TheanoGenerator(preset, arrays["generator"])
            prior = Prior(preset.prior, found["generator"]["z"])
        if "discriminator" in arrays:
            discriminator = TheanoDiscriminator(preset, arrays["discriminator"])
        metadata: dict[str, Any] = {"preset": preset.name, "epoch": next(iter(files.values())).epoch}
        metadata |= {role: dict(sizes) for role, sizes in found.items()}
        read = tuple(path for network in files.values() for path in network.arrays)
        return Imported(
            generator,
            discriminator,
            prior,
            read,
            tuple(assumptions),
            metadata,
            image_size=preset.image_size,
            prior_from=f"by preset {preset.name}",
        )


@dataclass(frozen=True)
class _Network:
    """The files of one network.

    Attributes
    ----------
    path : Path
        Its ``.jl``, which may be absent.
    role : {"generator", "discriminator"}
    epoch : int
    arrays : tuple of Path
        In the order of their numbers, without gaps.
    """

    path: Path
    role: Role
    epoch: int
    arrays: tuple[Path, ...]


def _networks(request: Request) -> dict[Role, _Network]:
    """Find the networks that are asked for, the generator first; at least one."""
    networks = _of_epoch(request.path, request.step)
    if request.discriminator_path is None:
        return networks
    judges = _of_epoch(request.discriminator_path, request.step)
    if "discriminator" not in judges:
        raise InputError(
            f"{request.discriminator_path}: no discriminator of the Theano release; "
            "give a directory or file with EPOCH_discrim_params.jl_01.npy and so on"
        )
    return {**networks, "discriminator": judges["discriminator"]}


def _of_epoch(path: Path, step: str | None) -> dict[Role, _Network]:
    named = None if path.is_dir() else _NAME.fullmatch(path.name)
    directory = path if path.is_dir() else path.parent
    files = _listed(directory)
    epochs = [int(named["epoch"])] if named is not None else sorted({int(name["epoch"]) for name in files})
    if not epochs or (named is None and not path.is_dir()):
        raise InputError(
            f"{path}: not of the Theano release (EPOCH_gen_params.jl_01.npy and so on); "
            "give a directory or a file of it"
        )
    if step is None or step == "latest":
        epoch = epochs[-1]
    elif step in map(str, epochs):
        epoch = int(step)
    else:
        raise InputError(f"{path}: no step {step!r}; use latest, or one of {_either(map(str, epochs))}")
    networks = {role: _network(directory, files, role, epoch) for role in _KINDS}
    return {role: network for role, network in networks.items() if network is not None}


def _listed(directory: Path) -> list[re.Match[str]]:
    try:
        names = [_NAME.fullmatch(entry.name) for entry in directory.iterdir()]
    except OSError as error:
        raise InputError(f"{directory}: {error.strerror}; give a directory that you may read") from error
    return [name for name in names if name is not None]


def _network(directory: Path, files: Iterable[re.Match[str]], role: Role, epoch: int) -> _Network | None:
    mine = [name for name in files if int(name["epoch"]) == epoch and name["kind"] == _KINDS[role]]
    if not mine:
        return None
    pickle = directory / f"{mine[0]['epoch']}_{_KINDS[role]}_params.jl"
    arrays = {int(name["number"]): directory / name[0] for name in mine if name["number"] is not None}
    if not arrays:
        raise InputError(
            f"{pickle}: its arrays ({pickle.name}_01.npy and so on) are not beside it; copy them there "
            "(the .jl is a pickle, which can run code when opened, so it is not opened)"
        )
    missing = sorted(set(range(1, max(arrays) + 1)) - set(arrays))
    if missing:
        raise InputError(
            f"{pickle}_{missing[0]:02d}.npy: missing, others up to _{max(arrays):02d}.npy are there; "
            "copy it from where they come from"
        )
    return _Network(pickle, role, epoch, tuple(arrays[number] for number in sorted(arrays)))


def _preset(arch: str | None, networks: Mapping[Role, _Network]) -> tuple[Preset, str]:
    """The preset that is named, or else the one with as many arrays; and a clause that says which."""
    if arch is not None:
        if arch not in PRESETS:
            raise InputError(f"arch {arch!r}: no preset of the Theano release; use {_either(PRESETS)}")
        return PRESETS[arch], f"preset {arch}, as asked for: {_strides(PRESETS[arch])}"
    counts = {role: len(network.arrays) for role, network in networks.items()}
    fitting = {
        role: [name for name, preset in PRESETS.items() if len(preset.template(role)) == count]
        for role, count in counts.items()
    }
    chosen = list(dict.fromkeys(name for names in fitting.values() for name in names))
    if len(chosen) == 1:
        said = " and ".join(f"{count} arrays of the {role}" for role, count in counts.items())
        return PRESETS[chosen[0]], f"preset {chosen[0]}, by {said}: {_strides(PRESETS[chosen[0]])}"
    directory = next(iter(networks.values())).path.parent
    if chosen:
        told = ", ".join(f"the {role} fits {names[0]}" for role, names in fitting.items())
        raise InputError(f"{directory}: not one pair of networks: {told}; give one of them by itself")
    found = " and ".join(f"{count} of a {role}" for role, count in counts.items())
    known = ", ".join(
        f"{name} {' and '.join(str(len(preset.template(role))) for role in counts)}"
        for name, preset in PRESETS.items()
    )
    raise InputError(
        f"{directory}: {found} are not the number of arrays of any preset ({known}); copy all files of "
        "the release, or build the network in a class of your own (docs/checkpoints.md)"
    )


def _strides(preset: Preset) -> str:
    told = (
        ", ".join(map(str, strides)) for strides in (preset.generator_strides, preset.discriminator_strides)
    )
    return "strides {} in the generator, {} in the discriminator".format(*told)


def _read(network: _Network, preset: Preset) -> tuple[Mapping[str, int], list[np.ndarray]]:
    """Read and check a network's arrays, and the widths that they tell."""
    count = len(preset.template(network.role))
    others = _either(name for name in PRESETS if name != preset.name)
    has = f"preset {preset.name} has {count} arrays in its {network.role}"
    if len(network.arrays) < count:
        raise InputError(
            f"{network.path}_{len(network.arrays) + 1:02d}.npy: missing, {has}; "
            f"copy it from where the others come from, or name another preset ({others})"
        )
    if len(network.arrays) > count:
        raise InputError(
            f"{network.arrays[count]}: one too many, {has}; take it away, or name another preset ({others})"
        )
    arrays = [_array(path) for path in network.arrays]
    found = widths(preset, network.role, [array.shape for array in arrays])
    if isinstance(found, Mismatch):
        raise InputError(
            f"{network.arrays[found.position]}: shape {arrays[found.position].shape}, where preset "
            f"{preset.name} and the arrays before it expect {found.expected}; copy it again, or name another "
            f"preset ({others})"
        )
    return found, arrays


def _array(path: Path) -> np.ndarray:
    """A finite float32 array."""
    array = read_npy(path)
    if not np.issubdtype(array.dtype, np.floating):
        raise InputError(f"{path}: holds {array.dtype}, not floating-point numbers; copy it again")
    with np.errstate(over="ignore"):
        array = array.astype(np.float32)
    n_bad = int(np.count_nonzero(~np.isfinite(array)))
    if n_bad:
        raise InputError(f"{path}: {n_bad} of {array.size} values are not finite; use another epoch")
    return array


def _check_channels(networks: Mapping[Role, _Network], found: Mapping[Role, Mapping[str, int]]) -> None:
    channels = {role: sizes["channels"] for role, sizes in found.items()}
    if len(set(channels.values())) > 1:
        raise InputError(
            f"{networks['discriminator'].arrays[0]}: takes images of {channels['discriminator']} channels, "
            f"the generator draws {channels['generator']}; give networks of one run"
        )


def _either(names: Iterable[str]) -> str:
    return ", ".join(names)
