"""What an edit did, by the judge: areas after / before, and what the target became."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.remove_objects.judges import Judge
from dcgan_viz.seeds import derived_seed

N_BOOTSTRAP = 2000
COMMON_SHARE = 0.01  # a class counts for the collateral when it covers this much before
PRESENT_SHARE = 16 / 64**2  # an image has the target when this share of its pixels is judged so


@dataclass(frozen=True)
class Judged:
    """A set of images as the judge sees it.

    Attributes
    ----------
    classes : Tensor (N, H, W), uint8
        Indices into ``names``, or `judges.NOTHING`.
    areas : ndarray (N, K), int
        Pixels of each class in each image.
    names : tuple of str, of length K
        The judge's classes.
    """

    classes: Tensor
    areas: np.ndarray
    names: tuple[str, ...]

    @classmethod
    def of(cls, judge: Judge, images: Tensor) -> "Judged":
        """Let the judge look at images (N, C, H, W) in [-1, 1]."""
        classes = judge.predict(images)
        areas = np.empty((len(images), len(judge.classes)), int)
        for k in range(len(judge.classes)):
            areas[:, k] = (classes == k).sum(dim=(1, 2)).numpy()
        return cls(classes, areas, judge.classes)

    @classmethod
    def joined(cls, sets: Sequence["Judged"]) -> "Judged":
        """Several sets as one."""
        return cls(
            torch.cat([one.classes for one in sets]),
            np.concatenate([one.areas for one in sets]),
            sets[0].names,
        )

    def part(self, rows: slice) -> "Judged":
        """Some of the images."""
        return Judged(self.classes[rows], self.areas[rows], self.names)

    def area(self, name: str) -> np.ndarray:
        """Pixels (N,) of a class in each image."""
        return self.areas[:, self.names.index(name)]

    def shows(self, name: str, least: float = PRESENT_SHARE) -> Tensor:
        """Which images (N,) show a class on at least this share of their pixels."""
        height, width = self.classes.shape[1:]
        return torch.from_numpy(self.area(name) >= least * height * width)


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
    return {name: area_ratio(before.area(name), after.area(name)) for name in before.names if name != target}


def collateral(before: Judged, ratios: dict[str, float]) -> tuple[float, str]:
    """The largest change of a class that covered at least 1 % before, as |ratio - 1|, and that class.

    NaN and no name where there is no such class, as for a judge that knows the target alone.
    """
    share = before.areas.sum(axis=0) / before.classes.numel()
    changes = {
        name: abs(r - 1) for name, r in ratios.items() if share[before.names.index(name)] >= COMMON_SHARE
    }
    if not changes:
        return float("nan"), ""
    worst = max(changes, key=lambda name: changes[name])
    return changes[worst], worst


def became(before: Judged, after: Judged, target: str) -> dict[str, float]:
    """What the judge says of the pixels that it had called the target: share of each class.

    Empty for a judge that knows the target alone, and has no word for anything else.
    """
    if before.names == (target,):
        return {}
    then = before.classes == before.names.index(target)
    counts = torch.bincount(after.classes[then].long(), minlength=len(before.names))
    total = max(int(counts.sum()), 1)
    return {name: int(count) / total for name, count in zip(before.names, counts, strict=False)}
