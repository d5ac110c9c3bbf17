"""What an edit did, by the judge: areas after / before, what the target became, how real the rest looks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.data.distances import frechet_distance
from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.data.segmenter import Segmenter
from dcgan_viz.seeds import derived_seed

N_BOOTSTRAP = 2000
COMMON_SHARE = 0.01  # a class counts for the collateral when it covers this much before
PRESENT_PIXELS = 16  # an image has the target when this many pixels are judged so, of 64 x 64


@dataclass(frozen=True)
class Judged:
    """A set of images as the judge sees it.

    Attributes
    ----------
    classes : Tensor (N, H, W), uint8
        Indices into `CLASSES`.
    areas : ndarray (N, 9), int
        Pixels of each class in each image.
    """

    classes: Tensor
    areas: np.ndarray

    @classmethod
    def of(cls, judge: Segmenter, images: Tensor) -> "Judged":
        """Let the judge look at images (N, 3, H, W) in [-1, 1]."""
        classes = judge.predict(images)
        areas = np.stack([(classes == k).sum(dim=(1, 2)).numpy() for k in range(len(CLASSES))], axis=1)
        return cls(classes, areas)

    @classmethod
    def joined(cls, sets: Sequence["Judged"]) -> "Judged":
        """Several sets as one."""
        return cls(torch.cat([one.classes for one in sets]), np.concatenate([one.areas for one in sets]))

    def part(self, rows: slice) -> "Judged":
        """Some of the images."""
        return Judged(self.classes[rows], self.areas[rows])


def area_ratio(before: np.ndarray, after: np.ndarray) -> float:
    """Area after over area before, pooled over all images; NaN where there was none."""
    return float(after.sum() / before.sum()) if before.sum() else float("nan")


def area_ratio_interval(before: np.ndarray, after: np.ndarray, seed: int) -> tuple[float, float]:
    """A 95 % bootstrap interval of `area_ratio`, over images and, where there are several, over draws.

    Parameters
    ----------
    before : ndarray (N,)
    after : ndarray (N,) or (D, N)
        One row a draw of the control.
    seed : int

    Returns
    -------
    low, high : float
    """
    random = np.random.default_rng(derived_seed(seed, "bootstrap"))
    after = np.atleast_2d(after)
    draws, count = after.shape
    weights = random.multinomial(count, np.full(count, 1 / count), size=N_BOOTSTRAP)  # images
    draw_weights = random.multinomial(draws, np.full(draws, 1 / draws), size=N_BOOTSTRAP) / draws
    above = np.einsum("bn,dn,bd->b", weights, after, draw_weights, optimize=True)
    below = weights @ before
    ratios = above[below > 0] / below[below > 0]
    if not len(ratios):
        return float("nan"), float("nan")
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(low), float(high)


def other_area_ratios(before: Judged, after: Judged, target: str) -> dict[str, float]:
    """`area_ratio` of every class but the target."""
    return {
        name: area_ratio(before.areas[:, k], after.areas[:, k])
        for k, name in enumerate(CLASSES)
        if name != target
    }


def collateral(before: Judged, ratios: dict[str, float]) -> tuple[float, str]:
    """The largest change of a class that covered at least 1 % before, as |ratio - 1|, and that class."""
    share = before.areas.sum(axis=0) / before.areas.sum()
    changes = {name: abs(r - 1) for name, r in ratios.items() if share[CLASSES.index(name)] >= COMMON_SHARE}
    worst = max(changes, key=lambda name: changes[name])
    return changes[worst], worst


def became(before: Judged, after: Judged, target: str) -> dict[str, float]:
    """What the judge says of the pixels that it had called the target: share of each class."""
    then = before.classes == CLASSES.index(target)
    counts = torch.bincount(after.classes[then].long(), minlength=len(CLASSES))
    total = max(int(counts.sum()), 1)
    return {name: int(count) / total for name, count in zip(CLASSES, counts, strict=True)}


def has_target(judged: Judged, target: str) -> Tensor:
    """Which images (N,) show the target."""
    return torch.from_numpy(judged.areas[:, CLASSES.index(target)] >= PRESENT_PIXELS)


@dataclass(frozen=True)
class TargetlessDistance:
    """Fréchet distances on the judge's features to real rooms without the target, all from as many images.

    Attributes
    ----------
    edited : float
        Of samples that had the target, after the edit.
    untouched : float
        Of samples that never had it.
    real_split : float
        Of other real rooms without it.
    n_images : int
        Images on each side: the distance depends on how many there are, so it is the same for all three.
    """

    edited: float
    untouched: float
    real_split: float
    n_images: int

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return dict(vars(self))


def targetless_distance(edited: Tensor, untouched: Tensor, real: Tensor) -> TargetlessDistance:
    """Compare features (N, F) of edited, untouched and real images; see `TargetlessDistance`.

    Parameters
    ----------
    edited, untouched : Tensor (N, F)
        Of the judge.
    real : Tensor (M, F)
        Of real rooms without the target; one half is the reference, the other half the real split.
    """
    reference, other = real[0::2], real[1::2]
    n = min(len(edited), len(untouched), len(reference), len(other))
    nan = float("nan")
    if n < 2:
        return TargetlessDistance(nan, nan, nan, n)
    return TargetlessDistance(
        edited=frechet_distance(edited[:n], reference[:n]),
        untouched=frechet_distance(untouched[:n], reference[:n]),
        real_split=frechet_distance(other[:n], reference[:n]),
        n_images=n,
    )
