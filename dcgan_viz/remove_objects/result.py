"""What `remove_objects` found, in the words of ``result.json``."""

from dataclasses import dataclass, field

from torch import Tensor

from dcgan_viz.data.box import Boxes
from dcgan_viz.models.layers import Layer
from dcgan_viz.remove_objects.change import Focus
from dcgan_viz.remove_objects.probe import Probe
from dcgan_viz.remove_objects.targetless import TargetlessDistance

Interval = tuple[float, float]


@dataclass(frozen=True)
class Effect:
    """What one edit did to a set of images, by the judge; NaN and nothing where it cannot say.

    Attributes
    ----------
    n_images : int
    target_area_ratio : float
        Area of the target after / before.
    target_area_ratio_ci95 : (float, float)
        Bootstrap over images and, for a control, over draws.
    other_area_ratios : dict of str to float
        The same of every other class that the judge knows.
    collateral : float
        Largest ``|ratio - 1|`` of a class that covered at least 1 % before.
    collateral_class : str
        Which class that is.
    """

    n_images: int
    target_area_ratio: float
    target_area_ratio_ci95: Interval
    other_area_ratios: dict[str, float]
    collateral: float
    collateral_class: str

    @classmethod
    def unknown(cls) -> "Effect":
        """The effect of an edit that was never made: no number."""
        nan = float("nan")
        return cls(0, nan, (nan, nan), {}, nan, "")

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return dict(vars(self))


@dataclass(frozen=True)
class MethodResult:
    """One method of removing, and its control.

    Attributes
    ----------
    name : {"drop", "local"}
    layer : Layer
        Where the edit is made.
    probe : Probe
    n_maps : int
        Maps that the edit changes.
    effect, control : Effect
    n_draws : int
        Draws of the control.
    pixel_change : float
        Mean absolute difference of pixels in [-1, 1].
    became : dict of str to float
        What the pixels of the target are judged to be afterwards, as shares.
    distance : TargetlessDistance
    focus : Focus
        How much more changes inside of boxes than outside, in samples that the probe has not seen.
    """

    name: str
    layer: Layer
    probe: Probe
    n_maps: int
    effect: Effect
    control: Effect
    n_draws: int
    pixel_change: float
    became: dict[str, float]
    distance: TargetlessDistance
    focus: Focus

    def to_json(self) -> dict[str, object]:
        """One entry of ``methods``."""
        return {
            "name": self.name,
            "layer": layer_json(self.layer),
            "probe": self.probe.to_json(),
            "n_maps": self.n_maps,
            **self.effect.to_json(),
            "pixel_change": self.pixel_change,
            "became": self.became,
            "distance_to_targetless": self.distance.to_json(),
            "focus": self.focus.to_json(),
            "control": {"n_draws": self.n_draws, **self.control.to_json()},
        }


@dataclass(frozen=True)
class DosePoint:
    """Dropping the ``n_maps`` maps that speak most for the target, and as many random ones."""

    layer: str
    n_maps: int
    effect: Effect
    random: Effect
    n_draws: int

    def to_json(self) -> dict[str, object]:
        """One entry of ``dose``."""
        return {
            "method": "drop",
            "layer": self.layer,
            "n_maps": self.n_maps,
            "n_images": self.effect.n_images,
            "target_area_ratio": self.effect.target_area_ratio,
            "collateral": self.effect.collateral,
            "n_draws": self.n_draws,
            "random_target_area_ratio": self.random.target_area_ratio,
            "random_ci95": self.random.target_area_ratio_ci95,
            "random_collateral": self.random.collateral,
        }


@dataclass(frozen=True)
class SweepPoint:
    """A method at one layer alone."""

    layer: Layer
    method: str
    auc_heldout: float
    effect: Effect
    control: Effect
    n_draws: int
    focus: Focus

    def to_json(self) -> dict[str, object]:
        """One entry of ``layers``."""
        return {
            "layer": self.layer.name,
            "shape": self.layer.shape,
            "method": self.method,
            "auc_heldout": self.auc_heldout,
            "n_images": self.effect.n_images,
            "target_area_ratio": self.effect.target_area_ratio,
            "target_area_ratio_ci95": self.effect.target_area_ratio_ci95,
            "collateral": self.effect.collateral,
            "n_draws": self.n_draws,
            "control_target_area_ratio": self.control.target_area_ratio,
            "control_target_area_ratio_ci95": self.control.target_area_ratio_ci95,
            "focus": self.focus.to_json(),
        }


@dataclass(frozen=True)
class RemovalResult:
    """All that `remove_objects` found.

    Attributes
    ----------
    target : str
    boxes : Boxes
        What the probes were fitted on.
    boxes_source : str
        "annotator", or the file's name.
    n_annotated, n_fresh : int
        Samples that were annotated, and fresh ones that were measured.
    target_share : float
        Share of the fresh samples that show the target, by the judge; NaN without one.
    methods : tuple of MethodResult
    dose : tuple of DosePoint
    layers : tuple of SweepPoint
    judge : dict
        Name of the judge, "rooms", "discriminator features" or "none", and what is known about it.
    z, untouched : Tensor (N, nz) and (N, C, H, W)
        The fresh samples.
    edited : dict of str to Tensor (N, C, H, W)
        The same z, by method.
    shown : Tensor (K,), int
        Samples that show the target plainly, for figures: by the judge, or without one those in which the
        probe of ``local`` fires.
    edit : dict
        What was set of the edits: strength, threshold of ``local``, maps of ``drop``.
    """

    target: str
    boxes: Boxes
    boxes_source: str
    n_annotated: int
    n_fresh: int
    target_share: float
    methods: tuple[MethodResult, ...]
    dose: tuple[DosePoint, ...]
    layers: tuple[SweepPoint, ...]
    judge: dict[str, object]
    z: Tensor
    untouched: Tensor
    edited: dict[str, Tensor]
    shown: Tensor
    edit: dict[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The fields of ``result.json``."""
        return {
            "target": self.target,
            "annotations": {
                "n_samples": self.n_annotated,
                "n_boxes": len(self.boxes),
                "n_images": len(self.boxes.images),
                "source": self.boxes_source,
            },
            "n_fresh": self.n_fresh,
            "target_share": self.target_share,
            "edit": self.edit,
            "methods": [method.to_json() for method in self.methods],
            "dose": [point.to_json() for point in self.dose],
            "layers": [point.to_json() for point in self.layers],
            "judge": self.judge,
        }


def layer_json(layer: Layer) -> dict[str, object]:
    """Name, shape (C, H, W) and rule."""
    return {"name": layer.name, "shape": layer.shape, "rule": layer.rule}
