"""The panels of the filters' figure: each reads a `GuidedView` and computes nothing."""

from __future__ import annotations

from dcgan_viz.figures.guided_view import FilterView, GuidedView
from dcgan_viz.figures.spec import DotPanel, DotSeries, Facet, Interval, Reference, Role, Value
from dcgan_viz.figures.wording import interval, number

_AS_AREA = Reference(1.0, "as its area")


def written(value: Value, ends: Interval) -> str:
    """Write a ratio with its interval, "4.1 [3.6, 4.7]"."""
    return f"{number(value, 1)} {interval(ends, 1)}".rstrip()


def selectivity_panel(one: FilterView) -> DotPanel:
    """Every class under one filter, trained beside random."""
    classes = tuple(one.selectivity)
    views = tuple(one.selectivity.values())
    answer = one.selectivity.get(one.answers_to)
    what = f"{one.answers_to} {written(answer.ratio, answer.ci95)}" if answer else "nothing in particular"
    return DotPanel(
        title=f"Filter {one.index}: {what}",
        rows=classes,
        facets=(
            Facet(
                "share of guided energy / share of area",
                (
                    DotSeries(
                        "trained", Role.OURS, tuple(v.ratio for v in views), tuple(v.ci95 for v in views)
                    ),
                    DotSeries(
                        "random",
                        Role.CONTROL,
                        tuple(v.random_ratio for v in views),
                        tuple(v.random_ci95 for v in views),
                        control=True,
                    ),
                ),
                (_AS_AREA,),
            ),
        ),
        strong_rows=(one.answers_to,) if answer else (),
    )


def similarity_panel(view: GuidedView) -> DotPanel:
    """Cosine of trained and random maps, layer by layer, beside its level of chance."""
    rows = view.similarity
    return DotPanel(
        title="What a random network shows as well",
        rows=tuple(one.layer for one in rows),
        facets=(
            Facet(
                "cosine, same image and position",
                (
                    DotSeries(
                        "trained and random",
                        Role.OURS,
                        tuple(one.cosine for one in rows),
                        tuple(one.cosine_ci95 for one in rows),
                    ),
                    DotSeries(
                        "with another image",
                        Role.CONTROL,
                        tuple(one.other_image for one in rows),
                        control=True,
                    ),
                ),
            ),
        ),
        written=(
            ("cosine", tuple(number(one.cosine) for one in rows)),
            ("other image", tuple(number(one.other_image) for one in rows)),
        ),
        strong_rows=tuple(one.layer for one in rows if one.layer == view.layer),
    )
