"""Walks along an axis, measured against the planted generator's own z."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from dcgan_viz.seeds import derived_seed
from dcgan_viz.vector_arithmetic.recipe import TurnRecipe
from dcgan_viz.vector_arithmetic.turn import take_turn
from dcgan_viz.vector_arithmetic.walks import random_axes, walk
from tests.vector_arithmetic.planted import Blind, Decoder, as_json, bed_left, planted_gan, recipe_for


@pytest.fixture(scope="module")
def gan():
    return planted_gan()


@pytest.fixture(scope="module")
def recipe(gan):
    return recipe_for(gan, turn=TurnRecipe("b", "c", 1.5, 7, False, "bed"))


def axis_by_hand(gan, recipe):
    sheet = gan.sample_z(recipe.sheet_size, recipe.seed).double()
    ends = [sum(sheet[k] for k in recipe.concepts[name]) / len(recipe.concepts[name]) for name in "bc"]
    return ends[1] - ends[0]


def test_the_axis_runs_from_mean_to_mean(gan, recipe):
    found = take_turn(gan, recipe, None, 5, 2)
    assert torch.allclose(found.axis.double(), axis_by_hand(gan, recipe), atol=1e-6)


def test_each_step_adds_a_multiple_of_the_axis(gan, recipe):
    found = take_turn(gan, recipe, None, 5, 2)
    axis = axis_by_hand(gan, recipe)
    z = gan.sample_z(2, derived_seed(recipe.seed, "turn", "fresh"))
    assert found.strips.shape == (2, 7, 3, 64, 64)
    for row in range(2):
        for step, position in enumerate((-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)):
            wanted = gan.generate((z[row] + position * axis).float()[None])[0]
            assert torch.equal(found.strips[row, step], wanted)


def test_rescaled_steps_keep_the_norm_of_their_z():
    z, axes = torch.randn(4, 6, generator=torch.Generator().manual_seed(0)), torch.eye(6)[:4]
    steps = walk(z, axes, TurnRecipe("a", "b", 2.0, 5, True))
    assert torch.allclose(steps.norm(dim=2), z.norm(dim=1)[:, None].expand(4, 5), rtol=1e-5)
    plain = walk(z, axes, TurnRecipe("a", "b", 2.0, 5, False))
    assert torch.allclose(plain[:, 4] - plain[:, 0], 4 * axes, atol=1e-5)
    assert torch.allclose(steps[:, 2], z, atol=1e-6)  # the middle is the untouched z
    for k in range(4):
        cosine = float(steps[k, 0] @ plain[k, 0] / steps[k, 0].norm() / plain[k, 0].norm())
        assert cosine == pytest.approx(1.0, abs=1e-5)


def test_correlations_are_those_of_the_beds_that_were_drawn(gan, recipe):
    found = take_turn(gan, recipe, Decoder(), 12, 3)  # type: ignore[arg-type]
    assert found.measure is not None
    axis, z = axis_by_hand(gan, recipe), gan.sample_z(12, derived_seed(recipe.seed, "turn", "fresh"))
    positions = np.linspace(-1.5, 1.5, 7)
    for k in range(12):
        places = [bed_left(float(z[k, 1] + t * axis[1])) + 6.0 for t in positions]
        assert found.measure.centres[k].tolist() == places
        expected = spearmanr(positions, places)[0] if len(set(places)) > 1 else 0.0
        assert found.measure.correlations[k] == pytest.approx(expected)
    told = as_json(found)
    assert told["n_cases"] == 12
    assert told["spearman_mean"] == pytest.approx(found.measure.correlations.mean())
    assert told["centre_mean"] == pytest.approx(found.measure.centres.mean(axis=0).tolist())
    assert sum(told["spearman_bins"]["share"]) == pytest.approx(1.0)


def test_random_axes_have_the_norm_and_lead_nowhere_in_particular(gan, recipe):
    axes = random_axes(gan, recipe, 400, norm=2.5)
    assert torch.allclose(axes.norm(dim=1), torch.full((400,), 2.5), rtol=1e-5)
    assert float(axes.mean(dim=0).norm()) < 0.4
    found = take_turn(gan, recipe, Decoder(), 40, 1)  # type: ignore[arg-type]
    assert found.control is not None
    assert abs(float(np.nanmean(found.control.correlations))) < 0.5


def test_objects_that_nobody_sees_are_counted_not_averaged(gan, recipe):
    found = take_turn(gan, recipe, Blind(), 6, 1)  # type: ignore[arg-type]
    told = as_json(found)
    assert (told["n_cases"], told["n_unseen"]) == (0, 6)
    assert told["spearman_mean"] is None
    assert told["spearman_bins"]["share"] == [0.0] * 7


def test_without_a_judge_or_a_target_there_are_strips_alone(gan, recipe):
    assert recipe.turn is not None
    aimless = replace(recipe, turn=replace(recipe.turn, target=""))
    for some, judge in ((recipe, None), (aimless, Decoder())):
        found = take_turn(gan, some, judge, 4, 2)  # type: ignore[arg-type]
        assert found.measure is None
        assert as_json(found)["spearman_mean"] is None
        assert len(found.strips) == 2
