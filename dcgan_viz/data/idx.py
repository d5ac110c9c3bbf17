"""MNIST as published: images in an idx file (http://yann.lecun.com/exdb/mnist), plain or gzipped."""

import gzip
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import torch

from dcgan_viz.errors import InputError

NAMES = {
    "train": ("train-images-idx3-ubyte", "train-images.idx3-ubyte"),
    "held_out": ("t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"),
}
FOLDERS = (".", "MNIST/raw", "raw")  # MNIST/raw is where torchvision.datasets.MNIST puts them

_MAGIC = 0x00000803  # unsigned bytes, three dimensions
_MAX_BYTES = 2**32


def read_mnist(directory: Path, split: str = "train") -> torch.Tensor:
    """Read the images of MNIST, or of any data set in its format.

    Parameters
    ----------
    directory : Path
        Holds ``train-images-idx3-ubyte``, plain or as ``.gz``, directly or in ``MNIST/raw``.
    split : {"train", "held_out"}
        The training images, or the test images (``t10k-images-idx3-ubyte``).

    Returns
    -------
    torch.Tensor
        Images (N, 1, H, W), uint8, black background at 0.

    Raises
    ------
    InputError
        When no such file is there, or when it is not an idx file of images, or cut short.
    """
    for folder in FOLDERS:
        for name in NAMES[split]:
            for file_name in (name, f"{name}.gz"):
                path = directory / folder / file_name
                if path.is_file():
                    return read_idx_images(path)
    raise InputError(
        f"{directory}: holds neither {NAMES[split][0]} nor {NAMES[split][0]}.gz (nor does its MNIST/raw); "
        "name the directory of the idx files after 'mnist:'"
    )


def read_idx_images(path: Path) -> torch.Tensor:
    """Read one idx file of images.

    Parameters
    ----------
    path : Path
        The file; one that ends in ``.gz`` is decompressed on the way.

    Returns
    -------
    torch.Tensor
        Images (N, 1, H, W), uint8.

    Raises
    ------
    InputError
        When it is not an idx file of unsigned bytes in three dimensions, or not as long as it declares.
    """
    try:
        with path.open("rb") as file:
            if path.suffix == ".gz":
                with gzip.open(file) as unpacked:
                    return _read(cast(BinaryIO, unpacked), path)
            return _read(file, path)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: damaged gzip file ({error}); download it again") from error


def _read(file: BinaryIO, path: Path) -> torch.Tensor:
    header = file.read(16)
    if len(header) < 16 or struct.unpack(">I", header[:4])[0] != _MAGIC:
        raise InputError(
            f"{path}: starts with {header[:4].hex() or 'nothing'}, an idx file of images with {_MAGIC:08x}; "
            f"use the file {NAMES['train'][0]} as published"
        )
    count, height, width = struct.unpack(">III", header[4:])
    size = count * height * width
    if not 0 < size <= _MAX_BYTES:
        raise InputError(
            f"{path}: declares {count} images of {height}x{width} px; 1 byte to 4 GiB of pixels can be read"
        )
    # One byte more than declared shows a longer file; what a gzip file would expand to beyond stays unread.
    pixels = file.read(size + 1)
    if len(pixels) != size:
        found = "more" if len(pixels) > size else str(len(pixels))
        raise InputError(
            f"{path}: declares {count} images of {height}x{width} px, {size} bytes, and holds {found}; "
            "download it again"
        )
    return torch.from_numpy(np.frombuffer(pixels, np.uint8).reshape(count, 1, height, width).copy())
