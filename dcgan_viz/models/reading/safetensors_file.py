"""A safetensors file, its header read before the library sees it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

import safetensors
import torch
from safetensors import SafetensorError

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading.files import check_name, one_line, opened
from dcgan_viz.models.reading.kinds import describe

MAX_HEADER_BYTES = 2 * 2**20
MAX_TENSORS = 20_000


def read_safetensors(path: Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """Open a safetensors file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    tuple of dict
        The metadata of its header, and its tensors by name: on the CPU, in their stored type (also float16,
        bfloat16 and float8), each with memory of its own.

    Raises
    ------
    InputError
        If it is another kind of file, truncated, or has a header that contradicts itself.
    """
    with opened(path) as (file, size):
        header = _header(path, file, size)
    for name in header:
        check_name(path, name)
    try:
        with safetensors.safe_open(path, framework="pt") as content:
            # What get_tensor gives may be a map of the file.
            tensors = {name: content.get_tensor(name).clone() for name in content.keys()}  # noqa: SIM118
            metadata = content.metadata() or {}
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, RuntimeError, AttributeError) as error:
        raise _unreadable(path, one_line(error)) from error
    if complex_ones := [name for name, tensor in tensors.items() if tensor.is_complex()]:
        raise InputError(
            f"{path}: {complex_ones[0]} is a complex tensor; save dense tensors of ordinary numbers"
        )
    return metadata, tensors


def _unreadable(path: Path, detail: str, way_out: str = "copy or write it again") -> InputError:
    return InputError(f"{path}: truncated, or not a safetensors file ({detail}); {way_out}")


def _header(path: Path, file: BinaryIO, size: int) -> dict[str, Any]:
    head = file.read(512)
    if size < 9 or head[8:9] != b"{":
        what, way_out = describe(head) or ("no header", "copy or write it again")
        raise _unreadable(path, what, way_out)
    length = int.from_bytes(head[:8], "little")
    if length > size - 8:
        raise _unreadable(path, f"a header of {length} bytes in a file of {size}")
    if length > MAX_HEADER_BYTES:
        raise _unreadable(path, f"a header of {length} bytes, the limit is {MAX_HEADER_BYTES}")
    file.seek(8)
    try:
        header = json.loads(file.read(length), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, f"its header: {one_line(error)}") from error
    if not isinstance(header, dict) or len(header) > MAX_TENSORS:
        raise _unreadable(path, f"a header that is no object of at most {MAX_TENSORS} tensors")
    return header


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object whose keys are different: of two, each reader would take another one."""
    result = dict(pairs)
    if len(result) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"{twice[:80]!a} is there twice")
    return result
