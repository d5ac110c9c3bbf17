"""A folder of images of any size, mode and depth, as squares of one size."""

import os
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from dcgan_viz.errors import InputError

SMALLEST_SIDE = 8  # px
# Formats that Pillow decodes by itself, known by their first bytes. EPS is not among them: Pillow would start
# Ghostscript, which runs what the file says.
FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "MPO", "PNG", "PPM", "TIFF", "WEBP")

_CHUNK = 512  # files read between two looks at whether there are enough


@dataclass(frozen=True)
class Folder:
    """The usable images of a folder.

    Attributes
    ----------
    images : np.ndarray
        (N, C, S, S), uint8, in the order of the files' paths.
    skipped : tuple of (str, str)
        Each file that could not be used, with the reason.
    """

    images: np.ndarray
    skipped: tuple[tuple[str, str], ...]


def read_folder(
    directory: Path,
    image_size: int,
    *,
    count: int | None = None,
    seed: int = 0,
    channels: int | None = None,
    progress: bool = False,
    fewer: bool = False,
) -> Folder:
    """Read every image below a folder, upright, its short side resized to ``image_size``, the middle cut out.

    EXIF orientation is applied; transparent parts become white; grey of 16 bits is scaled by the range of its
    type (65535 is white), and values beyond 16 bits or in floating point by their own range.

    Parameters
    ----------
    directory : Path
        Read recursively; hidden files and folders are left out.
    image_size : int
        Side S of the squares, in pixels.
    count : int or None
        How many usable images; None for all.
    seed : int
        Which files ``count`` draws, where it is less than all.
    channels : int or None
        1 or 3; None for 1 where every image is grey, else 3.
    progress : bool
        Whether to show a progress bar on stderr when it takes over two seconds.
    fewer : bool
        Whether less than ``count`` will do where there are no more.

    Returns
    -------
    Folder
        The images and the files skipped.

    Raises
    ------
    InputError
        When no file is usable, or fewer than ``count``, or a folder below cannot be listed.
    """
    paths = _files(directory)
    if not paths:
        raise InputError(f"{directory}: holds no files; name a folder of images after 'folder:'")
    wanted = len(paths) if count is None else min(count, len(paths))
    order = np.arange(len(paths)) if count is None else np.random.default_rng(seed).permutation(len(paths))
    images = np.empty((wanted, 1 if channels == 1 else 3, image_size, image_size), np.uint8)
    positions: list[int] = []
    skipped: list[tuple[int, str]] = []
    all_grey = True
    read = partial(_read_square, size=image_size, mode="L" if channels == 1 else "RGB")
    with tqdm(total=wanted, desc="images", delay=2, disable=not progress) as bar:
        for position, square in _in_chunks(read, paths, order):
            if isinstance(square, str):
                skipped.append((position, square))
                continue
            images[len(positions)] = square.transpose(2, 0, 1)
            positions.append(position)
            all_grey = all_grey and bool((square == square[..., :1]).all())
            bar.update()
            if len(positions) == wanted:
                break
    named = tuple((_name(paths[i], directory), reason) for i, reason in sorted(skipped))
    _check_enough(directory, len(positions), None if fewer else count, len(paths), named)
    if channels is None and all_grey:
        images = images[:, :1].copy()
    images = images[: len(positions)]
    images = images[np.argsort(positions)] if count is not None else images
    return Folder(images, named)


def _check_enough(
    directory: Path, found: int, count: int | None, n_files: int, skipped: tuple[tuple[str, str], ...]
) -> None:
    if not found:
        name, reason = skipped[0]
        raise InputError(
            f"{directory}: none of its {n_files} files is a usable image ({name}: {reason}); "
            f"give JPEG, PNG or the like, at least {SMALLEST_SIDE} px wide and high"
        )
    if count is not None and found < count:
        raise InputError(
            f"{directory}: {count} images asked for, {found} of its {n_files} files are usable; "
            f"ask for at most {found}"
        )


def _files(directory: Path) -> list[Path]:
    """Regular files below a folder, also behind links to folders, sorted by their path."""
    found: list[Path] = []
    visited: set[Path] = set()
    for folder, subfolders, names in os.walk(directory, onerror=_refuse, followlinks=True):
        here = Path(folder)
        if here.resolve() in visited:  # a link back up
            subfolders.clear()
            continue
        visited.add(here.resolve())
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        found += [here / name for name in names if not name.startswith(".") and (here / name).is_file()]
    return sorted(found, key=lambda path: path.relative_to(directory).as_posix())


def _refuse(error: OSError) -> None:
    raise InputError(
        f"{error.filename}: {error.strerror}; make the folder readable or take it out"
    ) from error


def _name(path: Path, directory: Path) -> str:
    name = path.relative_to(directory).as_posix()
    return name if name.isprintable() else ascii(name)


def _in_chunks(
    read: "partial[np.ndarray | str]", paths: list[Path], order: np.ndarray
) -> Iterator[tuple[int, np.ndarray | str]]:
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as threads:
        warnings.simplefilter("ignore")  # what Pillow says about odd files
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        for start in range(0, len(order), _CHUNK):
            chunk = order[start : start + _CHUNK].tolist()
            yield from zip(chunk, threads.map(read, [paths[i] for i in chunk]), strict=True)


def _read_square(path: Path, size: int, mode: str) -> np.ndarray | str:
    """Pixels (size, size, C) of one file, or the reason why there are none."""
    try:
        with Image.open(path, formats=_known_formats()) as image:
            if min(image.size) < SMALLEST_SIDE:
                return f"{image.width}x{image.height} px, less than {SMALLEST_SIDE} on a side"
            image.draft(None, (2 * size, 2 * size))  # large JPEGs are decoded at a fraction of their size
            upright = ImageOps.exif_transpose(image)
            square = ImageOps.fit(_to_rgb(upright), (size, size), Image.Resampling.BICUBIC)
            return np.asarray(square.convert(mode)).reshape(size, size, -1)
    except UnidentifiedImageError:
        return "not an image in a format known here"
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return f"more than {Image.MAX_IMAGE_PIXELS} pixels"
    except Exception as error:  # damaged bytes make a decoder raise nearly anything
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return " ".join(reason.split())


def _known_formats() -> list[str]:
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return Image.fromarray(_to_8_bits(np.asarray(image), image.mode)).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _to_8_bits(values: np.ndarray, mode: str) -> np.ndarray:
    values = values.astype(np.float64)
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(high - low):
        raise ValueError("holds values that are not finite")
    full_ranges = (1.0, 255.0, 65535.0) if mode == "F" else (65535.0,)
    if low >= 0 and high <= full_ranges[-1]:
        low, high = 0.0, next(full for full in full_ranges if high <= full)
    return np.rint((values - low) * (255.0 / ((high - low) or 1.0))).astype(np.uint8)
