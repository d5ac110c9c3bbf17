"""Images from a checkpoint: ``python -m dcgan_viz.sample``."""

import math
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch
from PIL import Image
from torchvision.utils import make_grid

from dcgan_viz.cli import Command, CommonOptions, common_options
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.output import write_result


@dataclass(frozen=True)
class SampleResult:
    """Images and what they were generated from.

    Attributes
    ----------
    z : torch.Tensor
        (N, nz), float32, on the CPU.
    images : torch.Tensor
        (N, C, H, W), float32 in [-1, 1], on the CPU; image k comes from ``z[k]``.
    logits : torch.Tensor or None
        (N,), float32, of the discriminator, positive for "real"; None where there is none.
    truncation : float
        What z of the prior was multiplied by.
    """

    z: torch.Tensor
    images: torch.Tensor
    logits: torch.Tensor | None = None
    truncation: float = 1.0

    def arrays(self) -> dict[str, np.ndarray]:
        """What arrays.npz holds."""
        logits = {} if self.logits is None else {"logits": self.logits.numpy()}
        return {"z": self.z.numpy(), **logits}

    def to_json(self) -> dict[str, object]:
        """How many there are, of which shape, and how the discriminator judges them on average."""
        return {
            "n_samples": len(self.z),
            "truncation": self.truncation,
            "logit_mean": None if self.logits is None else self.logits.mean().item(),
            "z_size": self.z.shape[1],
            "channels": self.images.shape[1],
            "image_size": self.images.shape[2],
        }


def sample(gan: Gan, n: int, seed: int, truncation: float = 1.0) -> SampleResult:
    """Draw z from the prior, generate, and ask the discriminator, all in eval mode.

    Parameters
    ----------
    gan : Gan
        As loaded: its generator is the exponential moving average over training.
    n : int
        How many images, at least 1. The first k of n are those of a call with k.
    seed : int
        Seed of z.
    truncation : float
        Above 0, at most 1: every z is multiplied by it. Below 1 the samples lie nearer to the prior's middle,
        and are more alike.

    Returns
    -------
    SampleResult

    Raises
    ------
    InputError
        ``n`` is below 1, or ``truncation`` out of its range.

    Examples
    --------
    >>> import dcgan_viz
    >>> result = sample(dcgan_viz.load("rooms"), 4, seed=0)
    >>> tuple(result.images.shape)
    (4, 3, 64, 64)
    """
    if n < 1:
        raise InputError(f"{n} samples: there is nothing to draw; ask for at least 1")
    if not 0 < truncation <= 1:
        raise InputError(f"truncation {truncation:g}: give more than 0 and at most 1")
    z = gan.sample_z(n, seed) * truncation  # (N, nz)
    images = gan.generate(z)
    return SampleResult(z.cpu(), images, _logits(gan, images), truncation)


def _logits(gan: Gan, images: torch.Tensor) -> torch.Tensor | None:
    """Judge the images, where there is who does; one image has no batch statistics."""
    if gan.discriminator is None or (len(images) == 1 and gan.batchnorm["discriminator"].mode == "batch"):
        return None
    return gan.discriminate(images)


def to_uint8(images: torch.Tensor) -> np.ndarray:
    """Images as files hold them.

    Parameters
    ----------
    images : torch.Tensor
        (N, C, H, W), float32 in [-1, 1].

    Returns
    -------
    numpy.ndarray
        (N, H, W, C), uint8; -1 becomes 0 and 1 becomes 255.
    """
    return ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()


def sheet(images: torch.Tensor, columns: int | None = None) -> Image.Image:
    """All images on one page, in rows from the top left, two black pixels apart.

    Parameters
    ----------
    images : torch.Tensor
        (N, C, H, W), float32 in [-1, 1].
    columns : int, optional
        Images a row; by default the page is about square.

    Returns
    -------
    PIL.Image.Image
        RGB.
    """
    columns = columns or math.ceil(math.sqrt(len(images)))
    grid = make_grid(images, nrow=columns, padding=2, pad_value=-1)  # (3, H', W')
    return Image.fromarray(to_uint8(grid[None])[0])


def write_images(images: torch.Tensor, directory: Path) -> list[Path]:
    """Write each image into a PNG of its own, ``00000.png`` onwards.

    Parameters
    ----------
    images : torch.Tensor
        (N, 1 or 3, H, W), float32 in [-1, 1]; one channel makes grey files.
    directory : Path
        Where to; it exists.

    Returns
    -------
    list of Path
        In the order of the images.
    """
    digits = max(5, len(str(len(images) - 1)))
    paths = [directory / f"{k:0{digits}d}.png" for k in range(len(images))]
    for path, pixels in zip(paths, to_uint8(images), strict=True):
        Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(path)
    return paths


def write(directory: Path, result: SampleResult, files: bool = False) -> None:
    """Write the pictures and arrays.npz.

    Parameters
    ----------
    directory : Path
        Where to; it exists.
    result : SampleResult
    files : bool
        One PNG an image instead of a sheet.
    """
    if files:
        write_images(result.images, directory)
    else:
        sheet(result.images).save(directory / "figure.png")
    np.savez(directory / "arrays.npz", **result.arrays())  # type: ignore[arg-type]


@click.command(cls=Command)
@click.option(
    "--samples",
    type=click.IntRange(1, 100_000),
    default=100,
    show_default=True,
    help="How many images to draw.",
)
@click.option(
    "--truncation",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Factor on z: below 1 the images are more alike.",
)
@click.option("--files", is_flag=True, help="One PNG an image instead of a sheet.")
@common_options
def main(common: CommonOptions, samples: int, truncation: float, files: bool) -> None:
    """Draw images from a checkpoint.

    The EMA generator draws them in eval mode. OUT/sample receives a sheet (figure.png) or single files,
    arrays.npz with the z they come from (z[k] for image k, counted in rows from the top left) and the
    discriminator's logits, and result.json.
    """
    with common.output("sample") as directory:
        gan = common.load(generator_for="drawing images")
        result = sample(gan, samples, common.seed, truncation)
        write(directory, result, files)
        record = write_result(directory, "sample", result.to_json(), common.provenance(gan).to_json())
    destination = common.out / "sample"
    what = f"{samples} images in" if files else f"sheet of {samples} images:"
    common.emit(record, [f"{what} {destination if files else destination / 'figure.png'}"])


if __name__ == "__main__":
    main()
