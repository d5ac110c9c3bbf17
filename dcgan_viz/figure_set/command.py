"""The command ``figure-set``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from dcgan_viz.cli import Command, CommonOptions, common_options, resolved_device
from dcgan_viz.errors import InputError
from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.entry import Status
from dcgan_viz.figure_set.manifest import MANIFEST_NAME, Manifest
from dcgan_viz.figure_set.parts import chosen
from dcgan_viz.figure_set.report import (
    ANALYSIS,
    Step,
    checkpoint_json,
    checkpoint_label,
    machine,
    make_report,
)
from dcgan_viz.figure_set.settings import JUDGES, FigureSetSettings
from dcgan_viz.figure_set.verification import Verdict, verify
from dcgan_viz.image_options import ImageOptions, image_options
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.provenance import package_versions


def _seeds(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    if value is None:
        return None
    words = [word.strip() for word in value.split(",")]
    if not all(word.isdecimal() for word in words):
        raise click.BadParameter(f"{value!r} is no list of seeds; write them as in 0,1,2.")
    return tuple(map(int, words))


def _names(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    return () if value is None else tuple(word.strip().replace("-", "_") for word in value.split(","))


@click.command(cls=Command)
@click.option("--only", callback=_names, metavar="PART,...", help="Draw these parts only. [default: all]")
@click.option(
    "--seeds",
    callback=_seeds,
    metavar="N,N,...",
    help="Several seeds: figures of the first, a table of the numbers of all.",
)
@click.option("--target", default=FigureSetSettings.target, show_default=True, help="What removal removes.")
@click.option(
    "--judge",
    type=click.Choice(JUDGES),
    default=FigureSetSettings.judge,
    show_default=True,
    help="Whether the segmenters of rooms choose and measure; auto where the GAN was trained on rooms.",
)
@click.option(
    "--verify",
    "verified",
    type=click.Path(path_type=Path),
    default=None,
    metavar="DIR",
    help="Draw nothing new: make the report in DIR again from its manifest, and compare files, numbers and "
    "pixels.",
)
@image_options
@partial(common_options, several=True)
def main(
    common: CommonOptions,
    only: tuple[str, ...],
    seeds: tuple[int, ...] | None,
    target: str,
    judge: str,
    real: ImageOptions,
    verified: Path | None,
) -> None:
    """Draw all figures of a checkpoint and bind them into a report.

    OUT/figure_set receives index.html, report.pdf, manifest.json, and a directory for each part with its
    figure (PNG, SVG, PDF) and result.json. A part that fails or lacks what it needs is named in the index,
    and the others are there. --checkpoint may be given several times: the same z, the same panels, side by
    side.
    """
    if verified is not None:
        _verify(common, verified)
        return
    given = click.get_current_context().get_parameter_source("seed") is ParameterSource.COMMANDLINE
    if seeds and given:
        raise click.UsageError("--seed and --seeds together: leave out one; the figures are of the first.")
    settings = FigureSetSettings(only, seeds or (common.seed,), real, target, judge)
    chosen(settings.only)
    models = (common.model, *common.others)
    with common.output(ANALYSIS) as directory:
        benches = _benches(common, models, settings)
        manifest = make_report(
            directory,
            benches,
            settings,
            command=common.command_line,
            progress=partial(_bar, common),
        )
    where = common.out / ANALYSIS
    common.emit(manifest.to_json(), _summary(manifest, where))
    failed = [entry for entry in manifest.parts if entry["status"] == Status.FAILED]
    if failed:
        reasons = "; ".join(f"{entry['name']}: {entry['reason']}" for entry in failed)
        raise InputError(
            f"{len(failed)} of {len(manifest.parts)} parts failed ({reasons}); the rest is in {where}"
        )


def _benches(
    common: CommonOptions, models: Sequence[ModelOptions], settings: FigureSetSettings
) -> list[Bench]:
    """Open the checkpoints; where there are several each gets a name of its own."""
    labels = [
        checkpoint_label(model.generator or model.discriminator or model.checkpoint) for model in models
    ]
    several = len(models) > 1
    benches = []
    for index, (model, label) in enumerate(zip(models, labels, strict=True), start=1):
        own = label if labels.count(label) == 1 else f"{label} ({index})"
        benches.append(Bench(common.load(model=model), model, settings, own if several else ""))
    return benches


def _bar(common: CommonOptions, steps: Sequence[Step]) -> Iterable[Step]:
    """The steps, with a bar that names the one that is being done."""
    bar: Any = common.progress(steps, "figures")
    for step in bar:
        bar.set_postfix_str(step.name)
        yield step


def _summary(manifest: Manifest, where: Path) -> list[str]:
    missing = [entry for entry in manifest.parts if entry["status"] != Status.DRAWN]
    names = [f"{entry['name']} {entry['checkpoint']}".rstrip() for entry in missing]
    return [
        *(
            f"{name}: {entry['status']}, {entry['reason']}"
            for name, entry in zip(names, missing, strict=True)
        ),
        f"{len(manifest.parts) - len(missing)} figures: {where / 'index.html'}, {where / 'report.pdf'}",
    ]


def _verify(common: CommonOptions, directory: Path) -> None:
    """Make the report again beside the old one, compare, and say what differs."""
    if not (directory / MANIFEST_NAME).is_file() and (directory / ANALYSIS / MANIFEST_NAME).is_file():
        directory = directory / ANALYSIS
    opened: list[Bench] = []

    def checkpoints(manifest: Manifest) -> list[dict[str, Any]]:
        asked = _networks(common, directory, manifest)
        opened.extend(_benches(common, asked, FigureSetSettings.from_json(manifest.settings)))
        return [checkpoint_json(bench) for bench in opened]

    def remake(manifest: Manifest, scratch: Path) -> Manifest:
        settings = FigureSetSettings.from_json(manifest.settings)
        return make_report(
            scratch, opened, settings, command=manifest.command, progress=partial(_bar, common)
        )

    here = machine(resolved_device(common.device))
    with tempfile.TemporaryDirectory(prefix="figure_set-") as scratch:
        verdict = verify(directory, checkpoints, remake, Path(scratch) / "again", here, package_versions())
    common.emit(verdict.to_json(), _found(directory, verdict))
    if verdict.differences:
        more = len(verdict.differences) - 1
        others = f"; and {more} more" if more else ""
        raise InputError(f"{directory}: not what its manifest says: {verdict.differences[0]}{others}")


def _networks(common: CommonOptions, directory: Path, manifest: Manifest) -> Sequence[ModelOptions]:
    """The networks that the command line names, or else the manifest.

    Raises
    ------
    InputError
        If the manifest names a class, whose code would be run: that is for the person to ask for.
    """
    context = click.get_current_context()
    options = [one.name for one in fields(ModelOptions)]
    if any(context.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in options):
        return (common.model, *common.others)
    noted = [ModelOptions.from_json(entries) for entries in manifest.models]
    if classes := [name for model in noted for name in (model.generator, model.discriminator) if name]:
        raise InputError(
            f"{directory}: made with the class {classes[0]}, whose code would be run; "
            "if you trust it, give the same options as then"
        )
    return noted


def _found(directory: Path, verdict: Verdict) -> list[str]:
    how = "exactly" if verdict.is_exact else "within the tolerance for another machine or other versions"
    counted = f"{verdict.n_files} files, {verdict.n_numbers} numbers, {verdict.n_pictures} figures"
    return list(verdict.differences) or [f"{directory}: {counted} compared; all equal, {how}"]


if __name__ == "__main__":
    main()
