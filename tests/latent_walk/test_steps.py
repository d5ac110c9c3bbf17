"""Step distances, taken again one by one."""

import json
import math

import numpy as np
import pytest

from dcgan_viz.data.neighbours import Nearest
from dcgan_viz.latent_walk.likeness import Likeness
from dcgan_viz.latent_walk.steps import measure_steps
from dcgan_viz.output import dump_json

FRAMES = np.random.default_rng(0).normal(size=(7, 20)).astype(np.float32)


def written(result):
    """The fields as result.json holds them."""
    return json.loads(dump_json(result.to_json()))


def length(a, b):
    return math.sqrt(sum((float(x) - float(y)) ** 2 for x, y in zip(a, b, strict=True)))


def test_steps_are_distances_of_neighbours():
    replayed = FRAMES[[0, 0, 0, 4, 4, 4, 6]]
    found = measure_steps({"pixels": FRAMES}, 3, {"pixels": replayed})["pixels"]
    expected = [length(FRAMES[k], FRAMES[k + 1]) for k in range(6)]
    waypoints = [length(FRAMES[0], FRAMES[3]), length(FRAMES[3], FRAMES[6])]
    jumps = [0, 0, length(FRAMES[0], FRAMES[4]), 0, 0, length(FRAMES[4], FRAMES[6])]
    assert found.distance == pytest.approx(expected, rel=1e-6)
    assert found.waypoints == pytest.approx(waypoints, rel=1e-6)
    fields = written(found)
    largest = max(range(6), key=expected.__getitem__)
    assert (fields["mean"], fields["max"]) == pytest.approx((sum(expected) / 6, max(expected)))
    assert fields["largest"]["pair"] * 3 + fields["largest"]["step"] == largest
    assert fields["largest"]["share_of_waypoint_distance"] == pytest.approx(
        expected[largest] / waypoints[largest // 3]
    )
    replay, jump = fields["replay"], max(range(6), key=jumps.__getitem__)
    assert replay["steps"] == pytest.approx(jumps)
    assert (replay["mean"], replay["max"]) == pytest.approx((sum(jumps) / 6, max(jumps)))
    assert replay["max_share_of_waypoint_distance"] == pytest.approx(jumps[jump] / waypoints[jump // 3])
    assert replay["still_share"] == pytest.approx(4 / 6)


@pytest.mark.parametrize("k", range(6))
def test_a_step_is_measured_by_its_own_waypoints(k):
    found = measure_steps({"pixels": FRAMES}, 3)["pixels"]
    jump = np.where(np.arange(6) == k, 9.0, 1.0)
    assert found.share(jump) == pytest.approx(9.0 / found.waypoints[k // 3])


def test_without_training_images_there_is_no_replay():
    assert measure_steps({"pixels": FRAMES}, 3)["pixels"].to_json()["replay"] is None


def test_waypoints_that_look_the_same_have_no_share():
    frames = FRAMES[[0, 1, 0]]
    found = measure_steps({"pixels": frames}, 2)["pixels"]
    assert math.isnan(found.share(found.distance))


def test_likeness_to_training_images():
    distance, others = np.arange(7.0)[::-1] + 1, np.arange(101.0) / 10
    found = Likeness("features", 50, Nearest(distance, np.arange(7)), Nearest(others, others), 3).to_json()
    assert found["held_out"] == {"n_images": 101, "q05": 0.5, "median": 5.0, "q95": 9.5}
    assert found["closest"] == {"pair": 1, "frame": 3, "image": 6, "distance": 1.0}
    assert (found["mean"], found["median_waypoints"], found["median_between"]) == (4.0, 4.0, 4.0)
    near = Likeness("features", 50, Nearest(distance / 10, np.arange(7)), Nearest(others, others), 3)
    assert near.to_json()["very_close_share"] == pytest.approx(4 / 7)  # 0.1 to 0.4 of 0.1 to 0.7
