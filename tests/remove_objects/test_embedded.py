"""The bars of the README's own command, on the embedded checkpoint."""

from dataclasses import replace

import pytest

from dcgan_viz.data.segmenter import load_segmenter
from dcgan_viz.models.loading import load
from dcgan_viz.remove_objects import RemovalSettings, annotate, judge_for, remove_objects

SEED = 0  # the command's default
WINDOW = RemovalSettings(n_sweep=20, n_sweep_draws=1)


def removed(settings):
    gan = load("rooms")
    boxes = annotate(gan, load_segmenter("annotator"), settings, SEED)
    return remove_objects(gan, boxes, judge_for(gan, boxes, settings, SEED), settings, SEED)


@pytest.fixture(scope="module")
def local():
    return next(method for method in removed(WINDOW).methods if method.name == "local")


def test_the_probe_knows_windows_on_images_it_has_not_seen(local):
    assert local.probe.auc_heldout >= 0.97
    assert abs(local.probe.auc_shuffled - 0.5) <= 0.05


def test_windows_go_and_the_rest_stays(local):
    assert local.effect.target_area_ratio <= 0.10
    assert local.effect.collateral <= 0.10
    assert local.became["wall"] >= 0.80


def test_what_is_left_looks_like_rooms_without_windows(local):
    assert local.distance.edited <= 1.5 * local.distance.untouched


def test_the_same_fill_elsewhere_leaves_the_windows(local):
    assert local.n_draws >= 10
    assert local.control.target_area_ratio >= 0.70


@pytest.mark.parametrize("target", ["bed", "lamp"])
def test_other_targets_run_and_lose_area(target):
    few = replace(WINDOW, target=target, n_fresh=60, n_control=30, n_draws=2)
    result = removed(few)
    assert result.target == target
    for method in result.methods:
        low, high = method.effect.target_area_ratio_ci95
        assert low <= method.effect.target_area_ratio <= high
        assert method.effect.target_area_ratio < 1
