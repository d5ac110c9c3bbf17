"""The removal figure's panels of where the picture changes: inside of boxes, and outside of them."""

from __future__ import annotations

from dcgan_viz.figures.removal_panels import control_name, control_words, method_role
from dcgan_viz.figures.removal_view import FocusView, MethodView, RemovalView
from dcgan_viz.figures.spec import DotPanel, DotSeries, Facet, Role, Tile
from dcgan_viz.figures.wording import TIMES, interval, number


def times(focus: FocusView) -> str:
    """Write how many times as much changes inside as outside."""
    return "only inside" if focus.is_all_inside else number(focus.ratio, 1)


def focus_tiles(view: RemovalView, method: MethodView) -> tuple[Tile, Tile]:
    """The method's change inside of boxes by that outside, and its control's."""
    focus, control = method.focus, method.focus_control
    what = (
        "the boxes is what changes" if focus.is_all_inside else "as much change inside the boxes as outside"
    )
    return (
        _tile(focus, f"{what}, by {method.name}", method_role(view, method.name)),
        _tile(control, f"by its control, {control_words(method.name)}", Role.CONTROL),
    )


def focus_panel(view: RemovalView) -> DotPanel:
    """Mean change inside of boxes and outside of them, by each method and its control."""
    entries = [
        entry
        for method in view.methods
        for entry in ((method.name, method.focus), (control_name(method.name), method.focus_control))
        if entry[1].is_known
    ]
    first = view.methods[0]
    series = (
        DotSeries("inside the boxes", Role.TARGET, tuple(focus.change_inside for _, focus in entries)),
        DotSeries("outside", Role.UNTOUCHED, tuple(focus.change_outside for _, focus in entries)),
    )
    written = tuple(f"{times(focus)} {interval(focus.ratio_ci95, 1)}".strip() for _, focus in entries)
    return DotPanel(
        title="Where the picture changes",
        rows=tuple(name for name, _ in entries),
        facets=(Facet("mean absolute change of pixels in [-1, 1]", series),),
        written=(("inside / outside", written),),
        note=focus_note(first.focus, first.focus_control),
    )


def focus_note(focus: FocusView, control: FocusView) -> str:
    """Say on how much a change inside of boxes rests."""
    images = f"on {focus.n_images:,} boxed images that the probe has not seen" if focus.n_images else ""
    draws = f"controls over {control.n_draws} draws" if control.n_draws else ""
    return ", ".join(words for words in (images, draws) if words).capitalize()


def focus_rows(view: RemovalView) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Rows of the card's table; none where nothing was measured."""
    if not any(method.focus.is_known for method in view.methods):
        return ()
    cells = tuple(f"{times(m.focus)} ({times(m.focus_control)})" for m in view.methods)
    return (("change in boxes / outside (control)", cells),)


def _tile(focus: FocusView, label: str, role: Role) -> Tile:
    ends = focus.ratio_ci95
    detail = f"95 % interval {number(ends[0], 1)} to {number(ends[1], 1)}" if ends else ""
    return Tile(times(focus) if focus.ratio is None else f"{times(focus)}{TIMES}", label, detail, role)
