"""The numbers of the figure of a sum: each panel reads an `ArithmeticView` and computes nothing."""

from __future__ import annotations

from dcgan_viz.figures.arithmetic_view import ArithmeticView, CasesView
from dcgan_viz.figures.spec import (
    DotPanel,
    DotSeries,
    Facet,
    NumberCard,
    Reference,
    Role,
    Tile,
)
from dcgan_viz.figures.wording import interval, number, with_interval

VARIANTS = (
    ("result", "sum of means", Role.OURS),
    ("neighbours", "its neighbours", Role.OURS),
    ("control", "random exemplars", Role.OURS),
    ("single", "single exemplars", Role.PAPER),
    ("single_control", "single random ones", Role.PAPER),
    ("pixels", "sum of pictures", Role.CONTROL),
)
CONTROLS = ("control", "single_control", "pixels")


def success_panel(cases: CasesView) -> DotPanel:
    """How often each variant succeeds."""
    rows = tuple(label for _, label, _ in VARIANTS)
    success = [cases.variants[name].success for name, _, _ in VARIANTS]
    series = tuple(
        DotSeries(
            label,
            role,
            tuple(success[k].value if k == row else None for k in range(len(rows))),
            tuple(success[k].ci95 if k == row else None for k in range(len(rows))),
            name in CONTROLS,
        )
        for row, (name, label, role) in enumerate(VARIANTS)
    )
    return DotPanel(
        title=f"Success in {cases.n_cases} cases, by the judge",
        rows=rows,
        facets=(Facet("share of the cases", series),),
        written=(("success", tuple(with_interval(one.value, one.ci95) for one in success)),),
        strong_rows=rows[:1],
        legend=False,
    )


def parts_panel(cases: CasesView) -> DotPanel:
    """What success is made of: how often the target is there, and how often the rest is still a room."""
    variants = [cases.variants[name] for name, _, _ in VARIANTS]
    series = (
        DotSeries(
            f"shows a {cases.target}",
            Role.TARGET,
            tuple(one.shows_target.value for one in variants),
            tuple(one.shows_target.ci95 for one in variants),
        ),
        DotSeries(
            "is still a room",
            Role.UNTOUCHED,
            tuple(one.is_room.value for one in variants),
            tuple(one.is_room.ci95 for one in variants),
        ),
    )
    rows = tuple(label for _, label, _ in VARIANTS)
    return DotPanel("What success is made of", rows, (Facet("share of the cases", series),))


def norm_panel(view: ArithmeticView) -> DotPanel:
    """Norm of each mean and of the result, beside those that the prior draws."""
    norms = view.norms
    entries: list[tuple[str, float | None, Role, bool]] = [
        (f"mean of {name}", length, Role.OTHER, False)
        for name, length in norms.means.items()
        if name in view.expression
    ]
    if norms.result is not None:
        entries.append(("sum", norms.result, Role.OURS, False))
    if view.rescale:
        entries.append(("sum, as drawn", norms.drawn, Role.OURS, False))
    prior = norms.prior
    entries.append(("z of the prior", prior["p50"], Role.UNTOUCHED, True))
    rows = tuple(label for label, *_ in entries)
    series = tuple(
        DotSeries(
            label,
            role,
            tuple(length if k == row else None for k in range(len(rows))),
            tuple((prior["p01"], prior["p99"]) if k == row and is_prior else None for k in range(len(rows))),
            is_prior,
        )
        for row, (label, length, role, is_prior) in enumerate(entries)
    )
    references = (Reference(round(prior["p50"], 2), "typical of the prior"),)
    return DotPanel(
        title="How long the vectors are",
        rows=rows,
        facets=(Facet("norm of z", series, references),),
        written=(("norm", tuple(number(length) for _, length, _, _ in entries)),),
        legend=False,
        note="z of the prior: median, and where 98 % of all lie",
    )


def card(view: ArithmeticView) -> NumberCard:
    """The numbers that matter most."""
    cases, norms = view.cases, view.norms
    norm_tile = Tile(
        number(norms.drawn),
        "norm of the z that the result is drawn from",
        f"typical of the prior: {number(norms.prior['p50'])}",
        Role.OURS,
    )
    if cases is None:
        outside = Tile(
            number(norms.outside_prior),
            "of its numbers lie where the prior draws none",
            "beyond \N{PLUS-MINUS SIGN}1",
            Role.OTHER,
        )
        known = (norm_tile,) if norms.outside_prior is None else (norm_tile, outside)
        return NumberCard("Within the prior?", known, note=_unmeasured(view))
    result, control = cases.variants["result"].success, cases.variants["control"].success
    tiles = (
        Tile(
            number(result.value), f"of cases put a {cases.target} into the room", _ci(result.ci95), Role.OURS
        ),
        Tile(number(control.value), "with random exemplars, the control", _ci(control.ci95), Role.CONTROL),
        Tile(
            number(cases.above_control.value), "above the control", _ci(cases.above_control.ci95), Role.OURS
        ),
        norm_tile,
    )
    return NumberCard("Arithmetic, or chance?", tiles)


def _ci(ends: tuple[float, float] | None) -> str:
    return f"95 % {interval(ends)}" if ends else ""


def _unmeasured(view: ArithmeticView) -> str:
    return f"Success was not measured: {view.no_judge}." if view.no_judge else ""
