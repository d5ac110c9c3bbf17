"""The quality of a generator of rooms, counted by hand on planted pictures."""

import numpy as np
import pytest
import torch

from dcgan_viz.data.rooms import CLASSES
from tests.remove_objects.painter import BED, WINDOW, colour_segmenter, painter_gan
from train.quality import measure_quality


@pytest.fixture(scope="module")
def quality():
    return measure_quality(painter_gan(), colour_segmenter(), n_images=60, seed=0)


def test_shares_are_counts_of_pixels(quality):
    gan, judge = painter_gan(), colour_segmenter()
    classes = judge.predict(gan.generate(gan.sample_z(60, 0))).numpy()
    for k, name in enumerate(CLASSES):
        assert quality.area_shares[name][0] == pytest.approx((classes == k).mean())
    assert quality.area_shares["bed"][0] == pytest.approx(4 * 7 * 16 / 64**2)
    assert quality.window_shares[0] == pytest.approx((classes == WINDOW).any(axis=(1, 2)).mean())
    assert (classes == BED).any(axis=(1, 2)).all()


def test_total_variation_is_half_the_sum_of_differences(quality):
    samples, real = np.array(list(quality.area_shares.values())).T
    assert quality.total_variation == pytest.approx(np.abs(samples - real).sum() / 2)
    assert quality.total_variation == pytest.approx(np.maximum(samples - real, 0).sum())


def test_identical_samples_are_counted(quality):
    gan = painter_gan()
    assert quality.n_identical == 60 - len({image.numpy().tobytes() for image in _pixels(gan, 60)})

    class Constant(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, z):
            return torch.zeros(len(z), 3, 64, 64)

    gan.generator = Constant()
    assert measure_quality(gan, colour_segmenter(), n_images=10).n_identical == 9


def _pixels(gan, n):
    return ((gan.generate(gan.sample_z(n, 0)) + 1) * 127.5).round().to(torch.uint8)
