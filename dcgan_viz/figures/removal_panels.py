"""The panels of the removal figure: each reads a `RemovalView` and computes nothing."""

from __future__ import annotations

from dcgan_viz.figures.removal_view import DosePoint, RemovalView
from dcgan_viz.figures.spec import (
    Bar,
    BarPanel,
    Curve,
    DotPanel,
    DotSeries,
    Facet,
    Interval,
    LinePanel,
    Reference,
    Role,
    StackPanel,
    Value,
)
from dcgan_viz.figures.wording import number, significant, with_interval

UNCHANGED = Reference(1.0, "unchanged")
PAPER_METHOD = "drop"


def method_role(view: RemovalView, name: str) -> Role:
    """Colour role of a method: the paper's own is `drop`, the first of the others is ours."""
    if name == PAPER_METHOD:
        return Role.PAPER
    others = [method.name for method in view.methods if method.name != PAPER_METHOD]
    return Role.OURS if name in others[:1] else Role.OTHER


def control_name(method: str) -> str:
    """Short name of the control of a method."""
    return "random maps" if method == PAPER_METHOD else f"{method}, misplaced"


def control_words(method: str) -> str:
    """What the control of a method does."""
    return "as many random maps" if method == PAPER_METHOD else "the same edit, misplaced"


def measured_on(n_images: int | None, n_draws: int | None) -> str:
    """Say how much a panel rests on, where that is known: "on 250 images, controls over 3 draws"."""
    words = [
        f"on {n_images:,} images" if n_images else "",
        f"controls over {n_draws} draws" if n_draws else "",
    ]
    return ", ".join(word for word in words if word).capitalize()


def selectivity_panel(view: RemovalView) -> DotPanel:
    """Target area that each method leaves, beside what its control leaves."""
    entries: list[tuple[str, Role, Value, Interval, bool]] = []
    for method in view.methods:
        role, control = method_role(view, method.name), method.control
        entries.append((method.name, role, method.target_area_ratio, method.target_area_ratio_ci95, False))
        if control is not None:
            name = control_name(method.name)
            entries.append((name, role, control.target_area_ratio, control.target_area_ratio_ci95, True))
    series = tuple(
        DotSeries(
            name,
            role,
            tuple(value if row == index else None for row in range(len(entries))),
            tuple(ends if row == index else None for row in range(len(entries))),
            is_control,
        )
        for index, (name, role, value, ends, is_control) in enumerate(entries)
    )
    written = ("", tuple(with_interval(value, ends) for _, _, value, ends, _ in entries))
    return DotPanel(
        title=f"The edit against its control: {view.target} area left",
        rows=tuple(entry[0] for entry in entries),
        facets=(Facet(f"{view.target} area, after / before", series, (UNCHANGED,)),),
        written=(written,),
        legend=False,
    )


def class_panel(view: RemovalView) -> DotPanel:
    """Area ratio of the target and of every other class, a row a class."""
    others = dict.fromkeys(name for method in view.methods for name in method.other_area_ratios)
    rows = (view.target, *(name for name in others if name != view.target))
    series = tuple(
        DotSeries(
            method.name,
            method_role(view, method.name),
            (method.target_area_ratio, *(method.other_area_ratios.get(name) for name in rows[1:])),
            (method.target_area_ratio_ci95, *(None for _ in rows[1:])),
        )
        for method in view.methods
    )
    return DotPanel(
        title="What happens to every class",
        rows=rows,
        facets=(Facet("area, after / before", series, (UNCHANGED,)),),
        written=tuple((one.label, tuple(number(value) for value in one.values)) for one in series),
        strong_rows=(view.target,),
    )


def _dose_group(view: RemovalView) -> list[DosePoint]:
    """Points of the layer that `drop` edits, else of the first layer measured; in order of the dose."""
    layers = [point.layer for point in view.dose]
    preferred = [m.layer.name for m in view.methods if m.name == PAPER_METHOD and m.layer.name in layers]
    layer = (preferred or layers)[0]
    return sorted((point for point in view.dose if point.layer == layer), key=lambda point: point.n_maps)


def dose_panel(view: RemovalView) -> LinePanel:
    """Target area left against the number of maps dropped, in the probe's order and at random."""
    points = _dose_group(view)
    n_maps = tuple(float(point.n_maps) for point in points)
    bands = [point.random_ci95 for point in points]
    curves = (
        Curve(
            "in the probe's order",
            method_role(view, points[0].method),
            n_maps,
            tuple(point.target_area_ratio for point in points),
        ),
        Curve(
            "at random, 95 % interval" if any(bands) else "at random",
            method_role(view, points[0].method),
            n_maps,
            tuple(point.random_target_area_ratio for point in points),
            tuple(band and band[0] for band in bands),
            tuple(band and band[1] for band in bands),
            control=True,
        ),
    )
    return LinePanel(
        title=f"Dose: maps dropped in {points[0].layer}",
        x_label="maps dropped",
        y_label=f"{view.target} area, after / before",
        curves=curves,
        references=(UNCHANGED,),
        note=measured_on(points[0].n_images, points[0].n_draws),
    )


def became_panel(view: RemovalView) -> StackPanel:
    """Classes that the judge sees where the target was, as shares."""
    return StackPanel(
        title=f"What the {view.target} pixels became",
        value_label=f"share of the former {view.target} pixels",
        bars=tuple(
            (m.name, tuple((name, share) for name, share in m.became.items() if share)) for m in view.methods
        ),
    )


def distance_panel(view: RemovalView) -> BarPanel:
    """Distance of the edited pictures to real ones that never had the target, with two yardsticks."""
    bars = [
        Bar(f"edited, {m.name}", m.distance_edited, significant(m.distance_edited), method_role(view, m.name))
        for m in view.methods
    ]
    first = view.methods[0]
    for label, value, role in (
        (f"untouched, no {view.target}", first.distance_untouched, Role.UNTOUCHED),
        ("real, half to half", first.distance_real_split, Role.REAL),
    ):
        bars.append(Bar(label, value, significant(value), role))
    return BarPanel(
        title=f"Distance to real images without {view.target}",
        value_label="Fréchet distance on the judge's features",
        bars=tuple(bars),
    )
