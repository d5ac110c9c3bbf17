"""The command ``memorization``."""

from collections.abc import Mapping
from pathlib import Path

import click
import numpy as np
from torch import Tensor

from dcgan_viz.cli import Command, CommonOptions, common_options
from dcgan_viz.data.datasets import to_float
from dcgan_viz.errors import InputError
from dcgan_viz.figures import save_figure
from dcgan_viz.figures.memorization import MemorizationImages, memorization_figure
from dcgan_viz.figures.memorization_view import MemorizationView
from dcgan_viz.image_options import LEAST_IMAGES, ImageOptions, image_options
from dcgan_viz.memorization.analysis import N_SAMPLES, memorization
from dcgan_viz.memorization.result import MemorizationResult, Neighbours
from dcgan_viz.output import strict_json, write_result

ANALYSIS = "memorization"


@click.command(cls=Command)
@click.option(
    "--samples",
    type=click.IntRange(LEAST_IMAGES, 100_000),
    default=N_SAMPLES,
    show_default=True,
    help="How many samples to look at.",
)
@image_options
@common_options
def main(common: CommonOptions, samples: int, real: ImageOptions) -> None:
    """Find the training images nearest to samples, and say whether the generator repeats them.

    The control is the same search for real images that training did not see. OUT/memorization receives the
    figure (PNG, SVG, PDF, HTML), result.json, and arrays.npz with the z and all distances.
    """
    with common.output(ANALYSIS) as directory:
        gan = common.load()
        gan.require_generator(ANALYSIS)
        images = real.load(gan, common.seed, progress=not common.quiet)
        if images is None:
            raise InputError(
                f"checkpoint {gan.provenance.path}: it does not say that it was trained on rooms; "
                "give its training images with --images"
            )
        result = memorization(
            gan,
            images,
            samples,
            common.seed,
            progress=lambda batches: common.progress(batches, "looking for neighbours"),
        )
        record = write(directory, result, common.provenance(gan).to_json())
    common.emit(record, _summary(result, common.out / ANALYSIS))


def write(directory: Path, result: MemorizationResult, provenance: Mapping[str, object]) -> dict[str, object]:
    """Write figure, arrays and result.json into a directory, and return the record."""
    fields = strict_json({**result.to_json(), "provenance": provenance})
    assert isinstance(fields, dict)
    save_figure(memorization_figure(MemorizationView.from_json(fields), pictures(result)), directory)
    write_arrays(directory, result)
    return write_result(directory, ANALYSIS, result.to_json(), provenance)


def write_arrays(directory: Path, result: MemorizationResult) -> None:
    """Write arrays.npz with the z, all distances and the pairs of duplicates."""
    pairs = np.array(result.duplicate_pairs, int).reshape(-1, 2)
    arrays = {"z": result.z.numpy(), "duplicate_pairs": pairs}
    for side, found in (("samples", result.samples), ("held_out", result.held_out)):
        for name, one in found.nearest.items():
            arrays |= {f"{side}_{name}_distance": one.distance, f"{side}_{name}_nearest": one.index}
    np.savez_compressed(directory / "arrays.npz", allow_pickle=False, **arrays)


def pictures(result: MemorizationResult) -> MemorizationImages:
    """The pictures that the figure shows."""
    samples, nearest_samples = _shown(result.samples, result.real.training)
    held_out, nearest_held_out = _shown(result.held_out, result.real.training)
    return MemorizationImages(samples, held_out, nearest_samples, nearest_held_out)


def _shown(side: Neighbours, training: Tensor) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    numbers = [number for _, number in side.shown()]
    nearest = {name: to_float(training[one.index[numbers]]).numpy() for name, one in side.nearest.items()}
    return side.images[numbers].numpy(), nearest


def _summary(result: MemorizationResult, directory: Path) -> list[str]:
    pairs = len(result.duplicate_pairs)
    left_out = [f"without the discriminator's features: {result.left_out}"] if result.left_out else []
    return [
        result.verdict.sentence,
        f"{pairs} pair{'' if pairs == 1 else 's'} of nearly identical samples",
        *left_out,
        f"figure: {directory / 'figure.png'}",
    ]


if __name__ == "__main__":
    main()
