"""Pickles and archives written byte by byte, so that a test can write what torch.save would not."""

import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

Maker = Callable[[Path], object]

MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
LEGACY_HEAD = MAGIC + b"\x80\x02M\xe9\x03." + b"\x80\x02}."
ORDERED = b"ccollections\nOrderedDict\n)R"


def text(value: str) -> bytes:
    encoded = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def integer(value: int) -> bytes:
    return pickle.dumps(value, 2)[2:-1]


def group(*parts: bytes) -> bytes:
    return b"(" + b"".join(parts) + b"t"


def call(name: str, *arguments: bytes) -> bytes:
    module, _, function = name.rpartition(".")
    return f"c{module}\n{function}\n".encode() + group(*arguments) + b"R"


def mapping(**items: bytes) -> bytes:
    return b"}(" + b"".join(text(key) + value for key, value in items.items()) + b"u"


def storage(key: str, numel: int, kind: str = "torch\nFloatStorage", place: str = "cpu", last: bytes = b""):
    return group(text("storage"), f"c{kind}\n".encode(), text(key), text(place), integer(numel), last) + b"Q"


def tensor(of: bytes, size: tuple[int, ...], stride: tuple[int, ...], offset: int = 0) -> bytes:
    shape, steps = group(*map(integer, size)), group(*map(integer, stride))
    return call("torch._utils._rebuild_tensor_v2", of, integer(offset), shape, steps, b"\x89", ORDERED)


def stream(content: bytes) -> bytes:
    return b"\x80\x02" + content + b"."


def write_zip(path: Path, content: bytes, **storages: bytes) -> Path:
    """Write what torch.save writes around a pickle and its storages, named _0, _1, ..."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", stream(content))
        archive.writestr("archive/byteorder", "little")
        for key, data in storages.items():
            archive.writestr(f"archive/data/{key.removeprefix('_')}", data)
        archive.writestr("archive/version", "3\n")
    return path


def write_legacy(path: Path, content: bytes, **storages: bytes) -> Path:
    """Write what torch.save wrote before version 1.6, float storages named _0, _1, ..."""
    keys = b"](" + b"".join(text(key.removeprefix("_")) for key in storages) + b"e"
    data = b"".join(struct.pack("<q", len(numbers) // 4) + numbers for numbers in storages.values())
    path.write_bytes(LEGACY_HEAD + stream(content) + stream(keys) + data)
    return path


class Creates:
    """What creates a file next to its pickle when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.marker = path.with_name(f"{path.name}.ran")

    def __reduce__(self):
        return os.system, (f"touch '{self.marker}'",)


def raw(content: bytes) -> Maker:
    return lambda path: path.write_bytes(content)


def sparse(head: bytes, size: int) -> Maker:
    def make(path: Path) -> None:
        path.write_bytes(head)
        os.truncate(path, size)

    return make
