"""Weights files, snapshots and run directories, as the trainer of this project leaves them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.checkpoint import FORMAT, HEADER_KEY, WEIGHTS_NAME
from dcgan_viz.models.importers import Imported, Request
from dcgan_viz.models.networks import Architecture, Discriminator, Generator
from dcgan_viz.models.prior import Prior
from dcgan_viz.models.reading import read_safetensors
from dcgan_viz.models.reading.files import one_line, opened

_Network = TypeVar("_Network", bound=nn.Module)
_MAX_CHANNELS = 1 << 24  # torch cannot count the numbers of larger layers
_HEADER_LIMIT_BYTES = 1 << 20  # of what is read to see whose file it is


class SnapshotImporter:
    """Reads what `save_weights` wrote: a file, a snapshot, or a run directory."""

    name = "dcgan_viz"

    def recognises(self, request: Request) -> bool:
        """A directory with weights or snapshots, or a safetensors file with this project's header."""
        path = request.path
        if path.is_dir():
            return any((path / name).exists() for name in (WEIGHTS_NAME, "latest", "best", "snapshots"))
        return path.suffix == ".safetensors" and _is_own(path)

    def read(self, request: Request) -> Imported:
        """Rebuild the averaged generator and the discriminator."""
        if request.arch is not None:
            raise InputError(f"{request.path}: it says itself what its architecture is; leave --arch out")
        if request.discriminator_path is not None:
            raise InputError(
                f"{request.discriminator_path}: {request.path} has a discriminator of its own; give this as "
                "--checkpoint, or with the generator that it was trained with"
            )
        path = weights_file(request.path, request.step)
        metadata, tensors = _read(path)
        try:
            architecture = Architecture.from_json(metadata["architecture"])
            prior = Prior(**metadata["prior"])
            notes = {name: str(metadata["batchnorm"][name]) for name in ("generator", "discriminator")}
        except KeyError as error:
            raise InputError(f"{path}: its metadata lacks {error}; write it with save_weights") from error
        except (TypeError, InputError) as error:
            raise InputError(
                f"{path}: its metadata is not usable ({one_line(error)}); write it with save_weights"
            ) from error
        if max(architecture.width, architecture.channels_noise) > _MAX_CHANNELS:
            raise InputError(
                f"{path}: width {architecture.width} and z of {architecture.channels_noise}: more than "
                f"{_MAX_CHANNELS}; write it with save_weights"
            )
        if prior.size != architecture.channels_noise:
            raise InputError(
                f"{path}: its prior gives z of size {prior.size}, its generator takes "
                f"{architecture.channels_noise}; write it with save_weights"
            )
        generator = _filled(path, Generator(architecture, seed=None), tensors, "generator_ema.")
        discriminator = None
        if any(name.startswith("discriminator.") for name in tensors):
            discriminator = _filled(path, Discriminator(architecture, seed=None), tensors, "discriminator.")
        return Imported(
            generator,
            discriminator,
            prior,
            (path,),
            metadata=metadata,
            image_size=architecture.image_size,
            batchnorm=notes,
        )


def weights_file(path: Path, step: str | None = None) -> Path:
    """Find the weights file in a snapshot or a run directory.

    Parameters
    ----------
    path : Path
        A weights file, a snapshot directory or a run directory.
    step : str or None
        Of a run: "latest", "best" or a number; None for the latest.

    Returns
    -------
    Path
        The safetensors file.

    Raises
    ------
    InputError
        If there is none, with the steps that there are.
    """
    if not path.is_dir() or (path / WEIGHTS_NAME).is_file():
        if step is not None:
            raise InputError(f"{path}: one snapshot, so there is no step {step!r} in it; leave --step out")
        return path / WEIGHTS_NAME if path.is_dir() else path
    places = {name: path / name for name in ("latest", "best")}
    if step is not None and re.fullmatch(r"[0-9]{1,18}", step):
        places[step] = path / "snapshots" / f"step_{int(step):08d}"
    wanted = places.get(step or "latest")
    if wanted is not None and (wanted / WEIGHTS_NAME).is_file():
        return wanted / WEIGHTS_NAME
    saved = sorted(file.parent.name for file in path.glob(f"snapshots/step_*/{WEIGHTS_NAME}"))
    if not saved:
        link = places["latest"]
        told = f"latest leads to {link.readlink()}, which has none" if link.is_symlink() else "no latest"
        raise InputError(
            f"{path}: neither a snapshot nor a run with one (no {WEIGHTS_NAME}, {told}); "
            "give a directory that training wrote"
        )
    there = [name for name in ("latest", "best") if (path / name / WEIGHTS_NAME).is_file()]
    there += [name.removeprefix("step_").lstrip("0") or "0" for name in saved]
    raise InputError(f"{path}: no step {step or 'latest'!r} in it; there are {', '.join(there)}")


def _is_own(path: Path) -> bool:
    """Whether the header names this project; a header that cannot be read may well have done so."""
    try:
        with opened(path) as (file, _):
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= _HEADER_LIMIT_BYTES:
                return True
            header = json.loads(file.read(length))
    except (InputError, ValueError, RecursionError):
        return True
    if not isinstance(header, dict):
        return True
    described = header.get("__metadata__")
    return isinstance(described, dict) and HEADER_KEY in described


def _read(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    header, tensors = read_safetensors(path)
    return _metadata(path, header), tensors


def _metadata(path: Path, header: Mapping[str, str]) -> dict[str, Any]:
    if HEADER_KEY not in header:
        raise InputError(
            f"{path}: not written by dcgan_viz (no {HEADER_KEY!r} in its header); use save_weights"
        )
    try:
        metadata = json.loads(header[HEADER_KEY])
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: its metadata is not JSON ({error}); write it with save_weights") from error
    found = metadata.get("format") if isinstance(metadata, dict) else None
    if isinstance(metadata, dict) and "role" in metadata:
        raise InputError(f"{path}: a segmenter of rooms, no GAN; give a snapshot, or the embedded 'rooms'")
    if found != FORMAT:
        raise InputError(
            f"{path}: format {found!r}, this version reads {FORMAT}; use the version that wrote it"
        )
    return metadata


def _filled(path: Path, network: _Network, tensors: Mapping[str, torch.Tensor], prefix: str) -> _Network:
    """Give a network without weights those of a file, all of them and no others."""
    expected = network.state_dict()
    state = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    way_out = "write it with save_weights"
    if missing := [name for name in expected if name not in state]:
        raise InputError(f"{path}: {prefix}{missing[0]} is missing; {way_out}")
    if unknown := sorted(set(state) - set(expected)):
        raise InputError(f"{path}: {prefix}{unknown[0]} has no place in its architecture; {way_out}")
    for name, tensor in expected.items():
        if state[name].shape != tensor.shape:
            raise InputError(
                f"{path}: {prefix}{name} has shape {tuple(state[name].shape)}, its architecture asks for "
                f"{tuple(tensor.shape)}; {way_out}"
            )
        state[name] = state[name].to(tensor.dtype, copy=True)  # what was read may be a map of the file
        if not state[name].isfinite().all():
            raise InputError(f"{path}: {prefix}{name} holds values that are no numbers; use another snapshot")
    network.load_state_dict(state, assign=True)
    return network.eval()
