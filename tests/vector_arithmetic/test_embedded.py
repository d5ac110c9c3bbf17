"""The bars of the issue, on the embedded checkpoint at the command's default seed."""

import pytest

from dcgan_viz.models.loading import load
from dcgan_viz.vector_arithmetic import ArithmeticSettings, vector_arithmetic
from tests.vector_arithmetic.planted import as_json


@pytest.fixture(scope="module")
def found():
    return as_json(vector_arithmetic(load("rooms"), ArithmeticSettings(), seed=0))


def test_the_sum_puts_windows_where_chance_does_not(found):
    assert found["n_cases"] == 64
    assert found["success_rate"] - found["success_rate_control"] >= 0.30
    low, _ = found["success_rate_above_control_ci95"]
    assert low > 0.2


def test_sums_of_pictures_are_no_rooms(found):
    assert found["cases"]["pixels"]["is_room"] < 0.6 < 0.9 < found["cases"]["result"]["is_room"]


def test_the_bed_moves_as_the_position_does(found):
    turn = found["turn"]
    assert turn["n_cases"] + turn["n_unseen"] == 64
    assert turn["spearman_mean"] >= 0.8
    assert abs(turn["control"]["spearman_mean"]) < 0.4
