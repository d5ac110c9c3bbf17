"""The real images that filters are shown."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.transforms.v2.functional import rgb_to_grayscale

from dcgan_viz.data.datasets import KNOWN, load_images
from dcgan_viz.data.room_gans import draws_rooms
from dcgan_viz.data.rooms import CLASSES, FILTERS_START, render_split
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan

N_IMAGES = 2000


@dataclass(frozen=True)
class RealImages:
    """Real images, and where there are any the classes of their pixels.

    Attributes
    ----------
    images : Tensor (N, C, H, W), uint8
    source : str
        Where they are from, as results say it.
    masks : Tensor (N, H, W), uint8, or None
        Indices into ``classes``.
    classes : tuple of str
    skipped : tuple of (str, str)
        Files that were left out, and why.
    """

    images: Tensor
    source: str
    masks: Tensor | None = None
    classes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.images)


def real_images(
    gan: Gan, spec: str | None, n_images: int | None, seed: int, *, progress: bool = False
) -> RealImages:
    """Load the images that a discriminator is to look at.

    Parameters
    ----------
    gan : Gan
        Says what size and how many channels they are to have.
    spec : str or None
        "rooms", "folder:DIR", "mnist:DIR", "cifar10:DIR" or a directory; None for rooms, where the GAN was
        trained on them. Rooms, MNIST and CIFAR-10 give held-out images; rooms come with the class of every
        pixel.
    n_images : int or None
        How many; None for 2,000, or all that there are.
    seed : int
        Which ones, of data that hold more.
    progress : bool
        Whether to show a bar on stderr for a folder that takes over two seconds.

    Raises
    ------
    InputError
        If nothing says which images, or they cannot be used, or there are fewer than asked for.
    """
    if spec is None and not draws_rooms(gan):
        raise InputError(
            f"{gan.provenance.path}: it does not say that it was trained on rooms; say which real images to "
            f"show it with --images ({KNOWN})"
        )
    if spec is None or spec == "rooms":
        return _rooms(gan, N_IMAGES if n_images is None else n_images)
    split = "held_out" if spec.startswith(("mnist:", "cifar10:")) else "train"  # of a folder, all there is
    loaded = load_images(
        spec,
        gan.image_size,
        N_IMAGES if n_images is None else n_images,
        seed,
        gan.channels,
        progress=progress,
        split=split,
        fewer=n_images is None,
    )
    source = f"{len(loaded.images):,} images of {spec}"
    return RealImages(loaded.images, source, skipped=loaded.skipped)


def _rooms(gan: Gan, n_images: int) -> RealImages:
    drawn, masks = render_split("held_out", n_images, start=FILTERS_START, image_size=gan.image_size)
    images = torch.from_numpy(drawn).permute(0, 3, 1, 2)
    images = images if gan.channels == 3 else rgb_to_grayscale(images)
    return RealImages(images.contiguous(), f"{n_images:,} held-out rooms", torch.from_numpy(masks), CLASSES)
