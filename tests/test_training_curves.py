"""A diary in few points: checked by loops over its lines."""

import json
import math

import pytest

from dcgan_viz.data.training_log import LogLine
from dcgan_viz.errors import InputError
from dcgan_viz.training_curves import training_curves


def lines(n):
    """Losses that swing, with a score every tenth line."""
    found = []
    for k in range(1, n + 1):
        means = {"epoch": k / 7, "loss_d": 1 + math.sin(k), "logit_fake": -k / n, "images_per_second": 9.0}
        found.append(LogLine(k, 16 * k, means))
        if k % 10 == 0:
            found.append(LogLine(k, 16 * k, scores={"frechet": (k - 40) ** 2 / 100, "other": 1.0}))
    return found


def test_points_hold_every_line_once():
    result = training_curves(lines(95), n_points=8)
    points = result.curves["loss_d"]
    assert len(points) == 8
    assert sum(point.n_lines for point in points) == 95
    first = 0
    for point in points:
        group = [1 + math.sin(k) for k in range(first + 1, first + point.n_lines + 1)]
        assert point.mean == pytest.approx(sum(group) / len(group))
        assert (point.low, point.high) == pytest.approx((min(group), max(group)))
        middle = first + (point.n_lines + 1) / 2
        assert point.images_seen == pytest.approx(16 * middle)
        first += point.n_lines
    assert max(point.n_lines for point in points) - min(point.n_lines for point in points) <= 1


def test_few_lines_are_a_point_each():
    points = training_curves(lines(5), n_points=60).curves["logit_fake"]
    assert [point.mean for point in points] == pytest.approx([-k / 5 for k in range(1, 6)])
    assert all(point.low == point.mean == point.high for point in points)


def test_scores_and_where_the_run_ends():
    result = training_curves(lines(95))
    assert (result.n_lines, result.step, result.images_seen) == (95 + 9, 95, 16 * 95)
    assert result.epochs == 95 / 7
    assert "loss_g" not in result.curves  # the diary has none
    assert [point.step for point in result.scores["frechet"]] == list(range(10, 100, 10))
    assert result.best("frechet").step == 40
    assert result.best("other").step == 10
    record = json.loads(json.dumps(result.to_json()))
    assert record["scores"]["frechet"]["best"] == {"step": 40, "images_seen": 640, "value": 0.0}
    assert len(record["curves"]["loss_d"]) == 60


def test_an_empty_diary_has_no_curves():
    with pytest.raises(InputError, match="empty"):
        training_curves([])
