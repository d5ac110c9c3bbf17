"""What `memorization` found, in the words of ``result.json``."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dcgan_viz.data.held_out import RealImages
from dcgan_viz.data.neighbours import Nearest
from dcgan_viz.memorization.comparison import Comparison
from dcgan_viz.memorization.duplicates import Duplicates
from dcgan_viz.memorization.verdict import Verdict

QUANTILES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
N_SHOWN = 4  # pictures of each rank
N_PAIRS = 20  # of duplicates, that result.json names; arrays.npz has all


@dataclass(frozen=True)
class Neighbours:
    """A set of images with their nearest training images.

    Attributes
    ----------
    images : Tensor (N, C, H, W), float32 in [-1, 1]
    nearest : mapping of str to Nearest
        By space.
    """

    images: Tensor
    nearest: Mapping[str, Nearest]

    def shown(self) -> list[tuple[str, int]]:
        """The closest, middle and farthest images, in the last space: rank and number of each."""
        order = np.argsort(list(self.nearest.values())[-1].distance, kind="stable").tolist()
        n = min(N_SHOWN, len(order) // 3)
        middle = (len(order) - n) // 2
        ranks = {"closest": order[:n], "median": order[middle : middle + n], "farthest": order[-n:]}
        return [(rank, number) for rank, numbers in ranks.items() for number in numbers]

    def to_json(self) -> dict[str, object]:
        """Distances in each space, and which images the figure shows."""
        return {
            "n_images": len(self.images),
            **{
                name: {
                    "median": float(np.median(one.distance)),
                    "quantiles": [
                        {"share": share, "distance": float(np.quantile(one.distance, share))}
                        for share in QUANTILES
                    ],
                }
                for name, one in self.nearest.items()
            },
            "shown": [
                {
                    "rank": rank,
                    "image": number,
                    "distance": {name: float(one.distance[number]) for name, one in self.nearest.items()},
                    "nearest": {name: int(one.index[number]) for name, one in self.nearest.items()},
                }
                for rank, number in self.shown()
            ],
        }


@dataclass(frozen=True)
class MemorizationResult:
    """All that `memorization` found.

    Attributes
    ----------
    samples, held_out : Neighbours
        Generated images, and real ones that training did not see.
    comparisons : mapping of str to Comparison
        By space.
    verdict : Verdict
    duplicates : mapping of str to Duplicates
        Among the samples, by space.
    real : RealImages
    z : Tensor (N, nz)
        Of the samples.
    left_out : str
        Why the discriminator's features are missing; "" where they are there.
    """

    samples: Neighbours
    held_out: Neighbours
    comparisons: Mapping[str, Comparison]
    verdict: Verdict
    duplicates: Mapping[str, Duplicates]
    real: RealImages
    z: Tensor
    left_out: str = ""

    @property
    def duplicate_pairs(self) -> list[tuple[int, int]]:
        """Pairs of samples that are nearly identical in any space."""
        return sorted({(int(a), int(b)) for one in self.duplicates.values() for a, b in one.pairs})

    def to_json(self) -> dict[str, object]:
        """The fields of ``result.json``."""
        pairs = self.duplicate_pairs
        return {
            "samples": self.samples.to_json(),
            "held_out": self.held_out.to_json(),
            "two_sample": {name: one.to_json() for name, one in self.comparisons.items()},
            "verdict": self.verdict.to_json(),
            "n_duplicates": len(pairs),
            "duplicates": {
                "first_pairs": pairs[:N_PAIRS],
                **{name: one.to_json() for name, one in self.duplicates.items()},
            },
            "real_images": self.real.to_json(),
            "spaces": list(self.comparisons),
            "left_out": self.left_out,
        }
