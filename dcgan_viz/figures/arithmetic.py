"""The figure of a sum of z: as the paper's figure 7, beside the numbers that could have come out wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dcgan_viz.figures.arithmetic_panels import card, norm_panel, parts_panel, success_panel
from dcgan_viz.figures.arithmetic_view import SIGNS, ArithmeticView, CasesView
from dcgan_viz.figures.images import Floats, to_pixels
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.figures.spec import Box, Figure, ImageGrid, ImageRow, Placed, Role
from dcgan_viz.figures.wording import number, with_interval

EXEMPLARS = 6  # shown of a concept, at most
SINGLES = 3
LEAST_WIDTH_IN = 11.0


@dataclass(frozen=True, eq=False)
class ArithmeticImages:
    """The pictures of the figures; all (..., C, H, W), float32 in [-1, 1].

    Attributes
    ----------
    exemplars, means
        Of each concept, under its name: (n, C, H, W) and (C, H, W).
    result, pixels
        The sum of z, and the sum of pictures, (C, H, W); `None` without an expression.
    neighbours, single
        (n, C, H, W).
    cases
        Of the first cases, (K, C, H, W): "other", "result", "control", "pixels"; empty where there are none.
    strips
        Of the turn: (K, T, C, H, W); `None` without one.
    """

    exemplars: Mapping[str, Floats]
    means: Mapping[str, Floats]
    result: Floats | None = None
    pixels: Floats | None = None
    neighbours: Floats | None = None
    single: Floats | None = None
    cases: Mapping[str, Floats] = field(default_factory=dict)
    strips: Floats | None = None


def concepts_grid(view: ArithmeticView, images: ArithmeticImages) -> ImageGrid:
    """A row a concept with its sign: the exemplars, and framed at the end the picture of their mean."""
    rows, hidden = [], 0
    for name, sign in view.expression.items():
        numbers = view.concepts[name][:EXEMPLARS]
        pixels = to_pixels(np.concatenate([images.exemplars[name][:EXEMPLARS], images.means[name][None]]))
        boxes = (*(() for _ in numbers), (_frame(images.means[name].shape),))
        captions = (*(f"no. {index}" for index in numbers), f"mean of {len(view.concepts[name])}")
        rows.append(ImageRow(pixels, f"{SIGNS[sign]} {name}", boxes=boxes, captions=captions))
        hidden += len(view.concepts[name]) - len(numbers)
    note = "framed: what the generator draws from the mean of the exemplars' z"
    return ImageGrid(
        tuple(rows), "Concepts", note=f"{note}; exemplars not shown: {hidden}" if hidden else note
    )


def _frame(shape: tuple[int, ...]) -> Box:
    """A box around a whole picture (..., H, W)."""
    return (0.0, 0.0, float(shape[-1]), float(shape[-2]))


def result_grid(view: ArithmeticView, images: ArithmeticImages) -> ImageGrid:
    """The result framed in the midst of its neighbours: three by three, where there are eight."""
    assert images.result is not None
    assert images.neighbours is not None
    middle = len(images.neighbours) // 2
    ordered = np.concatenate([images.neighbours[:middle], images.result[None], images.neighbours[middle:]])
    pixels = to_pixels(ordered)
    columns = math.ceil(math.sqrt(len(pixels)))
    rows = []
    for start in range(0, len(pixels), columns):
        part = pixels[start : start + columns]
        frames = tuple((_frame(ordered.shape),) if start + k == middle else () for k in range(len(part)))
        rows.append(ImageRow(part, boxes=frames, role=Role.TARGET))
    note = f"framed: the sum{', brought to the typical norm' if view.rescale else ''}; around it, "
    return ImageGrid(
        tuple(rows),
        "Result and neighbours",
        note=f"{note}uniform noise of \N{PLUS-MINUS SIGN}{view.noise:g} on each number of z"
        f"{_own(view, len(images.neighbours))}",
    )


def _own(view: ArithmeticView, count: int) -> str:
    """What the judge says of this very sum."""
    if view.own_shows is None or view.cases is None:
        return ""
    target, found = view.cases.target, f"in {view.own_neighbours} of its {count} neighbours"
    sees = f"a {target} in the sum and {found}" if view.own_shows else f"no {target} in the sum, one {found}"
    return f"; the judge sees {sees}"


def contrast_grid(images: ArithmeticImages) -> ImageGrid:
    """What the same sum gives in pixels, and with single exemplars."""
    assert images.pixels is not None
    assert images.single is not None
    singles = to_pixels(images.single[:SINGLES])
    pictures = [to_pixels(images.pixels[None]), *(singles[k : k + 1] for k in range(len(singles)))]
    captions = ["in pixels", *(f"{word} of each" for word in ("1st", "2nd", "3rd")[: len(singles)])]
    rows = [
        ImageRow(np.concatenate(pictures[k : k + 2]), captions=tuple(captions[k : k + 2]))
        for k in range(0, len(pictures), 2)
    ]
    return ImageGrid(
        tuple(rows),
        "The same sum",
        note="in pixels: of the pictures instead of the z, the control; 1st of each: with single exemplars",
    )


def cases_grid(cases: CasesView, images: ArithmeticImages) -> ImageGrid:
    """Some of the cases that were measured: not chosen, the first ones."""
    rows = []
    for name, label, detail, role in (
        ("other", "other rooms", "mean", Role.UNTOUCHED),
        ("result", f"+ {cases.target}", "sum of z", Role.OURS),
        ("control", "control", "random exemplars", Role.CONTROL),
        ("pixels", "in pixels", "sum of pictures", Role.CONTROL),
    ):
        pixels = to_pixels(images.cases[name])
        captions = tuple("yes" if flag else "no" for flag in cases.shown.get(name, ()))
        rows.append(ImageRow(pixels, label, detail, role=role, captions=captions))
    return ImageGrid(
        tuple(rows),
        f"The first {len(images.cases['other'])} of {cases.n_cases} sheets, each with exemplars of its own",
        note=f"yes: the judge sees a {cases.target} where the mean of the other rooms has none, and the rest "
        "is still a room",
    )


def arithmetic_figure(view: ArithmeticView, images: ArithmeticImages) -> Figure:
    """Compose the figure of a sum.

    Parameters
    ----------
    view
        The numbers, read from result.json.
    images
        The pictures.

    Returns
    -------
    Figure
        Exemplars and mean of each concept, the result among its neighbours, the same sum in pixels and with
        single exemplars; where a judge measured, some of its cases, and success against the control; norms.

    Raises
    ------
    ValueError
        If the recipe has no expression.
    """
    if not view.expression:
        raise ValueError("expression: empty; a figure of a sum needs one")
    wide = max(len(view.concepts[name]) for name in view.expression) >= EXEMPLARS - 1
    panels = [
        Placed(concepts_grid(view, images), 0, 0, 1, 12 if wide else 5),
        Placed(result_grid(view, images), int(wide), 0 if wide else 5, 1, 4),
        Placed(contrast_grid(images), int(wide), 4 if wide else 9, 1, 3),
    ]
    row = 1 + int(wide)
    if view.cases is not None:
        panels.append(Placed(cases_grid(view.cases, images), row, 0, 2, 8))
        panels.append(Placed(card(view), row, 8, 1, 4))
        panels.append(Placed(norm_panel(view), row + 1, 8, 1, 4))
        panels.append(Placed(success_panel(view.cases), row + 2, 0, 1, 6))
        panels.append(Placed(parts_panel(view.cases), row + 2, 6, 1, 6))
    else:
        panels.append(Placed(norm_panel(view), row, 0, 1, 7))
        panels.append(Placed(card(view), row, 7, 1, 5))
    return Figure(
        title=f"Arithmetic on z: {view.sum_words}",
        subtitle=_subtitle(view),
        panels=tuple(panels),
        caption=_caption(view),
        least_width_in=LEAST_WIDTH_IN,
    )


def _subtitle(view: ArithmeticView) -> str:
    cases = view.cases
    if cases is None:
        means = "the first samples, which nobody chose" if view.is_arbitrary else "exemplars"
        return f"Means of {means}, added and subtracted in z. Nobody measured: {view.no_judge}."
    result, control = cases.variants["result"].success, cases.variants["control"].success
    return (
        f"On {cases.n_cases} other sheets the sum puts a {cases.target} into a room without in "
        f"{with_interval(result.value, result.ci95)} of cases, with random exemplars of the same norms in "
        f"{number(control.value)}."
    )


def _caption(view: ArithmeticView) -> str:
    parts = [
        f"Exemplars {view.chosen_words}, by their numbers on the sheet of {view.sheet_size} samples of seed "
        f"{view.seed}."
    ]
    cases = view.cases
    if cases is not None:
        parts.append(
            f"For each of the {cases.n_cases} sheets the annotator takes the best of {cases.n_choices} "
            "draws, tried on rooms of no sheet. Success, by the judge of rooms, who had no part in choosing: "
            f"at least {cases.present_pixels} px of {cases.target} in the picture of the sum, fewer in that "
            "of the other rooms' mean, and walls, floor and ceiling each as large as in 99 of 100 samples. "
            f"Random exemplars, the control: in place of {cases.target} and no {cases.target}, from the same "
            f"sheet, with the same norms, {cases.n_control_draws} draws a case. Intervals: 95 %, bootstrap "
            "over cases."
        )
        if cases.n_sheets > cases.n_cases:
            parts.append(f"{cases.n_sheets - cases.n_cases} more sheets had too few exemplars.")
    return " ".join([*parts, provenance_line(view.provenance)]).strip()
