"""The options by which a command is told which images training saw, and which it did not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dcgan_viz.errors import InputError

if TYPE_CHECKING:
    from dcgan_viz.data.held_out import RealImages
    from dcgan_viz.models.gan import Gan

T = TypeVar("T")

LEAST_IMAGES = 20


@dataclass(frozen=True)
class ImageOptions:
    """Training images, and held-out ones to compare with.

    Attributes
    ----------
    images : str or None
        Training data; None for rooms where the GAN was trained on them, and for none elsewhere.
    held_out : str or None
        Other images; None for the held-out part of the training data, or one that is split off.
    training_images, held_out_images : int or None
        How many of each; None for the usual numbers, or what there is.
    """

    images: str | None = None
    held_out: str | None = None
    training_images: int | None = None
    held_out_images: int | None = None

    def load(self, gan: Gan, seed: int, *, progress: bool = False) -> RealImages | None:
        """Load them in the size of a GAN's images; None where none are named and the GAN does not draw rooms.

        Raises
        ------
        InputError
            If they cannot be used, or held-out images are named without training images.
        """
        from dcgan_viz.data.held_out import real_images

        spec = self.images
        if spec is None and gan.provenance.metadata.get("data") == "rooms":
            spec = "rooms"
        if spec is None:
            if self.held_out is not None:
                raise InputError(
                    f"--held-out {self.held_out}: there are no training images to compare with; "
                    "give them with --images"
                )
            return None
        return real_images(
            spec,
            self.held_out,
            gan.image_size,
            gan.channels,
            n_training=self.training_images,
            n_held_out=self.held_out_images,
            seed=seed,
            progress=progress,
        )


def image_options(function: Callable[..., T]) -> Callable[..., T]:
    """Give a command ``--images --held-out --training-images --held-out-images``.

    The decorated function receives them as the keyword ``real``, an `ImageOptions`.

    Examples
    --------
    >>> @click.command()
    ... @image_options
    ... def main(real: ImageOptions) -> None:
    ...     click.echo(f"trained on {real.images}")
    >>> main.main(["--images", "folder:photos"], standalone_mode=False)
    trained on folder:photos
    """

    @functools.wraps(function)
    def command(
        *args: Any,
        images: str | None,
        held_out: str | None,
        training_images: int | None,
        held_out_images: int | None,
        **own: Any,
    ) -> T:
        return function(*args, real=ImageOptions(images, held_out, training_images, held_out_images), **own)

    for option in reversed(_options()):
        command = option(command)
    return command


def _options() -> list[Callable[[Callable[..., T]], Callable[..., T]]]:
    count = click.IntRange(LEAST_IMAGES, 1_000_000)
    return [
        click.option(
            "--images", default=None, metavar="DATA",
            help="Training images: rooms, DIR or folder:DIR, mnist:DIR, cifar10:DIR. [default: rooms for a "
            "GAN of rooms]",
        ),
        click.option(
            "--held-out", default=None, metavar="DATA",
            help="Images that training did not see. [default: the held-out part of --images; of a folder, a "
            "part that is split off]",
        ),
        click.option(
            "--training-images", type=count, default=None,
            help="Training images to look at. [default: 5000, or what there is]",
        ),
        click.option(
            "--held-out-images", type=count, default=None,
            help="Held-out images. [default: 500, or what there is]",
        ),
    ]  # fmt: skip
