import math

import numpy as np
import pytest
import torch
from scipy import linalg, ndimage, stats

from dcgan_viz.data.distances import frechet_distance, sliced_wasserstein
from dcgan_viz.errors import InputError


def whitened(n, width, seed=0):
    """Rows whose mean is exactly 0 and whose unbiased covariance is exactly the identity."""
    x = np.random.default_rng(seed).normal(size=(n, width))
    x -= x.mean(0)
    return x @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T))).T


def test_diagonal_gaussians_have_a_closed_form():
    deviations_a, deviations_b = np.array([1.0, 0.5, 3.0, 0.0]), np.array([2.0, 0.5, 0.1, 1.0])
    means_a, means_b = np.array([0.0, 1.0, -2.0, 5.0]), np.array([1.0, 1.0, 2.0, 5.0])
    a = whitened(50, 4) * deviations_a + means_a
    b = whitened(80, 4, seed=1) * deviations_b + means_b
    # sum of (m_a - m_b)^2 + (s_a - s_b)^2
    expected = 1 + 0 + 16 + 0 + 1 + 0 + 2.9**2 + 1
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(torch.from_numpy(a), b) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", [300, 12])  # 12 rows of 20 features: singular covariances
def test_agrees_with_the_matrix_root_of_scipy(n):
    random = np.random.default_rng(0)
    a = random.normal(size=(n, 20)) @ random.normal(size=(20, 20))
    b = random.normal(size=(n + 1, 20)) @ random.normal(size=(20, 20)) + random.normal(size=20)
    covariance_a, covariance_b = np.cov(a.T), np.cov(b.T)
    regular = 1e-10 * np.eye(20)  # sqrtm wants it where singular
    root = linalg.sqrtm((covariance_a + regular) @ (covariance_b + regular)).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(covariance_a + covariance_b - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-4)
    assert frechet_distance(b, a) == pytest.approx(frechet_distance(a, b), rel=1e-6)


def test_equal_features_are_at_no_distance_even_where_large_and_few():
    features = torch.randn(5, 64, generator=torch.Generator().manual_seed(0)) + 1000
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-4)
    assert frechet_distance(features, features) >= 0


def test_a_shift_of_large_float32_features_keeps_its_digits():
    features = torch.randn(500, 8, generator=torch.Generator().manual_seed(0)).double() + 4096
    assert frechet_distance(features, features + 0.5) == pytest.approx(8 * 0.25, rel=1e-6)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (torch.zeros(3, 4), torch.zeros(3, 5)),
        (torch.zeros(1, 4), torch.zeros(3, 4)),
        (torch.zeros(3, 4), torch.zeros(0, 4)),
        (torch.zeros(3), torch.zeros(3)),
    ],
)
def test_features_of_no_common_width(a, b):
    with pytest.raises(InputError, match="no two sets of one width"):
        frechet_distance(a, b)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_features_that_are_not_finite(value):
    features = torch.zeros(3, 4)
    broken = features.clone()
    broken[1, 2] = value
    with pytest.raises(InputError, match="not finite"):
        frechet_distance(features, broken)


def images(n=6, size=32, channels=3, seed=0):
    return torch.rand(n, channels, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def smoothed(x, sigma):
    return torch.from_numpy(ndimage.gaussian_filter(x.numpy(), (0, 0, sigma, sigma), mode="mirror"))


def reference_pyramid(image):
    """Laplacian pyramid (C, H, W) with SciPy's mirrored convolution, as the authors' code builds it."""
    line = np.array([1, 4, 6, 4, 1]) / 16
    kernel = np.outer(line, line)[None]
    levels = []
    while image.shape[1] >= 28:
        low = ndimage.convolve(image, kernel, mode="mirror")[:, ::2, ::2]
        spread = np.zeros_like(image)
        spread[:, ::2, ::2] = low
        levels.append(image - ndimage.convolve(spread, 4 * kernel, mode="mirror"))
        image = low
    return [*levels, image]


def reference_distance(a, b, n_projections, seed):
    """The definition, patch by patch and direction by direction in float64, from the same random draws."""
    random = torch.Generator().manual_seed(seed)
    pyramids_a = [reference_pyramid(x) for x in a.double().numpy()]
    pyramids_b = [reference_pyramid(x) for x in b.double().numpy()]
    distances = []
    for level in range(len(pyramids_a[0])):
        sides = pyramids_a[0][level].shape[1:]
        rows, columns = (torch.randint(side - 6, (len(a), 32), generator=random) for side in sides)
        patches = []
        for pyramids in (pyramids_a, pyramids_b):
            some = np.stack(
                [
                    pyramids[i][level][:, y : y + 7, x : x + 7]
                    for i in range(len(a))
                    for y, x in zip(rows[i].tolist(), columns[i].tolist(), strict=True)
                ]
            )
            for channel in range(some.shape[1]):
                values = some[:, channel]
                some[:, channel] = (values - values.mean()) / values.std()
            patches.append(some.reshape(len(some), -1))
        directions = torch.randn(patches[0].shape[1], n_projections, generator=random).double().numpy()
        distances.append(
            np.mean(
                [
                    stats.wasserstein_distance(*(p @ (d / np.linalg.norm(d)) for p in patches))
                    for d in directions.T
                ]
            )
        )
    return 1000 * np.mean(distances)


@pytest.mark.parametrize(("size", "channels"), [(64, 3), (32, 1), (28, 1), (16, 3), (30, 3)])
def test_sliced_wasserstein_is_its_definition(size, channels):
    a, b = images(4, size, channels), smoothed(images(4, size, channels, seed=1), 0.7)
    expected = reference_distance(a, b, n_projections=40, seed=3)
    assert expected > 10
    assert sliced_wasserstein(a, b, n_projections=40, seed=3) == pytest.approx(expected, rel=1e-3)


def test_batches_of_images_do_not_matter(monkeypatch):
    a, b = images(11), images(11, seed=1)
    whole = sliced_wasserstein(a, b, n_projections=16)
    monkeypatch.setattr("dcgan_viz.data.distances._IMAGES_AT_ONCE", 4)
    assert sliced_wasserstein(a, b, n_projections=16) == pytest.approx(whole, rel=1e-5)


def test_sliced_wasserstein_is_zero_symmetric_and_deterministic():
    a, b = images(), smoothed(images(seed=1), 1)
    state = torch.get_rng_state()
    distance = sliced_wasserstein(a, b, n_projections=64, seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    assert sliced_wasserstein(a, b, n_projections=64, seed=1) == distance
    assert sliced_wasserstein(a, b, n_projections=64, seed=2) != distance
    assert sliced_wasserstein(b, a, n_projections=64, seed=1) == pytest.approx(distance, rel=1e-6)
    assert sliced_wasserstein(a, a, n_projections=64) == 0


def test_sliced_wasserstein_grows_with_blur():
    a, b = images(64), images(64, seed=1)
    distances = [sliced_wasserstein(a, smoothed(b, sigma), n_projections=64) for sigma in (0, 0.6, 1.0, 2.0)]
    assert distances == sorted(distances)
    assert distances[-1] > 2 * distances[0]


def test_brightness_and_contrast_of_a_whole_set_do_not_count():
    a, b = images(), smoothed(images(seed=1), 1)
    distance = sliced_wasserstein(a, b, n_projections=32)
    assert sliced_wasserstein(a, 0.3 * b + 0.2, n_projections=32) == pytest.approx(distance, rel=1e-3)


def test_uniform_images_are_at_a_finite_distance():
    assert math.isfinite(sliced_wasserstein(torch.zeros(4, 3, 32, 32), images(4), n_projections=8))


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (images(4), images(5), "not two sets of one shape"),
        (images(4), images(4, channels=1), "not two sets of one shape"),
        (images(0), images(0), "not two sets of one shape"),
        (images(4)[0], images(4)[0], "not two sets of one shape"),
        (images(4, size=13), images(4, size=13), "at least 14 px"),
    ],
)
def test_images_that_cannot_be_compared(a, b, message):
    with pytest.raises(InputError, match=message):
        sliced_wasserstein(a, b)
