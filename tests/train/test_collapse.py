import math

import pytest

from train.collapse import CollapseWatch

WON = {"loss_d": 0.001, "logit_fake": -12.0}


def steps_until_warned(watch: CollapseWatch, intervals: list[dict]) -> list[int]:
    return [i for i, values in enumerate(intervals) if watch.warning(n_images=1_000, **values)]


def test_it_takes_a_whole_window_and_says_it_once() -> None:
    assert steps_until_warned(CollapseWatch(window_images=5_000), [WON] * 20) == [4]


def test_the_line_names_the_numbers_and_the_way_out() -> None:
    watch = CollapseWatch(window_images=1_000)
    line = watch.warning(n_images=1_500, **WON)
    assert line == (
        "the discriminator has won for 1500 images (loss_d 0.001, mean logit on generated images -12.0); "
        "lower --lr-d, or start again with another --seed"
    )


@pytest.mark.parametrize(
    "relief", [{"loss_d": 0.1, "logit_fake": -12.0}, {"loss_d": 0.001, "logit_fake": -3.0}]
)
def test_a_moment_of_relief_begins_the_window_again(relief: dict) -> None:
    intervals = [WON] * 3 + [relief] + [WON] * 6 + [relief] + [WON] * 5
    assert steps_until_warned(CollapseWatch(window_images=4_000), intervals) == [7, 14]


def test_the_thresholds_are_far_from_a_game_that_is_open() -> None:
    # At the optimum both logits are 0 and loss_d is 2 log 2; a D that is 90 % sure has logits of +-log 9.
    watch = CollapseWatch(window_images=1)
    assert watch.warning(1_000, 2 * math.log(2), 0.0) is None
    assert watch.warning(1_000, -2 * math.log(0.9), -math.log(9)) is None
    # "Loss_D 0": sigmoid(-14) is a millionth, on real and generated images alike.
    assert watch.warning(1_000, 2 * math.log1p(math.exp(-14)), -14.0)
