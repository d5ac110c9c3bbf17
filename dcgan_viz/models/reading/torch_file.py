"""What torch.save wrote, opened after its pickle has been followed and its sizes compared with the file."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import BinaryIO

import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading.files import damaged, one_line, opened
from dcgan_viz.models.reading.kinds import is_tar, kind_of, wrong_kind
from dcgan_viz.models.reading.machine import MAX_DEPTH, MAX_OPCODES
from dcgan_viz.models.reading.pickles import Scan, scan
from dcgan_viz.models.reading.zip_directory import Directory

MAX_PICKLE_BYTES = 16 * 2**20
_LEGACY_PROTOCOL = 1001  # torch/serialization.py, PROTOCOL_VERSION


def read_torch(path: Path) -> object:
    """Open a file that torch.save wrote, as a zip or as before version 1.6.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    object
        What ``torch.load(path, weights_only=True, map_location="cpu")`` gives, made plain: dictionaries,
        lists and tuples of dense tensors (each with memory of its own, in the stored type), numbers, texts,
        bytes. Parameters become tensors, a ``torch.Size`` a tuple, devices and dtypes their names.

    Raises
    ------
    InputError
        If it is another kind of file, damaged, or needs to run code.
    """
    kind = kind_of(path)
    if kind not in ("torch", "torch-legacy"):
        raise wrong_kind(path)
    with opened(path) as (file, size):
        if kind == "torch":
            _check_zip(path, file, size)
        else:
            _check_legacy(path, file, size)
        file.seek(0)
        try:
            # By the open file: given a path, torch.load would go by its suffix first.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                loaded = torch.load(file, map_location="cpu", weights_only=True, mmap=False)
        except Exception as error:  # whatever it trips over, the file is at fault
            raise InputError(
                f"{path}: torch.load does not open it ({_reason(error)}); copy it again, or save a "
                "state_dict() anew"
            ) from error
    return _Plain(path).of(loaded)


def _reason(error: Exception) -> str:
    # Torch puts advice to switch the safety off in front of the reason.
    return one_line(str(error).rpartition("WeightsUnpickler error:")[2].strip())


def _limit(size: int) -> int:
    return 2 * size + 2**16  # tied weights may be there twice


def _check_zip(path: Path, file: BinaryIO, size: int) -> None:
    directory = Directory.read(path)
    pickled = directory.entries[directory.pickle_name]
    if pickled.size > MAX_PICKLE_BYTES:
        raise InputError(
            f"{path}: {pickled.size} bytes of pickle, the limit is {MAX_PICKLE_BYTES}; save the "
            "state_dict() alone"
        )
    file.seek(pickled.begin)
    followed = scan(path, io.BytesIO(file.read(pickled.size)), _limit(size))
    for key, storage in followed.storages.items():
        entry = directory.entries.get(f"{directory.top}/data/{key}")
        if entry is None or entry.size != storage.nbytes:
            held = "none" if entry is None else entry.size
            raise damaged(path, f"storage {key} claims {storage.nbytes} bytes, the file has {held}")
    directory.check_contents(path, file)


def _check_legacy(path: Path, file: BinaryIO, size: int) -> None:
    head = file.read(min(size, MAX_PICKLE_BYTES))
    if is_tar(head):  # torch.load would try that first
        raise InputError(f"{path}: a tar archive and a pickle in one; save the state_dict() again")
    stream = io.BytesIO(head)
    scan(path, stream, 0)  # the magic number, by which the file was recognised
    if scan(path, stream, 0).value != _LEGACY_PROTOCOL:
        raise damaged(path, "an unknown protocol of torch.save")
    scan(path, stream, 0)  # the sizes of the writer's integers
    followed = scan(path, stream, _limit(size))
    keys = scan(path, stream, 0).value
    if type(keys) is not list or not all(isinstance(key, str) for key in keys):
        raise damaged(path, "its list of storages is none")
    if len(keys) != len(followed.storages) or set(keys) != set(followed.storages):
        raise damaged(path, "its list of storages is not that of its tensors")
    _check_legacy_storages(path, file, stream.tell(), size, keys, followed)


def _check_legacy_storages(
    path: Path, file: BinaryIO, start: int, size: int, keys: list[str], followed: Scan
) -> None:
    """Compare each storage's count of numbers, in the 8 bytes before them, with what the pickle claims."""
    for key in keys:
        storage = followed.storages[key]
        file.seek(start)
        numel = int.from_bytes(file.read(8), "little", signed=True)
        start += 8 + storage.nbytes
        if numel != storage.numel or start > size:
            held = f"{numel} numbers" if numel != storage.numel else f"only {size} bytes in all"
            raise damaged(path, f"storage {key} claims {storage.nbytes} bytes, the file has {held}")


class _Plain:
    """Turns what torch.load gave into containers, tensors and values that hold no surprises."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tensors: dict[int, torch.Tensor] = {}
        self.count = 0

    def of(self, value: object, depth: int = 0) -> object:
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_OPCODES:
            raise InputError(
                f"{self.path}: containers in containers, more than {MAX_DEPTH} deep or one in itself; "
                "save the state_dict() alone"
            )
        if isinstance(value, torch.Tensor):
            return self.tensor(value)
        # A dictionary's attributes come from the file: its own .items may be anything.
        if isinstance(value, dict):
            return {key: self.of(item, depth + 1) for key, item in dict.items(value)}
        if isinstance(value, list):
            return [self.of(item, depth + 1) for item in value]
        if isinstance(value, tuple):
            return tuple(self.of(item, depth + 1) for item in value)
        if isinstance(value, torch.dtype | torch.device):
            return str(value)
        if value is None or isinstance(value, bool | int | float | str | bytes | set):
            return value
        raise damaged(self.path, f"holds a {type(value).__name__} that is no tensor")

    def tensor(self, value: torch.Tensor) -> torch.Tensor:
        if id(value) not in self.tensors:
            plain = torch.Tensor.detach(value).as_subclass(torch.Tensor)
            self.tensors[id(value)] = plain.clone(memory_format=torch.contiguous_format)
        return self.tensors[id(value)]
