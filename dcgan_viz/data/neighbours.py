"""Which image of a set is nearest to another, in pixels or in a discriminator's features."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dcgan_viz.data.datasets import to_float
from dcgan_viz.models.features import discriminator_features, feature_layers
from dcgan_viz.models.gan import Gan

Progress = Callable[[Iterable[int]], Iterable[int]]
AT_ONCE = 500  # reference images whose vectors are in memory together
_DISCRIMINATOR_BATCH = 64  # as fast as more, in less memory


@dataclass(frozen=True)
class Space:
    """A way to see an image as a vector.

    Attributes
    ----------
    name : {"pixels", "features"}
    look : callable
        Images (N, C, H, W), float32 in [-1, 1], to vectors (N, F), float32. The Euclidean distance of two is
        the root mean square of the differences of their values.
    """

    name: str
    look: Callable[[Tensor], np.ndarray]


@dataclass(frozen=True)
class Nearest:
    """The nearest of a set of reference images to each of N others.

    Attributes
    ----------
    distance : ndarray (N,), float64
        Root mean square difference of pixels in [-1, 1], or of features.
    index : ndarray (N,), int
        Number of the reference image.
    """

    distance: np.ndarray
    index: np.ndarray

    def __getitem__(self, part: slice) -> "Nearest":
        """Those of a part of the images."""
        return Nearest(self.distance[part], self.index[part])


def spaces(gan: Gan) -> tuple[Space, ...]:
    """Pixels, and the discriminator's features where `why_no_features` has nothing against them."""
    pixels = Space("pixels", lambda images: _scaled(images.flatten(1)))
    if why_no_features(gan):
        return (pixels,)
    return pixels, Space(
        "features", lambda images: _scaled(discriminator_features(gan, images, _DISCRIMINATOR_BATCH))
    )


def why_no_features(gan: Gan) -> str:
    """Why images cannot be compared by a GAN's discriminator, in a clause; "" where they can."""
    if gan.discriminator is None:
        return "there is no discriminator"
    if not feature_layers(gan):
        return "none of the discriminator's hidden layers has maps"
    if gan.batchnorm["discriminator"].mode == "batch":
        return (
            "the discriminator's BatchNorm uses the statistics of the batch, so that what it says of an "
            "image depends on the others (--calibrate-on makes it independent)"
        )
    return ""


def nearest(
    queries: dict[str, np.ndarray], references: Tensor, within: tuple[Space, ...], progress: Progress = iter
) -> dict[str, Nearest]:
    """Find the nearest reference images of all queries, by brute force, batch by batch.

    Parameters
    ----------
    queries : dict of str to ndarray (N, F)
        Their vectors in each space, by the space's name.
    references : Tensor (M, C, H, W), uint8
        M is at least 1.
    within : tuple of Space
    progress : callable
        Gets the starts of the batches and yields them again, showing how far the work is.

    Returns
    -------
    dict of str to Nearest
        By the space's name; of several equally near ones, the first.
    """
    found = {
        space.name: Nearest(
            np.full(len(queries[space.name]), np.inf), np.zeros(len(queries[space.name]), int)
        )
        for space in within
    }
    for start in progress(range(0, len(references), AT_ONCE)):
        images = to_float(references[start : start + AT_ONCE])
        for space in within:
            vectors = space.look(images)
            some, best = nearest_vectors(queries[space.name], vectors), found[space.name]
            closer = some.distance < best.distance
            best.distance[closer], best.index[closer] = some.distance[closer], start + some.index[closer]
    return found


def nearest_vectors(queries: np.ndarray, references: np.ndarray) -> Nearest:
    """Find the vectors (M, F) that are nearest to others (N, F)."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(references)
    index = search.kneighbors(queries, return_distance=False)[:, 0]
    # The search takes |a|^2 - 2ab + |b|^2, which is not quite 0 for a copy.
    return Nearest(distances(queries, references[index]), index)


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Euclidean distances (N,), float64, between the rows of two arrays (N, F)."""
    return np.array([np.linalg.norm(x.astype(np.float64) - y) for x, y in zip(a, b, strict=True)])


def _scaled(vectors: Tensor) -> np.ndarray:
    flat: np.ndarray = (vectors / vectors.shape[1] ** 0.5).numpy()
    return flat
