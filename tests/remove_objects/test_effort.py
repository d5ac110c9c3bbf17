"""How often an analysis ticks is known beforehand: counted here on a generator whose target is known."""

from dataclasses import replace

import pytest

from dcgan_viz.remove_objects import RemovalSettings, remove_objects
from dcgan_viz.remove_objects.effort import n_ticks
from dcgan_viz.remove_objects.judges import NoJudge
from dcgan_viz.remove_objects.lesson import bench_of, learn
from tests.remove_objects.test_lesson import SETTINGS, parts

WHOLE = replace(SETTINGS, quick=False, n_sweep=10, n_sweep_draws=4)


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        replace(SETTINGS, methods=("drop",), n_draws=5),
        replace(SETTINGS, methods=("local",)),
        replace(SETTINGS, layer="penultimate"),
        WHOLE,
        replace(WHOLE, methods=("drop",), n_draws=1),
        replace(WHOLE, methods=("local",)),
    ],
)
@pytest.mark.parametrize("is_judged", [True, False])
@pytest.mark.parametrize("is_taught", [True, False])
def test_as_many_ticks_as_were_foretold(settings: RemovalSettings, is_judged: bool, is_taught: bool) -> None:
    gan, boxes, judge = parts(settings)
    if is_judged:
        assert settings.target in judge.classes
    else:
        judge = NoJudge("nobody was asked")
    lesson = None
    if is_taught:
        lesson = learn(bench_of(gan, boxes, judge, settings, 0), settings)
    ticks: list[None] = []
    remove_objects(gan, boxes, judge, settings, 0, tick=lambda: ticks.append(None), lesson=lesson)
    assert len(ticks) == n_ticks(bench_of(gan, boxes, judge, settings, 0, lesson=lesson), settings)
