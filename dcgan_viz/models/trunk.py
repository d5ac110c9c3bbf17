"""A generator cut at one layer, so that an edit there does not cost the whole way from z."""

import torch
from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan, even_parts
from dcgan_viz.models.hooks import Place
from dcgan_viz.models.layers import edit
from dcgan_viz.models.modes import evaluating
from dcgan_viz.models.trace import chain_above, run_of


class Trunk:
    """A generator cut at one layer: run what lies below once, and what lies above often.

    Where activations reach the image through a plain chain of modules, the generator is really cut. Otherwise
    the upper part is run by a full pass from z in which the layer's activations are put in place: slower,
    with the same result, and right for skip connections, too.

    Parameters
    ----------
    gan : Gan
    layer : str
        Where to cut, by the names of `layers`.
    z : Tensor (N, nz)
        Examples to check the cut with.
    """

    def __init__(self, gan: Gan, layer: str, z: Tensor) -> None:
        self.gan, self.layer = gan, layer
        self._generator = gan.require_generator("cutting it at a layer")
        example = z[:2]
        self._chain = chain_above(run_of(self._generator, gan.z_input(example)), Place.parse(layer))
        if self._chain is not None and not self._is_right(example):
            self._chain = None

    @property
    def is_cut(self) -> bool:
        """Whether the upper part runs by itself."""
        return self._chain is not None

    @torch.no_grad()
    def activations(self, z: Tensor, batch_size: int | None = None) -> Tensor:
        """What the layer holds for z (N, nz): activations (N, C, H, W), on the generator's device."""
        return torch.cat(
            [self._lower(part) for part in even_parts(z, batch_size or self.gan.generator_batch)]
        )

    @torch.no_grad()
    def images(self, activations: Tensor, z: Tensor) -> Tensor:
        """What the generator makes of activations (N, C, H, W).

        Parameters
        ----------
        activations : Tensor
            Of the layer, perhaps edited; not changed.
        z : Tensor (N, nz)
            Where they come from.

        Returns
        -------
        Tensor (N, C', H', W'), float32 in [-1, 1], on the CPU
        """
        with evaluating(self._generator):
            if self._chain is None:
                with edit(self._generator, {self.layer: lambda _: activations.clone()}):
                    return self.gan.draw(z).float().cpu()
            x = activations.clone()  # the next module may work in place
            for module in self._chain:
                x = module(x)
            return self.gan.to_unit_range(x).float().cpu()

    def _lower(self, z: Tensor) -> Tensor:
        kept: list[Tensor] = []

        def keep(x: Tensor) -> Tensor:
            kept.append(x)
            raise _Reached

        with evaluating(self._generator), edit(self._generator, {self.layer: keep}):
            try:
                self._generator(self.gan.z_input(z))
            except _Reached:
                return kept[0]
        raise InputError(f"layer {self.layer!r}: the generator never runs it")

    @torch.no_grad()
    def _is_right(self, z: Tensor) -> bool:
        with evaluating(self._generator):
            whole = self.gan.draw(z).float().cpu()
        try:
            cut = self.images(self._lower(z), z)
        except Exception:  # a module that needs more than the one tensor may raise anything
            return False
        return cut.shape == whole.shape and torch.allclose(cut, whole, atol=1e-6)


class _Reached(Exception):
    """The layer has run; nothing above it is needed."""
