"""Nearly identical pairs, planted and counted one by one."""

import numpy as np
import pytest

from dcgan_viz.memorization.duplicates import find_duplicates


@pytest.fixture
def clouds():
    random = np.random.default_rng(0)
    return random.normal(size=(80, 300)).astype(np.float32), random.normal(size=(70, 300)).astype(np.float32)


def by_hand(vectors, threshold):
    return [
        [k, j]
        for k in range(len(vectors))
        for j in range(k + 1, len(vectors))
        if np.sqrt(((vectors[k].astype(float) - vectors[j].astype(float)) ** 2).sum()) <= threshold
    ]


def test_the_threshold_is_half_of_what_one_in_a_hundred_real_images_falls_short_of(clouds):
    samples, held_out = clouds
    to_others = [
        min(np.linalg.norm(one - other) for j, other in enumerate(held_out) if j != k)
        for k, one in enumerate(held_out)
    ]
    found = find_duplicates(samples, held_out)
    assert found.threshold == pytest.approx(np.quantile(to_others, 0.01) / 2, rel=1e-5)
    assert (len(found.pairs), found.n_held_out_pairs) == (0, 0)


def test_planted_duplicates_are_found_and_no_others(clouds):
    samples, held_out = clouds
    samples[7] = samples[3]
    samples[50] = samples[3] + 0.01
    samples[60] = samples[20] + 0.3
    found = find_duplicates(samples, held_out)
    assert found.pairs.tolist() == by_hand(samples, found.threshold) == [[3, 7], [3, 50], [7, 50], [20, 60]]


def test_pairs_just_inside_and_just_outside_of_the_threshold(clouds):
    samples, held_out = clouds
    threshold = find_duplicates(samples, held_out).threshold
    step = np.zeros(300, np.float32)
    step[0] = threshold
    samples[1], samples[3] = samples[0] + 0.9999 * step, samples[2] + 1.0001 * step
    assert find_duplicates(samples, held_out).pairs.tolist() == [[0, 1]]


def test_duplicates_among_real_images_are_the_control_and_raise_no_alarm(clouds):
    samples, held_out = clouds
    held_out[:10] = held_out[0]  # more than one in a hundred: the threshold is 0
    samples[5] = samples[6]
    found = find_duplicates(samples, held_out)
    assert (found.threshold, found.n_held_out_pairs) == (0, 45)
    assert found.pairs.tolist() == [[5, 6]]
