"""The two edits of a layer's activations: the paper's ``drop``, and ``local``."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.remove_objects.probe import Probe


@dataclass(frozen=True)
class Drop:
    """Set maps to zero at all positions (section 6.3.1 of the paper).

    Attributes
    ----------
    maps : Tensor (K,), int
        Which maps.
    """

    maps: Tensor

    @classmethod
    def of(cls, probe: Probe, n_maps: int | None = None) -> "Drop":
        """Every map that speaks for the target, the strongest first.

        Parameters
        ----------
        probe : Probe
        n_maps : int, optional
            How many to take instead, at most all of them; beyond the number of maps with a weight above 0
            they are those that speak least against it.
        """
        order = probe.weight.argsort(descending=True)
        return cls(order[: int((probe.weight > 0).sum()) if n_maps is None else n_maps])

    @classmethod
    def random(cls, n_maps: int, count: int, generator: torch.Generator) -> "Drop":
        """As many maps, chosen at random out of ``count``."""
        return cls(torch.randperm(count, generator=generator)[:n_maps])

    def __call__(self, activations: Tensor) -> Tensor:
        """Edit activations (N, C, H, W); a copy is returned."""
        edited = activations.clone()
        edited[:, self.maps.to(edited.device)] = 0
        return edited


@dataclass(frozen=True)
class Fill:
    """How flagged positions are filled from unflagged ones of the same image.

    Attributes
    ----------
    threshold : float
        A position is flagged where the probe's log odds exceed it.
    reach_y, reach_x : float
        Standard deviations, in positions, of the weights with which other positions count. A room changes
        more from row to row than along one.
    """

    threshold: float = 0.0
    reach_y: float = 0.5
    reach_x: float = 4.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.threshold):
            raise InputError(f"threshold {self.threshold}: give a number, the log odds of the probe")

    def mask(self, probe: Probe, activations: Tensor) -> Tensor:
        """Which positions (N, H, W) of activations (N, C, H, W) are to be filled, as 0 and 1."""
        return (probe.logits(activations) > self.threshold).float()

    def __call__(self, activations: Tensor, mask: Tensor) -> Tensor:
        """Fill the masked positions; a copy is returned.

        By normalised convolution (Knutsson and Westin 1993): the weighted mean of the unmasked positions.
        Where all within reach are masked, the image's mean over all unmasked positions steps in.

        Parameters
        ----------
        activations : Tensor (N, C, H, W)
        mask : Tensor (N, H, W)
        """
        free = (1 - mask)[:, None]  # (N, 1, H, W)
        count = free.sum(dim=(2, 3), keepdim=True)
        mean = (activations * free).sum(dim=(2, 3), keepdim=True) / count.clamp(min=1)
        small = 1e-4
        above = self._smooth(activations * free) + small * mean
        filled = above / (self._smooth(free) + small)
        filled = torch.where(count > 0, filled, activations)  # nothing to fill from: leave it
        return activations + mask[:, None] * (filled - activations)

    def _smooth(self, maps: Tensor) -> Tensor:
        height, width = maps.shape[2:]
        rows, columns = _gaussian(height, self.reach_y, maps), _gaussian(width, self.reach_x, maps)
        return torch.einsum("yh,nchw,xw->ncyx", rows, maps, columns)


def towards(activations: Tensor, edited: Tensor, strength: float) -> Tensor:
    """Go from activations to edited ones: not at all at strength 0, half the way at 0.5, all of it at 1."""
    return edited if strength == 1 else torch.lerp(activations, edited, strength)


def misplaced(mask: Tensor, random: torch.Generator) -> Tensor | None:
    """The masks (N, H, W), dealt anew among the images in which any position is flagged.

    None of them gets its own back, and all others stay without: as many positions are flagged as before.

    Returns
    -------
    Tensor (N, H, W) or None
        None where fewer than two images are flagged, and there is nothing to deal.
    """
    flagged = mask.flatten(1).any(dim=1).nonzero()[:, 0].cpu()
    if len(flagged) < 2:
        return None
    circle = flagged[torch.randperm(len(flagged), generator=random)]
    elsewhere = torch.zeros_like(mask)
    elsewhere[circle] = mask[circle.roll(1)]
    return elsewhere


def _gaussian(size: int, reach: float, like: Tensor) -> Tensor:
    position = torch.arange(size, device=like.device, dtype=like.dtype)
    distance = position[:, None] - position[None, :]
    return torch.exp(-0.5 * (distance / max(reach, 1e-3)) ** 2)
