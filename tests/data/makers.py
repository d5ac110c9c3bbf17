"""Small stand-ins for published data sets, written byte by byte as their formats say."""

import gzip
import struct
from pathlib import Path

import numpy as np


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def idx_bytes(images: np.ndarray) -> bytes:
    """An idx file: two zeros, the type (8: unsigned byte), the number of dimensions, the sizes, the data."""
    return bytes([0, 0, 8, images.ndim]) + struct.pack(f">{images.ndim}I", *images.shape) + images.tobytes()


def write_idx(directory: Path, images: np.ndarray, name: str = "train-images-idx3-ubyte") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    content = idx_bytes(images)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_cifar10_binary(directory: Path, images: np.ndarray) -> Path:
    """The binary version, images (5 N, 3, 32, 32) dealt to five batches."""
    folder = directory / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    for number, part in enumerate(np.split(images, 5), start=1):
        labels = np.arange(len(part), dtype=np.uint8)[:, None] % 10
        (folder / f"data_batch_{number}.bin").write_bytes(
            np.hstack([labels, part.reshape(len(part), -1)]).tobytes()
        )
    return folder


def write_cifar10_python(directory: Path, images: np.ndarray) -> Path:
    """The python version, images (5 N, 3, 32, 32) dealt to five batches."""
    folder = directory / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for number, part in enumerate(np.split(images, 5), start=1):
        (folder / f"data_batch_{number}").write_bytes(cifar10_pickle(part.reshape(len(part), -1)))
    return folder


def cifar10_pickle(data: np.ndarray) -> bytes:
    """One batch in the opcodes of Python 2's protocol 2, as published; what Python 3 writes differs."""
    return b"".join(
        [
            b"\x80\x02}q\x01(U\x0bbatch_labelq\x02",
            _string(b"training batch 1 of 5"),
            b"U\x06labelsq\x03]q\x04(",
            b"".join(b"K" + bytes([label % 10]) for label in range(len(data))),
            b"eU\x04dataq\x05",
            b"cnumpy.core.multiarray\n_reconstruct\nq\x06cnumpy\nndarray\nq\x07K\x00\x85q\x08U\x01bq\x09\x87q\x0aRq\x0b",
            b"(K\x01",
            *(b"J" + struct.pack("<i", size) for size in data.shape),
            b"\x86q\x0c" if data.ndim == 2 else b"\x85q\x0c",
            b"cnumpy\ndtype\nq\x0d",
            _string(data.dtype.str[1:].encode()),
            b"K\x00K\x01\x87q\x0eRq\x0f(K\x03U\x01|q\x10NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x11b",
            b"\x89",
            _string(data.tobytes()),
            b"tq\x12bu.",
        ]
    )


def _string(value: bytes) -> bytes:
    return b"T" + struct.pack("<i", len(value)) + value
