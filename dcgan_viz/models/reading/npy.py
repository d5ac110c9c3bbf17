"""A numpy array in a file of its own."""

from __future__ import annotations

import math
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading.files import damaged, opened
from dcgan_viz.models.reading.kinds import kind_of, wrong_kind

MAX_HEADER_BYTES = 4096


def read_npy(path: Path) -> np.ndarray:
    """Open a ``.npy`` file of numbers.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    np.ndarray
        The array in its stored type and the machine's byte order, in memory of its own.

    Raises
    ------
    InputError
        If it is no such file, holds Python objects or records, or is not as long as its shape says.
    """
    if kind_of(path) != "npy":
        raise wrong_kind(path)
    with opened(path) as (file, size):
        shape, dtype = _header(path, file)
        if dtype.hasobject:
            raise InputError(
                f"{path}: an array of Python objects, which can run code when opened; save it as numbers"
            )
        if dtype.kind not in "fiub" or dtype.shape:
            raise InputError(f"{path}: an array of {dtype.name[:40]}, not of numbers; save it as float32")
        expected = file.tell() + math.prod(shape) * dtype.itemsize
        if size != expected:
            raise damaged(path, f"shape {shape} of {dtype} asks for {expected} bytes, the file has {size}")
        file.seek(0)
        try:
            array = np.load(file, allow_pickle=False, max_header_size=MAX_HEADER_BYTES)
        except Exception as error:  # whatever it trips over, the file is at fault
            raise damaged(path, error) from error
    return np.asarray(array, dtype=dtype.newbyteorder("="))


def _header(path: Path, file: BinaryIO) -> tuple[tuple[int, ...], np.dtype]:
    """Read shape and type, after a look at the header's length: numpy would allocate it first."""
    head = file.read(12)
    version = head[6:8]
    length = int.from_bytes(head[8:10] if version == b"\1\0" else head[8:12], "little")
    if version not in (b"\1\0", b"\2\0") or length > MAX_HEADER_BYTES:
        raise damaged(path, f"a numpy header of {length} bytes, version {list(version)}")
    file.seek(8)
    read = np.lib.format.read_array_header_1_0 if version == b"\1\0" else np.lib.format.read_array_header_2_0
    try:
        shape, _, dtype = read(file, max_header_size=MAX_HEADER_BYTES)
    except Exception as error:  # its header is a Python literal, with as many ways to be wrong
        raise damaged(path, "its header is no numpy header") from error
    if len(shape) > 16 or any(number < 0 or number >= 2**63 for number in shape):
        raise damaged(path, "an array of an impossible shape")
    return shape, dtype
