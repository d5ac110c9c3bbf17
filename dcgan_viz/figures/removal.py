"""The figure of `remove_objects`: pictures as in the paper's figure 6, beside the numbers that judge them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dcgan_viz.figures.images import Floats, difference_pixels, to_pixels
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.figures.removal_card import card
from dcgan_viz.figures.removal_focus import focus_panel, times
from dcgan_viz.figures.removal_panels import (
    PAPER_METHOD,
    became_panel,
    class_panel,
    distance_panel,
    dose_panel,
    method_role,
    selectivity_panel,
)
from dcgan_viz.figures.removal_sweep import has_sweep, sweep_panel
from dcgan_viz.figures.removal_view import JudgeView, MethodView, RemovalView
from dcgan_viz.figures.spec import GRID_COLUMNS, Figure, ImageGrid, ImageRow, NumberCard, Panel, Placed, Role
from dcgan_viz.figures.wording import TIMES, number, shape

PICTURES = 8
GAIN = 1.0
LEAST_WIDTH_IN = 12.0


@dataclass(frozen=True, eq=False)
class RemovalImages:
    """The pictures of the figure.

    Attributes
    ----------
    untouched
        G(z), (N, C, H, W), float32 in [-1, 1]; the first `PICTURES` are shown.
    edited
        The same z with each method's edit, under the method's name.
    """

    untouched: Floats
    edited: Mapping[str, Floats]


def _shown(view: RemovalView, images: RemovalImages) -> list[MethodView]:
    """Methods whose pictures are shown: the first two that have some."""
    shown = [method for method in view.methods if method.name in images.edited][:2]
    if not shown:
        raise ValueError(f"edited: {sorted(images.edited)}; pictures of one of the methods are needed")
    return shown


def _comparison_label(method: MethodView) -> str:
    return f"the paper's {method.name}" if method.name == PAPER_METHOD else method.name


def _rows(
    view: RemovalView, method: MethodView, images: RemovalImages, *, first: bool
) -> tuple[ImageRow, ...]:
    before, after = images.untouched[:PICTURES], images.edited[method.name][:PICTURES]
    maps = f"{method.n_maps} maps, " if method.n_maps is not None else ""
    label = f"without {view.target}" if first else _comparison_label(method)
    factor = f"{TIMES}{GAIN:g} " if GAIN != 1 else ""
    return (
        ImageRow(
            to_pixels(after),
            label,
            f"{method.name}: {maps}{method.layer.name}",
            role=method_role(view, method.name),
            gap_above=not first,
        ),
        ImageRow(difference_pixels(before, after, GAIN), "difference", f"after minus before {factor}on grey"),
    )


def _image_grid(view: RemovalView, images: RemovalImages, shown: list[MethodView]) -> ImageGrid:
    rows = [ImageRow(to_pixels(images.untouched[:PICTURES]), "untouched", "G(z)", role=Role.UNTOUCHED)]
    for index, method in enumerate(shown):
        rows.extend(_rows(view, method, images, first=index == 0))
    return ImageGrid(tuple(rows))


def _measured(view: RemovalView) -> str:
    """Samples that the areas were measured on, and by whom."""
    share = "" if view.target_share is None else f", of which {number(view.target_share)} show {view.target}"
    what = "Pixel change on" if view.judge.reason else "Measured on"
    fresh = "" if view.n_fresh is None else f"{what} {view.n_fresh:,} fresh z{share}."
    return f"{fresh} {_judged(view.judge, view.target)}".strip()


def _judged(judge: JudgeView, target: str) -> str:
    """Who measured areas."""
    if judge.reason:
        return f"Nobody measured areas: {judge.reason}. Shown are samples in which the probe fires."
    if judge.auc_heldout is None:
        who = "judge of rooms" if judge.name == "rooms" else judge.name
        return f"Areas by the {who}, after / before." if who else ""
    return (
        f"Areas, after / before, by a makeshift judge: {judge.name}, fitted on half of the boxed images; "
        f"on the others AUC {number(judge.auc_heldout)}, and {number(judge.false_share_heldout)} of what it "
        f"calls {target} lies outside of boxes, so that even a complete removal leaves about as much."
    )


def _fitted(view: RemovalView) -> str:
    """What the probes were fitted on."""
    noted = view.annotations
    if not noted:
        return ""
    boxes = f"{noted.get('n_samples')} samples with {noted.get('n_boxes')} boxes ({noted.get('source')})"
    if view.judge.n_heldout is None:
        return f"Probe fitted on {boxes}."
    return f"Probe fitted on the {view.judge.n_heldout} boxed images that the judge was not, of {boxes}."


def _where(method: MethodView) -> str:
    """Layers and control of a method."""
    size = f" ({shape(method.layer.shape)})" if method.layer.shape else ""
    text = f"{method.name}: layer {method.layer.name}{size}"
    if method.layer.rule:
        text += f", rule {method.layer.rule}"
    if method.control is not None and method.control.n_draws:
        text += f"; control: {method.control.n_draws} draws"
        text += f" on {method.control.n_images:,} images" if method.control.n_images else ""
    return f"{text}."


def _edit(view: RemovalView) -> str:
    """What of the edits is not as it is by default."""
    strength = _float(view.edit, "strength", 1.0)
    threshold = _float(view.edit, "threshold", 0.0)
    local = any(method.name != PAPER_METHOD for method in view.methods)
    parts = [f"Edits at strength {strength:g}."] if strength != 1 else []
    if threshold and local:
        parts.append(f"Method local fills where the probe's log odds exceed {threshold:g}.")
    return " ".join(parts)


def _float(edit: Mapping[str, object] | None, name: str, default: float) -> float:
    value = (edit or {}).get(name)
    return float(value) if isinstance(value, int | float) else default


def _caption(view: RemovalView) -> str:
    """How the numbers came about: samples, layers, controls, judge, checkpoint."""
    parts = [_measured(view), _fitted(view), *map(_where, view.methods), _edit(view)]
    parts.append(provenance_line(view.provenance))
    return " ".join(part for part in parts if part)


def _subtitle(view: RemovalView, method: MethodView) -> str:
    control = method.control
    areas = f"Method {method.name} leaves {number(method.target_area_ratio)} of the {view.target} area"
    if control is not None and control.target_area_ratio is not None:
        areas += f"; its control leaves {number(control.target_area_ratio)}"
    if method.collateral is not None:
        return f"{areas}. Other classes that cover at least 1 % change by up to {number(method.collateral)}."
    if not method.focus.is_known:
        return f"{areas}."
    what = "nothing outside the boxes"
    if not method.focus.is_all_inside:
        what = f"the picture inside the boxes {times(method.focus)} times as much as outside"
    changes = f"changes {what} (control {times(method.focus_control)})."
    return f"{areas}. It {changes}" if view.has_areas else f"Method {method.name} {changes}"


def _line(panels: list[Panel], row: int, columns: int = GRID_COLUMNS) -> list[Placed]:
    """Set panels side by side over the first `columns` of the grid."""
    return [
        Placed(panel, row, index * (columns // len(panels)), 1, columns // len(panels))
        for index, panel in enumerate(panels)
    ]


def _panels(view: RemovalView) -> tuple[list[Panel], list[Panel]]:
    """Short panels and tall ones, of what there is."""
    methods = view.methods
    compares = any(m.distance_edited is not None or m.distance_untouched is not None for m in methods)
    short: list[Panel] = [selectivity_panel(view)] if view.has_areas else []
    short += [became_panel(view)] if any(m.became for m in methods) else []
    short += [distance_panel(view)] if compares else []
    focused = any(method.focus.is_known for method in methods)
    short += [focus_panel(view)] if focused and len(short) < 3 else []
    tall: list[Panel] = [class_panel(view)] if any(m.other_area_ratios for m in methods) else []
    tall += [dose_panel(view)] if view.dose else []
    tall += [sweep_panel(view)] if has_sweep(view) else []
    return short, tall


def _placed(view: RemovalView, grid: ImageGrid, head: NumberCard) -> tuple[Placed, ...]:
    """Pictures left, the card beside them; below, short panels and tall ones in rows of their own."""
    short, tall = _panels(view)
    if len(grid.rows) >= 5:
        lines = [short, tall] if len(short) + len(tall) > 3 else [[*short, *tall]]
        beside = (Placed(grid, 0, 0, 1, 8), Placed(head, 0, 8, 1, 4))
        return (*beside, *(one for row, line in enumerate(lines, start=1) for one in _line(line, row)))
    # The card is taller than three rows of pictures: two panels fit under them.
    below = [*tall, *short[2:]]
    length = 2 if len(below) == 4 else max(len(below), 1)
    placed = [Placed(grid, 0, 0, 1, 8), Placed(head, 0, 8, 2, 4), *_line(short[:2], 1, 8)]
    for row, start in enumerate(range(0, len(below), length), start=2):
        placed += _line(below[start : start + length], row)
    return tuple(placed)


def removal_figure(view: RemovalView, images: RemovalImages) -> Figure:
    """Compose the figure of `remove_objects`.

    Parameters
    ----------
    view
        The numbers, read from result.json. The best method comes first, the others follow in their order.
    images
        Untouched and edited pictures of the same z.

    Returns
    -------
    Figure
        Rows of pictures (untouched, without the target, difference; the second method below for comparison),
        and the causal card: edit against control, every class, dose, layers, what became of the target's
        pixels, distance to real images.

    Raises
    ------
    ValueError
        If there is no picture of any of the methods.
    """
    best = view.best()
    view = replace(view, methods=(best, *(method for method in view.methods if method is not best)))
    shown = _shown(view, images)
    grid = _image_grid(view, images, shown)
    return Figure(
        title=f"Removing {view.target}: what the generator draws without it",
        subtitle=_subtitle(view, shown[0]),
        panels=_placed(view, grid, card(view, shown[0])),
        caption=_caption(view),
        least_width_in=LEAST_WIDTH_IN,
    )
