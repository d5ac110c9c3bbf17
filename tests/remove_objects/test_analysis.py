"""The whole analysis, on a generator whose window map is known."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from dcgan_viz.data.box import Box, Boxes
from dcgan_viz.errors import InputError
from dcgan_viz.output import dump_json
from dcgan_viz.remove_objects import RemovalSettings, annotate, remove_objects
from dcgan_viz.remove_objects.edits import Fill
from dcgan_viz.remove_objects.experiment import Experiment
from tests.remove_objects.painter import N_MAPS, WINDOW, colour_judge, colour_segmenter, painter_gan

SETTINGS = RemovalSettings(
    layer="features", n_annotated=40, max_boxes=20, n_fresh=60, n_draws=4, n_control=40, n_sweep=30,
)  # fmt: skip


@pytest.fixture(scope="module")
def result():
    gan, judge = painter_gan(), colour_judge()
    return remove_objects(gan, annotate(gan, colour_segmenter(), SETTINGS, 0), judge, SETTINGS, 0)


def by_name(result, name):
    return next(method for method in result.methods if method.name == name)


def test_annotator_boxes_are_the_painted_windows():
    gan = painter_gan()
    boxes = annotate(gan, colour_segmenter(), SETTINGS, 0)
    assert len(boxes) == 20
    z = gan.sample_z(SETTINGS.n_annotated + SETTINGS.n_fresh, 0)
    for image, box in boxes:
        x, y = 4 * int((z[image, 1] + 1) * 6), 4 * int((z[image, 0] + 1) * 2.4)
        assert box.edges == (x, y, x + 16, y + 16)


def test_both_methods_remove_the_window_and_nothing_else(result):
    for name in ("drop", "local"):
        method = by_name(result, name)
        assert method.effect.target_area_ratio == 0.0
        assert method.effect.other_area_ratios["bed"] == 1.0
        assert method.became["wall"] == 1.0
        assert method.probe.auc_heldout > 0.99
        assert abs(method.probe.auc_shuffled - 0.5) < 0.06


def test_pixel_change_is_that_of_the_edited_pictures(result):
    for method in result.methods:
        change = np.abs(result.edited[method.name].numpy() - result.untouched.numpy()).mean()
        assert method.pixel_change == pytest.approx(change, rel=1e-5)


def test_control_of_drop_is_chance(result):
    """A random set of k of 8 maps holds the window's with probability k / 8."""
    method = by_name(result, "drop")
    share = method.n_maps / N_MAPS
    low, high = method.control.target_area_ratio_ci95
    assert method.n_draws == 4
    assert low <= 1 - share <= high
    assert method.control.target_area_ratio in {k / 4 for k in range(5)}


def test_control_of_local_hits_other_places(result):
    """What lies beside the other picture's window is filled from the own one, and may even spread it."""
    method = by_name(result, "local")
    assert 0.7 < method.control.target_area_ratio < 1.3


def test_control_of_local_fills_as_many_positions_elsewhere(monkeypatch):
    given = []
    local = Experiment.local

    def watched(self, layer, fill, rows=slice(None), mask=None):
        images, used = local(self, layer, fill, rows, mask)
        given.append((mask, used))
        return images, used

    monkeypatch.setattr(Experiment, "local", watched)
    gan, judge = painter_gan(), colour_judge()
    settings = replace(SETTINGS, n_control=SETTINGS.n_fresh)
    remove_objects(gan, annotate(gan, colour_segmenter(), settings, 0), judge, settings, 0)
    own = given[0][1]
    controls = [mask for mask, _ in given[1:] if mask is not None and len(mask) == len(own)]
    assert len(controls) == settings.n_draws
    fired = own.flatten(1).any(dim=1)
    for mask in controls:
        assert mask.sum() == own.sum()
        assert torch.equal(mask.flatten(1).any(dim=1), fired)
        assert sorted(map(bytes, mask.bool().numpy())) == sorted(map(bytes, own.bool().numpy()))
    assert not any(torch.equal(a, b) for a, b in itertools.pairwise(controls))


def test_a_control_that_cannot_be_run_is_no_number():
    gan, judge = painter_gan(), colour_judge()
    boxes = annotate(gan, colour_segmenter(), SETTINGS, 0)
    never = replace(SETTINGS, fill=Fill(threshold=1e9))
    method = by_name(remove_objects(gan, boxes, judge, never, 0), "local")
    assert method.effect.target_area_ratio == 1.0
    assert method.n_draws == 0
    assert np.isnan(method.control.target_area_ratio)


def test_boxes_smaller_than_a_position_still_fit_a_probe():
    gan, judge = painter_gan(), colour_judge()
    small = {
        image: tuple(Box(b.x0 + 6, b.y0 + 6, b.x0 + 8, b.y0 + 8) for b in boxes)
        for image, boxes in annotate(gan, colour_segmenter(), SETTINGS, 0).by_image.items()
    }
    result = remove_objects(gan, Boxes("window", 64, small), judge, SETTINGS, 0)
    assert by_name(result, "local").probe.n_positive == 20
    assert by_name(result, "local").probe.auc_heldout > 0.9  # the rest of each window counts as outside


def test_dose_never_brings_the_window_back(result):
    ratios = [point.effect.target_area_ratio for point in result.dose]
    assert [point.n_maps for point in result.dose] == sorted({point.n_maps for point in result.dose})
    assert ratios[-1] == 0.0
    assert all(a >= b for a, b in itertools.pairwise(ratios))


def test_sweep_covers_every_hidden_layer_with_both_methods(result):
    assert [(point.layer.name, point.method) for point in result.layers] == [
        ("features", "drop"),
        ("features", "local"),
    ]


def test_shown_samples_have_the_target_and_json_is_complete(result):
    assert len(result.shown)
    assert bool((result.untouched[result.shown, 2].amax(dim=(1, 2)) > 0.9).all())
    fields = result.to_json()
    for method in fields["methods"]:
        assert {"name", "layer", "probe", "n_maps", "target_area_ratio", "target_area_ratio_ci95",
                "other_area_ratios", "collateral", "pixel_change", "became", "distance_to_targetless",
                "control"} <= set(method)  # fmt: skip
        assert {"edited", "untouched", "real_split"} <= set(method["distance_to_targetless"])
        assert {"n_draws", "target_area_ratio", "target_area_ratio_ci95", "collateral"} <= set(
            method["control"]
        )
    assert fields["annotations"]["n_boxes"] == 20
    assert fields["target"] == "window"


def test_same_seed_same_numbers(result):
    gan, judge = painter_gan(), colour_judge()
    again = remove_objects(gan, annotate(gan, colour_segmenter(), SETTINGS, 0), judge, SETTINGS, 0)
    assert dump_json(again.to_json()) == dump_json(result.to_json())


def test_the_generator_is_left_as_it_was():
    gan, judge = painter_gan(), colour_judge()
    gan.generator.train()
    state = {name: tensor.clone() for name, tensor in gan.generator.state_dict().items()}
    random = torch.get_rng_state()
    remove_objects(gan, annotate(gan, colour_segmenter(), SETTINGS, 0), judge, SETTINGS, 0)
    assert all(torch.equal(state[name], tensor) for name, tensor in gan.generator.state_dict().items())
    assert torch.equal(random, torch.get_rng_state())
    assert gan.generator.training
    assert not any(module._forward_hooks for module in gan.generator.modules())


def test_errors_say_what_to_do():
    with pytest.raises(InputError, match="n_fresh 0"):
        RemovalSettings(n_fresh=0)
    with pytest.raises(InputError, match="target ' ': empty"):
        RemovalSettings(target=" ")
    with pytest.raises(InputError, match=r"judge 'me'.*auto, rooms"):
        RemovalSettings(judge="me")
    gan, judge = painter_gan(), colour_judge()
    with pytest.raises(InputError, match=r"target 'windo'.*wall, floor, ceiling, window"):
        annotate(gan, colour_segmenter(), RemovalSettings(target="windo"), 0)
    with pytest.raises(InputError, match="the annotator found none in 150 samples"):
        annotate(gan, colour_segmenter(), RemovalSettings(target="door"), 0)
    settings = RemovalSettings(layer="conv9", n_annotated=40, n_fresh=20)
    with pytest.raises(InputError, match=r"layer 'conv9'.*features"):
        remove_objects(gan, annotate(gan, colour_segmenter(), settings, 0), judge, settings, 0)


def test_painter_and_judge_agree():
    """The stand-ins themselves: blue squares of 16 x 16 px are judged as windows."""
    gan, judge = painter_gan(), colour_judge()
    classes = judge.predict(gan.generate(gan.sample_z(50, 3)))
    areas = (classes == WINDOW).sum(dim=(1, 2))
    assert set(areas.tolist()) == {0, 256}
