"""What the removal figure reads of `remove_objects`' result.json, with its numbers untouched."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcgan_viz.figures.spec import Interval, Value


def _value(number: float | None) -> Value:
    """Read a number; one that is missing, infinite or NaN is `None`."""
    return float(number) if number is not None and math.isfinite(number) else None


def _interval(ends: Sequence[float | None] | None) -> Interval:
    """Read [low, high]; `None` where either end is missing."""
    low, high = (_value(end) for end in ends or (None, None))
    return None if low is None or high is None else (low, high)


def _ratios(mapping: Mapping[str, float | None] | None) -> dict[str, Value]:
    return {str(name): _value(number) for name, number in (mapping or {}).items()}


@dataclass(frozen=True)
class LayerView:
    """A layer: its name, its shape (C, H, W), and the rule that chose it."""

    name: str
    shape: tuple[int, ...]
    rule: str

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> LayerView:
        """Read a `layer`."""
        return cls(entry["name"], tuple(entry.get("shape") or ()), str(entry.get("rule") or ""))


@dataclass(frozen=True)
class FocusView:
    """Mean absolute change of pixels inside and outside of boxes, and the one by the other.

    Measured on `n_images` boxed images that the probe had not seen, of a control over `n_draws` draws.
    """

    n_images: int | None
    n_draws: int | None
    change_inside: Value
    change_outside: Value
    ratio: Value
    ratio_ci95: Interval

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> FocusView:
        """Read a `focus`, or the `control` in it."""
        return cls(
            n_images=entry.get("n_images"),
            n_draws=entry.get("n_draws"),
            change_inside=_value(entry.get("change_inside")),
            change_outside=_value(entry.get("change_outside")),
            ratio=_value(entry.get("ratio")),
            ratio_ci95=_interval(entry.get("ratio_ci95")),
        )

    @property
    def is_known(self) -> bool:
        """Whether anything was measured."""
        return self.change_inside is not None

    @property
    def is_all_inside(self) -> bool:
        """Whether nothing changed outside of the boxes: the ratio has no number then."""
        return bool(self.change_inside) and self.change_outside == 0


@dataclass(frozen=True)
class ControlView:
    """The same edit, misdirected, over `n_draws` draws on `n_images` images each."""

    n_draws: int
    n_images: int | None
    target_area_ratio: Value
    target_area_ratio_ci95: Interval
    collateral: Value

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> ControlView:
        """Read a `control`."""
        return cls(
            n_draws=int(entry["n_draws"]),
            n_images=entry.get("n_images"),
            target_area_ratio=_value(entry.get("target_area_ratio")),
            target_area_ratio_ci95=_interval(entry.get("target_area_ratio_ci95")),
            collateral=_value(entry.get("collateral")),
        )


@dataclass(frozen=True)
class MethodView:
    """One way of removing, and its control. The fields are those of `methods` in result.json."""

    name: str
    layer: LayerView
    auc_heldout: Value
    auc_shuffled: Value
    n_positive: int | None
    n_negative: int | None
    n_maps: int | None
    target_area_ratio: Value
    target_area_ratio_ci95: Interval
    other_area_ratios: dict[str, Value]
    collateral: Value
    collateral_class: str
    pixel_change: Value
    became: dict[str, Value]
    distance_edited: Value
    distance_untouched: Value
    distance_real_split: Value
    control: ControlView | None
    focus: FocusView
    focus_control: FocusView

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> MethodView:
        """Read one entry of `methods`."""
        probe, focus = entry.get("probe") or {}, entry.get("focus") or {}
        distances, control = entry.get("distance_to_targetless") or {}, entry.get("control")
        return cls(
            name=entry["name"],
            layer=LayerView.from_json(entry["layer"]),
            auc_heldout=_value(probe.get("auc_heldout")),
            auc_shuffled=_value(probe.get("auc_shuffled")),
            n_positive=probe.get("n_positive"),
            n_negative=probe.get("n_negative"),
            n_maps=entry.get("n_maps"),
            target_area_ratio=_value(entry.get("target_area_ratio")),
            target_area_ratio_ci95=_interval(entry.get("target_area_ratio_ci95")),
            other_area_ratios=_ratios(entry.get("other_area_ratios")),
            collateral=_value(entry.get("collateral")),
            collateral_class=str(entry.get("collateral_class") or ""),
            pixel_change=_value(entry.get("pixel_change")),
            became=_ratios(entry.get("became")),
            distance_edited=_value(distances.get("edited")),
            distance_untouched=_value(distances.get("untouched")),
            distance_real_split=_value(distances.get("real_split")),
            control=ControlView.from_json(control) if control else None,
            focus=FocusView.from_json(focus),
            focus_control=FocusView.from_json(focus.get("control") or {}),
        )


@dataclass(frozen=True)
class DosePoint:
    """One entry of `dose`: the effect of dropping `n_maps` maps, and as many random ones.

    `n_images` images were measured, and `n_draws` draws of the random maps.
    """

    method: str
    layer: str
    n_maps: int
    n_images: int | None
    n_draws: int | None
    target_area_ratio: Value
    random_target_area_ratio: Value
    random_ci95: Interval
    collateral: Value
    random_collateral: Value

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> DosePoint:
        """Read one entry of `dose`."""
        return cls(
            method=entry.get("method", "drop"),
            layer=entry["layer"],
            n_maps=int(entry["n_maps"]),
            n_images=entry.get("n_images"),
            n_draws=entry.get("n_draws"),
            target_area_ratio=_value(entry.get("target_area_ratio")),
            random_target_area_ratio=_value(entry.get("random_target_area_ratio")),
            random_ci95=_interval(entry.get("random_ci95")),
            collateral=_value(entry.get("collateral")),
            random_collateral=_value(entry.get("random_collateral")),
        )


@dataclass(frozen=True)
class SweepPoint:
    """One entry of `layers`: a method at a layer, on `n_images` images, its control over `n_draws` draws."""

    layer: str
    shape: tuple[int, ...]
    method: str
    n_images: int | None
    n_draws: int | None
    target_area_ratio: Value
    target_area_ratio_ci95: Interval
    collateral: Value
    control_target_area_ratio: Value
    control_target_area_ratio_ci95: Interval
    focus: FocusView
    focus_control: FocusView

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> SweepPoint:
        """Read one entry of `layers`."""
        focus = entry.get("focus") or {}
        return cls(
            layer=entry["layer"],
            shape=tuple(entry.get("shape") or ()),
            method=entry["method"],
            n_images=entry.get("n_images"),
            n_draws=entry.get("n_draws"),
            target_area_ratio=_value(entry.get("target_area_ratio")),
            target_area_ratio_ci95=_interval(entry.get("target_area_ratio_ci95")),
            collateral=_value(entry.get("collateral")),
            control_target_area_ratio=_value(entry.get("control_target_area_ratio")),
            control_target_area_ratio_ci95=_interval(entry.get("control_target_area_ratio_ci95")),
            focus=FocusView.from_json(focus),
            focus_control=FocusView.from_json(focus.get("control") or {}),
        )


@dataclass(frozen=True)
class JudgeView:
    """Who measured areas, as far as the figure says.

    `reason` is set where nobody did. A judge that was fitted on half of the boxed images has `n_heldout`
    others, which are the probe's.
    """

    name: str = ""
    reason: str = ""
    n_heldout: int | None = None
    auc_heldout: Value = None
    false_share_heldout: Value = None

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> JudgeView:
        """Read the `judge`."""
        return cls(
            name=str(entry.get("name") or ""),
            reason=str(entry.get("reason") or ""),
            n_heldout=entry.get("n_heldout"),
            auc_heldout=_value(entry.get("auc_heldout")),
            false_share_heldout=_value(entry.get("false_share_heldout")),
        )


@dataclass(frozen=True)
class RemovalView:
    """A whole result.json of `remove_objects`, as far as the figure shows it.

    Attributes
    ----------
    target
        Name of the class that was removed.
    methods
        At least one; the order is kept in every panel.
    dose, layers
        May be empty: their panels are then left out.
    n_fresh, target_share
        Fresh z that the methods were measured on, and the share of them that show the target.
    annotations
        `n_samples`, `n_boxes`, `source`.
    judge
        Who measured areas.
    edit
        `strength`, `threshold` and `n_maps`, as far as they were set.
    provenance
        The `provenance` of result.json.
    """

    target: str
    methods: tuple[MethodView, ...]
    dose: tuple[DosePoint, ...] = ()
    layers: tuple[SweepPoint, ...] = ()
    n_fresh: int | None = None
    target_share: Value = None
    annotations: Mapping[str, Any] | None = None
    judge: JudgeView = JudgeView()
    provenance: Mapping[str, Any] | None = None
    edit: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Check that there is a method."""
        if not self.methods:
            raise ValueError("methods: a removal figure needs at least one")

    @classmethod
    def from_json(cls, result: Mapping[str, Any]) -> RemovalView:
        """Read a result.json, or the mapping it is written from."""
        return cls(
            target=result["target"],
            methods=tuple(MethodView.from_json(entry) for entry in result["methods"]),
            dose=tuple(DosePoint.from_json(entry) for entry in result.get("dose") or ()),
            layers=tuple(SweepPoint.from_json(entry) for entry in result.get("layers") or ()),
            n_fresh=result.get("n_fresh"),
            target_share=_value(result.get("target_share")),
            annotations=result.get("annotations"),
            judge=JudgeView.from_json(result.get("judge") or {}),
            provenance=result.get("provenance"),
            edit=result.get("edit"),
        )

    @property
    def has_areas(self) -> bool:
        """Whether anybody measured how much of the target is left."""
        return any(method.target_area_ratio is not None for method in self.methods)

    def best(self) -> MethodView:
        """Return the method that leaves least of the target and of the rest changed, the sum of both.

        What no judge said of any method does not count; where none measured areas, the method whose change
        keeps most to the boxes.
        """
        if not self.has_areas:
            inside = {m.name: float("inf") if m.focus.is_all_inside else m.focus.ratio for m in self.methods}
            return max(self.methods, key=lambda m: inside[m.name] or 0.0)
        with_collateral = any(method.collateral is not None for method in self.methods)

        def left(method: MethodView) -> float:
            rest = _or_worst(method.collateral) if with_collateral else 0.0
            return _or_worst(method.target_area_ratio) + rest

        return min(self.methods, key=left)


def _or_worst(value: Value) -> float:
    return float("inf") if value is None else value
