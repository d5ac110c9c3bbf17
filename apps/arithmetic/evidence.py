"""Below the board: what else the sum could have given, how long its vectors are, and what a judge says."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from torch import Tensor

from apps.arithmetic import drawn, fields
from apps.arithmetic.draft import Draft
from apps.arithmetic.drawn import Outcome
from apps.shell import controls, work
from apps.shell.bench import Bench
from apps.shell.columns import Row, columns
from apps.shell.field import asked
from apps.shell.markdown import escaped
from apps.shell.number_card import Bar, number_card
from apps.shell.pictures import pngs
from apps.shell.sheet import Tile, sheet
from dcgan_viz.data.room_gans import segmenters_know
from dcgan_viz.figures.arithmetic_panels import card, norm_panel, success_panel
from dcgan_viz.figures.arithmetic_view import ArithmeticView, CasesView
from dcgan_viz.figures.spec import DotPanel, Role
from dcgan_viz.figures.turn import turn_card
from dcgan_viz.figures.wording import tick
from dcgan_viz.vector_arithmetic.pictures import RecipePictures, SumPictures
from dcgan_viz.vector_arithmetic.recipe import Recipe
from dcgan_viz.vector_arithmetic.turn import Turn

_ORDINALS = ("1st", "2nd", "3rd")
MOST_SINGLES = 6


def otherwise(summed: SumPictures) -> None:
    """The same sum of pictures, and of single exemplars."""
    st.subheader("The same sum, otherwise", anchor=False)
    singles = summed.single[:MOST_SINGLES]
    images = [summed.result, summed.pixels, *singles]
    captions = ["of means", "of pictures", *(f"{_ordinal(k)} of each" for k in range(len(singles)))]
    alts = [
        "The sum of the means",
        "The same sum of the exemplars' pictures, the control",
        *(f"The same sum of the {_ordinal(k)} exemplar of each concept" for k in range(len(singles))),
    ]
    tiles = [
        Tile(caption, png, alt, (caption,))
        for caption, png, alt in zip(captions, _pngs(images), alts, strict=True)
    ]
    sheet("arithmetic.otherwise", tiles, "The same sum, otherwise", least_px=78)
    st.caption(
        "Of pictures: the control; pixels added and subtracted leave ghosts of all exemplars. Of single "
        "exemplars: without means, what comes is a matter of luck."
    )


def norms(recipe: Recipe, found: RecipePictures) -> None:
    """How long the vectors are."""
    view = drawn.shown(recipe, found)
    st.subheader("How long the vectors are", anchor=False)
    number_card("arithmetic.norms", card(view), _bars(norm_panel(view)), "norm of z")


def strips(found: Turn) -> None:
    """The walks on fresh z."""
    start, end = found.turn.start, found.turn.end
    positions = [tick(round(float(one), 3)) for one in found.turn.positions]
    rows = [
        Row(
            f"z {k}",
            pngs(strip),
            [f"Fresh z {k}, {position} times the way from {start} to {end}" for position in positions],
        )
        for k, strip in enumerate(found.strips)
    ]
    columns("arithmetic.strips", rows, positions, f"Walks from {start} to {end}", narrow=len(positions))
    st.caption(
        f"Fresh z, each plus a multiple of the axis: 0 is the untouched z, 1 the way from "
        f"{escaped(start)} to {escaped(end)}. Norm of the axis {found.axis.norm().item():.2f}; "
        + (
            "steps are brought to the norm of their z."
            if found.turn.rescale
            else "steps are left as long as they come."
        )
    )


def missing(draft: Draft) -> str:
    """Which concepts of the view have no samples, in words; "" where all have some."""
    empty = [place for place in fields.places(draft) if not draft.concepts[place].numbers]
    names = [escaped(f"{draft.letter(place)}, {draft.concepts[place].name},") for place in empty]
    verb = "has" if len(names) == 1 else "have"
    return f"{' and '.join(names)} {verb} no samples" if names else ""


def measure(bench: Bench, draft: Draft, recipe: Recipe) -> Outcome | None:
    """The judge's part of the view: asked for with a button, then computed in the background."""
    is_sum = fields.VIEW.get() == "sum"
    lack = missing(draft)
    if not segmenters_know(bench.gan) or (lack and not is_sum):
        return None
    st.subheader("Arithmetic, or chance?", anchor=False)
    if why_not := _unmeasurable(recipe, lack, is_sum):
        st.caption(why_not)
        return None
    found = _found(bench, recipe, is_sum)
    if found is not None:
        _verdict(found)
        return found
    st.caption(
        "A judge that had no part in choosing looks at the same sum on more sheets, beside random "
        "exemplars of the same norms."
        if is_sum
        else "A judge that had no part in choosing looks at more walks along the same axis, beside walks "
        "along random ones."
    )
    return None


def _unmeasurable(recipe: Recipe, lack: str, is_sum: bool) -> str:
    """Why the judge cannot measure what is looked at, in words; "" where it can."""
    if lack:
        return f"Nothing to measure yet: {lack}, and the judge of rooms looks at the whole sum."
    if recipe.target if is_sum else recipe.turn and recipe.turn.target:
        return ""
    if is_sum:
        return (
            "The judge of rooms measures sums that are called after what it knows: window \N{MINUS SIGN} no "
            "window + other rooms."
        )
    return "The judge of rooms measures turns of what it knows: bed left and bed right."


def _found(bench: Bench, recipe: Recipe, is_sum: bool) -> Outcome | None:
    """What the judge finds; None while the page shows a button or the progress instead."""
    n = int(fields.CASES.get())
    key = (bench.key, recipe.to_json(), n)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.pills(
            fields.CASES, "Sheets" if is_sum else "Walks", fields.N_CASES,
            help="On each sheet, the annotator chooses exemplars anew, and random ones are the control."
            if is_sum
            else "Each starts from a fresh z; random axes of the same norm are the control.",
        )  # fmt: skip
        return work.result(
            "arithmetic.cases", key, "The judge measures",
            lambda job: drawn.measured(job, bench.gan, recipe, n),
            started=asked("arith_measured", key),
            button=f"Measure on {n} more {'sheets' if is_sum else 'walks'}",
        )  # fmt: skip


def _verdict(found: Outcome) -> None:
    """What the judge found; that of the view comes first."""
    view = found.view
    parts = [_sum_verdict, _turn_verdict]
    for part in parts if fields.VIEW.get() == "sum" else parts[::-1]:
        part(view, found)


def _sum_verdict(view: ArithmeticView, found: Outcome) -> None:
    if view.cases is None or found.result.cases is None:
        return
    panel = success_panel(view.cases)
    number_card("arithmetic.success", card(view), _bars(panel), panel.title)
    if view.own_shows is not None:
        seen = "a" if view.own_shows else "no"
        st.caption(
            f"In the very sum above the judge sees {seen} {view.cases.target}, and one in "
            f"{view.own_neighbours} of its {found.result.recipe.n_neighbours} neighbours."
        )
    _cases(view.cases, found.result.cases.pictures)


def _cases(view: CasesView, pictures: dict[str, Tensor]) -> None:
    """The first cases, with what the judge says of each."""
    rows = []
    labels = {"other": "other rooms", "result": f"+ {view.target}", "control": "random", "pixels": "pictures"}
    notes = {"other": "mean", "result": "sum of z", "control": "control", "pixels": "their sum"}
    for name, label in labels.items():
        flags = view.shown.get(name, ())
        told = [f", {'success' if flag else 'no success'}" for flag in flags] or [""] * len(pictures[name])
        note = f"{notes[name]}: {sum(flags)} of {len(flags)}" if flags else notes[name]
        alts = [f"Sheet {k + 1}, {label}{told[k]}" for k in range(len(pictures[name]))]
        rows.append(Row(label, pngs(pictures[name]), alts, note))
    columns("arithmetic.cases.shown", rows, [""] * len(rows[0].pngs), "The first sheets", narrow=4)
    st.caption(f"The first {len(rows[0].pngs)} of {view.n_cases} sheets, not chosen.")


def _turn_verdict(view: ArithmeticView, _: Outcome) -> None:
    if view.turn is None or view.turn.moved is None or view.turn.control is None:
        return
    moved, chance = view.turn.moved, view.turn.control
    bars = [
        Bar("the axis", moved.spearman.value, moved.spearman.ci95, Role.OURS),
        Bar("random axes", chance.spearman.value, chance.spearman.ci95, Role.CONTROL),
    ]
    tiles = turn_card(view.turn, moved, chance)
    number_card("arithmetic.turned", tiles, bars, f"Does the {view.turn.target} move? Spearman's correlation")


def _bars(panel: DotPanel) -> list[Bar]:
    """A panel with a series a row as bars."""
    return [
        Bar(
            row,
            series.values[k],
            series.intervals[k] if series.intervals else None,
            Role.CONTROL if series.control else series.role,
        )
        for k, (row, series) in enumerate(zip(panel.rows, panel.facets[0].series, strict=True))
    ]


def _ordinal(k: int) -> str:
    return _ORDINALS[k] if k < len(_ORDINALS) else f"{k + 1}th"


def _pngs(images: Sequence[Tensor]) -> list[bytes]:
    return [pngs(one[None])[0] for one in images]
