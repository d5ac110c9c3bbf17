"""The removal figure's sweep: the same edits at every layer."""

from __future__ import annotations

from collections.abc import Callable

from dcgan_viz.figures.removal_focus import focus_note
from dcgan_viz.figures.removal_panels import UNCHANGED, measured_on, method_role
from dcgan_viz.figures.removal_view import RemovalView, SweepPoint
from dcgan_viz.figures.spec import DotPanel, DotSeries, Facet, Interval, Reference, Value
from dcgan_viz.figures.wording import shape

ALIKE = Reference(1.0, "inside as outside")


def has_sweep(view: RemovalView) -> bool:
    """Whether there is anything to show of any layer."""
    return any(point.target_area_ratio is not None or point.focus.is_known for point in view.layers)


def sweep_panel(view: RemovalView) -> DotPanel:
    """Each method at each layer: what it leaves of the target, and what else it changes.

    Beside the target area left stands the collateral, or where no judge knows other classes the change inside
    of boxes by that outside; where no judge measured areas, the latter alone.
    """
    shapes = {point.layer: point.shape for point in view.layers}
    facets = []
    if any(point.target_area_ratio is not None for point in view.layers):
        facets.append(Facet(f"{view.target} area left", _series(view, _area, _control_area), (UNCHANGED,)))
    first = view.layers[0]
    notes = [measured_on(first.n_images, first.n_draws)] if facets else []
    if any(point.collateral is not None for point in view.layers):
        facets.append(Facet("collateral", _series(view, lambda point: (point.collateral, None))))
    else:
        facets.append(Facet("change in boxes / outside", _series(view, _focus, _control_focus), (ALIKE,)))
        found = focus_note(first.focus, first.focus_control)
        notes.append(f"changes in boxes {found[:1].lower()}{found[1:]}" if notes else found)
    return DotPanel(
        title="The same edits at every layer",
        rows=tuple(f"{row}\n{shape(sizes)}" if sizes else row for row, sizes in shapes.items()),
        facets=tuple(facets),
        note="; ".join(note for note in notes if note),
    )


Read = Callable[[SweepPoint], tuple[Value, Interval]]


def _series(view: RemovalView, read: Read, read_control: Read | None = None) -> tuple[DotSeries, ...]:
    """A number of each method at each layer, and where there is one its control's."""
    found = []
    for method in view.methods:
        points = {point.layer: point for point in view.layers if point.method == method.name}
        rows = [points.get(row) for row in dict.fromkeys(point.layer for point in view.layers)]
        for reads, suffix in ((read, ""), (read_control, ", control")):
            if points and reads is not None:
                pairs = [reads(point) if point else (None, None) for point in rows]
                role, label = method_role(view, method.name), f"{method.name}{suffix}"
                values, ends = tuple(value for value, _ in pairs), tuple(pair for _, pair in pairs)
                found.append(DotSeries(label, role, values, ends, bool(suffix)))
    return tuple(found)


def _area(point: SweepPoint) -> tuple[Value, Interval]:
    return point.target_area_ratio, point.target_area_ratio_ci95


def _control_area(point: SweepPoint) -> tuple[Value, Interval]:
    return point.control_target_area_ratio, point.control_target_area_ratio_ci95


def _focus(point: SweepPoint) -> tuple[Value, Interval]:
    return point.focus.ratio, point.focus.ratio_ci95


def _control_focus(point: SweepPoint) -> tuple[Value, Interval]:
    return point.focus_control.ratio, point.focus_control.ratio_ci95
