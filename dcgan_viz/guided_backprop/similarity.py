"""How alike the guided maps of a trained network and of a random one are: what of them is the image alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dcgan_viz.guided_backprop.bank import FilterBank, Pairs
from dcgan_viz.guided_backprop.filters import Convolution
from dcgan_viz.guided_backprop.selectivity import N_BOOTSTRAP
from dcgan_viz.seeds import derived_seed

Interval = tuple[float, float]


@dataclass(frozen=True)
class Similarity:
    """Cosines between guided maps of one layer, of the trained network and of the random one.

    The sanity check of Adebayo et al. (2018), arXiv 1810.03292: what a random network shows as well does not
    come from training.

    Attributes
    ----------
    layer : str
    shape : tuple of int
        (C, H, W).
    n_pairs : int
        Filters in images with a map that is not zero in both networks.
    cosine : float
        Mean over pairs: same filter number, same image, same position.
    cosine_ci95 : (float, float)
        Bootstrap over pairs.
    other_image : float
        Mean where the random network looks at another image, at the same position: the level of chance.
    own_positions : float
        Mean where the random filter is shown where it responds most itself, as in the figure.
    """

    layer: str
    shape: tuple[int, int, int]
    n_pairs: int
    cosine: float
    cosine_ci95: Interval
    other_image: float
    own_positions: float

    def to_json(self) -> dict[str, object]:
        """One entry of ``similarity_trained_random``."""
        return dict(vars(self))


def similarity(
    trained: FilterBank,
    control: FilterBank,
    convolution: Convolution,
    pairs: Pairs,
    rule: str,
    seed: int,
) -> Similarity:
    """Compare two networks filter by filter.

    Parameters
    ----------
    trained, control : FilterBank
        On the same images.
    convolution : Convolution
    pairs : Pairs
        Of the trained network, each filter's one after the other.
    rule : str
    seed : int
        Of the bootstrap.
    """
    own, _ = control.at_own_peaks(convolution, pairs)
    elsewhere = Pairs(_others(pairs), pairs.filter, pairs.position)
    asked = Pairs.joined([pairs, elsewhere, own])
    maps = control.all_guided(convolution, asked, rule).flatten(1).tensor_split(3)
    reference = trained.all_guided(convolution, pairs, rule).flatten(1)
    same, other, own_positions = (_cosines(reference, part) for part in maps)
    return Similarity(
        convolution.name,
        convolution.shape,
        len(same),
        _mean(same),
        _interval(same, seed),
        _mean(other),
        _mean(own_positions),
    )


def _others(pairs: Pairs) -> Tensor:
    """For each pair another image of the same filter; the same one where it has no other."""
    image = pairs.image.clone()
    for index in pairs.filter.unique():
        rows = (pairs.filter == index).nonzero()[:, 0]
        image[rows] = image[rows].roll(1)
    return image


def _cosines(one: Tensor, other: Tensor) -> np.ndarray:
    """Cosines (M,) of rows, without rows that are zero."""
    one, other = one.double(), other.double()
    lengths = one.norm(dim=1) * other.norm(dim=1)
    there = lengths > 0
    cosines: np.ndarray = ((one * other).sum(dim=1)[there] / lengths[there]).numpy()
    return cosines


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _interval(values: np.ndarray, seed: int) -> Interval:
    if not len(values):
        return float("nan"), float("nan")
    random = np.random.default_rng(derived_seed(seed, "similarity"))
    means = values[random.integers(len(values), size=(N_BOOTSTRAP, len(values)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
