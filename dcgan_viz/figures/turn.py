"""The figure of a turn: strips along an axis, as the paper's figure 8, and whether anything moves."""

from __future__ import annotations

import numpy as np

from dcgan_viz.figures.arithmetic import EXEMPLARS, ArithmeticImages
from dcgan_viz.figures.arithmetic_view import ArithmeticView, MovedView, TurnView
from dcgan_viz.figures.images import to_pixels
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.figures.spec import (
    Curve,
    DotPanel,
    DotSeries,
    Facet,
    Figure,
    ImageGrid,
    ImageRow,
    LinePanel,
    NumberCard,
    Placed,
    Role,
    Tile,
)
from dcgan_viz.figures.wording import interval, number, tick, with_interval

RHO = "\N{GREEK SMALL LETTER RHO}"
ARROW = "\N{RIGHTWARDS ARROW}"


def strips_grid(view: TurnView, images: ArithmeticImages) -> ImageGrid:
    """One walk a row, from the one end of the axis to the other."""
    assert images.strips is not None
    rhos = view.strip_spearman or (None,) * len(images.strips)
    rows = tuple(
        ImageRow(to_pixels(strip), f"z {k}", "" if rho is None else f"{RHO} = {number(rho)}")
        for k, (strip, rho) in enumerate(zip(images.strips, rhos, strict=True))
    )
    return ImageGrid(
        rows,
        "Fresh z plus a multiple of the axis",
        tuple(tick(round(position, 3)) for position in view.positions),
        note=f"above: by how much; 0 is the untouched z, 1 the way from {view.start} to {view.end}",
    )


def ends_grid(view: ArithmeticView, turn: TurnView, images: ArithmeticImages) -> ImageGrid:
    """Exemplars of both ends, and their means' pictures."""
    rows = []
    for name in (turn.start, turn.end):
        pictures = np.concatenate([images.exemplars[name][:EXEMPLARS], images.means[name][None]])
        count = len(view.concepts[name])
        captions = (*(f"no. {index}" for index in view.concepts[name][:EXEMPLARS]), f"mean of {count}")
        rows.append(ImageRow(to_pixels(pictures), name, captions=captions))
    return ImageGrid(tuple(rows), f"The ends of the axis: {turn.start} {ARROW} {turn.end}")


def spread_panel(moved: MovedView, control: MovedView) -> DotPanel:
    """How the correlations of the walks are spread, along the axis and along random ones."""
    edges = moved.bin_edges
    rows = tuple(
        f"{number(low, 1)} to {number(high, 1)}"
        for low, high in zip(edges[-2::-1], edges[:0:-1], strict=True)
    )
    series = (
        DotSeries("along the axis", Role.OURS, moved.bin_shares[::-1]),
        DotSeries("along random axes", Role.OURS, control.bin_shares[::-1], control=True),
    )
    return DotPanel(
        title="Spearman's correlation of the walks",
        rows=rows,
        facets=(Facet("share of the walks", series),),
        written=tuple((one.label, tuple(number(v) for v in one.values)) for one in series),
        strong_rows=rows[:1],
    )


def centre_panel(view: TurnView, moved: MovedView, control: MovedView) -> LinePanel:
    """Mean centre of the object at each position."""
    curves = []
    for label, one, is_control in (
        ("along the axis", moved, False),
        ("along random axes", control, True),
    ):
        curves.append(
            Curve(
                label,
                Role.OURS,
                view.positions,
                one.centre_mean,
                tuple(ends and ends[0] for ends in one.centre_ci95),
                tuple(ends and ends[1] for ends in one.centre_ci95),
                is_control,
            )
        )
    return LinePanel(
        title=f"Where the {view.target} is",
        x_label="position on the axis",
        y_label=f"centre of the {view.target}, px from the left: mean of the walks, 95 % interval",
        curves=tuple(curves),
        note=f"1 on the axis: the way from {view.start} to {view.end}",
        from_zero=False,
    )


def turn_card(view: TurnView, moved: MovedView, control: MovedView) -> NumberCard:
    """The numbers that matter most."""
    mean, chance = moved.spearman, control.spearman
    first, last = moved.centre_mean[0], moved.centre_mean[-1]
    tiles = (
        Tile(
            number(mean.value),
            f"mean Spearman correlation between position and the {view.target}'s centre",
            f"95 % {interval(mean.ci95)}",
            Role.OURS,
        ),
        Tile(
            number(chance.value),
            "along random axes of the same norm, the control",
            f"95 % {interval(chance.ci95)}",
            Role.CONTROL,
        ),
        Tile(
            f"{number(first, 0)} {ARROW} {number(last, 0)}",
            f"px from the left: mean centre of the {view.target} at the two ends",
            "of 64 px",
            Role.OURS,
        ),
        Tile(
            str(moved.n_unseen),
            f"walks in which the {view.target} is seen at fewer than two thirds of the positions",
            f"{moved.n_cases} counted",
            Role.COLLATERAL,
        ),
    )
    return NumberCard("Does it turn?", tiles)


def turn_figure(view: ArithmeticView, images: ArithmeticImages) -> Figure:
    """Compose the figure of a turn.

    Parameters
    ----------
    view
        The numbers, read from result.json.
    images
        The pictures.

    Returns
    -------
    Figure
        Strips of several z with the position above; the exemplars of both ends; where a judge measured, the
        spread of Spearman's correlation and the object's centre by position, beside random axes.

    Raises
    ------
    ValueError
        If there is no turn.
    """
    turn = view.turn
    if turn is None or images.strips is None:
        raise ValueError("turn: there is none to show")
    columns = len(turn.positions)
    strips, ends = strips_grid(turn, images), ends_grid(view, turn, images)
    if turn.moved is None or turn.control is None:
        panels: tuple[Placed, ...] = (Placed(strips, 0), Placed(ends, 1))
    else:
        panels = (
            Placed(strips, 0, 0, 2, 8),
            Placed(turn_card(turn, turn.moved, turn.control), 0, 8, 1, 4),
            Placed(centre_panel(turn, turn.moved, turn.control), 1, 8, 1, 4),
            Placed(ends, 2, 0, 1, 6),
            Placed(spread_panel(turn.moved, turn.control), 2, 6, 1, 6),
        )
    return Figure(
        title=f"The turn: {turn.start} {ARROW} {turn.end}",
        subtitle=_subtitle(view, turn),
        panels=panels,
        caption=_caption(view, turn, columns),
        least_width_in=9.0,
    )


def _subtitle(view: ArithmeticView, turn: TurnView) -> str:
    if turn.moved is None or turn.control is None:
        return "One axis, added to fresh z. " + (
            f"Nobody measured: {view.no_judge}." if view.no_judge else "The recipe names nothing to measure."
        )
    mean, chance = turn.moved.spearman, turn.control.spearman
    return (
        f"One axis, added to fresh z: position on it and the {turn.target}'s centre correlate by "
        f"{with_interval(mean.value, mean.ci95)}, along random axes by {number(chance.value)}."
    )


def _caption(view: ArithmeticView, turn: TurnView, columns: int) -> str:
    counts = " and ".join(str(len(view.concepts[name])) for name in (turn.start, turn.end))
    parts = [
        f"The axis is the mean of {turn.end} less that of {turn.start}, of {counts} exemplars "
        f"{view.chosen_words} on the sheet of {view.sheet_size} samples of seed {view.seed}; its norm is "
        f"{number(turn.axis_norm)}; a z of the prior has {number(view.norms.prior['p50'])}."
    ]
    first, last = turn.step_norms[0], turn.step_norms[-1]
    parts.append(
        "Each step is brought to the norm of the z that it starts from."
        if turn.rescale
        else f"Steps at the two ends have norms of {number(first)} and {number(last)} on average."
    )
    if turn.moved is not None:
        parts.append(
            f"Measured on {turn.moved.n_cases + turn.moved.n_unseen} fresh z at {columns} positions each by "
            "the judge of rooms, who had no part in choosing; the strips are the first of them. Control: an "
            "axis between means of random samples for each z."
        )
    return " ".join([*parts, provenance_line(view.provenance)]).strip()
