"""What a filter answers to: where its guided maps have their energy, by the classes of the pixels below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dcgan_viz.seeds import derived_seed

N_BOOTSTRAP = 2000
LEAST_MEASURED = 10  # images, for a filter to be said to answer to a class
Interval = tuple[float, float]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shares:
    """Shares of guided energy and of area, image by image.

    Attributes
    ----------
    energy, area : ndarray (N, K)
        Of each class in each image; the energy sums to 1 over the classes, and is NaN where a map is zero.
    """

    energy: Floats
    area: Floats

    @classmethod
    def of(cls, maps: Tensor, masks: Tensor, n_classes: int) -> Shares:
        """Of guided maps (N, C, H, W) and the classes (N, H, W) of the pixels below."""
        energy = maps.double().square().sum(dim=1).flatten(1)  # (N, H W)
        classes = masks.flatten(1).long()
        sums = energy.new_zeros(len(maps), n_classes).scatter_add_(1, classes, energy)
        areas = energy.new_zeros(len(maps), n_classes).scatter_add_(1, classes, energy.new_ones(energy.shape))
        return cls((sums / energy.sum(dim=1, keepdim=True)).numpy(), (areas / energy.shape[1]).numpy())

    def averaged(self, several: int) -> Shares:
        """Means over each so many rows, which are of the same image, of those whose map is not zero."""
        energy = self.energy.reshape(-1, several, self.energy.shape[1])
        there = np.isfinite(energy).all(axis=2, keepdims=True)
        with np.errstate(invalid="ignore"):
            mean = np.where(there, energy, 0).sum(axis=1) / there.sum(axis=1)
        return Shares(mean, self.area[::several])

    def ratios(self, seed: int) -> tuple[Floats, NDArray[np.float64]]:
        """Share of the energy over share of the area, with a 95 % bootstrap interval over images.

        Parameters
        ----------
        seed : int
            Of the bootstrap.

        Returns
        -------
        ratio : ndarray (K,)
            Mean share of the energy over mean share of the area, over images whose map is not zero; NaN for
            a class that none of them shows.
        ends : ndarray (2, K)
            NaN where a class shows in so few images that some draw has none of them.
        """
        there = np.isfinite(self.energy).all(axis=1)
        energy, area = self.energy[there], self.area[there]
        n = len(energy)
        if not n:
            nothing = np.full(self.energy.shape[1], np.nan)
            return nothing, np.stack([nothing, nothing])
        random = np.random.default_rng(derived_seed(seed, "selectivity"))
        weights = random.multinomial(n, np.full(n, 1 / n), size=N_BOOTSTRAP)  # (B, N)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = energy.mean(axis=0) / area.mean(axis=0)
            drawn = (weights @ energy) / (weights @ area)  # (B, K)
        return ratio, np.quantile(drawn, (0.025, 0.975), axis=0)


@dataclass(frozen=True)
class ClassSelectivity:
    """One class under one filter.

    Attributes
    ----------
    ratio : float
        Share of guided energy inside the class's mask over that class's area share: 1 for a filter that does
        not care, NaN for a class that does not show.
    ci95 : (float, float)
    control_ratio, control_ci95
        The same of the randomly initialised network's first six filters, in the same images, each where it
        responds most: the mean over filters.
    area_share : float
        Of the class in these images.
    """

    ratio: float
    ci95: Interval
    control_ratio: float
    control_ci95: Interval
    area_share: float

    @property
    def margin(self) -> float:
        """How far the interval lies above 1 and above the control's; NaN or not above 0 where it does not."""
        return self.ci95[0] - max(1.0, self.control_ci95[1])

    def to_json(self) -> dict[str, object]:
        """One entry of ``selectivity``."""
        return {
            "ratio": self.ratio,
            "ci95": self.ci95,
            "area_share": self.area_share,
            "random": {"ratio": self.control_ratio, "ci95": self.control_ci95},
        }


def selectivity(
    trained: Shares, control: Shares, classes: tuple[str, ...], seed: int
) -> dict[str, ClassSelectivity]:
    """Compare one filter's shares with those of its control, class by class.

    Parameters
    ----------
    trained, control : Shares (N, K)
        Of the same images.
    classes : tuple of str, of length K
    seed : int
        Of the bootstrap.
    """
    (ratio, ends), (control_ratio, control_ends) = trained.ratios(seed), control.ratios(seed)
    return {
        name: ClassSelectivity(
            float(ratio[k]),
            (float(ends[0, k]), float(ends[1, k])),
            float(control_ratio[k]),
            (float(control_ends[0, k]), float(control_ends[1, k])),
            float(trained.area[:, k].mean()),
        )
        for k, name in enumerate(classes)
    }


def answers_to(found: dict[str, ClassSelectivity]) -> str | None:
    """The class whose interval begins highest, of those above 1 and above the control's interval."""
    above = [name for name, one in found.items() if one.margin > 0]
    return max(above, key=lambda name: found[name].ci95[0]) if above else None
