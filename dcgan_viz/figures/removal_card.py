"""The removal figure's card: large numbers, and those of all methods in a table."""

from __future__ import annotations

from dcgan_viz.figures.removal_focus import focus_rows, focus_tiles
from dcgan_viz.figures.removal_panels import control_words, method_role
from dcgan_viz.figures.removal_view import MethodView, RemovalView
from dcgan_viz.figures.spec import Interval, NumberCard, Role, Table, Tile
from dcgan_viz.figures.wording import MISSING, number


def card(view: RemovalView, method: MethodView) -> NumberCard:
    """Show the numbers of one method large, and those of all methods in a table."""
    if not view.has_areas:
        tiles: tuple[Tile, ...] = (*focus_tiles(view, method), _pixel_tile(view, method))
    elif method.collateral is None:
        tiles = (*_area_tiles(view, method), *focus_tiles(view, method)[:1])
    else:
        tiles = (*_area_tiles(view, method), _collateral_tile(view, method))
    return NumberCard("Removed, or only damaged?", (*tiles, _probe_tile(view, method)), _table(view))


def _area_tiles(view: RemovalView, method: MethodView) -> tuple[Tile, Tile]:
    control = method.control
    return (
        Tile(
            number(method.target_area_ratio),
            f"of the {view.target} area is left by {method.name}",
            _ci_words(method.target_area_ratio_ci95),
            method_role(view, method.name),
        ),
        Tile(
            number(control.target_area_ratio if control else None),
            f"is left by its control, {control_words(method.name)}",
            _ci_words(control.target_area_ratio_ci95 if control else None),
            Role.CONTROL,
        ),
    )


def _collateral_tile(view: RemovalView, method: MethodView) -> Tile:
    where = f": {method.collateral_class}" if method.collateral_class else ""
    return Tile(
        number(method.collateral),
        f"collateral, the largest change of another class of at least 1 %{where}",
        f"control {number(method.control.collateral)}" if method.control else "",
        method_role(view, method.name),
    )


def _pixel_tile(view: RemovalView, method: MethodView) -> Tile:
    return Tile(
        number(method.pixel_change, 3),
        "mean absolute change of all pixels in [-1, 1]",
        role=method_role(view, method.name),
    )


def _probe_tile(view: RemovalView, method: MethodView) -> Tile:
    return Tile(
        number(method.auc_heldout, 3),
        "probe AUC on held-out images",
        f"with shuffled labels {number(method.auc_shuffled, 3)}",
        method_role(view, method.name),
    )


def _ci_words(ends: Interval) -> str:
    return "" if ends is None else f"95 % interval {number(ends[0])} to {number(ends[1])}"


def _table(view: RemovalView) -> Table:
    """All methods side by side."""
    methods = view.methods
    controls = [method.control for method in methods]
    rows: list[tuple[str, tuple[str, ...]]] = [
        ("layer", tuple(m.layer.name for m in methods)),
        ("maps edited", tuple(MISSING if m.n_maps is None else f"{m.n_maps:,}" for m in methods)),
        ("probe AUC, held-out", tuple(number(m.auc_heldout, 3) for m in methods)),
        ("probe AUC, shuffled", tuple(number(m.auc_shuffled, 3) for m in methods)),
    ]
    if any(method.collateral is not None for method in methods):
        rows += [
            ("collateral", tuple(number(m.collateral) for m in methods)),
            ("collateral of its control", tuple(number(c.collateral if c else None) for c in controls)),
        ]
    rows += [("pixel change", tuple(number(m.pixel_change, 3) for m in methods)), *focus_rows(view)]
    return Table(
        tuple(m.name for m in methods), tuple(rows), tuple(method_role(view, m.name) for m in methods)
    )
