"""Weights on disk: one safetensors file that carries networks, prior and provenance."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import nn

FORMAT = 1
WEIGHTS_NAME = "weights.safetensors"
HEADER_KEY = "dcgan_viz"


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
    header = {HEADER_KEY: json.dumps({"format": FORMAT, **metadata})}
    write_whole(path, safetensors.torch.save(tensors, header))


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
