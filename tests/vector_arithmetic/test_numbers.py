"""Vectors, rates and correlations, each derived once more by other means."""

import math

import numpy as np
import pytest
import torch

from dcgan_viz.models.prior import Prior
from dcgan_viz.vector_arithmetic.rates import Mean
from dcgan_viz.vector_arithmetic.spearman import spearman
from dcgan_viz.vector_arithmetic.vectors import PriorNorms, combine, neighbours, share_outside, with_norm


def test_norms_of_the_prior_are_those_of_theory():
    for prior, variance in ((Prior("uniform", 100), 1 / 3), (Prior("normal", 100), 1.0)):
        norms = PriorNorms.of(prior)
        assert norms.p50 == pytest.approx(math.sqrt(100 * variance), rel=0.01)
        assert norms.p01 < norms.p05 < norms.p50 < norms.p95 < norms.p99
        assert PriorNorms.of(prior) == norms
    # for the normal prior the norm is nearly N(sqrt(n - 1/2), 1/2): 1.645 deviations to either side
    assert norms.p95 - norms.p05 == pytest.approx(2 * 1.645 * math.sqrt(0.5), rel=0.05)


def test_norms_of_a_vast_z_are_drawn_in_parts():
    size = 3_000_000 // 8
    norms = PriorNorms.of(Prior("uniform", size))
    assert norms.p50 == pytest.approx(math.sqrt(size / 3), rel=1e-3)
    assert norms.p01 < norms.p99


def test_a_sum_is_added_up_number_by_number():
    z = {name: torch.randn(6, generator=torch.Generator().manual_seed(k)) for k, name in enumerate("abc")}
    found = combine(z, {"a": "+", "c": "-", "b": "+"})
    expected = [float(z["a"][k]) - float(z["c"][k]) + float(z["b"][k]) for k in range(6)]
    assert found.tolist() == pytest.approx(expected, abs=1e-6)


def test_a_norm_is_set_and_the_direction_kept():
    z = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    scaled = with_norm(z, 3.0)
    for before, after in zip(z, scaled, strict=True):
        assert math.sqrt(sum(float(x) ** 2 for x in after)) == pytest.approx(3.0, rel=1e-5)
        assert float(before @ after) / float(before.norm()) == pytest.approx(3.0, rel=1e-5)
    assert with_norm(torch.zeros(4), 3.0).tolist() == [0.0] * 4


def test_neighbours_fill_the_box_around_z_evenly():
    z = torch.full((50,), 2.0)
    around = neighbours(z, 400, 0.25, seed=1)
    assert around.shape == (400, 50)
    shifts = (around - 2.0).flatten().double()
    assert float(shifts.abs().max()) <= 0.25 + 1e-6
    assert float(shifts.mean()) == pytest.approx(0.0, abs=0.005)
    assert float(shifts.var()) == pytest.approx(0.5**2 / 12, rel=0.03)  # of a uniform distribution 0.5 wide
    assert torch.equal(around, neighbours(z, 400, 0.25, seed=1))
    assert not torch.equal(around, neighbours(z, 400, 0.25, seed=2))


def test_share_outside_counts_beyond_one():
    z = torch.tensor([0.5, -1.5, 1.0, 2.0])
    assert share_outside(z, Prior("uniform", 4)) == 0.5
    assert share_outside(z, Prior("normal", 4)) is None


def test_spearman_is_the_textbook_formula_where_nothing_ties():
    random = np.random.default_rng(0)
    positions, centres = np.linspace(-2, 2, 9), random.uniform(0, 64, (40, 9))
    expected = []
    for row in centres:
        ranks = [sum(other < x for other in row) for x in row]
        squares = sum((k - rank) ** 2 for k, rank in enumerate(ranks))
        expected.append(1 - 6 * squares / (9 * (9**2 - 1)))
    np.testing.assert_allclose(spearman(positions, centres), expected, atol=1e-12)


def test_spearman_leaves_out_where_nothing_is_seen():
    nan = np.nan
    centres = np.array(
        [
            [1.0, nan, 2.0, 3.0, nan, 4.0],  # 4 of 6 are just enough
            [1.0, nan, 2.0, nan, nan, 4.0],
            [5.0] * 6,
            [6.0, 5.0, 4.0, 3.0, 2.0, 1.0],
        ]
    )
    found = spearman(np.arange(6.0), centres)
    assert found[0] == pytest.approx(1.0)
    assert np.isnan(found[1])
    assert found[2] == 0.0
    assert found[3] == pytest.approx(-1.0)


def test_an_interval_of_a_share_is_the_binomial_one():
    hits = np.arange(400) < 120
    mean = Mean.over(hits, seed=0)
    assert mean.value == pytest.approx(0.3)
    half = 1.96 * math.sqrt(0.3 * 0.7 / 400)
    assert mean.ci95[0] == pytest.approx(0.3 - half, abs=0.006)
    assert mean.ci95[1] == pytest.approx(0.3 + half, abs=0.006)


def test_draws_of_one_case_stay_together():
    """Ten equal draws of a case say no more than one."""
    hits = np.arange(100) < 30
    assert Mean.over(np.repeat(hits[:, None], 10, axis=1), 0).ci95 == Mean.over(hits, 0).ci95


def test_what_is_unknown_does_not_count():
    values = np.array([1.0, np.nan, 3.0])
    assert Mean.over(values, 0).value == 2.0
    for nothing in (np.array([np.nan]), np.array([])):
        assert math.isnan(Mean.over(nothing, 0).value)
