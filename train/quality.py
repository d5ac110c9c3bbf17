"""How good a generator of rooms is, by the judge: ``python -m train.quality --checkpoint runs/rooms``."""

import json
from dataclasses import asdict, dataclass

import click
import numpy as np
import torch
from torch import Tensor

from dcgan_viz.cli import Command
from dcgan_viz.data.distances import frechet_distance
from dcgan_viz.data.rooms import CLASSES, QUALITY_START, render_split
from dcgan_viz.data.segmenter import SEGMENTER_SIZE, Segmenter, load_segmenter
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.loading import load

PRESENT_PIXELS = 16  # of 64 x 64, from which on an image shows a class


@dataclass(frozen=True)
class Quality:
    """Samples beside held-out real rooms, both as the judge sees them.

    Attributes
    ----------
    n_images : int
        On each side.
    total_variation : float
        Between the mean shares of the area that the classes cover, in [0, 1].
    area_shares : dict of str to (float, float)
        Those shares of each class: samples, real.
    window_shares : (float, float)
        Share of images that show a window: samples, real.
    n_identical : int
        Samples that equal an earlier one in all of their 8-bit pixels.
    frechet_judge : float
        Fréchet distance on the judge's features.
    frechet_judge_real : float
        The same between two halves of the real rooms.
    """

    n_images: int
    total_variation: float
    area_shares: dict[str, tuple[float, float]]
    window_shares: tuple[float, float]
    n_identical: int
    frechet_judge: float
    frechet_judge_real: float


def measure_quality(gan: Gan, judge: Segmenter, n_images: int = 2000, seed: int = 0) -> Quality:
    """Compare samples with held-out rooms.

    Parameters
    ----------
    gan : Gan
        Of 64 px in colour.
    judge : Segmenter
        Has had no part in choosing the snapshot.
    n_images : int
        On each side.
    seed : int
        Of the samples.
    """
    samples = gan.generate(gan.sample_z(n_images, seed))
    raw, _ = render_split("held_out", n_images, start=QUALITY_START, image_size=SEGMENTER_SIZE)
    real = torch.from_numpy(raw).permute(0, 3, 1, 2).float() / 127.5 - 1
    shares, windows = zip(*(_shares(judge.predict(images)) for images in (samples, real)), strict=True)
    pixels = ((samples + 1) * 127.5).round().to(torch.uint8).flatten(1).numpy()
    real_features = judge.features(real)
    return Quality(
        n_images=n_images,
        total_variation=float(np.abs(shares[0] - shares[1]).sum() / 2),
        area_shares={name: (float(a), float(b)) for name, a, b in zip(CLASSES, *shares, strict=True)},
        window_shares=(windows[0], windows[1]),
        n_identical=n_images - len({row.tobytes() for row in pixels}),
        frechet_judge=frechet_distance(judge.features(samples), real_features),
        frechet_judge_real=frechet_distance(real_features[0::2], real_features[1::2]),
    )


def _shares(classes: Tensor) -> tuple[np.ndarray, float]:
    """Mean area share of each class (9,), and the share of images with a window."""
    shares = np.bincount(classes.flatten().numpy(), minlength=len(CLASSES)) / classes.numel()
    window = (classes == CLASSES.index("window")).sum(dim=(1, 2)) >= PRESENT_PIXELS
    return shares, float(window.float().mean())


@click.command(cls=Command)
@click.option("--checkpoint", default="rooms", show_default=True)
@click.option("--samples", type=click.IntRange(min=4), default=2000, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
def main(checkpoint: str, samples: int, seed: int) -> None:
    """Print, as JSON, how a generator of rooms compares with held-out rooms."""
    quality = measure_quality(load(checkpoint), load_segmenter("judge"), samples, seed)
    click.echo(json.dumps(asdict(quality), indent=1))


if __name__ == "__main__":
    main()
