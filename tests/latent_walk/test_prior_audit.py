"""Norms along a walk against those of the prior, which for normal z are known in closed form."""

import math

import pytest
from scipy.stats import chi

from dcgan_viz.latent_walk.interpolation import frames_between
from dcgan_viz.latent_walk.prior_audit import audit_prior
from dcgan_viz.latent_walk.settings import WalkSettings
from dcgan_viz.models.prior import Prior


def audited(kind, interpolation, n=9, nz=100, scale=1.0, loop=False, n_steps=10):
    prior, settings = Prior(kind, nz), WalkSettings(interpolation, n_steps, loop)
    z = frames_between(scale * prior.sample(n, seed=0), settings)
    return z, audit_prior(z, prior, settings, seed=0)


def test_quantiles_of_the_normal_prior_are_those_of_chi():
    _, found = audited("normal", "linear")
    expected = chi(100).ppf([0.005, 0.5, 0.995])
    assert (found.low, found.median, found.high) == pytest.approx(tuple(expected), abs=0.06)


def test_quantiles_of_the_uniform_prior():
    """|z|^2 is a sum of 100 squares of mean 1/3 and variance 4/45, nearly normal."""
    _, found = audited("uniform", "linear")
    for quantile, z in ((found.low, -2.576), (found.median, 0.0), (found.high, 2.576)):
        assert quantile == pytest.approx(math.sqrt(100 / 3 + z * math.sqrt(100 * 4 / 45)), abs=0.06)


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_linear_interpolation_leaves_the_norms_of_the_prior(kind):
    z, found = audited(kind, "linear")
    norms = z.double().square().sum(1).sqrt()
    assert found.norms == pytest.approx(norms.tolist(), rel=1e-6)
    between = [k for k in range(81) if k % 10]
    outside = sum(norms[k] < min(found.low, norms[k // 10 * 10], norms[k // 10 * 10 + 10]) for k in between)
    assert (found.n_between, found.n_outside) == (72, outside)
    assert outside > 30
    assert "Linear interpolation leaves the prior" in found.note
    assert f"{outside} of 72 frames" in found.note
    assert "--interpolation spherical" in found.note
    assert ("No number of z leaves (-1, 1)" in found.note) == (kind == "uniform")


@pytest.mark.parametrize(("kind", "loop"), [("normal", False), ("uniform", True)])
def test_spherical_interpolation_keeps_to_the_norms(kind, loop):
    _, found = audited(kind, "spherical", loop=loop)
    assert found.n_outside == 0
    assert "keeps to the norms of the prior" in found.note


def test_numbers_that_a_uniform_prior_never_draws_are_counted():
    z, found = audited("uniform", "spherical")
    between = z[[k for k in range(81) if k % 10]]
    expected = sum(abs(x) > 1 for row in between.tolist() for x in row) / (72 * 100)
    assert found.outside_share == pytest.approx(expected)
    assert found.outside_share > 0
    assert found.largest == float(between.abs().max()) > 1
    assert f"{expected:.1%} of those between waypoints" in found.note
    assert audited("normal", "spherical")[1].outside_share == 0


def test_waypoints_outside_of_the_prior_are_said():
    _, found = audited("normal", "spherical", scale=3.0)
    assert found.n_waypoints_outside == 9
    assert "9 of the waypoints lie outside" in found.note
    assert found.n_outside == 0
    assert audited("normal", "spherical", scale=3.0, loop=True)[1].n_waypoints_outside == 9


def test_a_walk_without_frames_between_its_waypoints_says_nothing():
    _, found = audited("normal", "linear", n_steps=1)
    assert (found.n_between, found.note) == (0, "")
