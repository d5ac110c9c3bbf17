"""The names that a state dict's pickle may use, and stand-ins for what they name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading.files import one_line

MAX_DIMENSIONS = 16

DTYPES: dict[str, torch.dtype] = {
    f"torch.{name}": getattr(torch, name)
    for name in (
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "float8_e4m3fn",
        "float8_e5m2",
        "float8_e4m3fnuz",
        "float8_e5m2fnuz",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "int8",
        "int16",
        "int32",
        "int64",
        "bool",
    )
}
STORAGES = {
    f"{module}.{name}Storage": DTYPES[f"torch.{dtype}"]
    for module in ("torch", "torch.cuda")
    for name, dtype in {
        "Float": "float32",
        "Double": "float64",
        "Half": "float16",
        "BFloat16": "bfloat16",
        "Long": "int64",
        "Int": "int32",
        "Short": "int16",
        "Char": "int8",
        "Byte": "uint8",
        "Bool": "bool",
    }.items()
} | {"torch.storage.UntypedStorage": torch.uint8}
REBUILD = "torch._utils._rebuild_"
_UNUSABLE = {
    f"{REBUILD}sparse_tensor": "a sparse tensor",
    f"{REBUILD}qtensor": "a quantised tensor",
    f"{REBUILD}meta_tensor_no_storage": "a meta tensor, which has no numbers",
    f"{REBUILD}nested_tensor": "a nested tensor",
    f"{REBUILD}wrapper_subclass": "a tensor of a class of its own",
    f"{REBUILD}parameter_with_state": "a parameter with attributes of its own",
    f"{REBUILD}device_tensor_from_numpy": "a tensor of a device of its own",
    f"{REBUILD}device_tensor_from_cpu_tensor": "a tensor of a device of its own",
    "torch._tensor._rebuild_from_type_v2": "a tensor of a class of its own",
    "torch.ComplexFloatStorage": "a complex tensor",
    "torch.ComplexDoubleStorage": "a complex tensor",
    "torch.complex64": "a complex tensor",
    "torch.complex128": "a complex tensor",
    "torch.QInt8Storage": "a quantised tensor",
    "torch.QUInt8Storage": "a quantised tensor",
    "torch.QInt32Storage": "a quantised tensor",
}


@dataclass(frozen=True)
class Storage:
    """A storage that a stream refers to by a persistent id."""

    key: str
    dtype: torch.dtype
    numel: int

    @property
    def nbytes(self) -> int:
        """Its claimed size in bytes."""
        return self.numel * self.dtype.itemsize


@dataclass(frozen=True)
class Function:
    """A function that the pickle names."""

    name: str


@dataclass(frozen=True)
class StorageType:
    """A class of storages that the pickle names."""

    dtype: torch.dtype


@dataclass(frozen=True)
class Stand:
    """An object of which only the kind matters."""

    kind: str


def foreign(path: Path, name: str) -> InputError:
    """Return the error for a pickle that needs something else.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What it needs, with its module.

    Returns
    -------
    InputError
        One line with the name.
    """
    if name in _UNUSABLE:
        return InputError(f"{path}: holds {_UNUSABLE[name]}; save dense tensors of ordinary numbers")
    return InputError(
        f"{path}: a pickled module or object (needs {one_line(ascii(name), 100)}), which can run code when "
        "opened; save its state_dict() instead (docs/checkpoints.md)"
    )


def is_count(value: object) -> bool:
    """Say whether this is a number of things: an integer from 0 to 2**63 - 1, and no truth value."""
    return type(value) is int and 0 <= value < 2**63
