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
    """

    z: torch.Tensor
    images: torch.Tensor

    def to_json(self) -> dict[str, object]:
        """How many there are, and of which shape."""
        return {
            "n_samples": len(self.z),
            "z_size": self.z.shape[1],
            "channels": self.images.shape[1],
            "image_size": self.images.shape[2],
        }


def sample(gan: Gan, n: int, seed: int) -> SampleResult:
    """Draw z from the prior and generate, in eval mode.

    Parameters
    ----------
    gan : Gan
        As loaded: its generator is the exponential moving average over training.
    n : int
        How many images, at least 1. The first k of n are those of a call with k.
    seed : int
        Seed of z.

    Returns
    -------
    SampleResult

    Raises
    ------
    InputError
        ``n`` is below 1.

    Examples
    --------
    >>> import dcgan_viz
    >>> result = sample(dcgan_viz.load("rooms"), 4, seed=0)
    >>> tuple(result.images.shape)
    (4, 3, 64, 64)
    """
    if n < 1:
        raise InputError(f"{n} samples: there is nothing to draw; ask for at least 1")
    z = gan.sample_z(n, seed)  # (N, nz)
    return SampleResult(z.cpu(), gan.generate(z))


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


@click.command(cls=Command)
@click.option(
    "--samples",
    type=click.IntRange(1, 100_000),
    default=100,
    show_default=True,
    help="How many images to draw.",
)
@click.option("--files", is_flag=True, help="One PNG an image instead of a sheet.")
@common_options
def main(common: CommonOptions, samples: int, files: bool) -> None:
    """Draw images from a checkpoint.

    The EMA generator draws them in eval mode. OUT/sample receives a sheet (figure.png) or single files,
    arrays.npz with the z they come from (z[k] for image k, counted in rows from the top left), and
    result.json.
    """
    with common.output("sample") as directory:
        gan = common.load(generator_for="drawing images")
        result = sample(gan, samples, common.seed)
        if files:
            write_images(result.images, directory)
        else:
            sheet(result.images).save(directory / "figure.png")
        np.savez(directory / "arrays.npz", z=result.z.numpy())
        record = write_result(directory, "sample", result.to_json(), common.provenance(gan).to_json())
    destination = common.out / "sample"
    what = f"{samples} images in" if files else f"sheet of {samples} images:"
    common.emit(record, [f"{what} {destination if files else destination / 'figure.png'}"])


if __name__ == "__main__":
    main()
