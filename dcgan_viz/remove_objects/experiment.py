"""The bench on which edits are tried: one generator, fresh z, a probe a layer, and the judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.data.box import Boxes
from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.data.segmenter import Segmenter
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import Layer, Trunk, hidden_layers, resolve_layer
from dcgan_viz.remove_objects.edits import Drop, Fill
from dcgan_viz.remove_objects.measure import (
    Judged,
    area_ratio,
    area_ratio_interval,
    collateral,
    other_area_ratios,
)
from dcgan_viz.remove_objects.probe import Probe, fit_probe
from dcgan_viz.remove_objects.result import Effect

BATCH = 125
Masks = dict[str, Tensor]


@dataclass
class Experiment:
    """Everything that the edits of one run share, computed when first asked for.

    Attributes
    ----------
    gan : Gan
    judge : Segmenter
    target : str
    boxes : Boxes
        Of annotated samples.
    z_annotated : Tensor (M, nz)
    z : Tensor (N, nz)
        Fresh; nothing was fitted on them.
    seed : int
    """

    gan: Gan
    judge: Segmenter
    target: str
    boxes: Boxes
    z_annotated: Tensor
    z: Tensor
    seed: int
    _trunks: dict[str, Trunk] = field(default_factory=dict)
    _probes: dict[str, Probe] = field(default_factory=dict)
    _activations: dict[str, Tensor] = field(default_factory=dict)

    @cached_property
    def hidden(self) -> list[Layer]:
        """The generator's hidden layers, the one nearest to z first."""
        return hidden_layers(self.gan.generator, self.z[:2])

    @cached_property
    def untouched(self) -> Tensor:
        """What the generator draws of the fresh z: (N, C, H, W) in [-1, 1]."""
        return self.gan.generate(self.z)

    @cached_property
    def before(self) -> Judged:
        """The judge's view of it."""
        return Judged.of(self.judge, self.untouched)

    def layer(self, wanted: str) -> Layer:
        """A layer by name or by rule."""
        return resolve_layer(self.gan.generator, self.z[:2], wanted)

    def trunk(self, layer: Layer) -> Trunk:
        """The generator, cut at a layer."""
        if layer.name not in self._trunks:
            self._trunks[layer.name] = Trunk(self.gan.generator, layer.name, self.z)
        return self._trunks[layer.name]

    def activations(self, layer: Layer) -> Tensor:
        """What a layer returns for the fresh z: (N, C, H, W), kept for the next edit."""
        if layer.name not in self._activations:
            self._activations = {layer.name: self.trunk(layer).activations(self.z)}  # one layer's at a time
        return self._activations[layer.name]

    def probe(self, layer: Layer) -> Probe:
        """The probe of a layer, fitted on the annotated samples."""
        if layer.name not in self._probes:
            activations = self.trunk(layer).activations(self.z_annotated[list(self.boxes.images)])
            coverage = self.boxes.masks(*layer.shape[1:])
            self._probes[layer.name] = fit_probe(activations, coverage, self.seed)
        return self._probes[layer.name]

    def drop(self, layer: Layer, edit: Drop, rows: slice = slice(None)) -> Tensor:
        """Images of some fresh z with maps of a layer dropped: (K, C, H, W)."""
        trunk, activations, z = self.trunk(layer), self.activations(layer)[rows], self.z[rows]
        parts = zip(activations.split(BATCH), z.split(BATCH), strict=True)
        return torch.cat([trunk.images(edit(part), part_z) for part, part_z in parts])

    def local(
        self,
        stages: Sequence[tuple[Layer, Fill]],
        rows: slice = slice(None),
        masks: Mapping[str, Tensor] | None = None,
    ) -> tuple[Tensor, Masks]:
        """Images of some fresh z, filled where each stage's probe fires or where masks say.

        Parameters
        ----------
        stages : sequence of (Layer, Fill)
            From z upwards; each probe sees what the stages below it have left.
        rows : slice
            Of the fresh z.
        masks : mapping of layer name to Tensor (K, H, W), optional
            Where to fill instead of where the probes fire.

        Returns
        -------
        images : Tensor (K, C, H, W)
        masks : dict of layer name to Tensor (K, H, W)
            Where was filled.
        """
        first, _ = stages[0]
        trunk, activations, z = self.trunk(first), self.activations(first)[rows], self.z[rows]
        used: dict[str, list[Tensor]] = {layer.name: [] for layer, _ in stages}

        def stage(layer: Layer, fill: Fill, x: Tensor) -> Tensor:
            done = sum(len(part) for part in used[layer.name])
            mask = (
                fill.mask(self.probe(layer), x) if masks is None else masks[layer.name][done : done + len(x)]
            )
            used[layer.name].append(mask)
            return fill(x, mask)

        edits = {
            layer.name: (lambda x, layer=layer, fill=fill: stage(layer, fill, x))
            for layer, fill in stages[1:]
        }
        parts = zip(activations.split(BATCH), z.split(BATCH), strict=True)
        images = [trunk.images(stage(*stages[0], part), part_z, edits) for part, part_z in parts]
        return torch.cat(images), {name: torch.cat(masks_) for name, masks_ in used.items()}

    def effect(self, images: Sequence[Tensor], rows: slice = slice(None)) -> tuple[Effect, Judged]:
        """What an edit did to some fresh samples.

        Parameters
        ----------
        images : sequence of Tensor (K, C, H, W)
            Edited, one set a draw of the edit.
        rows : slice
            Which samples they are.

        Returns
        -------
        effect : Effect
            Over all draws.
        judged : Judged
            Of the first draw.
        """
        before, after = self.before.part(rows), [Judged.of(self.judge, some) for some in images]
        k = CLASSES.index(self.target)
        pooled_before = Judged(
            torch.cat([before.classes] * len(after)), np.concatenate([before.areas] * len(after))
        )
        pooled = Judged(torch.cat([j.classes for j in after]), np.concatenate([j.areas for j in after]))
        ratios = other_area_ratios(pooled_before, pooled, self.target)
        change, worst = collateral(pooled_before, ratios)
        areas = np.stack([j.areas[:, k] for j in after])
        interval = area_ratio_interval(before.areas[:, k], areas, self.seed)
        ratio = area_ratio(pooled_before.areas[:, k], pooled.areas[:, k])
        return Effect(len(before.areas), ratio, interval, ratios, change, worst), after[0]
