"""The embedded checkpoint is as good as docs/embedded-checkpoint.md says, and small enough to travel."""

import pytest

from dcgan_viz.data.segmenter import ASSETS, load_segmenter
from dcgan_viz.models.loading import load
from dcgan_viz.models.prior import Prior
from train.quality import measure_quality


@pytest.fixture(scope="module")
def quality():
    return measure_quality(load("rooms"), load_segmenter("judge"), n_images=2000)


def test_classes_cover_the_same_areas_as_in_real_rooms(quality):
    assert quality.total_variation <= 0.05
    shares = quality.area_shares
    assert sum(samples for samples, _ in shares.values()) == pytest.approx(1)
    assert quality.total_variation == pytest.approx(sum(abs(a - b) for a, b in shares.values()) / 2)


def test_as_many_images_have_a_window(quality):
    samples, real = quality.window_shares
    assert abs(samples - real) <= 0.10


def test_no_two_samples_are_identical(quality):
    assert quality.n_identical == 0


def test_assets_together_stay_under_30_mb():
    assert sum(path.stat().st_size for path in ASSETS.iterdir()) < 30e6


def test_checkpoint_says_what_it_is():
    gan = load("rooms")
    metadata = gan.provenance.metadata
    assert (gan.image_size, gan.channels, gan.prior) == (64, 3, Prior("uniform", 100))
    assert metadata["architecture"]["family"] == "conv4"
    assert metadata["architecture"]["width"] == 64
    assert list(metadata["scores"]) == ["frechet_annotator"]  # never chosen by the judge
    assert gan.discriminator is not None
