"""Two sets of distances to the nearest training image, and what their difference is worth."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dcgan_viz.data.neighbours import Nearest
from dcgan_viz.seeds import derived_seed

N_BOOTSTRAP = 2000
TAIL = 0.05  # of the held-out images, below whose quantile a sample counts as very close

Interval = tuple[float, float]
Draws = np.ndarray  # a statistic over the draws of its bootstrap


@dataclass(frozen=True)
class Share:
    """A share with what it would be by chance.

    Attributes
    ----------
    value : float
    chance : float
        Expected where samples are to the training images as held-out images are.
    ci95, ci99 : (float, float)
        Intervals; a verdict looks at the wider ones, for it looks at several.
    """

    value: float
    chance: float
    ci95: Interval
    ci99: Interval

    @classmethod
    def of(cls, value: float, chance: float, draws: Draws) -> "Share":
        """The share with the intervals of its draws."""
        ends = np.quantile(draws, (0.025, 0.975, 0.005, 0.995)).tolist()
        return cls(value, chance, (ends[0], ends[1]), (ends[2], ends[3]))

    @property
    def is_above_chance(self) -> bool:
        """Whether the whole 99 % interval is."""
        return self.ci99[0] > self.chance

    @property
    def is_below_chance(self) -> bool:
        """Whether the whole 99 % interval is."""
        return self.ci99[1] < self.chance

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return dict(vars(self))


@dataclass(frozen=True)
class Comparison:
    """Samples against held-out images in one space.

    Attributes
    ----------
    closer : Share
        Probability that a sample is nearer to the training images than a held-out image is, ties counted
        half: Mann and Whitney's U over its largest value. Chance: 0.5.
    very_close : Share
        Share of samples that are nearer than the 5 % quantile of the held-out images: a few copies among many
        samples show here. Chance: 0.05.
    nearest_is_training : Share
        Share of samples whose nearest real image, of training and held-out ones together, is a training
        image. Blurred samples are near to both, copies to the training images alone. Chance: the training
        images' share.
    """

    closer: Share
    very_close: Share
    nearest_is_training: Share

    @property
    def is_closer(self) -> bool:
        """Whether samples are nearer to the training images than held-out images are, as a whole or some."""
        return self.closer.is_above_chance or self.very_close.is_above_chance

    @property
    def is_farther(self) -> bool:
        """Whether samples are farther away as a whole, and no more of them very close."""
        return self.closer.is_below_chance and not self.very_close.is_above_chance

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return {name: share.to_json() for name, share in vars(self).items()}


def compare(
    samples: Nearest, held_out: Nearest, to_held_out: Nearest, n_training: int, seed: int
) -> Comparison:
    """Compare distances to the nearest training image.

    The intervals of `closer` and `very_close` are of a bootstrap over samples and held-out images. That of
    `nearest_is_training` is as wide as its values are when the real images are dealt anew to the two sets:
    a few of them may be nearest to many samples, which a bootstrap over samples would not know.

    Parameters
    ----------
    samples : Nearest
        Training images of N samples.
    held_out : Nearest
        Training images of M held-out images.
    to_held_out : Nearest
        Held-out images of the N samples.
    n_training : int
        Training images among which the nearest was looked for.
    seed : int
        Of the draws.

    Returns
    -------
    Comparison

    References
    ----------
    Meehan, Chaudhuri and Dasgupta (2020), arXiv 2004.05675, test data-copying by the same rank statistic.

    Examples
    --------
    >>> far, near = (Nearest(np.arange(1.0, 101.0) / k, np.arange(100)) for k in (1, 100))
    >>> compare(near, far, far, 300, seed=0).closer.value
    0.99995
    """
    random = np.random.default_rng(derived_seed(seed, "memorization bootstrap"))
    ours, others = samples.distance, held_out.distance

    def share(statistic: Callable[[np.ndarray, np.ndarray], float], chance: float) -> Share:
        draws = [
            statistic(random.choice(ours, len(ours)), random.choice(others, len(others)))
            for _ in range(N_BOOTSTRAP)
        ]
        return Share.of(statistic(ours, others), chance, np.array(draws))

    return Comparison(
        closer=share(_closer, 0.5),
        very_close=share(_very_close, TAIL),
        nearest_is_training=_nearest_is_training(samples, to_held_out, n_training, len(others), random),
    )


def _nearest_is_training(
    samples: Nearest, to_held_out: Nearest, n_training: int, n_held_out: int, random: np.random.Generator
) -> Share:
    hits = (samples.distance < to_held_out.distance) + 0.5 * (samples.distance == to_held_out.distance)
    image = np.where(hits > 0, samples.index, n_training + to_held_out.index)  # the nearest real one of each
    n_real = n_training + n_held_out
    counts = np.unique(image, return_counts=True)[1]
    dealt = np.array([random.permutation(n_real)[: len(counts)] < n_training for _ in range(N_BOOTSTRAP)])
    value, chance = float(hits.mean()), n_training / n_real
    return Share.of(value, chance, (value + chance - dealt @ counts / len(hits)).clip(0, 1))


def _closer(samples: np.ndarray, held_out: np.ndarray) -> float:
    """P(sample < held-out) + P(equal) / 2."""
    ordered = np.sort(held_out)
    above = len(ordered) - np.searchsorted(ordered, samples, "right")
    equal = np.searchsorted(ordered, samples, "right") - np.searchsorted(ordered, samples, "left")
    return float((above + equal / 2).mean() / len(ordered))


def _very_close(samples: np.ndarray, held_out: np.ndarray) -> float:
    return float((samples < np.quantile(held_out, TAIL)).mean())
