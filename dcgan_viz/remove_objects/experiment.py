"""The bench on which edits are tried: one generator, fresh z, a probe a layer, and the judge."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.data.box import Boxes
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import Layer, hidden_layers, resolve_layer
from dcgan_viz.models.trunk import Trunk
from dcgan_viz.remove_objects.edits import Drop, Fill, towards
from dcgan_viz.remove_objects.judges import Judge
from dcgan_viz.remove_objects.measure import (
    Judged,
    area_ratio,
    area_ratio_interval,
    collateral,
    other_area_ratios,
)
from dcgan_viz.remove_objects.probe import Probe, fit_probe, go_on
from dcgan_viz.remove_objects.result import Effect
from dcgan_viz.remove_objects.stage import BATCH, Stage


@dataclass
class Experiment:
    """Everything that the edits of one run share, computed when first asked for.

    Attributes
    ----------
    gan : Gan
    judge : Judge
    target : str
    boxes : Boxes
        Of annotated samples; probes are fitted on those that the judge has not been fitted on.
    z_annotated : Tensor (M, nz)
    z : Tensor (N, nz)
        Fresh; nothing was fitted on them.
    seed : int
    strength : float
        Of all edits; see `dcgan_viz.remove_objects.edits.towards`.
    tick : callable
        Called before each fit of a probe, and before edited pictures are drawn: whoever shows progress counts
        there, or stops all by raising.
    """

    gan: Gan
    judge: Judge
    target: str
    boxes: Boxes
    z_annotated: Tensor
    z: Tensor
    seed: int
    strength: float = 1.0
    tick: Callable[[], None] = go_on
    _trunks: dict[str, Trunk] = field(default_factory=dict)
    _probes: dict[str, Probe] = field(default_factory=dict)
    _activations: dict[str, Tensor] = field(default_factory=dict)

    @cached_property
    def hidden(self) -> list[Layer]:
        """The generator's hidden layers, the one nearest to z first."""
        return hidden_layers(self.gan.require_generator("remove_objects"), self.gan.z_input(self.z[:2]))

    @cached_property
    def untouched(self) -> Tensor:
        """What the generator draws of the fresh z: (N, C, H, W) in [-1, 1]."""
        return self.gan.generate(self.z)

    @cached_property
    def before(self) -> Judged:
        """The judge's view of it."""
        return Judged.of(self.judge, self.untouched)

    @property
    def measures_areas(self) -> bool:
        """Whether there is a judge that can say how much of the target is left."""
        return self.target in self.judge.classes

    @property
    def target_share(self) -> float:
        """Share of the fresh samples that show the target; NaN where no judge says."""
        if not self.measures_areas:
            return float("nan")
        return float(self.before.shows(self.target).float().mean())

    @cached_property
    def probe_boxes(self) -> Boxes:
        """The boxes that probes are fitted on."""
        kept = set(self.boxes.images) - set(self.judge.fitted_on)
        return Boxes(
            self.boxes.target, self.boxes.image_size, {n: self.boxes.by_image[n] for n in sorted(kept)}
        )

    @property
    def z_boxed(self) -> Tensor:
        """The z (B, nz) of the samples that have boxes."""
        return self.z_annotated[list(self.boxes.images)]

    @cached_property
    def boxed_images(self) -> Tensor:
        """What the generator draws of them: (B, C, H, W) in [-1, 1]."""
        return self.gan.generate(self.z_boxed)

    def boxed_activations(self, layer: Layer) -> Tensor:
        """What a layer returns for them."""
        return self.trunk(layer).activations(self.z_boxed)

    def drawn(self, layer: Layer, activations: Tensor, z: Tensor) -> Tensor:
        """Images (K, C, H, W) of edited activations of a layer, and of the z that they come from."""
        self.tick()
        trunk, parts = self.trunk(layer), zip(activations.split(BATCH), z.split(BATCH), strict=True)
        return torch.cat([trunk.images(part, part_z) for part, part_z in parts])

    def towards(self, activations: Tensor, edited: Tensor) -> Tensor:
        """Edited activations, as far as this bench's strength goes."""
        return towards(activations, edited, self.strength)

    def layer(self, wanted: str) -> Layer:
        """A layer by name or by rule."""
        return resolve_layer(
            self.gan.require_generator("remove_objects"), self.gan.z_input(self.z[:2]), wanted
        )

    def trunk(self, layer: Layer) -> Trunk:
        """The generator, cut at a layer."""
        if layer.name not in self._trunks:
            self._trunks[layer.name] = Trunk(self.gan, layer.name, self.z)
        return self._trunks[layer.name]

    def activations(self, layer: Layer) -> Tensor:
        """What a layer returns for the fresh z: (N, C, H, W), kept for the next edit."""
        if layer.name not in self._activations:
            self._activations = {layer.name: self.trunk(layer).activations(self.z)}  # one layer's at a time
        return self._activations[layer.name]

    def stage(self, layer: Layer) -> Stage:
        """The fresh z, run up to a layer."""
        return Stage(self.trunk(layer), self.z, self.activations(layer))

    def probe(self, layer: Layer) -> Probe:
        """The probe of a layer, fitted on the annotated samples."""
        if layer.name not in self._probes:
            activations = self.trunk(layer).activations(self.z_annotated[list(self.probe_boxes.images)])
            coverage = self.probe_boxes.masks(*layer.shape[1:])
            self._probes[layer.name] = fit_probe(activations, coverage, self.seed, self.tick)
        return self._probes[layer.name]

    @property
    def fitted(self) -> set[str]:
        """Names of the layers that have a probe by now."""
        return set(self._probes)

    def keep_probes(self, layers: Iterable[Layer], probes: Iterable[Probe]) -> None:
        """Take probes that were fitted before, on these boxes, instead of fitting them anew."""
        self._probes.update({layer.name: probe for layer, probe in zip(layers, probes, strict=True)})

    def drop(self, layer: Layer, edit: Drop, rows: slice = slice(None)) -> Tensor:
        """Images of some fresh z with maps of a layer dropped: (K, C, H, W)."""
        self.tick()
        return self.stage(layer).part(rows).dropped(edit, self.strength)

    def local(
        self, layer: Layer, fill: Fill, rows: slice = slice(None), mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Images of some fresh z with a layer filled, where its probe fires or where a mask says.

        Parameters
        ----------
        layer : Layer
        fill : Fill
        rows : slice
            Of the fresh z.
        mask : Tensor (K, H, W), optional
            Where to fill instead of where the probe fires.

        Returns
        -------
        images : Tensor (K, C, H, W)
        mask : Tensor (K, H, W)
            Where was filled.
        """
        self.tick()
        stage = self.stage(layer).part(rows)
        if mask is None:
            mask = fill.mask(self.probe(layer), stage.activations)
        return stage.filled(fill, mask, self.strength), mask

    def effect(self, draws: Sequence[Tensor], rows: slice = slice(None)) -> Effect:
        """What an edit did to some fresh samples.

        Parameters
        ----------
        draws : sequence of Tensor (K, C, H, W)
            Edited images, one set a draw of the edit; of no draw nothing is known.
        rows : slice
            Which samples they are.
        """
        return self.effect_of([Judged.of(self.judge, images) for images in draws], rows)

    def effect_of(self, after: Sequence[Judged], rows: slice = slice(None)) -> Effect:
        """`effect` of images that the judge has already seen."""
        if not after or not self.measures_areas:
            return Effect.unknown()
        before = self.before.part(rows)
        pooled_before, pooled = Judged.joined([before] * len(after)), Judged.joined(after)
        ratios = other_area_ratios(pooled_before, pooled, self.target)
        change, worst = collateral(pooled_before, ratios)
        areas = np.stack([judged.area(self.target) for judged in after])  # (D, K)
        return Effect(
            n_images=len(before.areas),
            target_area_ratio=area_ratio(pooled_before.area(self.target), pooled.area(self.target)),
            target_area_ratio_ci95=area_ratio_interval(before.area(self.target), areas, self.seed),
            other_area_ratios=ratios,
            collateral=change,
            collateral_class=worst,
        )
