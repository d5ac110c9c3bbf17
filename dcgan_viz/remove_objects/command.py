"""The command ``remove-objects``."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np

from dcgan_viz.cli import Command, CommonOptions, common_options, exact
from dcgan_viz.data.boxes import Boxes, read_boxes, write_boxes
from dcgan_viz.data.room_gans import draws_rooms
from dcgan_viz.data.segmenter import load_segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.figures import Figure, RemovalImages, RemovalView, removal_figure, save_figure
from dcgan_viz.models.gan import Gan
from dcgan_viz.output import strict_json, write_result
from dcgan_viz.remove_objects.analysis import annotate, judge_for, remove_objects
from dcgan_viz.remove_objects.edits import Fill
from dcgan_viz.remove_objects.result import MethodResult, RemovalResult
from dcgan_viz.remove_objects.samples import check_generator
from dcgan_viz.remove_objects.settings import JUDGES, METHODS, RemovalSettings

ANALYSIS = "remove_objects"
N_SHOWN = 16  # pictures kept in arrays.npz, of which the figure shows the first


@click.command(cls=Command)
@click.option(
    "--target",
    default="window",
    show_default=True,
    help="What to remove: a class of the rooms, or whatever the boxes of --boxes are around.",
)
@click.option(
    "--layer",
    default=None,
    metavar="NAME|RULE",
    help="A layer by name, penultimate or second-highest. [default: penultimate for drop, second-highest "
    "for local]",
)
@click.option(
    "--boxes",
    "boxes_file",
    type=click.Path(path_type=Path),
    default=None,
    help="Boxes of your own (COCO JSON, or as this command writes them) instead of the annotator's.",
)
@click.option(
    "--judge",
    type=click.Choice(JUDGES),
    default=RemovalSettings.judge,
    show_default=True,
    help="Who measures how much is left: the segmenter of rooms, a judge fitted on the discriminator's "
    "features and half of the boxed images, or nobody; auto takes the first where the GAN draws rooms.",
)
@click.option(
    "--samples",
    type=click.IntRange(1, 20_000),
    default=RemovalSettings.n_fresh,
    show_default=True,
    help="Fresh samples to measure on.",
)
@click.option(
    "--method",
    type=click.Choice(("both", *METHODS)),
    default="both",
    show_default=True,
    help="The paper's drop, local, or both side by side.",
)
@click.option(
    "--strength",
    type=click.FloatRange(0, 1),
    default=RemovalSettings.strength,
    show_default=True,
    help="How far the edits go: 0 changes nothing, 1 is the whole edit.",
)
@click.option(
    "--threshold",
    type=float,
    default=Fill.threshold,
    show_default=True,
    help="Log odds of the probe from which on local takes a position for the target.",
)
@click.option(
    "--maps",
    type=click.IntRange(min=1),
    default=None,
    help="How many maps drop takes, the most telling first.  [default: all that speak for the target]",
)
@click.option("--quick", is_flag=True, help="Leave out the dose curve and the sweep over layers.")
@common_options
def main(
    common: CommonOptions,
    target: str,
    layer: str | None,
    boxes_file: Path | None,
    judge: str,
    samples: int,
    method: str,
    strength: float,
    threshold: float,
    maps: int | None,
    quick: bool,
) -> None:
    """Find the features that draw a target, drop them, and measure what that did.

    OUT/remove_objects receives the figure (PNG, SVG, PDF, HTML), result.json, arrays.npz with the z and the
    pictures shown, and boxes.json with the boxes that were used.
    """
    settings = settings_of(target, layer, judge, samples, method, strength, threshold, maps, quick)
    with common.output(ANALYSIS) as directory:
        gan = common.load()
        check_generator(gan)
        boxes, source = _boxes(common, gan, settings, boxes_file)
        result = remove_objects(
            gan,
            boxes,
            judge_for(gan, boxes, settings, common.seed),
            settings,
            common.seed,
            boxes_source=source,
            progress=lambda steps: common.progress(steps, f"removing {target}"),
        )
        record = write(directory, result, common.provenance(gan).to_json())
    common.emit(record, _summary(result, common.out / ANALYSIS))


def settings_of(
    target: str,
    layer: str | None,
    judge: str,
    samples: int,
    method: str,
    strength: float,
    threshold: float,
    maps: int | None,
    quick: bool,
) -> RemovalSettings:
    """What the command's options say."""
    return RemovalSettings(
        target=target,
        layer=layer,
        judge=judge,
        fill=Fill(threshold=threshold),
        strength=strength,
        n_maps=maps,
        methods=METHODS if method == "both" else (method,),
        quick=quick,
    ).measured_on(samples)


def words_of(settings: RemovalSettings) -> list[str]:
    """The options that say some settings; those that have no option have to be the defaults.

    Examples
    --------
    >>> words_of(RemovalSettings(target="bed", quick=True, methods=("drop",)))
    ['--target', 'bed', '--samples', '1000', '--method', 'drop', '--quick']
    """
    words = ["--target", settings.target]
    if settings.layer:
        words += ["--layer", settings.layer]
    if settings.judge != RemovalSettings.judge:
        words += ["--judge", settings.judge]
    words += ["--samples", str(settings.n_fresh)]
    if set(settings.methods) != set(METHODS):
        words += ["--method", settings.methods[0]]
    if settings.strength != RemovalSettings.strength:
        words += ["--strength", exact(settings.strength)]
    if settings.fill.threshold != Fill.threshold:
        words += ["--threshold", exact(settings.fill.threshold)]
    if settings.n_maps is not None:
        words += ["--maps", str(settings.n_maps)]
    if settings.quick:
        words.append("--quick")
    return words


def _boxes(
    common: CommonOptions, gan: Gan, settings: RemovalSettings, boxes_file: Path | None
) -> tuple[Boxes, str]:
    if boxes_file is not None:
        return read_boxes(boxes_file, gan.image_size, settings.n_annotated, settings.target), boxes_file.name
    if settings.judge != "rooms" and not draws_rooms(gan):
        raise InputError(
            f"checkpoint {gan.provenance.path}: the annotator knows rooms only; draw boxes on its samples "
            "and give them with --boxes (docs/removing-objects.md)"
        )
    return annotate(gan, load_segmenter("annotator", gan.device), settings, common.seed), "annotator"


def write(directory: Path, result: RemovalResult, provenance: dict[str, object]) -> dict[str, object]:
    """Write all that the command leaves: figures, boxes, arrays, result.json; return what is in the last."""
    fields = strict_json({**result.to_json(), "provenance": provenance})
    assert isinstance(fields, dict)
    save_figure(figure_of(result, fields), directory)
    write_arrays(directory, result)
    return write_result(directory, ANALYSIS, result.to_json(), provenance)


def figure_of(result: RemovalResult, fields: Mapping[str, Any]) -> Figure:
    """The figure of a result; ``fields`` are those of its result.json, with the provenance."""
    rows = result.shown[:N_SHOWN]
    edited = {name: images[rows].numpy() for name, images in result.edited.items()}
    return removal_figure(
        RemovalView.from_json(fields), RemovalImages(result.untouched[rows].numpy(), edited)
    )


def write_arrays(directory: Path, result: RemovalResult) -> None:
    """Write boxes.json with the boxes used, and arrays.npz with the z and the pictures shown."""
    write_boxes(directory / "boxes.json", result.boxes)
    rows = result.shown[:N_SHOWN]
    arrays = {"z": result.z.cpu(), "shown": rows, "untouched": result.untouched[rows]}
    arrays |= {name: images[rows] for name, images in result.edited.items()}
    named = {name: array.numpy() for name, array in arrays.items()}
    np.savez_compressed(directory / "arrays.npz", allow_pickle=False, **named)


def _summary(result: RemovalResult, directory: Path) -> list[str]:
    judged = result.judge.get("reason")
    no_judge = [f"no judge of areas: {judged}"] if judged else []
    return [
        *(_line(result, method) for method in result.methods),
        *no_judge,
        f"figure: {directory / 'figure.png'}",
    ]


def _line(result: RemovalResult, method: MethodResult) -> str:
    """What there is to say about a method in one line."""
    effect, focus = method.effect, method.focus
    parts = []
    if not math.isnan(effect.target_area_ratio):
        parts.append(
            f"{result.target} area x {effect.target_area_ratio:.2f} "
            f"(control x {method.control.target_area_ratio:.2f})"
        )
    if effect.collateral_class:
        parts.append(f"other classes change by up to {effect.collateral:.2f} ({effect.collateral_class})")
    parts += [
        f"boxes change {focus.change.ratio:.1f} times as much as the rest "
        f"(control {focus.control.ratio:.1f})",
        f"probe AUC {method.probe.auc_heldout:.3f} (shuffled {method.probe.auc_shuffled:.3f})",
    ]
    return f"{method.name:5} at {method.layer.name}: {', '.join(parts)}"


if __name__ == "__main__":
    main()
