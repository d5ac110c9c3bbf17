"""The annotator's choice, on a generator whose z says what is in its pictures."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.seeds import derived_seed
from dcgan_viz.vector_arithmetic import exemplars
from dcgan_viz.vector_arithmetic.analysis import choose_recipe
from dcgan_viz.vector_arithmetic.exemplars import Sheets, Trial, _draws, choose, too_few
from dcgan_viz.vector_arithmetic.looks import Seen
from dcgan_viz.vector_arithmetic.recipe import TurnRecipe
from dcgan_viz.vector_arithmetic.settings import ArithmeticSettings
from dcgan_viz.vector_arithmetic.turn_exemplars import choose_turn
from tests.vector_arithmetic.planted import (
    Decoder,
    bed_left,
    classes_of,
    planted_gan,
    planted_looks,
    window_side,
)

SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture
def gan():
    return planted_gan()


@pytest.fixture
def sheets(gan):
    return Sheets.of(gan, planted_looks().annotator, SEEDS, 40)


def test_areas_and_centres_are_counted_pixel_by_pixel(gan):
    z = gan.sample_z(6, 9)
    seen = Seen.by(planted_looks().annotator, gan.generate(z))
    for k, one in enumerate(z.numpy()):
        room = classes_of(one)
        assert seen.area("bed")[k] == np.count_nonzero(room == 4)
        assert seen.centre("bed")[k] == pytest.approx(bed_left(one[1]) + 6)
        assert seen.shows("window")[k] == (window_side(one[0]) >= 4)
        assert np.isnan(seen.centre("rug")[k])


def test_exemplars_show_the_target_or_do_not(gan, sheets):
    found = choose(gan, planted_looks().annotator, sheets, "window", 3, rescale=False)
    assert [choice.sheet for choice in found] == [0, 1, 2, 3, 4]
    for choice in found:
        z = sheets.z[choice.sheet]
        sides = [window_side(float(one[0])) for one in z]
        showing = sorted((side for side in sides if side >= 4), reverse=True)
        clear = showing[max(3, round(0.5 * len(showing))) - 1]
        assert all(sides[k] >= clear for k in choice.shown)
        assert all(sides[k] == 0 for k in (*choice.without, *choice.other))
        assert len({*choice.shown, *choice.without, *choice.other}) == 9


def test_a_choice_depends_on_its_own_sheet_alone(gan, sheets):
    annotator = planted_looks().annotator
    together = choose(gan, annotator, sheets, "window", 3, rescale=False)
    alone = choose(gan, annotator, Sheets.of(gan, annotator, [3], 40), "window", 3, rescale=False)
    assert alone[0].concepts == together[2].concepts


def test_the_draw_that_puts_most_windows_into_other_rooms_is_taken(gan, monkeypatch):
    """By hand, from the first number of z, which alone makes windows here; of 40 draws some are worse."""
    monkeypatch.setattr(exemplars, "N_DRAWS", 40)
    annotator = planted_looks().annotator
    sheets = Sheets.of(gan, annotator, SEEDS, 60)
    rooms = Trial.of(gan, annotator, "window", 3).rooms[:, 0].tolist()
    assert len(rooms) == 4
    clear_winners = 0
    for choice in choose(gan, annotator, sheets, "window", 3, rescale=False):
        z = sheets.z[choice.sheet][:, 0].tolist()
        counts = []
        for shown, without, _ in [choice.concepts, *_draws(sheets, choice.sheet, "window", 3)]:
            difference = sum(z[k] for k in shown) / 3 - sum(z[k] for k in without) / 3
            counts.append(sum(window_side(room + difference) >= 4 for room in rooms))
        assert counts[0] == max(counts)
        clear_winners += counts[0] > counts[1]
    assert clear_winners > 0


def test_rooms_of_a_trial_are_means_without_the_target(gan):
    trial = Trial.of(gan, planted_looks().annotator, "window", 2)
    z = gan.sample_z(128, derived_seed(0, "trial of exemplars"))
    free = [one for one in z if window_side(float(one[0])) == 0]
    assert torch.allclose(trial.rooms, torch.stack([(free[2 * k] + free[2 * k + 1]) / 2 for k in range(4)]))
    assert trial.least_areas["ceiling"] == 16 * 64
    everywhere = Trial.of(gan, planted_looks().annotator, "bed", 3)
    assert len(everywhere.rooms) == 0
    assert everywhere.scores(gan, planted_looks().annotator, torch.zeros(2, 5, 8), rescale=False).shape == (
        2,
        5,
    )


def test_more_exemplars_than_a_trial_has_rooms_can_be_asked_for(gan):
    trial = Trial.of(gan, planted_looks().annotator, "window", 100)
    assert len(trial.rooms) == 0


def test_sums_of_a_trial_are_rescaled_where_all_others_are(gan):
    annotator = planted_looks().annotator
    trial = Trial.of(gan, annotator, "window", 3)
    trial = replace(trial, rooms=trial.rooms[:1])
    away = torch.zeros(8)
    away[0] = 0.8 - trial.rooms[0, 0]  # a window of 5 px
    away[2] = 50.0  # so long that little is left of it at the typical norm
    plain, rescaled = (trial.scores(gan, annotator, away, rescale=flag) for flag in (False, True))
    assert float(plain) == pytest.approx(1 + 25 / 64**2 / 2)
    assert float(rescaled) == 0.0


def test_a_sheet_with_too_few_is_left_out_and_counted(gan):
    annotator = planted_looks().annotator
    sheets = Sheets.of(gan, annotator, SEEDS, 14)
    sides = [[window_side(float(one[0])) for one in z] for z in sheets.z]
    enough = [sum(side >= 4 for side in some) >= 3 and sum(side == 0 for side in some) >= 6 for some in sides]
    found = choose(gan, annotator, sheets, "window", 3, rescale=False)
    assert [choice.sheet for choice in found] == [k for k, flag in enumerate(enough) if flag]
    assert 0 < len(found) < 5
    shown, without = sum(side >= 4 for side in sides[0]), sum(side == 0 for side in sides[0])
    text = str(too_few(sheets, "window", 3))
    assert f"{shown} with it and {without} without" in text
    assert "3 and 6 are needed" in text


def test_the_turn_runs_from_the_left_third_to_the_right_one(gan, sheets):
    turn = TurnRecipe("bed left", "bed right", target="bed")
    left, right = choose_turn(gan, planted_looks().annotator, sheets, 4, turn)
    places = [bed_left(float(one[1])) for one in sheets.z[0]]
    ranked = sorted(places)
    third = len(places) // 3
    assert len(set(left) | set(right)) == 8
    assert all(places[k] <= ranked[third - 1] for k in left)
    assert all(places[k] >= ranked[-third] for k in right)


def test_too_few_beds_for_a_turn_are_said(gan):
    sheets = Sheets.of(gan, planted_looks().annotator, [0], 11)
    with pytest.raises(InputError, match=r"bed in 11 samples.*12 are needed"):
        choose_turn(gan, planted_looks().annotator, sheets, 4, TurnRecipe("l", "r", target="bed"))


def test_the_recipe_says_who_where_and_what(gan):
    settings = ArithmeticSettings(sheet_size=40, noise=0.1, n_neighbours=3, reach=1.0)
    recipe = choose_recipe(gan, Decoder(), settings, seed=2)  # type: ignore[arg-type]
    recipe.check(gan)
    assert (recipe.seed, recipe.sheet_size, recipe.noise, recipe.n_neighbours) == (2, 40, 0.1, 3)
    assert dict(recipe.expression) == {"window": "+", "no window": "-", "other rooms": "+"}
    assert {name: len(indices) for name, indices in recipe.concepts.items()} == {
        "window": 3, "no window": 3, "other rooms": 3, "bed left": 4, "bed right": 4,
    }  # fmt: skip
    assert recipe.turn == TurnRecipe("bed left", "bed right", 1.0, 9, True, "bed")
    assert choose_recipe(gan, Decoder(), ArithmeticSettings(turn=False), 2).turn is None  # type: ignore[arg-type]


def test_targets_that_are_never_there_are_an_error(gan):
    with pytest.raises(InputError, match=r"'rug'.*0 with it and 48 without"):
        choose_recipe(gan, Decoder(), ArithmeticSettings(target="rug"), 0)  # type: ignore[arg-type]
