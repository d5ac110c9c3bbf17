"""What a generator was trained on, beside images of the same kind that training never saw."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from dcgan_viz.data.datasets import ImageData, load_images
from dcgan_viz.errors import InputError
from dcgan_viz.seeds import derived_seed

N_TRAINING, N_HELD_OUT = 5000, 500
_HELD_OUT_SHARE = 0.2  # of a folder that is too small for both numbers


@dataclass(frozen=True)
class RealImages:
    """Training images, and held-out ones.

    Attributes
    ----------
    training : Tensor (N, C, H, W), uint8
    held_out : Tensor (M, C, H, W), uint8
    training_source, held_out_source : str
        Where they are from, as results say it.
    is_split : bool
        The held-out images were taken out of the training data here, so that training may have seen them.
    """

    training: Tensor
    held_out: Tensor
    training_source: str
    held_out_source: str
    is_split: bool = False

    @property
    def n_shared(self) -> int:
        """Held-out images that equal a training image in every pixel."""
        known = {image.numpy().tobytes() for image in self.training}
        return sum(image.numpy().tobytes() in known for image in self.held_out)

    def to_json(self) -> dict[str, object]:
        """How many there are, and where they are from."""
        return {
            "n_training": len(self.training),
            "n_held_out": len(self.held_out),
            "n_shared": self.n_shared,
            "training_source": self.training_source,
            "held_out_source": self.held_out_source,
            "is_split": self.is_split,
        }


def real_images(
    spec: str,
    held_out: str | None,
    image_size: int,
    channels: int,
    *,
    n_training: int | None = None,
    n_held_out: int | None = None,
    seed: int = 0,
    progress: bool = False,
) -> RealImages:
    """Load training images, and as many others as are wanted to compare with.

    Parameters
    ----------
    spec : str
        Of the training images, as `load_images` takes it.
    held_out : str or None
        Of the others. By default the held-out part of ``spec``, which rooms, MNIST and CIFAR-10 have; of a
        folder, a part that the seed splits off.
    image_size, channels : int
        What both are brought to.
    n_training, n_held_out : int or None
        How many; by default 5,000 and 500, or what there is.
    seed : int
        Which images of data that hold more, and which are split off.
    progress : bool
        Whether to show a bar on stderr for what takes over two seconds.

    Returns
    -------
    RealImages

    Raises
    ------
    InputError
        If the data cannot be used, are the same, or hold fewer images than asked for.

    Examples
    --------
    >>> real = real_images("rooms", None, 32, 3, n_training=3, n_held_out=2)
    >>> real.training.shape, real.held_out.shape, real.held_out_source
    (torch.Size([3, 3, 32, 32]), torch.Size([2, 3, 32, 32]), '2 rooms of the held-out split')
    """
    if held_out is None and not _has_held_out_part(spec):
        return _split(spec, image_size, channels, (n_training, n_held_out), seed, progress)
    if held_out is not None and not _has_held_out_part(held_out) and _folder(held_out) == _folder(spec):
        raise InputError(
            f"held-out images '{held_out}': the training images; give others, or none to split these"
        )

    def load(what: str, count: int | None, default: int, split: str) -> Tensor:
        wanted = default if count is None else count
        part = split if _has_held_out_part(what) else "train"
        draw = _draw_seed(what, seed)
        loaded = load_images(
            what, image_size, wanted, draw, channels, progress=progress, split=part, fewer=count is None
        )
        return _checked(loaded, what).images

    other = spec if held_out is None else held_out
    others = load(other, n_held_out, N_HELD_OUT, "held_out")
    training = load(spec, n_training, N_TRAINING, "train")
    return RealImages(
        training, others, _words(spec, len(training), "train"), _words(other, len(others), "held_out")
    )


def _split(
    spec: str,
    image_size: int,
    channels: int,
    counts: tuple[int | None, int | None],
    seed: int,
    progress: bool,
) -> RealImages:
    """A folder in two parts, which its own images are dealt to."""
    n_training, n_held_out = counts
    wanted = (n_training or N_TRAINING) + (n_held_out or N_HELD_OUT)
    loaded = load_images(spec, image_size, wanted, seed, channels, progress=progress, fewer=None in counts)
    images = _checked(loaded, spec).images
    if n_held_out is None:
        left = len(images) - (n_training or 0)
        n_held_out = min(N_HELD_OUT, left if n_training else int(left * _HELD_OUT_SHARE))
    n_training = len(images) - n_held_out if n_training is None else n_training
    if n_held_out < 2 or n_training < 1:
        raise InputError(
            f"{spec}: {len(images)} images, too few to keep some apart; give more, or others with --held-out"
        )
    random = torch.Generator().manual_seed(derived_seed(seed, "held-out split"))
    order = torch.randperm(len(images), generator=random)
    held_out, training = order[:n_held_out], order[n_held_out : n_held_out + n_training].sort().values
    return RealImages(
        images[training],
        images[held_out],
        _words(spec, len(training), "train"),
        f"{len(held_out):,} other images of it, split off by seed: training that used all of the folder saw "
        "them too, and then no copying can show",
        is_split=True,
    )


def _checked(loaded: ImageData, spec: str) -> ImageData:
    if len(loaded.images) < 2:
        raise InputError(f"{spec}: {len(loaded.images)} image, nothing to compare with; give at least 2")
    return loaded


def _has_held_out_part(spec: str) -> bool:
    return spec == "rooms" or spec.startswith(("mnist:", "cifar10:"))


def _draw_seed(spec: str, seed: int) -> int:
    """The seed of the rooms names the data set, and training uses that of 0."""
    return 0 if spec == "rooms" else seed


def _folder(spec: str) -> Path:
    return Path(spec.removeprefix("folder:")).expanduser().resolve()


def _words(spec: str, count: int, split: str) -> str:
    if spec == "rooms":
        return (
            f"the first {count:,} rooms of the training split"
            if split == "train"
            else (f"{count:,} rooms of the held-out split")
        )
    part = "test images" if split != "train" and _has_held_out_part(spec) else "images"
    return f"{count:,} {part} of {spec}"
