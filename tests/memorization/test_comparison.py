"""The shares against SciPy and against counting by hand."""

import math

import numpy as np
import pytest
from scipy.stats import hypergeom, mannwhitneyu

from dcgan_viz.data.neighbours import Nearest
from dcgan_viz.memorization import comparison


def sets(shift=0.0, n=200, m=150):
    random = np.random.default_rng(0)
    return random.normal(5 + shift, 1, n).round(1), random.normal(5, 1, m).round(1)  # rounded: there are ties


def compare(samples, held_out, to_held_out, n_training, seed):
    """Of distances alone: every image has a nearest one of its own."""
    ours, others, between = (
        Nearest(np.asarray(x), np.arange(len(x))) for x in (samples, held_out, to_held_out)
    )
    return comparison.compare(ours, others, between, n_training, seed)


def test_closer_is_the_rank_statistic_of_mann_and_whitney():
    samples, held_out = sets(-0.6)
    found = compare(samples, held_out, samples, 300, seed=0).closer
    assert found.value == pytest.approx(mannwhitneyu(held_out, samples).statistic / (200 * 150))
    assert (found.chance, found.is_above_chance) == (0.5, True)


def test_its_interval_is_as_wide_as_theory_has_it():
    samples, held_out = sets()
    found = compare(samples, held_out, samples, 300, seed=0).closer
    deviation = math.sqrt((200 + 150 + 1) / (12 * 200 * 150))  # of U over n m, where both are alike
    for (low, high), z in ((found.ci95, 1.96), (found.ci99, 2.576)):
        assert high - low == pytest.approx(2 * z * deviation, rel=0.12)
        assert low < found.value < high


def test_very_close_counts_samples_below_the_quantile_of_the_held_out():
    samples, held_out = sets(-1.2)
    found = compare(samples, held_out, samples, 300, seed=0).very_close
    quantile = np.quantile(held_out, 0.05)
    assert found.value == sum(one < quantile for one in samples) / 200
    assert found.chance == 0.05
    assert found.is_above_chance


def test_the_nearest_real_image_is_counted_on_either_side():
    samples, held_out = np.array([1.0] * 60 + [2.0] * 30 + [3.0] * 10), np.arange(1.0, 101.0)
    found = compare(samples, held_out, np.full(100, 2.0), 300, seed=0).nearest_is_training
    assert found.value == (60 + 30 / 2) / 100
    assert found.chance == 300 / 400
    # 100 different images out of 400, of which 300 are of training: the hypergeometric distribution
    deviation = math.sqrt(hypergeom(400, 300, 100).var()) / 100
    assert found.ci95 == pytest.approx((0.75 - 1.96 * deviation, 0.75 + 1.96 * deviation), abs=0.01)


def test_an_image_that_is_nearest_to_many_counts_once():
    """Every sample is nearest to the same training image: three in four times it would be one by chance."""
    one = np.zeros(100, int)
    near, far = Nearest(np.ones(100), one), Nearest(np.full(100, 2.0), one)
    found = comparison.compare(near, far, far, 300, seed=0).nearest_is_training
    assert found.value == 1.0
    assert not found.is_above_chance
    many = comparison.compare(Nearest(np.ones(100), np.arange(100)), far, far, 300, seed=0)
    assert many.nearest_is_training.is_above_chance


def test_images_of_the_two_sets_are_told_apart_by_more_than_their_number():
    """Half of the samples are nearest to training image 0, half to held-out image 0."""
    first, zero = np.arange(100) < 50, np.zeros(100, int)
    near, far = Nearest(np.where(first, 1.0, 3.0), zero), Nearest(np.full(100, 2.0), zero)
    held_out = Nearest(np.arange(20.0), np.arange(20))
    found = comparison.compare(near, held_out, far, 380, seed=0).nearest_is_training
    assert (found.value, found.chance) == (0.5, 0.95)
    # Dealt anew, both are of training nine times in ten, one of them else: 0.95 + 0.5 - 0.5 and - 1.
    assert found.ci95 == pytest.approx((0.45, 0.95))


def test_what_is_alike_is_neither_closer_nor_farther():
    samples, held_out = sets()
    found = compare(samples, held_out, samples, 300, seed=0)
    assert (found.is_closer, found.is_farther) == (False, False)
    far = compare(samples + 1, held_out, samples, 300, seed=0)
    assert (far.is_closer, far.is_farther) == (False, True)


def test_a_few_copies_among_distant_samples_are_closer():
    samples, held_out = sets(0.2)
    copies = np.where(np.arange(200) % 5 == 0, 0.0, samples)
    found = compare(copies, held_out, samples, 300, seed=0)
    assert not found.closer.is_above_chance
    assert (found.very_close.value, found.is_closer, found.is_farther) == (
        pytest.approx(0.2, abs=0.05),
        True,
        False,
    )


def test_the_seed_decides():
    samples, held_out = sets()
    first, again, other = (compare(samples, held_out, samples, 300, seed) for seed in (0, 0, 1))
    assert first == again
    assert first.closer.value == other.closer.value
    assert first.closer.ci95 != other.closer.ci95
