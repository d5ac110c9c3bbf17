"""Weights on disk: one safetensors file that carries networks, prior and provenance."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan, Prior, Provenance
from dcgan_viz.models.networks import Architecture, Discriminator, Generator

FORMAT = 1
WEIGHTS_NAME = "weights.safetensors"

_ASSETS = Path(__file__).resolve().parents[1] / "assets"
_HEADER_KEY = "dcgan_viz"
_Network = TypeVar("_Network", bound=nn.Module)
_PICKLES = {".pth", ".pt", ".pkl", ".ckpt", ".bin"}


def save_weights(
    path: str | os.PathLike[str],
    generator_ema: nn.Module,
    generator: nn.Module | None,
    discriminator: nn.Module | None,
    metadata: Mapping[str, Any],
    dtype: torch.dtype | None = None,
) -> None:
    """Write networks and their description into one file, whole or not at all.

    Parameters
    ----------
    path : path
        The safetensors file; an older one of that name is replaced.
    generator_ema : nn.Module
        The averaged generator, the one that `load` gives back.
    generator, discriminator : nn.Module or None
        The others, where they are to be kept.
    metadata : Mapping
        ``architecture``, ``prior``, ``step``, ``images_seen``, ``data``, ``seed``, ``scores``, ``batchnorm``.
    dtype : torch.dtype or None
        Store floating-point tensors in this type (``torch.float16`` halves the file); None keeps each as it
        is.
    """
    tensors = {}
    modules = {"generator_ema": generator_ema, "generator": generator, "discriminator": discriminator}
    for prefix, module in modules.items():
        for name, tensor in (module.state_dict() if module is not None else {}).items():
            if dtype is not None and tensor.is_floating_point():
                tensor = tensor.to(dtype)
            tensors[f"{prefix}.{name}"] = tensor.detach().cpu().contiguous()
    header = {_HEADER_KEY: json.dumps({"format": FORMAT, **metadata})}
    write_whole(path, safetensors.torch.save(tensors, header))


def load(checkpoint: str | os.PathLike[str] = "rooms", device: torch.device | str = "cpu") -> Gan:
    """Open a checkpoint.

    Parameters
    ----------
    checkpoint : str or path
        Name of an embedded one, a weights file, a snapshot directory, or a run directory (its latest
        snapshot). A string that is a name is never a path: write ``./rooms`` for that.
    device : torch.device or str
        Where the networks are wanted.

    Returns
    -------
    Gan
        With the EMA generator; both networks in eval mode and float32.

    Raises
    ------
    InputError
        If there is no such checkpoint, or the file is damaged or not one of this package.
    """
    path = find_weights(checkpoint)
    metadata, tensors = _read(path)
    try:
        architecture = Architecture.from_json(metadata["architecture"])
        prior = Prior(**metadata["prior"])
        batchnorm = str(metadata["batchnorm"]["generator"])
    except KeyError as error:
        raise InputError(f"{path}: its metadata lacks {error}; write it with save_weights") from error
    except (TypeError, InputError) as error:
        raise InputError(
            f"{path}: its metadata is not usable ({error}); write it with save_weights"
        ) from error
    if prior.size != architecture.channels_noise:
        raise InputError(
            f"{path}: its prior gives z of size {prior.size}, its generator takes "
            f"{architecture.channels_noise}; write it with save_weights"
        )
    generator = _filled(path, Generator(architecture, seed=None), tensors, "generator_ema.")
    discriminator = None
    if any(name.startswith("discriminator.") for name in tensors):
        discriminator = _filled(path, Discriminator(architecture, seed=None), tensors, "discriminator.")
    provenance = Provenance(str(path), sha256_of(path), "dcgan_viz", batchnorm, metadata)
    gan = Gan(generator, discriminator, prior, provenance, architecture.image_size, architecture.channels)
    return gan.to(device)


def find_weights(checkpoint: str | os.PathLike[str]) -> Path:
    """Resolve what `load` takes to a weights file.

    Parameters
    ----------
    checkpoint : str or path
        As in `load`.

    Returns
    -------
    Path
        The safetensors file.

    Raises
    ------
    InputError
        If there is none.
    """
    embedded = {asset.stem: asset for asset in _ASSETS.glob("*.safetensors") if _is_checkpoint(asset)}
    if checkpoint in embedded:  # a string: a Path is no name
        return embedded[str(checkpoint)]
    path = Path(checkpoint)
    if path.is_dir():
        for candidate in (path / WEIGHTS_NAME, path / "latest" / WEIGHTS_NAME):
            if candidate.is_file():
                return candidate
        raise InputError(
            f"{path}: neither a snapshot nor a run with one (no {WEIGHTS_NAME}, no latest); "
            "give a directory that training wrote"
        )
    if path.is_file():
        return path
    names = ", ".join(sorted(embedded)) or "none"
    raise InputError(
        f"{checkpoint}: no such file, nor an embedded checkpoint; the embedded ones are: {names}"
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file so that after a crash it is there in full or as it was before.

    Parameters
    ----------
    path : path
        The file; an older one of that name is replaced.
    content : bytes
        Everything that goes into it.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):  # a full disk does not say which file it is about
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make renames inside a directory survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_checkpoint(path: Path) -> bool:
    # The segmenters lie beside the checkpoints and have a header of their own.
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            return "architecture" in json.loads((file.metadata() or {}).get(_HEADER_KEY, "{}"))
    except SafetensorError:
        return True  # whoever opens it hears what is wrong


def _read(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    if path.suffix in _PICKLES:
        raise InputError(
            f"{path}: a pickled file, which can run code when opened; "
            "save its state_dict() with save_weights instead"
        )
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = _metadata(path, file.metadata() or {})
            names = file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise InputError(
            f"{path}: truncated, or not a safetensors file ({error}); copy or write it again"
        ) from error
    return metadata, tensors


def _metadata(path: Path, header: Mapping[str, str]) -> dict[str, Any]:
    if _HEADER_KEY not in header:
        raise InputError(
            f"{path}: not written by dcgan_viz (no {_HEADER_KEY!r} in its header); use save_weights"
        )
    try:
        metadata = json.loads(header[_HEADER_KEY])
    except ValueError as error:
        raise InputError(f"{path}: its metadata is not JSON ({error}); write it with save_weights") from error
    found = metadata.get("format") if isinstance(metadata, dict) else None
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
