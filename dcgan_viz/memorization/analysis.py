"""Does the generator repeat its training images? (section 4.1 of the paper)."""

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.data.datasets import to_float
from dcgan_viz.data.held_out import RealImages
from dcgan_viz.data.neighbours import Progress, Space, nearest, nearest_vectors, spaces, why_no_features
from dcgan_viz.errors import InputError
from dcgan_viz.memorization.comparison import compare
from dcgan_viz.memorization.duplicates import find_duplicates
from dcgan_viz.memorization.result import MemorizationResult, Neighbours
from dcgan_viz.memorization.verdict import verdict
from dcgan_viz.models.gan import Gan

N_SAMPLES = 500
LEAST_IMAGES = 20  # of each kind: below, a 5 % quantile is no number


def memorization(
    gan: Gan, real: RealImages, n_samples: int, seed: int, *, progress: Progress = iter
) -> MemorizationResult:
    """Find the training image nearest to each sample, and the same for held-out real images.

    Parameters
    ----------
    gan : Gan
        With a generator; without a discriminator, pixels alone are compared.
    real : RealImages
        Training images and held-out ones, of this GAN's size and channels.
    n_samples : int
        At least 20.
    seed : int
        Of the samples and the bootstrap.
    progress : callable
        Gets the batches of training images and yields them again, showing how far the work is.

    Returns
    -------
    MemorizationResult

    Raises
    ------
    InputError
        If there are too few images of a kind, or they are not of the generator's size.

    References
    ----------
    Radford, Metz and Chintala (2015), arXiv 1511.06434, section 4.1. That held-out images are as close is the
    control: without it, no distance says anything.
    """
    gan.require_generator("memorization")
    _check(gan, real, n_samples)
    z = gan.sample_z(n_samples, seed)
    samples, held_out = gan.generate(z), to_float(real.held_out)
    within = spaces(gan)
    seen = {space.name: _vectors(space, samples, held_out) for space in within}
    found = nearest(seen, real.training, within, progress)
    comparisons, duplicates = {}, {}
    for name, vectors in seen.items():
        ours, others = vectors[:n_samples], vectors[n_samples:]
        near, near_held_out = found[name][:n_samples], found[name][n_samples:]
        to_held_out = nearest_vectors(ours, others)
        comparisons[name] = compare(near, near_held_out, to_held_out, len(real.training), seed)
        duplicates[name] = find_duplicates(ours, others)
    return MemorizationResult(
        samples=Neighbours(samples, {name: one[:n_samples] for name, one in found.items()}),
        held_out=Neighbours(held_out, {name: one[n_samples:] for name, one in found.items()}),
        comparisons=comparisons,
        verdict=verdict(comparisons, len(real.training), real.is_split),
        duplicates=duplicates,
        real=real,
        z=z.cpu(),
        left_out=why_no_features(gan),
    )


def _vectors(space: Space, samples: Tensor, held_out: Tensor) -> np.ndarray:
    return space.look(torch.cat([samples, held_out]))


def _check(gan: Gan, real: RealImages, n_samples: int) -> None:
    if n_samples < LEAST_IMAGES:
        raise InputError(f"{n_samples} samples: too few to compare; ask for at least {LEAST_IMAGES}")
    for what, images in (("training", real.training), ("held-out", real.held_out)):
        if len(images) < LEAST_IMAGES:
            raise InputError(
                f"{len(images)} {what} images: too few to compare with; give at least {LEAST_IMAGES}"
            )
        if images.shape[1:] != (gan.channels, gan.image_size, gan.image_size):
            raise InputError(
                f"{what} images of {'x'.join(map(str, images.shape[1:]))}: the generator draws "
                f"{gan.channels}x{gan.image_size}x{gan.image_size}; load them in that size"
            )
