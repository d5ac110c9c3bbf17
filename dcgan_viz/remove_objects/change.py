"""Where an edit changes a picture: inside of boxes, and outside of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dcgan_viz.remove_objects.measure import N_BOOTSTRAP
from dcgan_viz.seeds import derived_seed

Interval = tuple[float, float]


@dataclass(frozen=True)
class Change:
    """Mean absolute change of pixels in [-1, 1], by where they lie.

    Attributes
    ----------
    change_inside, change_outside : float
        Of pixels inside and outside of boxes.
    ratio : float
        The one by the other: 1 for a change that knows nothing of the boxes. Infinite where nothing
        changed outside.
    ratio_ci95 : (float, float)
        Bootstrap over images and, for a control, over draws.
    """

    change_inside: float
    change_outside: float
    ratio: float
    ratio_ci95: Interval

    @classmethod
    def unknown(cls) -> "Change":
        """Of an edit that was never made: no number."""
        nan = float("nan")
        return cls(nan, nan, nan, (nan, nan))

    @classmethod
    def of(cls, before: Tensor, draws: Sequence[Tensor], coverage: np.ndarray, seed: int) -> "Change":
        """Compare images with one or more sets of edited ones.

        Parameters
        ----------
        before : Tensor (N, C, H, W)
        draws : sequence of Tensor (N, C, H, W)
            One set a draw of the edit; of no draw nothing is known.
        coverage : ndarray (N, H, W), in [0, 1]
            Share of each pixel inside a box.
        seed : int
            Of the bootstrap.
        """
        if not draws:
            return cls.unknown()
        changes = np.stack([(after - before).abs().mean(dim=1).double().numpy() for after in draws])
        inside = (changes * coverage).sum(axis=(2, 3))  # (D, N)
        outside = (changes * (1 - coverage)).sum(axis=(2, 3))
        area = coverage.sum(axis=(1, 2), dtype=np.float64)  # (N,)
        rest = (1 - coverage).sum(axis=(1, 2), dtype=np.float64)
        change_inside = _quotient(inside.mean(axis=0).sum(), area.sum())
        change_outside = _quotient(outside.mean(axis=0).sum(), rest.sum())
        return cls(
            change_inside,
            change_outside,
            _quotient(change_inside, change_outside),
            _interval(inside, outside, area, rest, seed),
        )

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return dict(vars(self))


@dataclass(frozen=True)
class Focus:
    """How much more one method changes inside of boxes than outside, and its control.

    Attributes
    ----------
    n_images, n_folds : int
        Boxed images, and the parts into which they were cut: each part is edited by a probe that was fitted
        on the others.
    change, control : Change
    n_draws : int
        Draws of the control.
    """

    n_images: int
    n_folds: int
    change: Change
    control: Change
    n_draws: int

    @classmethod
    def unknown(cls) -> "Focus":
        """Where some fold has no probe: no number."""
        return cls(0, 0, Change.unknown(), Change.unknown(), 0)

    def to_json(self) -> dict[str, object]:
        """One ``focus``."""
        return {
            "n_images": self.n_images,
            "n_folds": self.n_folds,
            **self.change.to_json(),
            "control": {"n_draws": self.n_draws, **self.control.to_json()},
        }


def _quotient(above: float, below: float) -> float:
    """NaN for 0 / 0, infinity for anything else by 0."""
    if below == 0:
        return float("inf") if above > 0 else float("nan")
    return float(above / below)


def _interval(
    inside: np.ndarray, outside: np.ndarray, area: np.ndarray, rest: np.ndarray, seed: int
) -> Interval:
    """Bootstrap of the ratio from sums of changes (D, N) and areas (N,)."""
    random = np.random.default_rng(derived_seed(seed, "bootstrap"))
    draws, count = inside.shape
    images = random.multinomial(count, np.full(count, 1 / count), size=N_BOOTSTRAP)
    weights = random.multinomial(draws, np.full(draws, 1 / draws), size=N_BOOTSTRAP) / draws
    above, below = (
        np.einsum("bn,dn,bd->b", images, one, weights, optimize=True) for one in (inside, outside)
    )
    within, beyond = images @ area, images @ rest
    if not (below > 0).all() or not (within > 0).all():  # a ratio without an end
        return float("nan"), float("nan")
    low, high = np.quantile(above / within / (below / beyond), (0.025, 0.975))
    return float(low), float(high)
