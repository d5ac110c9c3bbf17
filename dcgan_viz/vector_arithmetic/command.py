"""The command ``vector-arithmetic``."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from click.core import ParameterSource
from torch import Tensor

from dcgan_viz.cli import Command, CommonOptions, common_options
from dcgan_viz.errors import InputError
from dcgan_viz.figures import (
    ArithmeticImages,
    ArithmeticView,
    Figure,
    arithmetic_figure,
    save_figure,
    sheet_figure,
    to_pixels,
    turn_figure,
)
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.models.gan import Gan
from dcgan_viz.output import dump_json, strict_json, write_result
from dcgan_viz.vector_arithmetic.analysis import FIRST_SAMPLES, vector_arithmetic
from dcgan_viz.vector_arithmetic.recipe import LARGEST_NOISE, LARGEST_SHEET, MOST_NEIGHBOURS, Recipe, written
from dcgan_viz.vector_arithmetic.recipe_file import blank_recipe, read_recipe, write_recipe
from dcgan_viz.vector_arithmetic.result import ArithmeticResult
from dcgan_viz.vector_arithmetic.settings import JUDGES, ArithmeticSettings

ANALYSIS = "vector_arithmetic"
SHEET = "vector_arithmetic_sheet"
SHEET_COLUMNS = 8
HELD_BY_A_RECIPE = (
    "sheet_size", "target", "n_exemplars", "n_turn_exemplars", "noise", "n_neighbours", "rescale"
)  # fmt: skip


@click.command(cls=Command)
@click.option(
    "--recipe",
    "recipe_file",
    type=click.Path(path_type=Path),
    default=None,
    help="Exemplars of your own, by their numbers on a sheet, and what to compute of them; replays what an "
    "earlier run wrote as recipe.json.",
)
@click.option(
    "--sheet",
    is_flag=True,
    help="Only write the numbered sheet of samples, and a recipe.json to fill in.",
)
@click.option(
    "--sheet-size",
    type=click.IntRange(1, LARGEST_SHEET),
    default=ArithmeticSettings.sheet_size,
    show_default=True,
    help="Samples on the sheet.",
)
@click.option(
    "--target",
    default=ArithmeticSettings.target,
    show_default=True,
    help="On rooms, the class that the annotator's exemplars put into rooms without.",
)
@click.option(
    "--exemplars",
    "n_exemplars",
    type=click.IntRange(1, 100),
    default=ArithmeticSettings.n_exemplars,
    show_default=True,
    help="Exemplars a concept that the annotator chooses.",
)
@click.option(
    "--turn-exemplars",
    "n_turn_exemplars",
    type=click.IntRange(1, 100),
    default=ArithmeticSettings.n_turn_exemplars,
    show_default=True,
    help="Exemplars of each end of the turn that it chooses.",
)
@click.option(
    "--noise",
    type=click.FloatRange(0, LARGEST_NOISE),
    default=ArithmeticSettings.noise,
    show_default=True,
    help="Neighbours of the result: uniform noise on each number of z, up to this either way.",
)
@click.option(
    "--neighbours",
    "n_neighbours",
    type=click.IntRange(1, MOST_NEIGHBOURS),
    default=ArithmeticSettings.n_neighbours,
    show_default=True,
    help="How many there are.",
)
@click.option(
    "--rescale/--no-rescale",
    default=None,
    help="Bring sums to the typical norm of the prior, and steps of the turn to the norm of their z. "
    "[default: the steps, not the sums]",
)
@click.option(
    "--turn/--no-turn",
    default=ArithmeticSettings.turn,
    show_default=True,
    help="Walk along the axis between two concepts, on fresh z.",
)
@click.option(
    "--cases",
    "n_cases",
    type=click.IntRange(1, 2000),
    default=ArithmeticSettings.n_cases,
    show_default=True,
    help="Sheets, and fresh z of the turn, that the judge measures on.",
)
@click.option(
    "--judge",
    type=click.Choice(JUDGES),
    default=ArithmeticSettings.judge,
    show_default=True,
    help="Whether the segmenters of rooms choose and measure; auto where the GAN was trained on rooms.",
)
@common_options
def main(
    common: CommonOptions,
    recipe_file: Path | None,
    sheet: bool,
    sheet_size: int,
    target: str,
    n_exemplars: int,
    n_turn_exemplars: int,
    noise: float,
    n_neighbours: int,
    rescale: bool | None,
    turn: bool,
    n_cases: int,
    judge: str,
) -> None:
    """Add and subtract concepts in z, and turn one into another.

    OUT/vector_arithmetic receives the figures of the sum (figure) and of the turn (turn) and the numbered
    samples that exemplars are chosen from (sheet) as PNG, SVG, PDF and HTML, result.json, recipe.json that
    --recipe replays, and arrays.npz with z and pictures. With --sheet, OUT/vector_arithmetic_sheet receives
    the numbered samples and a recipe.json to fill in, and nothing else is done.
    """
    settings = ArithmeticSettings(
        target=target,
        n_exemplars=n_exemplars,
        n_turn_exemplars=n_turn_exemplars,
        sheet_size=sheet_size,
        noise=noise,
        n_neighbours=n_neighbours,
        rescale=ArithmeticSettings.rescale if rescale is None else rescale,
        turn_rescale=ArithmeticSettings.turn_rescale if rescale is None else rescale,
        turn=turn,
        judge=judge,
        n_cases=n_cases,
        n_walks=n_cases,
    )
    recipe = _read(recipe_file, sheet)
    if sheet:
        _write_sheet(common, settings)
        return
    seed = common.seed if recipe is None else recipe.seed
    with common.output(ANALYSIS) as directory:
        gan = common.load()
        result = vector_arithmetic(
            gan,
            settings,
            seed,
            recipe=recipe,
            exemplars_by="" if recipe_file is None else recipe_file.name,
            progress=lambda steps: common.progress(steps, "vector arithmetic"),
        )
        provenance = replace(common, seed=seed).provenance(gan).to_json()
        record = write_run(directory, gan, result, provenance)
    common.emit(record, _summary(result, common.out / ANALYSIS))


def write_run(
    directory: Path, gan: Gan, result: ArithmeticResult, provenance: Mapping[str, object]
) -> dict[str, object]:
    """Write all that the command writes: the numbered sheet, and what `write` does.

    Parameters
    ----------
    directory : Path
        What `dcgan_viz.output.output_directory` yielded.
    gan : Gan
        Draws the sheet.
    result : ArithmeticResult
    provenance : Mapping
        Of result.json.

    Returns
    -------
    dict
        The record, as `dcgan_viz.output.write_result` returns it.
    """
    framed = {index for indices in result.recipe.concepts.values() for index in indices}
    figure = numbered_sheet(gan, result.recipe.seed, result.recipe.sheet_size, provenance, framed)
    save_figure(figure, directory, "sheet")
    return write(directory, result, provenance)


def write(directory: Path, result: ArithmeticResult, provenance: Mapping[str, object]) -> dict[str, object]:
    """Write recipe, arrays, figures and result.json into a directory.

    Parameters
    ----------
    directory : Path
        What `dcgan_viz.output.output_directory` yielded.
    result : ArithmeticResult
    provenance : Mapping
        Of result.json.

    Returns
    -------
    dict
        The record, as `dcgan_viz.output.write_result` returns it.
    """
    write_arrays(directory, result)
    fields = strict_json(result.to_json())
    assert isinstance(fields, dict)
    view = ArithmeticView.from_json({**fields, "provenance": provenance})
    images = figure_images(result)
    if result.recipe.expression:
        save_figure(arithmetic_figure(view, images), directory)
    if result.turn is not None:
        save_figure(turn_figure(view, images), directory, "turn")
    return write_result(directory, ANALYSIS, fields, provenance)


def write_arrays(directory: Path, result: ArithmeticResult) -> None:
    """Write recipe.json, and arrays.npz with vectors and pictures."""
    write_recipe(directory / "recipe.json", result.recipe)
    arrays = {name: part.numpy() for name, part in _arrays(result).items()}
    np.savez_compressed(directory / "arrays.npz", allow_pickle=False, **arrays)


def figure_images(result: ArithmeticResult) -> ArithmeticImages:
    """The pictures of both figures."""
    concepts, summed = result.pictures.concepts, result.pictures.sum
    cases, turn = result.cases, result.turn
    return ArithmeticImages(
        exemplars={name: one.exemplars.numpy() for name, one in concepts.items()},
        means={name: one.mean.numpy() for name, one in concepts.items()},
        result=None if summed is None else summed.result.numpy(),
        pixels=None if summed is None else summed.pixels.numpy(),
        neighbours=None if summed is None else summed.neighbours.numpy(),
        single=None if summed is None else summed.single.numpy(),
        cases={} if cases is None else {name: some.numpy() for name, some in cases.pictures.items()},
        strips=None if turn is None else turn.strips.numpy(),
    )


def _arrays(result: ArithmeticResult) -> dict[str, Tensor]:
    """Vectors and pictures; concepts by their place in the recipe."""
    arrays: dict[str, Tensor] = {}
    for k, one in enumerate(result.pictures.concepts.values()):
        arrays |= {f"concept_{k}_z": one.z, f"concept_{k}_exemplars": one.exemplars}
        arrays |= {f"concept_{k}_mean": one.mean}
    if result.pictures.sum is not None:
        arrays |= vars(result.pictures.sum)
    if result.turn is not None:
        arrays |= {"turn_axis": result.turn.axis, "turn_z": result.turn.z, "strips": result.turn.strips}
    return arrays


def _read(recipe_file: Path | None, sheet: bool) -> Recipe | None:
    """The recipe; what it holds cannot be given beside it."""
    if recipe_file is None:
        return None
    context = click.get_current_context()
    given = [
        name
        for name in ("sheet", *HELD_BY_A_RECIPE)
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    flags = {one.name: one.opts[0] for one in context.command.params}
    if given:
        raise click.UsageError(f"{flags[given[0]]} goes without --recipe, which holds all that is chosen.")
    recipe = read_recipe(recipe_file)
    turn_wanted = context.get_parameter_source("turn") is ParameterSource.COMMANDLINE
    if turn_wanted and context.params["turn"] and recipe.turn is None:
        raise InputError(f"{recipe_file}: it holds no turn; add one, or leave out --turn")
    return recipe


def numbered_sheet(
    gan: Gan, seed: int, size: int, provenance: Mapping[str, object], framed: Collection[int] = ()
) -> Figure:
    """The samples that exemplars are chosen from, each with its number; those in use are framed."""
    images = gan.generate(gan.sample_z(size, seed))
    choose = "write the numbers of exemplars into recipe.json, and give it with --recipe."
    return sheet_figure(
        to_pixels(images.numpy()),
        f"{size} samples to choose exemplars from",
        columns=SHEET_COLUMNS,
        subtitle=f"Framed: the exemplars of this run. For others {choose}" if framed else choose.capitalize(),
        caption=provenance_line(provenance),
        numbered=True,
        framed=framed,
    )


def _write_sheet(common: CommonOptions, settings: ArithmeticSettings) -> None:
    """The numbered sheet, and a recipe to fill in."""
    size = settings.sheet_size
    with common.output(SHEET) as directory:
        gan = common.load()
        gan.require_generator(ANALYSIS)
        provenance = common.provenance(gan).to_json()
        save_figure(numbered_sheet(gan, common.seed, size, provenance), directory)
        blank = blank_recipe(gan, common.seed, size)
        (directory / "recipe.json").write_text(dump_json(blank, indent=2) + "\n", encoding="utf-8")
        record = write_result(directory, SHEET, {"n_samples": size, "recipe": blank}, provenance)
    destination = common.out / SHEET
    common.emit(
        record, [f"sheet: {destination / 'figure.png'}", f"to fill in: {destination / 'recipe.json'}"]
    )


def _summary(result: ArithmeticResult, directory: Path) -> Iterator[str]:
    """What there is to say, a line each."""
    summed, cases, turn = result.pictures.sum, result.cases, result.turn
    if summed is not None:
        norms = result.pictures.norms
        yield (
            f"{written(result.recipe.expression)}: norm {norms.drawn:.2f}, typical of the prior "
            f"{norms.prior.p50:.2f}"
        )
    if cases is not None:
        rate, control = (cases.verdicts[name].success.mean() for name in ("result", "control"))
        n = len(cases.vectors.seeds)
        yield f"success in {rate:.2f} of {n} cases, with random exemplars in {control:.2f}"
    if turn is not None and turn.measure is not None and turn.control is not None:
        mean, chance = (one.to_json()["spearman_mean"] for one in (turn.measure, turn.control))
        yield (
            f"{turn.turn.start} to {turn.turn.end}: Spearman {mean:.2f} between position and centre, along "
            f"random axes {chance:.2f}"
        )
    if result.exemplars_by == FIRST_SAMPLES:
        yield "exemplars: the first samples, which nobody has looked at; choose others on the sheet"
    if result.judge.get("reason"):
        yield f"not measured: {result.judge['reason']}"
    if summed is not None:
        yield f"figure: {directory / 'figure.png'}"
    if turn is not None:
        yield f"turn: {directory / 'turn.png'}"
    yield f"sheet: {directory / 'sheet.png'}"
    yield f"recipe: {directory / 'recipe.json'}"


if __name__ == "__main__":
    main()
