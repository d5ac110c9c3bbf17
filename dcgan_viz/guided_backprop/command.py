"""The command ``guided-backprop``."""

from collections.abc import Mapping
from pathlib import Path

import click
import numpy as np
import torch
from torch import Tensor

from dcgan_viz.cli import Command, CommonOptions, common_options
from dcgan_viz.figures import save_figure
from dcgan_viz.figures.guided import FilterPictures, guided_figure
from dcgan_viz.figures.guided_view import GuidedView
from dcgan_viz.guided_backprop.analysis import guided_backprop
from dcgan_viz.guided_backprop.crops import cropped
from dcgan_viz.guided_backprop.real_images import N_IMAGES, real_images
from dcgan_viz.guided_backprop.result import Filter, GuidedResult
from dcgan_viz.guided_backprop.rules import RULES
from dcgan_viz.guided_backprop.selectivity import LEAST_MEASURED
from dcgan_viz.guided_backprop.settings import GuidedSettings
from dcgan_viz.output import strict_json, write_result

ANALYSIS = "guided_backprop"


def _filter_numbers(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int, ...] | None:
    if value is None:
        return None
    parts = value.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise click.BadParameter(f"{value!r} is no list of numbers; write it as in 0,3,17.")
    return tuple(int(part) for part in parts)


@click.command(cls=Command)
@click.option(
    "--layer",
    default=None,
    metavar="NAME",
    help="A convolution of the discriminator. [default: the last one with more than one map]",
)
@click.option(
    "--filters",
    default=None,
    metavar="N,N,...",
    callback=_filter_numbers,
    help="Numbers of its filters, from 0. [default: the first 6]",
)
@click.option(
    "--rule",
    type=click.Choice(list(RULES)),
    default=GuidedSettings.rule,
    show_default=True,
    help="How gradients pass back through LeakyReLU and ReLU.",
)
@click.option(
    "--images",
    "spec",
    default=None,
    metavar="DATA",
    help="Real images: rooms, a directory, folder:DIR, mnist:DIR, cifar10:DIR. "
    "[default: rooms, if trained on them]",
)
@click.option(
    "--n-images",
    type=click.IntRange(1, 100_000),
    default=None,
    help=f"How many of them to look through. [default: {N_IMAGES:,}, or all there are]",
)
@click.option(
    "--top",
    type=click.IntRange(1, 24),
    default=GuidedSettings.n_top,
    show_default=True,
    help="Images to show of each filter, those with the largest responses.",
)
@click.option("--crop", is_flag=True, help="Cut the pictures to what the position sees.")
@common_options
def main(
    common: CommonOptions,
    layer: str | None,
    filters: tuple[int, ...] | None,
    rule: str,
    spec: str | None,
    n_images: int | None,
    top: int,
    crop: bool,
) -> None:
    """Show what the discriminator's filters answer to, beside a randomly initialised one.

    OUT/guided_backprop receives the figure (PNG, SVG, PDF, HTML), result.json, and arrays.npz with the images
    and maps shown.
    """
    settings = GuidedSettings(layer=layer, filters=filters, rule=rule, n_top=top)
    with common.output(ANALYSIS) as directory:
        gan = common.load()
        gan.require_discriminator(ANALYSIS)
        real = real_images(gan, spec, n_images, common.seed, progress=not common.quiet)
        for file, reason in real.skipped:
            click.echo(f"{file}: {reason}; left out", err=True)
        result = guided_backprop(
            gan,
            real,
            settings,
            common.seed,
            progress=lambda steps: common.progress(steps, "looking at filters"),
        )
        record = write(directory, result, common.provenance(gan).to_json(), crop=crop)
    lines = _summary(result, common.out / ANALYSIS)
    if crop and result.receptive_field is None:
        lines.insert(-1, "pictures are not cut: what a position sees cannot be followed in this network")
    common.emit(record, lines)


def write(
    directory: Path, result: GuidedResult, provenance: Mapping[str, object], *, crop: bool = False
) -> dict[str, object]:
    """Write figure, arrays and result.json into a directory.

    Parameters
    ----------
    directory : Path
        An existing one.
    result : GuidedResult
    provenance : Mapping
        Usually ``ResultProvenance.to_json()``.
    crop : bool
        Cut the figure's pictures to the receptive fields.

    Returns
    -------
    dict
        What result.json holds.
    """
    write_arrays(directory, result)
    fields = strict_json({**result.to_json(), "provenance": provenance})
    assert isinstance(fields, dict)
    save_figure(guided_figure(GuidedView.from_json(fields), pictures(result, crop=crop)), directory)
    return write_result(directory, ANALYSIS, result.to_json(), provenance)


def pictures(result: GuidedResult, *, crop: bool = False) -> dict[int, FilterPictures]:
    """The pictures that the figure shows, by the filter's number."""
    return {one.index: _pictures(result, one, crop) for one in result.filters}


def _top_images(result: GuidedResult, one: Filter) -> Tensor:
    """Images (T, C, H, W), uint8."""
    return result.images[[peak.image for peak in one.top]]


def _pictures(result: GuidedResult, one: Filter, crop: bool) -> FilterPictures:
    shown = [_top_images(result, one).float() / 127.5 - 1, one.maps, one.control_maps]
    crop = crop and result.receptive_field is not None and len(one.boxes) == len(one.top)
    if crop and result.receptive_field is not None:
        boxes = (one.boxes, one.boxes, one.control_boxes)
        shown = [cropped(*each, result.receptive_field) for each in zip(shown, boxes, strict=True)]
    images, maps, random_maps = (each.numpy() for each in shown)
    return FilterPictures(images, maps, random_maps, cropped=crop)


def write_arrays(directory: Path, result: GuidedResult) -> None:
    """Write arrays.npz: images and maps, a row a filter, a column an image; zeros where one has fewer."""
    n_top = max([1, *(len(one.top) for one in result.filters)])
    arrays: dict[str, Tensor] = {"filters": torch.tensor([one.index for one in result.filters])}
    for name, dtype in (("images", torch.uint8), ("maps", torch.float32), ("random_maps", torch.float32)):
        arrays[name] = torch.zeros(len(result.filters), n_top, *result.images.shape[1:], dtype=dtype)
    for k, one in enumerate(result.filters):
        arrays["images"][k, : len(one.top)] = _top_images(result, one)
        arrays["maps"][k, : len(one.top)] = one.maps
        arrays["random_maps"][k, : len(one.top)] = one.control_maps
    found = {name: array.numpy() for name, array in arrays.items()}
    np.savez_compressed(directory / "arrays.npz", allow_pickle=False, **found)


def _summary(result: GuidedResult, directory: Path) -> list[str]:
    lines = [
        f"layer {result.layer} ({result.chosen_by}), rule {result.rule} on {result.n_guided} activations"
    ]
    lines += [f"filter {one.index}: {_words(result, one)}" for one in result.filters]
    for name, count in result.unguided.items():
        lines.append(f"{name} ({count}) has no rule and passed its gradient unchanged")
    lines += [
        f"trained and random maps at {one.layer}: cosine {one.cosine:.2f} "
        f"(another image: {one.other_image:.2f})"
        for one in result.similarity
    ]
    if result.audit is not None:
        lines.append(
            f"captum made {result.audit.n_maps} of the maps again: "
            f"largest difference {result.audit.map_difference:.1g} of their largest value"
        )
    return [*lines, f"figure: {directory / 'figure.png'}"]


def _words(result: GuidedResult, one: Filter) -> str:
    """What a filter answers to, as in "beds, 4.1 [3.6, 4.7]"."""
    if one.dead:
        return f"dead: it answers to none of {result.n_images:,} images"
    if not one.selectivity:
        return f"largest response {one.top[0].response:.2f}, in image {one.top[0].image}"
    if one.n_measured < LEAST_MEASURED:
        return f"responds to {one.n_measured} images, too few to say which class it answers to"
    if one.answers_to is None:
        return "answers to no class more than a random network does"
    found = one.selectivity[one.answers_to]
    low, high = found.ci95
    return f"{one.answers_to}, {found.ratio:.1f} [{low:.1f}, {high:.1f}] (random {found.control_ratio:.1f})"


if __name__ == "__main__":
    main()
