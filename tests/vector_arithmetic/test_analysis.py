"""The analysis as a whole: who chooses, who measures, and what is left where nobody does."""

from dataclasses import replace

import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan, Provenance
from dcgan_viz.models.prior import Prior
from dcgan_viz.vector_arithmetic import ArithmeticSettings, analysis, arbitrary_recipe, vector_arithmetic
from tests.vector_arithmetic.planted import Blind, Painter, as_json, planted_gan, planted_looks, recipe_for

SMALL = ArithmeticSettings(sheet_size=40, n_cases=6, n_walks=6, n_control_draws=2, n_strips=2)


@pytest.fixture
def rooms(monkeypatch):
    monkeypatch.setattr(analysis, "looks_at", lambda gan, judge: planted_looks())
    return planted_gan()


def test_who_measures_has_no_part_in_choosing(rooms, monkeypatch):
    found = vector_arithmetic(rooms, SMALL, 1)
    monkeypatch.setattr(analysis, "looks_at", lambda gan, judge: planted_looks(Blind()))
    blind = vector_arithmetic(rooms, SMALL, 1)
    assert found.recipe == blind.recipe
    assert found.cases is not None
    assert blind.cases is not None
    assert found.cases.vectors.indices == blind.cases.vectors.indices
    assert as_json(found)["success_rate"] > 0
    assert as_json(blind)["success_rate"] == 0


def test_a_replay_gives_the_same_numbers_whatever_the_seed(rooms):
    found = vector_arithmetic(rooms, SMALL, 1)
    again = vector_arithmetic(rooms, SMALL, 1, recipe=found.recipe, exemplars_by="annotator")
    assert as_json(again) == as_json(found)
    assert as_json(vector_arithmetic(rooms, SMALL, 2)) != as_json(found)


def test_the_judges_word_on_the_sum_itself(rooms):
    found = vector_arithmetic(rooms, SMALL, 1)
    assert found.own is not None
    assert found.pictures.sum is not None
    drawn = [found.pictures.sum.result, *found.pictures.sum.neighbours]
    areas = [int(((image[0] + 1) / 2 * 8).round().eq(3).sum()) for image in drawn]
    assert found.own.shows_target == (areas[0] >= 16)
    assert found.own.n_neighbours_showing == sum(area >= 16 for area in areas[1:])


def test_a_recipe_without_targets_is_drawn_and_not_measured(rooms):
    found = vector_arithmetic(rooms, SMALL, 0, recipe=recipe_for(rooms))
    told = as_json(found)
    assert found.cases is None
    assert told["success_rate"] is None
    assert told["n_cases"] == 0
    assert told["turn"]["spearman_mean"] is None
    assert "no target" in told["judge"]["reason"]


def test_the_turn_can_be_left_out(rooms):
    without = replace(SMALL, turn=False)
    for found in (
        vector_arithmetic(rooms, without, 1),
        vector_arithmetic(rooms, without, 1, recipe=vector_arithmetic(rooms, SMALL, 1).recipe),
    ):
        assert found.turn is None
        assert as_json(found)["turn"] is None
        assert set(found.recipe.concepts) == {"window", "no window", "other rooms"}


def test_a_gan_that_draws_no_rooms_adds_its_first_samples():
    gan = Gan(Painter(28, 1), prior=Prior("normal", 6))
    found = vector_arithmetic(gan, SMALL, 4)
    assert found.recipe == arbitrary_recipe(gan, SMALL, 4)
    assert found.exemplars_by == "the order of the sheet"
    assert found.pictures.sum is not None
    sheet = gan.sample_z(9, 4)
    by_hand = sheet[:3].mean(dim=0) - sheet[3:6].mean(dim=0) + sheet[6:].mean(dim=0)
    assert torch.allclose(found.pictures.sum.z, by_hand, atol=1e-6)
    assert found.judge == {"name": "none", "reason": "the GAN was not trained on rooms"}
    with pytest.raises(InputError, match=r"1x28x28.*--judge none"):
        vector_arithmetic(gan, replace(SMALL, judge="rooms"), 0)


def test_rooms_without_a_judge_have_nobody_who_chooses():
    gan = planted_gan()
    gan.provenance = Provenance("rooms.safetensors", "0", "test", {"data": "rooms"})
    found = vector_arithmetic(gan, replace(SMALL, judge="none"), 0)
    assert found.exemplars_by == "the order of the sheet"
    assert (found.cases, found.judge["reason"]) == (None, "no judge was asked for")


def test_a_replay_says_who_chose(rooms):
    recipe = vector_arithmetic(rooms, SMALL, 1).recipe
    other = {**recipe.concepts, "no window": recipe.concepts["other rooms"]}
    for given, by in (
        (recipe, "annotator"),
        (recipe.without_turn(), "annotator"),
        (replace(recipe, concepts=other), "mine.json"),
        (replace(recipe, seed=2), "mine.json"),
        (recipe_for(rooms), "mine.json"),
    ):
        found = vector_arithmetic(rooms, SMALL, 1, recipe=given, exemplars_by="mine.json")
        assert found.exemplars_by == by


def test_the_first_samples_stand_in_where_nobody_has_looked():
    gan = Gan(Painter(28, 1), prior=Prior("normal", 6))
    recipe = arbitrary_recipe(gan, replace(SMALL, n_exemplars=20), 5)
    assert recipe.sheet_size == 60
    assert [indices[::19] for indices in recipe.concepts.values()] == [(0, 19), (20, 39), (40, 59)]
    assert recipe.turn is not None
    recipe.check(gan)


def test_hand_chosen_exemplars_are_measured_with_as_many(rooms):
    recipe = vector_arithmetic(rooms, SMALL, 1).recipe
    two = {
        name: indices[:2] if name in recipe.expression else indices
        for name, indices in recipe.concepts.items()
    }
    found = vector_arithmetic(rooms, SMALL, 1, recipe=replace(recipe, concepts=two))
    assert found.cases is not None
    assert as_json(found.cases)["n_exemplars"] == 2


def test_nothing_to_measure_on_is_an_error(rooms):
    recipe = vector_arithmetic(rooms, SMALL, 1).recipe
    names = tuple(recipe.expression)
    many = dict(recipe.concepts) | {name: tuple(range(k * 12, k * 12 + 12)) for k, name in enumerate(names)}
    with pytest.raises(InputError, match=r"none of 24 sheets of 40 samples.*--judge none"):
        vector_arithmetic(rooms, SMALL, 1, recipe=replace(recipe, concepts=many))


def test_settings_are_checked():
    for changes, says in (
        ({"judge": "me"}, "me"),
        ({"target": "sofa"}, "sofa"),
        ({"n_cases": 0}, "n_cases"),
        ({"n_exemplars": -1}, "n_exemplars"),
    ):
        with pytest.raises(InputError, match=says):
            ArithmeticSettings(**changes)
