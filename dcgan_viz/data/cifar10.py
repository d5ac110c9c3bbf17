"""CIFAR-10 as published and as torchvision stores it, read without running what a file says.

The python version is five pickled dictionaries, and opening a pickle can run any code. Here the unpickler
knows two things only, a NumPy array and its data type, and answers both with plain holders of their parts: no
constructor that the file names is ever called.
"""

import io
import pickle
import pickletools
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dcgan_viz.errors import InputError

BINARY_FOLDER, PYTHON_FOLDER = "cifar-10-batches-bin", "cifar-10-batches-py"
BATCHES = {"train": tuple(f"data_batch_{number}" for number in range(1, 6)), "held_out": ("test_batch",)}

_IMAGE_BYTES = 3 * 32 * 32
_MAX_FILE_BYTES = 2**28  # a published batch has 31 MB


def read_cifar10(directory: Path, split: str = "train") -> torch.Tensor:
    """Read the 50,000 training images of CIFAR-10, or its 10,000 test images.

    Parameters
    ----------
    directory : Path
        Holds ``cifar-10-batches-bin`` or ``cifar-10-batches-py``, or is one of them.
    split : {"train", "held_out"}
        The training images, or the test images.

    Returns
    -------
    torch.Tensor
        Images (N, 3, 32, 32), uint8, in the order of the batches.

    Raises
    ------
    InputError
        When a batch is missing, damaged, or holds anything but images and labels.
    """
    for folder in (directory / BINARY_FOLDER, directory / PYTHON_FOLDER, directory):
        for suffix, read in ((".bin", _read_binary), ("", _read_pickled)):
            paths = [folder / f"{name}{suffix}" for name in BATCHES[split]]
            present = [path for path in paths if path.is_file()]
            if not present:
                continue
            missing = [path.name for path in paths if path not in present]
            if missing:
                raise InputError(
                    f"{folder}: {', '.join(missing)} missing; unpack the archive of CIFAR-10 again"
                )
            pixels = np.concatenate([read(path) for path in paths])  # (N, 3072)
            return torch.from_numpy(pixels.reshape(-1, 3, 32, 32))
    raise InputError(
        f"{directory}: holds neither {BINARY_FOLDER} nor {PYTHON_FOLDER}; "
        "name the directory into which the archive of CIFAR-10 was unpacked after 'cifar10:'"
    )


def _read_binary(path: Path) -> np.ndarray:
    records = _read_bytes(path)  # 1 byte label, 3072 bytes pixels, ...
    if not records or len(records) % (1 + _IMAGE_BYTES):
        raise InputError(
            f"{path}: {len(records)} bytes, not a multiple of {1 + _IMAGE_BYTES} (a label and 32x32 px); "
            "unpack the archive of CIFAR-10 again"
        )
    return np.frombuffer(records, np.uint8).reshape(-1, 1 + _IMAGE_BYTES)[:, 1:]


def _read_pickled(path: Path) -> np.ndarray:
    raw = _read_bytes(path)
    try:
        _check_memo(raw)
        batch = _BatchUnpickler(io.BytesIO(raw), encoding="bytes").load()
    except _ForbiddenName as error:
        raise InputError(
            f"{path}: a pickle that calls {error}, which can run code; use the files of CIFAR-10 as published"
        ) from error
    except Exception as error:  # damaged bytes make an unpickler raise nearly anything
        raise InputError(
            f"{path}: not a batch of CIFAR-10 ({type(error).__name__}); unpack the archive again"
        ) from error
    array = batch.get(b"data") if isinstance(batch, dict) else None
    pixels = array.pixels() if isinstance(array, _Array) else None
    if pixels is None:
        raise InputError(
            f"{path}: holds no uint8 array 'data' (N, 3072); use the files of CIFAR-10 as published"
        )
    return pixels


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(_MAX_FILE_BYTES + 1)
    if len(raw) > _MAX_FILE_BYTES:
        raise InputError(f"{path}: more than {_MAX_FILE_BYTES} bytes; a batch of CIFAR-10 has 31 MB")
    return raw


def _check_memo(raw: bytes) -> None:
    """Refuse a pickle that numbers its objects sparsely: the unpickler would allocate all numbers below."""
    for opcode, argument, _ in pickletools.genops(raw):
        if opcode.name in ("PUT", "LONG_BINPUT") and int(argument or 0) > len(raw):
            raise ValueError(f"object number {argument} in {len(raw)} bytes")


class _ForbiddenName(Exception):
    """A pickle asked for a function or class that no batch of CIFAR-10 needs."""


class _DType:
    """The parts of a pickled ``numpy.dtype``."""

    def __init__(self, code: Any = None, *_: Any) -> None:
        self.code = code

    def __setstate__(self, state: Any) -> None:
        pass  # byte order and the like: a byte has none


class _Array:
    """The parts of a pickled ``numpy.ndarray``."""

    state: Any = None

    def __init__(self, *_: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def pixels(self) -> np.ndarray | None:
        """Rows of images (N, 3072), or None when the parts are not of such an array."""
        match self.state:
            case (_, (int(rows), int(columns)), _DType(code=b"u1" | "u1"), fortran, bytes(raw)):
                if columns == _IMAGE_BYTES and rows > 0 and rows * columns == len(raw):
                    return np.frombuffer(raw, np.uint8).reshape(
                        (rows, columns), order="F" if fortran else "C"
                    )
        return None


class _BatchUnpickler(pickle.Unpickler):
    """Unpickles dictionaries, lists, numbers, strings and the parts of arrays; refuses every other name."""

    def find_class(self, module: str, name: str) -> Any:
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return _Array
        if module == "numpy" and name in ("ndarray", "dtype"):
            return _Array if name == "ndarray" else _DType
        raise _ForbiddenName(f"{module}.{name}")
