"""The embedded checkpoint: what its page says of it, and captum's maps of its twin."""

import math

import pytest
import torch

from benchmarks.guided_backprop import measure
from dcgan_viz.guided_backprop import GuidedSettings, guided_backprop, real_images
from dcgan_viz.models.loading import load


@pytest.fixture(scope="module")
def found():
    gan = load("rooms")
    settings = GuidedSettings(filters=(2, 5), n_measured=40)
    return guided_backprop(gan, real_images(gan, None, 600, 0), settings, seed=0)


def test_the_last_hidden_convolution_by_default(found):
    assert (found.layer, found.shape, found.n_guided, found.unguided) == ("main.8", (512, 4, 4), 4, {})
    assert found.receptive_field == (46, 46)
    assert found.dead == ()


def test_filters_answer_to_lamps_and_beds_and_random_ones_do_not(found):
    lamp, bed = found.filters
    assert (lamp.answers_to, bed.answers_to) == ("lamp", "bed")
    assert lamp.selectivity["lamp"].ratio > 10 > 4 > lamp.selectivity["lamp"].control_ratio
    assert bed.selectivity["bed"].ci95[0] > 3 > bed.selectivity["bed"].control_ci95[1]


def test_captum_makes_the_same_maps(found):
    assert found.audit is not None
    assert found.audit.n_maps == 2
    assert max(found.audit.response_difference, found.audit.map_difference) < 1e-6


def test_part_of_every_map_is_the_image_itself(found):
    for one in found.similarity:
        if one.layer == "main.0":  # its map is the filter, in every image
            assert one.cosine == pytest.approx(one.other_image, abs=1e-6)
        else:
            assert one.cosine_ci95[0] > 0.2 > 0.1 > abs(one.other_image)


def test_the_benchmark_compares_equal_maps():
    speed = measure(n_filters=2, n_images=3, turns=1, quiet=True)
    assert speed.max_difference < 1e-6
    assert math.isfinite(speed.ratio)
    assert speed.ratio == pytest.approx(speed.maps_per_second / speed.reference_maps_per_second, rel=0.02)
    assert speed.threads == torch.get_num_threads()
