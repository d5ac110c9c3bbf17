"""Shares of energy and area, their intervals, and what a filter is said to answer to."""

import numpy as np
import pytest
import torch

from dcgan_viz.guided_backprop.selectivity import ClassSelectivity, Shares, answers_to, selectivity

CLASSES = ("floor", "bed", "lamp")


def drawn(n=30, seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(n, 2, 6, 5, generator=random), torch.randint(0, 2, (n, 6, 5), generator=random)


def test_shares_by_loops():
    maps, masks = drawn(4)
    shares = Shares.of(maps, masks, 3)
    for n in range(4):
        for c in range(3):
            energy = area = total = 0.0
            for y in range(6):
                for x in range(5):
                    power = sum(float(maps[n, k, y, x]) ** 2 for k in range(2))
                    total += power
                    if masks[n, y, x] == c:
                        energy, area = energy + power, area + 1 / 30
            assert shares.energy[n, c] == pytest.approx(energy / total)
            assert shares.area[n, c] == pytest.approx(area)


def test_all_energy_in_a_quarter_of_the_area_is_a_ratio_of_four():
    masks = torch.zeros(5, 4, 4, dtype=torch.uint8)
    masks[:, :2, :2] = 1
    maps = torch.zeros(5, 3, 4, 4)
    maps[:, 0, 1, 1] = -2.0
    ratio, ends = Shares.of(maps, masks, 3).ratios(seed=0)
    assert ratio[:2].tolist() == [0.0, 4.0]
    assert ends[:, 1].tolist() == [4.0, 4.0]
    assert np.isnan(ratio[2])
    assert np.isnan(ends[:, 2]).all()


def test_a_map_of_zeros_counts_for_nothing():
    maps, masks = drawn(10)
    maps[3] = 0
    shares = Shares.of(maps, masks, 3)
    assert np.isnan(shares.energy[3]).all()
    kept = [k for k in range(10) if k != 3]
    expected, _ = Shares.of(maps[kept], masks[kept], 3).ratios(seed=0)
    assert shares.ratios(seed=0)[0][:2] == pytest.approx(expected[:2])
    nothing, ends = Shares.of(maps * 0, masks, 3).ratios(seed=0)
    assert np.isnan(nothing).all()
    assert np.isnan(ends).all()


def test_the_interval_is_that_of_images_drawn_again():
    maps, masks = drawn(25)
    shares = Shares.of(maps, masks, 3)
    ratio, ends = shares.ratios(seed=5)
    random, again = np.random.default_rng(0), []
    for _ in range(4000):
        rows = random.integers(25, size=25)
        again.append(shares.energy[rows, 1].sum() / shares.area[rows, 1].sum())
    assert ends[:, 1] == pytest.approx(
        np.percentile(again, [2.5, 97.5]), abs=0.15 * float(np.ptp(ends[:, 1]))
    )
    assert ends[0, 1] < ratio[1] < ends[1, 1]
    assert np.array_equal(ends, shares.ratios(seed=5)[1], equal_nan=True)


def test_several_filters_of_an_image_are_averaged():
    energy = np.array(
        [[0.2, 0.8], [0.6, 0.4], [np.nan, np.nan], [0.1, 0.9], [np.nan, np.nan], [np.nan, np.nan]]
    )
    mean = Shares(energy, np.full((6, 2), 0.5)).averaged(2)
    assert mean.energy[:2] == pytest.approx(np.array([[0.4, 0.6], [0.1, 0.9]]))
    assert np.isnan(mean.energy[2]).all()
    assert mean.area.shape == (3, 2)


def entry(ratio, low, high, control_high=1.0):
    return ClassSelectivity(ratio, (low, high), 1.0, (0.9, control_high), 0.1)


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        ({"bed": entry(4.1, 3.6, 4.7), "lamp": entry(6.0, 2.0, 9.0)}, "bed"),  # lamps only seem to be more
        ({"bed": entry(4.1, 3.6, 4.7, control_high=3.7), "lamp": entry(1.3, 1.1, 1.5)}, "lamp"),
        ({"bed": entry(0.3, 0.2, 0.4), "lamp": entry(1.4, 0.9, 1.9)}, None),
        ({"bed": entry(2.0, float("nan"), float("nan"))}, None),
        ({}, None),
    ],
)
def test_what_it_answers_to_lies_above_one_and_above_the_control(found, answer):
    assert answers_to(found) == answer


def test_the_control_is_measured_alike():
    maps, masks = drawn(20)
    others, _ = drawn(20, seed=1)
    found = selectivity(Shares.of(maps, masks, 3), Shares.of(others, masks, 3), CLASSES, seed=0)
    swapped = selectivity(Shares.of(others, masks, 3), Shares.of(maps, masks, 3), CLASSES, seed=0)
    assert found["bed"].ratio == swapped["bed"].control_ratio
    assert found["bed"].ci95 == swapped["bed"].control_ci95
    assert found["bed"].area_share == pytest.approx(float((masks == 1).float().mean()))
