"""Samples that are nearly the same picture."""

from dataclasses import dataclass

import numpy as np

from dcgan_viz.data.neighbours import distances

RARE = 0.01  # of the held-out images, whose nearest other is closer than the quantile
NEAR_SHARE = 0.5  # of that quantile: what counts as nearly the same


@dataclass(frozen=True)
class Duplicates:
    """Nearly identical pairs in one space.

    Attributes
    ----------
    threshold : float
        Half of the distance that 1 % of the held-out images fall short of to their nearest other.
    pairs : ndarray (P, 2), int
        Numbers of the samples, the smaller one first.
    n_held_out_pairs : int
        As near to one another among the held-out images: the control.
    """

    threshold: float
    pairs: np.ndarray
    n_held_out_pairs: int

    def to_json(self) -> dict[str, object]:
        """The numbers."""
        return {
            "threshold": self.threshold,
            "n_pairs": len(self.pairs),
            "n_held_out_pairs": self.n_held_out_pairs,
        }


def find_duplicates(samples: np.ndarray, held_out: np.ndarray) -> Duplicates:
    """Find the pairs of samples that are nearer to one another than real images ever are.

    Parameters
    ----------
    samples : ndarray (N, F), float32
        Their vectors.
    held_out : ndarray (M, F), float32
        Of real images, which say how near different pictures come to one another; M is at least 2.

    Returns
    -------
    Duplicates

    Examples
    --------
    >>> pictures = np.eye(5, dtype=np.float32)
    >>> find_duplicates(pictures[[0, 1, 0]], pictures).pairs.tolist()
    [[0, 2]]
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(held_out)
    index = search.kneighbors(return_distance=False)[:, 0]  # of other images than itself
    threshold = NEAR_SHARE * float(np.quantile(distances(held_out, held_out[index]), RARE))
    return Duplicates(threshold, _pairs(samples, threshold), len(_pairs(held_out, threshold)))


def _pairs(vectors: np.ndarray, threshold: float) -> np.ndarray:
    """Pairs (P, 2) of vectors (N, F) that are at most the threshold apart."""
    from sklearn.metrics import pairwise_distances_chunked

    slack = 1e-5 * float(np.linalg.norm(vectors, axis=1).max())  # this rounds, `distances` does not

    def near(rows: np.ndarray, start: int) -> list[list[int]]:
        return [np.flatnonzero(row <= threshold + slack).tolist() for row in rows]

    found = [row for rows in pairwise_distances_chunked(vectors, reduce_func=near) for row in rows]
    pairs = np.array([(k, j) for k, row in enumerate(found) for j in row if k < j], int).reshape(-1, 2)
    return pairs[distances(vectors[pairs[:, 0]], vectors[pairs[:, 1]]) <= threshold]
