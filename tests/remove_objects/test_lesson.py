"""The steps one by one: each gives what the whole analysis gives; and how far an edit goes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.remove_objects import RemovalSettings, judge_for, remove_objects
from dcgan_viz.remove_objects.edits import Drop, Fill
from dcgan_viz.remove_objects.lesson import bench_of, edit_layers, edited, learn
from dcgan_viz.remove_objects.samples import split_z
from dcgan_viz.remove_objects.stage import Stage
from tests.remove_objects.planted import N_MAPS, TARGET, painted, planted_gan, true_boxes

SETTINGS = RemovalSettings(target="stamp", n_annotated=60, n_fresh=40, n_draws=2, n_control=20, quick=True)


def parts(settings=SETTINGS, seed=0):
    gan = planted_gan(32, 3)
    boxes = true_boxes(split_z(gan, settings, seed)[0], 32)
    return gan, boxes, judge_for(gan, boxes, settings, seed)


@pytest.mark.parametrize("method", ["drop", "local"])
@pytest.mark.parametrize("strength", [1.0, 0.3])
def test_single_steps_give_the_pictures_of_the_whole(method, strength):
    settings = replace(SETTINGS, strength=strength, n_maps=2, fill=Fill(threshold=1.0))
    gan, boxes, judge = parts()
    whole = remove_objects(gan, boxes, judge, settings, 0)
    lesson = learn(bench_of(gan, boxes, judge, settings, 0), settings)
    z = split_z(gan, settings, 0)[1][[3, 11, 12, 30]]
    made = edited(Stage.of(gan, lesson.layers[method], z), lesson.probes[method], settings, method)
    assert torch.equal(made.images, whole.edited[method][[3, 11, 12, 30]])
    assert made.n_maps == next(one.n_maps for one in whole.methods if one.name == method)


def test_a_lesson_that_is_handed_over_changes_no_number():
    gan, boxes, judge = parts()
    lesson = learn(bench_of(gan, boxes, judge, SETTINGS, 0), SETTINGS)
    handed = remove_objects(gan, boxes, judge, SETTINGS, 0, lesson=lesson)
    again = remove_objects(gan, boxes, judge, SETTINGS, 0)
    assert handed.to_json() == again.to_json() or str(handed.to_json()) == str(again.to_json())


def test_one_method_alone_has_the_numbers_that_it_has_beside_the_other():
    gan, boxes, judge = parts()
    both = remove_objects(gan, boxes, judge, replace(SETTINGS, quick=False, n_sweep=10), 0)
    alone = remove_objects(gan, boxes, judge, replace(SETTINGS, methods=("local",)), 0)
    assert [one.name for one in alone.methods] == ["local"]
    assert str(alone.methods[0].to_json()) == str(both.methods[1].to_json())
    assert (alone.dose, alone.layers) == ((), ())
    assert both.dose
    assert both.layers


def test_half_the_strength_goes_half_the_way():
    """What the last convolution reads is painted half as strong, before its tanh."""
    gan, boxes, judge = parts()
    settings = replace(SETTINGS, strength=0.5, n_maps=2, layer="colour:input")
    bench = bench_of(gan, boxes, judge, settings, 0)
    layer = edit_layers(bench, settings)["drop"]
    probe = bench.probe(layer)
    assert sorted(Drop.of(probe, 2).maps.tolist()) == [TARGET, N_MAPS + TARGET]  # seeds, and painted ones
    z = split_z(gan, settings, 0)[1][:6]
    images = edited(Stage.of(gan, layer, z), probe, settings, "drop").images.double().numpy()
    whole, without = painted(z, 32, 3), painted(z, 32, 3, without=(TARGET,))
    halfway = np.tanh((np.arctanh(whole) + np.arctanh(without)) / 2)
    assert np.abs(images - halfway).max() < 1e-5


def test_strength_nought_changes_nothing():
    gan, boxes, judge = parts()
    result = remove_objects(gan, boxes, judge, replace(SETTINGS, strength=0.0), 0)
    for images in result.edited.values():
        assert torch.allclose(images, result.untouched, atol=1e-6)
    assert result.to_json()["edit"] == {"strength": 0.0, "threshold": 0.0, "n_maps": None}


def test_whoever_ticks_may_stop_it():
    class Enough(BaseException):
        pass

    ticks = []

    def tick():
        ticks.append(1)
        if len(ticks) == 40:
            raise Enough

    gan, boxes, judge = parts()
    with pytest.raises(Enough):
        remove_objects(gan, boxes, judge, SETTINGS, 0, tick=tick)
    assert not any(module._forward_hooks for module in gan.generator.modules())


def test_what_cannot_be_set_is_told():
    with pytest.raises(InputError, match=r"strength 1\.5"):
        RemovalSettings(strength=1.5)
    with pytest.raises(InputError, match="n_maps 0"):
        RemovalSettings(n_maps=0)
    with pytest.raises(InputError, match="methods none: choose drop and local"):
        RemovalSettings(methods=())
    with pytest.raises(InputError, match="threshold nan"):
        Fill(threshold=float("nan"))
    gan, boxes, judge = parts()
    with pytest.raises(InputError, match=r"n_maps 99: layer .* has 12 maps"):
        remove_objects(gan, boxes, judge, replace(SETTINGS, n_maps=99), 0)
