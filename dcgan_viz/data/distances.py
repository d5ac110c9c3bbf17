"""How far two sets of images, or of their features, are from one another."""

import numpy as np
import torch
from torch.nn import functional

from dcgan_viz.errors import InputError

_PATCHES_PER_IMAGE = 32
_IMAGES_AT_ONCE = 256
_BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)  # of 16: the filter of Burt and Adelson (1983)


def frechet_distance(features_a: torch.Tensor | np.ndarray, features_b: torch.Tensor | np.ndarray) -> float:
    """Fréchet distance between two sets of features, each taken for a Gaussian.

    ``|m_a - m_b|^2 + tr(S_a + S_b - 2 (S_a^1/2 S_b S_a^1/2)^1/2)`` with the sets' means m and unbiased
    covariances S; all in float64. The product is symmetric, so its root comes from its eigenvalues and stays
    real where covariances are singular.

    Parameters
    ----------
    features_a : torch.Tensor or np.ndarray
        (N, F), N >= 2.
    features_b : torch.Tensor or np.ndarray
        (M, F), M >= 2.

    Returns
    -------
    float
        The squared distance, in squared units of the features; 0 for equal sets.

    Raises
    ------
    InputError
        When the sets have different widths, fewer than two rows, or values that are not finite.

    References
    ----------
    Dowson and Landau (1982), "The Fréchet distance between multivariate normal distributions";
    Heusel et al. (2017), arXiv 1706.08500, eq. 6.

    Examples
    --------
    >>> square = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> round(frechet_distance(square, square + torch.tensor([3.0, 4.0])), 6)
    25.0
    """
    a = torch.as_tensor(features_a).detach().to("cpu", torch.float64)
    b = torch.as_tensor(features_b).detach().to("cpu", torch.float64)
    for features in (a, b):
        if features.ndim != 2 or len(features) < 2 or features.shape[1] != a.shape[1]:
            raise InputError(
                f"features {tuple(a.shape)} and {tuple(b.shape)}: no two sets of one width; "
                "give (N, F) and (M, F), at least two rows each"
            )
        if not bool(features.isfinite().all()):
            raise InputError("features: hold values that are not finite; leave out the images that give them")
    covariance_a, covariance_b = _covariance(a), _covariance(b)
    root_a = _symmetric_root(covariance_a)
    roots = torch.linalg.eigvalsh(root_a @ covariance_b @ root_a).clamp(min=0).sqrt()
    shift = (a.mean(0) - b.mean(0)).square().sum()
    distance = shift + covariance_a.trace() + covariance_b.trace() - 2 * roots.sum()
    return max(float(distance), 0.0)


def sliced_wasserstein(
    images_a: torch.Tensor,
    images_b: torch.Tensor,
    *,
    n_projections: int = 512,
    patch_size: int = 7,
    seed: int = 0,
) -> float:
    """Sliced Wasserstein distance between the patches of two sets of images, over a Laplacian pyramid.

    On each level, patches are drawn at random (32 an image, at the same places in both sets), each channel is
    brought to mean 0 and deviation 1 over its own set, and the distance is the mean over random directions of
    the 1-D Wasserstein distance between the projected patches. The first level holds the finest detail, the
    last the whole images at 14 to 27 px (for patches of 7). As in the source, a set's overall brightness and
    contrast do not count, and values are given times 1000; the source draws 128 patches from each of 16,384
    images.

    Parameters
    ----------
    images_a : torch.Tensor
        (N, C, H, W), float32 in [-1, 1], at least ``2 * patch_size`` px on a side.
    images_b : torch.Tensor
        (N, C, H, W), as many of the same size.
    n_projections : int
        Random directions on each level.
    patch_size : int
        Side of the patches in pixels.
    seed : int
        Of the places and of the directions.

    Returns
    -------
    float
        Mean over the levels, times 1000; 0 for equal sets.

    Raises
    ------
    InputError
        When the sets differ in shape or are too small.

    References
    ----------
    Karras et al. (2018), arXiv 1710.10196, section 5; levels and normalisation as in the authors' code
    (tkarras/progressive_growing_of_gans, ``metrics/sliced_wasserstein.py``).

    Examples
    --------
    >>> images = torch.rand(4, 3, 32, 32) * 2 - 1
    >>> sliced_wasserstein(images, images)
    0.0
    """
    if images_a.ndim != 4 or images_a.shape != images_b.shape or not len(images_a):
        raise InputError(
            f"images {tuple(images_a.shape)} and {tuple(images_b.shape)}: not two sets of one shape; "
            "give as many images of the same size, (N, C, H, W)"
        )
    if min(images_a.shape[2:]) < 2 * patch_size:
        raise InputError(
            f"images {tuple(images_a.shape)}: too small for patches of {patch_size} px; "
            f"give at least {2 * patch_size} px on a side"
        )
    random = torch.Generator().manual_seed(seed)
    distances = []
    while min(images_a.shape[2:]) >= 2 * patch_size:
        descend = min(images_a.shape[2:]) >= 4 * patch_size
        places = _random_places(images_a, patch_size, random)
        patches_a, images_a = _level(images_a, places, patch_size, descend)
        patches_b, images_b = _level(images_b, places, patch_size, descend)
        directions = torch.randn(patches_a.shape[1], n_projections, generator=random)
        directions = directions / directions.norm(dim=0)
        distances.append(_projected_distance(patches_a, patches_b, directions))
        if not descend:
            break
    return 1000.0 * sum(distances) / len(distances)


def _covariance(features: torch.Tensor) -> torch.Tensor:
    centred = features - features.mean(0)
    return centred.T @ centred / (len(features) - 1)


def _symmetric_root(matrix: torch.Tensor) -> torch.Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp(min=0).sqrt()) @ vectors.T


def _random_places(
    images: torch.Tensor, patch_size: int, random: torch.Generator
) -> tuple[torch.Tensor, ...]:
    """Rows and columns (N, P) of the upper left corners of patches."""
    shape = (len(images), _PATCHES_PER_IMAGE)
    return tuple(torch.randint(side - patch_size + 1, shape, generator=random) for side in images.shape[2:])


def _level(
    images: torch.Tensor, places: tuple[torch.Tensor, ...], patch_size: int, descend: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """One level of the pyramid: its normalised patches (N * P, C * patch_size^2), and the images below it."""
    patches, smaller = [], []
    for chunk, rows, columns in zip(*(x.split(_IMAGES_AT_ONCE) for x in (images, *places)), strict=True):
        detail = chunk = chunk.to("cpu", torch.float32)
        if descend:
            low = _pyramid_down(chunk)
            detail = chunk - _pyramid_up(low, chunk.shape[2:])
            smaller.append(low)
        windows = detail.unfold(2, patch_size, 1).unfold(3, patch_size, 1)  # (N, C, H', W', size, size)
        numbers = torch.arange(len(chunk))[:, None]
        patches.append(windows[numbers, :, rows, columns].flatten(0, 1))  # (N * P, C, size, size)
    joined = torch.cat(patches)
    deviation, mean = torch.std_mean(joined, dim=(0, 2, 3), keepdim=True, correction=0)
    normalised = (joined - mean) / deviation.clamp(min=1e-8)
    return normalised.flatten(1), torch.cat(smaller) if smaller else images


def _pyramid_down(images: torch.Tensor) -> torch.Tensor:
    return _blur(images, gain=1.0)[:, :, ::2, ::2]


def _pyramid_up(images: torch.Tensor, size: torch.Size) -> torch.Tensor:
    spread = images.new_zeros(*images.shape[:2], *size)
    spread[:, :, ::2, ::2] = images
    return _blur(spread, gain=4.0)


def _blur(images: torch.Tensor, gain: float) -> torch.Tensor:
    line = torch.tensor(_BINOMIAL) / 16
    kernel = (gain * torch.outer(line, line)).expand(images.shape[1], 1, 5, 5)
    return functional.conv2d(functional.pad(images, (2, 2, 2, 2), "reflect"), kernel, groups=images.shape[1])


def _projected_distance(patches_a: torch.Tensor, patches_b: torch.Tensor, directions: torch.Tensor) -> float:
    """Mean over directions of the Wasserstein-1 distance between projections."""
    total = 0.0
    for some in directions.T.split(32):
        # NumPy sorts float32 several times as fast as torch does.
        sorted_a = np.sort((some @ patches_a.T).numpy(), axis=1)
        sorted_b = np.sort((some @ patches_b.T).numpy(), axis=1)
        total += float(np.abs(sorted_a - sorted_b).mean(axis=1).sum())
    return total / directions.shape[1]
