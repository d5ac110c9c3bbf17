"""A layer's activations for some z, kept, so that one edit after the other can be tried on them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import Layer
from dcgan_viz.models.trunk import Trunk
from dcgan_viz.remove_objects.edits import Drop, Fill, towards

BATCH = 125


@dataclass(frozen=True)
class Stage:
    """Some z, run up to one layer; never changed, so that threads may share it.

    Attributes
    ----------
    trunk : Trunk
        The generator, cut at the layer.
    z : Tensor (N, nz)
    activations : Tensor (N, C, H, W)
        What the layer holds for them.
    """

    trunk: Trunk
    z: Tensor
    activations: Tensor

    @classmethod
    def of(cls, gan: Gan, layer: Layer, z: Tensor) -> "Stage":
        """Run z up to a layer."""
        trunk = Trunk(gan, layer.name, z)
        return cls(trunk, z, trunk.activations(z))

    def part(self, rows: slice) -> "Stage":
        """Some of the z."""
        return Stage(self.trunk, self.z[rows], self.activations[rows])

    def dropped(self, edit: Drop, strength: float = 1.0) -> Tensor:
        """Images (N, C, H, W) with maps dropped; see `towards` for the strength."""
        return self._drawn(lambda part, _: edit(part), strength)

    def filled(self, fill: Fill, mask: Tensor, strength: float = 1.0) -> Tensor:
        """Images (N, C, H, W) with the layer filled where a mask (N, H, W) says."""
        return self._drawn(lambda part, rows: fill(part, mask[rows]), strength)

    def _drawn(self, change: Callable[[Tensor, slice], Tensor], strength: float) -> Tensor:
        images = []
        at_once = min(BATCH, self.trunk.gan.generator_batch)
        for start in range(0, len(self.z), at_once):
            rows = slice(start, start + at_once)
            part = self.activations[rows]
            images.append(self.trunk.images(towards(part, change(part, rows), strength), self.z[rows]))
        return torch.cat(images)
