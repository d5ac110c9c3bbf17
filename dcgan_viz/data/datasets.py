"""Every data set as one uint8 tensor in memory."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torchvision.transforms import v2
from tqdm import tqdm

from dcgan_viz.data.cifar10 import read_cifar10
from dcgan_viz.data.folder import read_folder
from dcgan_viz.data.idx import read_mnist
from dcgan_viz.data.rooms import COMPARISON_START, SPLITS, render_split
from dcgan_viz.errors import InputError

KNOWN = "rooms, mnist:DIR, cifar10:DIR, folder:DIR"
N_ROOMS = 50_000

_CHUNK = 2_000  # images resized at once
_ROOMS_AT_ONCE = 500  # drawn between two steps of the bar
_LUMA = (19_595, 38_470, 7_471)  # of 65536, ITU-R 601-2 as Pillow's convert("L")


@dataclass(frozen=True)
class ImageData:
    """Images to train on or to compare with.

    Attributes
    ----------
    images : torch.Tensor
        (N, C, H, W), uint8, H = W.
    name : str
        The kind of data set: "rooms", "mnist", "cifar10" or "folder".
    skipped : tuple of (str, str)
        Files of a folder that could not be used, each with the reason.
    """

    images: torch.Tensor
    name: str
    skipped: tuple[tuple[str, str], ...] = ()


def load_images(
    spec: str,
    image_size: int,
    count: int | None = None,
    seed: int = 0,
    channels: int | None = None,
    *,
    workers: int = 1,
    progress: bool = False,
    split: str = "train",
    fewer: bool = False,
) -> ImageData:
    """Load the images of a data set, by default those for training.

    Parameters
    ----------
    spec : str
        "rooms", "mnist:DIR", "cifar10:DIR" or "folder:DIR"; a path alone is a folder.
    image_size : int
        Side of the images in pixels; those of another size are resized (bicubic, with antialiasing).
    count : int or None
        How many images; None for all there are, and for 50,000 rooms.
    seed : int
        The seed of the rooms; for the others, which images ``count`` draws where it is less than all.
    channels : int or None
        1 or 3; None for what the data has: 1 for MNIST and for a folder of grey images, else 3.
    workers : int
        Processes that draw rooms.
    progress : bool
        Whether to show a progress bar on stderr for a folder, or for rooms that this process draws, where it
        takes over two seconds.
    split : {"train", "held_out"}
        "held_out" are images that no training here sees: other rooms, and the test images of MNIST and
        CIFAR-10.
    fewer : bool
        Whether less than ``count`` will do where there are no more.

    Returns
    -------
    ImageData
        The images, uint8, in a fixed order.

    Raises
    ------
    InputError
        When the data set is unknown, not there, damaged, smaller than ``count``, or has no such split.

    Examples
    --------
    >>> load_images("rooms", 64, count=2).images.shape
    torch.Size([2, 3, 64, 64])
    """
    kind, directory = _parse(spec)
    if split not in SPLITS:
        raise InputError(f"split {split!r}: there is none of that name; choose from {', '.join(SPLITS)}")
    if image_size < 1:
        raise InputError(f"image size {image_size}: not a size in pixels; give 28, 32, 64 or 128")
    if count is not None and count < 1:
        raise InputError(f"{count} images of {spec}: nothing to load; ask for at least 1")
    if seed < 0:
        raise InputError(f"seed {seed}: negative; give 0 or more")
    if channels not in (None, 1, 3):
        raise InputError(f"{channels} channels: neither grey nor colour; give 1 or 3")
    skipped: tuple[tuple[str, str], ...] = ()
    if directory is None:
        count = N_ROOMS if count is None else count
        images = _draw_rooms(image_size, count, seed, split, workers, progress)
    elif kind == "folder":
        if split != "train":
            raise InputError(f"data '{spec}': a folder has no held-out images; give them in another folder")
        folder = read_folder(
            directory, image_size, count=count, seed=seed, channels=channels, progress=progress, fewer=fewer
        )
        images, skipped = torch.from_numpy(folder.images), folder.skipped
    else:
        images = _read(kind, directory, split)
        if count is not None and not (fewer and count >= len(images)):
            images = _draw(images, count, seed, directory)
    return ImageData(_with_channels(_resized(images, image_size), channels), kind, skipped)


def to_float(images: torch.Tensor) -> torch.Tensor:
    """Images as the networks take them.

    Parameters
    ----------
    images : torch.Tensor
        (N, C, H, W), uint8.

    Returns
    -------
    torch.Tensor
        (N, C, H, W), float32 in [-1, 1], on the same device.

    Examples
    --------
    >>> to_float(torch.tensor([0, 255], dtype=torch.uint8))
    tensor([-1.,  1.])
    """
    return images.to(torch.float32).div_(127.5).sub_(1.0)


def _parse(spec: str) -> tuple[str, Path | None]:
    """Kind and directory; None where the data are drawn."""
    kind, colon, rest = spec.partition(":")
    if kind == "rooms" and not colon:
        return kind, None
    if spec and not colon and Path(spec).expanduser().is_dir():
        return "folder", Path(spec).expanduser()
    if kind not in ("mnist", "cifar10", "folder"):
        raise InputError(f"data '{spec}': no such data set; known are {KNOWN}")
    if not rest:
        raise InputError(f"data '{spec}': names no directory; write {kind}:DIR")
    directory = Path(rest).expanduser()
    if not directory.is_dir():
        wrong = "not a directory" if directory.exists() else "no such directory"
        raise InputError(
            f"data '{spec}': {wrong}: {directory}; write {kind}:DIR with the directory of the data"
        )
    return kind, directory


def _read(kind: str, directory: Path, split: str) -> torch.Tensor:
    return read_mnist(directory, split) if kind == "mnist" else read_cifar10(directory, split)


def _draw_rooms(
    image_size: int, count: int, seed: int, split: str, workers: int, progress: bool
) -> torch.Tensor:
    first = COMPARISON_START if split == "held_out" else 0
    at_once = count if workers > 1 else _ROOMS_AT_ONCE
    images = torch.empty(count, 3, image_size, image_size, dtype=torch.uint8)
    with tqdm(total=count, desc="drawing rooms", unit="img", delay=2, disable=not progress) as bar:
        for start in range(0, count, at_once):
            n = min(at_once, count - start)
            some, _ = render_split(
                split, n, seed=seed, start=first + start, image_size=image_size, workers=workers
            )
            images[start : start + n] = torch.from_numpy(some).permute(0, 3, 1, 2)
            bar.update(n)
    return images


def _draw(images: torch.Tensor, count: int, seed: int, directory: Path) -> torch.Tensor:
    if count > len(images):
        raise InputError(
            f"{directory}: {count} images asked for, {len(images)} there; ask for at most {len(images)}"
        )
    chosen = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))[:count]
    return images[chosen.sort().values]


def _resized(images: torch.Tensor, image_size: int) -> torch.Tensor:
    if images.shape[-2:] == (image_size, image_size):
        return images
    resize = v2.Resize(image_size, v2.InterpolationMode.BICUBIC, antialias=True)
    crop = v2.CenterCrop(image_size)
    return torch.cat([crop(resize(chunk)) for chunk in images.split(_CHUNK)])


def _with_channels(images: torch.Tensor, channels: int | None) -> torch.Tensor:
    """Grey (N, 1, H, W) or colour (N, 3, H, W); None for as they are."""
    if channels is None or channels == images.shape[1]:
        return images
    if channels == 3:
        return images.repeat(1, 3, 1, 1)
    weights = torch.tensor(_LUMA, dtype=torch.int32).view(1, 3, 1, 1)
    return torch.cat(
        [
            ((c.int() * weights).sum(1, keepdim=True) + 2**15 >> 16).to(torch.uint8)
            for c in images.split(_CHUNK)
        ]
    )
