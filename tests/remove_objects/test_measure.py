"""The measures, against loops and closed forms."""

import numpy as np
import pytest
import torch

from dcgan_viz.data.distances import frechet_distance
from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.remove_objects.judges import NOTHING
from dcgan_viz.remove_objects.measure import (
    Judged,
    area_ratio,
    area_ratio_interval,
    became,
    collateral,
    other_area_ratios,
)
from dcgan_viz.remove_objects.targetless import targetless_distance

WALL, WINDOW, BED, LAMP = (CLASSES.index(name) for name in ("wall", "window", "bed", "lamp"))


def judged(classes):
    classes = torch.as_tensor(classes, dtype=torch.uint8)
    areas = np.array([[int((image == k).sum()) for k in range(len(CLASSES))] for image in classes])
    return Judged(classes, areas, CLASSES)


@pytest.fixture
def before():
    """Ten images of 64 x 64: wall, a window of 20 x 20, a bed of 20 x 40; two pixels of lamp."""
    classes = np.full((10, 64, 64), WALL)
    classes[:, 10:30, 10:30] = WINDOW
    classes[:, 40:60, 10:50] = BED
    classes[:, 0, :2] = LAMP
    return judged(classes)


@pytest.fixture
def after(before):
    """Half of each window is now wall, a quarter of each bed window, and the lamp is gone."""
    classes = before.classes.clone()
    classes[:, 10:20, 10:30] = WALL
    classes[:, 40:45, 10:50] = WINDOW
    classes[:, 0, :2] = WALL
    return judged(classes)


def test_ratios_are_areas_after_by_areas_before(before, after):
    ratio = area_ratio(before.areas[:, WINDOW], after.areas[:, WINDOW])
    assert ratio == pytest.approx((200 + 200) / 400)
    ratios = other_area_ratios(before, after, "window")
    assert ratios["bed"] == pytest.approx(0.75)
    assert ratios["lamp"] == 0.0
    assert np.isnan(ratios["door"])
    assert "window" not in ratios


def test_collateral_overlooks_classes_below_one_percent(before, after):
    """The lamp is gone entirely, but covered two pixels only."""
    change, worst = collateral(before, other_area_ratios(before, after, "window"))
    assert (round(change, 6), worst) == (0.25, "bed")


def test_became_counts_only_former_target_pixels(before, after):
    shares = became(before, after, "window")
    assert shares["wall"] == 0.5
    assert shares["window"] == 0.5
    assert sum(shares.values()) == pytest.approx(1)


def test_a_picture_shows_the_target_from_sixteen_pixels_of_64_x_64_on(before):
    few = before.classes.clone()
    few[0] = WALL
    few[0, 0, :15] = WINDOW
    few[1] = WALL
    few[1, 0, :16] = WINDOW
    assert judged(few).shows("window").tolist() == [False] + [True] * 9


def test_a_judge_of_the_target_alone_says_nothing_of_other_classes():
    classes = torch.full((3, 8, 8), NOTHING, dtype=torch.uint8)
    classes[:, :4] = 0
    seen = Judged(classes, np.full((3, 1), 32), ("dog",))
    assert other_area_ratios(seen, seen, "dog") == {}
    assert np.isnan(collateral(seen, {})[0])
    assert became(seen, seen, "dog") == {}
    assert seen.shows("dog", 0.5).all()
    assert not seen.shows("dog", 0.51).any()


def test_interval_covers_the_truth_as_often_as_it_says():
    """Images whose areas shrink to a third on average: of 200 repetitions about 95 % cover it."""
    random = np.random.default_rng(0)
    covered = 0
    for repetition in range(200):
        before = random.integers(50, 150, 80)
        after = random.binomial(before, random.beta(2, 4, 80))
        low, high = area_ratio_interval(before, after, repetition)
        covered += low <= 1 / 3 <= high
    assert 178 <= covered <= 200


def test_interval_over_draws_is_wider_when_draws_differ():
    before = np.full(40, 100)
    same = np.stack([np.full(40, 50)] * 6)
    differing = np.stack([np.full(40, level) for level in (10, 30, 50, 50, 70, 90)])
    assert area_ratio_interval(before, same, 0) == pytest.approx((0.5, 0.5))
    low, high = area_ratio_interval(before, differing, 0)
    assert low < 0.4
    assert high > 0.6


def test_interval_of_nothing_is_not_a_number():
    assert all(np.isnan(area_ratio_interval(np.zeros(5), np.zeros(5), 0)))


def test_distances_use_as_many_images_on_every_side():
    random = torch.Generator().manual_seed(0)
    edited, untouched, real = (torch.randn(n, 4, generator=random) for n in (300, 90, 400))
    found = targetless_distance(edited, untouched + 1, real)
    assert found.n_images == 90
    assert found.edited == pytest.approx(frechet_distance(edited[:90], real[::2][:90]))
    assert found.untouched == pytest.approx(frechet_distance(untouched + 1, real[::2][:90]))
    assert found.real_split == pytest.approx(frechet_distance(real[1::2][:90], real[::2][:90]))
    assert found.untouched > 3 > found.real_split


def test_distances_without_images_are_not_numbers():
    found = targetless_distance(torch.randn(5, 4), torch.randn(0, 4), torch.randn(8, 4))
    assert np.isnan(found.edited)
    assert found.n_images == 0
