"""Arithmetic: concepts made of samples, added and subtracted in z."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from apps.arithmetic import drawn, evidence, exemplars, fields
from apps.arithmetic.board import Means, board
from apps.arithmetic.draft import Draft
from apps.arithmetic.drawn import Outcome
from apps.shell import controls, page
from apps.shell.bench import Bench, current
from apps.shell.downloads import Download, downloads, folder
from apps.shell.markdown import escaped
from dcgan_viz.vector_arithmetic.pictures import RecipePictures
from dcgan_viz.vector_arithmetic.recipe import Recipe
from dcgan_viz.vector_arithmetic.recipe_file import recipe_bytes


def show() -> None:
    """Draw the page."""
    page.title(
        "Arithmetic",
        "Make concepts of samples, add and subtract them in z, and see what the generator draws of the sum.",
    )
    bench = current()
    bench.require("generator")
    draft = fields.begin(bench)
    exemplars.tools(bench, draft)
    recipe = fields.recipe(bench, draft)
    found = None if recipe is None else drawn.pictures(bench, recipe)
    is_sum = fields.VIEW.get() == "sum"
    _board(bench, draft, found)
    _controls(is_sum)
    if not is_sum:
        _walks(bench, draft, recipe)
    st.caption(_invitation(bench, draft))
    exemplars.numbered_sheet(bench, draft, exemplars.sheet_pngs(bench, draft))
    if recipe is None or found is None:
        return
    if is_sum and found.sum is not None:
        _about_the_sum(recipe, found)
    _downloads(bench, recipe, evidence.measure(bench, draft, recipe))


def _walks(bench: Bench, draft: Draft, recipe: Recipe | None) -> None:
    """The turn, or what it lacks."""
    if recipe is not None and recipe.turn is not None:
        evidence.strips(drawn.walks(bench, recipe))
    elif any(draft.concepts[place].numbers for place in draft.ends or ()):
        st.caption(f"No walks yet, and nothing to measure: {evidence.missing(draft)}.")


def _board(bench: Bench, draft: Draft, found: RecipePictures | None) -> None:
    parts = [] if found is None else [found]
    lone = _lone_end(bench, draft)
    if lone is not None:
        parts.append(drawn.pictures(bench, lone))
    tiles = exemplars.sheet_pngs(bench, draft)
    board(draft, tiles, Means.of(*parts), None if found is None else found.sum)


def _lone_end(bench: Bench, draft: Draft) -> Recipe | None:
    """One end of the turn, where the other has no exemplars yet: for the picture of its mean."""
    if draft.ends is None:
        return None
    filled = [k for k in draft.ends if draft.concepts[k].numbers]
    if len(filled) != 1 or filled[0] in draft.sum_places:
        return None
    alone = Draft((draft.concepts[filled[0]],), ((0, "+"),), None)
    return fields.recipe(bench, alone)


def _controls(is_sum: bool) -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if is_sum:
            with st.container(width=260):
                controls.slider(
                    fields.NOISE, "Noise of the neighbours", 0.0, max(1.0, fields.NOISE.get()), 0.05,
                    help="Each number of z is off by as much at most, either way.",
                )  # fmt: skip
            controls.toggle(
                fields.RESCALE, "Rescale to the prior",
                help="Bring means and sums to the typical norm of a z before they are drawn.",
            )  # fmt: skip
            return
        with st.container(width=260):
            controls.slider(
                fields.REACH, "Reach", min(0.25, fields.REACH.get()), max(4.0, fields.REACH.get()), 0.25,
                help="Positions run from minus this to plus this; 1 is the way between the means.",
            )  # fmt: skip
        with st.container(width=200):
            controls.slider(fields.STEPS, "Positions", 3, max(15, fields.STEPS.get()), 2)
        controls.toggle(
            fields.TURN_RESCALE, "Rescale the steps",
            help="Bring each step to the norm of the z that it starts from.",
        )  # fmt: skip


def _invitation(bench: Bench, draft: Draft) -> str:
    """What a click on the sheet does now."""
    place = fields.active(draft)
    seed = f"the sheet of seed {bench.seed}"
    note = " Recipes know no truncation, and neither does this sheet." if bench.truncation != 1 else ""
    if place < 0:
        return f"This recipe has none of these; look at {seed}.{note}"
    name = escaped(draft.concepts[place].name)
    if not draft.room(place):
        return (
            f"**{draft.letter(place)}**, {name}, is full: click one of its samples on {seed} to take it out, "
            f"or the letter of another concept to fill that.{note}"
        )
    return f"Click samples on {seed} to put them into **{draft.letter(place)}**, {name}.{note}"


def _about_the_sum(recipe: Recipe, found: RecipePictures) -> None:
    left, right = st.columns([3, 2], gap="large")
    assert found.sum is not None
    with left:
        evidence.otherwise(found.sum)
    with right:
        evidence.norms(recipe, found)


def _downloads(bench: Bench, recipe: Recipe, measured: Outcome | None) -> None:
    command = drawn.command(bench, *(("--judge", "none") if measured is None else measured.options))
    key = ("arithmetic", bench.key, recipe.to_json(), command)
    files = folder(key, partial(_write, bench, recipe, measured))
    stem = f"arithmetic_seed_{bench.seed}"
    figures = [
        *([("Figure", "figure")] if recipe.expression else []),
        *([("Figure of the turn", "turn")] if recipe.turn is not None else []),
    ]
    downloads(
        "arithmetic",
        [
            Download("Recipe", drawn.RECIPE_FILE, partial(recipe_bytes, recipe)),
            *(files.download(label, f"{stem}_{name}.png", f"{name}.png") for label, name in figures),
            files.download("z and pictures", f"{stem}.npz", "arrays.npz"),
            files.download("Record", f"{stem}.json", "result.json"),
            Download("All files", f"{stem}.zip", files.archive),
        ],
        command,
    )


def _write(bench: Bench, recipe: Recipe, measured: Outcome | None, directory: Path) -> None:
    (drawn.unmeasured(bench, recipe) if measured is None else measured).write(bench, directory)


if __name__ == "__main__":
    show()
