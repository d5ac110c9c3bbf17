"""GANs of other kinds than rooms: what is removed and what is said of it, against pictures painted again."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.figures import RemovalImages, RemovalView, removal_figure
from dcgan_viz.figures.spec import BarPanel, DotPanel, LinePanel
from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.output import dump_json, strict_json
from dcgan_viz.remove_objects import RemovalSettings, judge_for, remove_objects
from dcgan_viz.remove_objects.analysis import split_z
from dcgan_viz.remove_objects.edits import Drop
from tests.remove_objects.planted import (
    N_MAPS,
    TARGET,
    Planted,
    painted,
    planted_gan,
    seeds,
    true_area,
    true_boxes,
)

SETTINGS = RemovalSettings(
    target="stamp", n_annotated=60, n_fresh=80, n_draws=4, n_control=60, n_sweep=30, n_sweep_draws=2
)
KINDS = [(32, 3), (28, 1), (64, 3)]


def removed(gan, settings=SETTINGS, seed=0):
    z, fresh = split_z(gan, settings, seed)
    boxes = true_boxes(z, gan.image_size)
    judge = judge_for(gan, boxes, settings, seed)
    return remove_objects(gan, boxes, judge, settings, seed, boxes_source="test"), z, fresh


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: f"{kind[0]} px, {kind[1]} channels")
def judged(request):
    return *removed(planted_gan(*request.param)), request.param


@pytest.fixture(scope="module")
def unjudged():
    return *removed(planted_gan(28, 1, discriminator=False)), (28, 1)


def json_of(result) -> Any:
    return strict_json(result.to_json())


def by_name(result, name):
    return next(method for method in result.methods if method.name == name)


@pytest.mark.parametrize("kind", KINDS)
def test_the_paintings_are_those_of_the_network(kind):
    gan = planted_gan(*kind)
    z = gan.sample_z(20, 3)
    np.testing.assert_allclose(gan.generate(z).numpy(), painted(z, *kind), atol=1e-6)
    mask = true_boxes(z, kind[0]).masks(kind[0], kind[0]).sum(axis=(1, 2))
    assert sorted(true_area(painted(z, *kind)))[-len(mask) :] == sorted(mask)


def test_layers_are_what_the_convolutions_read(judged):
    result, *_, (size, _) = judged
    assert [(point.layer.name, point.layer.shape[1]) for point in result.layers[::2]] == [
        ("spread:input", size // 2), ("paint:input", size // 2), ("colour:input", size),
    ]  # fmt: skip
    assert by_name(result, "drop").layer.name == "colour:input"
    assert by_name(result, "local").layer.name == "paint:input"


def test_drop_paints_the_picture_without_the_maps_that_it_dropped(judged):
    result, _, fresh, (size, channels) = judged
    dropped = Drop.of(by_name(result, "drop").probe).maps.tolist()
    assert N_MAPS + TARGET in dropped
    painted_maps = tuple(k - N_MAPS for k in dropped if k >= N_MAPS)
    expected = painted(fresh, size, channels, painted_maps)
    np.testing.assert_allclose(result.edited["drop"].numpy(), expected, atol=1e-5)


def test_local_takes_the_target_away_and_its_control_does_not(judged):
    result, *_ = judged
    before, after = true_area(result.untouched.numpy()), true_area(result.edited["local"].numpy())
    assert before.sum() > 1000
    assert after.sum() <= 0.02 * before.sum()


def test_the_makeshift_judge_agrees_with_the_truth(judged):
    result, *_ = judged
    method = by_name(result, "local")
    assert result.judge["name"] == "discriminator features"
    assert result.judge["auc_heldout"] > 0.95
    assert method.effect.target_area_ratio < 0.15
    assert 0.8 < method.control.target_area_ratio < 1.2
    low, high = method.control.target_area_ratio_ci95
    assert low <= method.control.target_area_ratio <= high
    shown = true_area(result.untouched.numpy()) > 0
    assert abs(result.target_share - shown.mean()) < 0.1
    assert all(true_area(result.untouched[result.shown].numpy()) > 0)


def test_what_only_a_rooms_judge_can_say_is_left_out(judged):
    fields = json_of(judged[0])
    for method in fields["methods"]:
        assert method["other_area_ratios"] == {}
        assert method["became"] == {}
        assert method["collateral"] is None
        assert method["distance_to_targetless"]["edited"] is None
        assert method["target_area_ratio"] is not None


def test_judge_and_probe_have_no_box_in_common(judged):
    result, _, _, kind = judged
    boxed = result.boxes.images
    assert result.judge["n_fitted"] + result.judge["n_heldout"] == len(boxed)
    judge = judge_for(planted_gan(*kind), result.boxes, SETTINGS, 0)
    assert set(judge.fitted_on) == set(boxed[1::2])
    layer = by_name(result, "local").layer
    cover = result.boxes.masks(*layer.shape[1:])[::2]
    assert by_name(result, "local").probe.n_positive == (cover >= 0.5).sum()


def test_change_inside_and_outside_is_that_of_the_paintings(unjudged):
    """Every fold's probe drops the target's maps and no other here, so the truth needs no probe."""
    result, z, _, (size, channels) = unjudged
    boxed = z[list(result.boxes.images)]
    inside: list[float] = []
    outside: list[float] = []
    before = painted(boxed, size, channels)
    after = painted(boxed, size, channels, (TARGET,))
    for n, (box,) in enumerate(result.boxes.by_image.values()):
        for y in range(size):
            for x in range(size):
                within = box.y0 <= y < box.y1 and box.x0 <= x < box.x1
                (inside if within else outside).append(abs(before[n, 0, y, x] - after[n, 0, y, x]))
    focus = by_name(result, "drop").focus
    assert focus.n_images == len(boxed)
    assert focus.change.change_inside == pytest.approx(np.mean(inside), rel=1e-5)
    assert focus.change.change_outside == pytest.approx(np.mean(outside), rel=1e-4)
    assert focus.change.ratio == pytest.approx(np.mean(inside) / np.mean(outside), rel=1e-4)
    low, high = focus.change.ratio_ci95
    assert low < focus.change.ratio < high
    assert focus.change.ratio > 100


def test_focus_is_the_methods_not_the_controls(judged):
    for method in judged[0].methods:
        assert method.focus.change.ratio > 4 * method.focus.control.ratio, method.name


def test_without_a_judge_no_area_is_a_number(unjudged):
    result, *_ = unjudged
    fields = json_of(result)
    assert fields["judge"] == {"name": "none", "reason": "the GAN has no discriminator"}
    assert fields["target_share"] is None
    assert fields["dose"] == []
    for entry in (*fields["methods"], *fields["layers"]):
        assert entry["target_area_ratio"] is None
        assert entry["focus"]["change_inside"] > 0
    mask = seeds(split_z(planted_gan(28, 1), SETTINGS, 0)[1], 7)[:, TARGET].amax(dim=(1, 2))
    assert torch.equal(result.shown, mask.nonzero()[:, 0])


def figure_of(result):
    view = RemovalView.from_json(json_of(result))
    rows = result.shown[:8]
    edited = {name: images[rows].numpy() for name, images in result.edited.items()}
    return removal_figure(view, RemovalImages(result.untouched[rows].numpy(), edited))


def numbers_of(panel):
    """All that a panel shows, by facet or bar or curve."""
    if isinstance(panel, DotPanel):
        return [[one.values for one in facet.series] for facet in panel.facets]
    if isinstance(panel, LinePanel):
        return [curve.y for curve in panel.curves]
    if isinstance(panel, BarPanel):
        return [[bar.value for bar in panel.bars]]
    return [[1]]


def has_number(values):
    return any(has_number(one) if isinstance(one, tuple | list) else one is not None for one in values)


def titles(figure):
    return [placed.panel.title for placed in figure.panels if placed.panel.title]


def test_figure_of_a_makeshift_judge(judged):
    figure = figure_of(judged[0])
    assert all(has_number(part) for placed in figure.panels for part in numbers_of(placed.panel))
    assert titles(figure) == [
        "Removed, or only damaged?", "The edit against its control: stamp area left",
        "Where the picture changes", "Dose: maps dropped in colour:input", "The same edits at every layer",
    ]  # fmt: skip
    assert "makeshift judge" in figure.caption


def test_figure_without_a_judge(unjudged):
    figure = figure_of(unjudged[0])
    assert all(has_number(part) for placed in figure.panels for part in numbers_of(placed.panel))
    assert titles(figure) == [
        "Removed, or only damaged?", "Where the picture changes", "The same edits at every layer",
    ]  # fmt: skip
    assert "Nobody measured areas: the GAN has no discriminator" in figure.caption
    assert "area" not in figure.subtitle


def test_a_discriminator_without_running_statistics_judges_each_picture_alone():
    gan = planted_gan(32, 3, running=False)
    assert gan.batchnorm["discriminator"].mode == "batch"
    z, fresh = split_z(gan, SETTINGS, 0)
    judge = judge_for(gan, true_boxes(z, 32), SETTINGS, 0)
    images = gan.generate(fresh)
    together = judge.predict(images)
    alone = torch.cat([judge.predict(images[k : k + 1]) for k in range(10)])
    assert torch.equal(together[:10], alone)
    assert (together == 0).any()


@pytest.mark.parametrize(
    ("wanted", "boxes", "reason"),
    [("none", 40, "no judge was asked for"), ("auto", 9, "boxes in 9 images, and at least 10")],
)
def test_why_there_is_no_judge(wanted, boxes, reason):
    gan = planted_gan(32, 3)
    settings = replace(SETTINGS, judge=wanted)
    found = true_boxes(split_z(gan, settings, 0)[0], 32)
    few = replace(found, by_image=dict(list(found.by_image.items())[:boxes]))
    assert reason in str(judge_for(gan, few, settings, 0).to_json()["reason"])


def test_a_judge_that_cannot_tell_the_boxes_apart_measures_nothing():
    gan = planted_gan(32, 3)
    z, _ = split_z(gan, SETTINGS, 0)
    there = true_boxes(z, 32)
    turned = list(there.by_image.values())[5:] + list(there.by_image.values())[:5]
    elsewhere = replace(there, by_image=dict(zip(there.images, turned, strict=True)))
    found: Any = judge_for(gan, elsewhere, SETTINGS, 0).to_json()
    assert found["name"] == "none"
    assert "held-out AUC of" in found["reason"]
    assert found["tried"]["auc_heldout"] < 0.8


def test_same_seed_same_numbers(judged):
    result, *_, kind = judged
    assert dump_json(removed(planted_gan(*kind))[0].to_json()) == dump_json(result.to_json())


class Noisy(Planted):
    """Adds noise of its own."""

    def forward(self, z):
        return (super().forward(z) + 0.2 * torch.randn(len(z), 3, 32, 32)).clamp(-1, 1)


def test_generators_whose_pictures_cannot_be_compared_are_refused():
    boxes = true_boxes(planted_gan(32, 3).sample_z(60, 0), 32)
    noisy = Gan(Noisy(32, 3), prior=Prior("uniform", 5))
    with pytest.raises(InputError, match="noise of its own"):
        judge_for(noisy, boxes, SETTINGS, 0)
    alone = Gan(discriminator=planted_gan(32, 3).discriminator)
    with pytest.raises(InputError, match="holds no generator, which remove_objects needs"):
        judge_for(alone, boxes, SETTINGS, 0)


class Flat(nn.Module):
    """No convolution at all."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 28 * 28)

    def forward(self, z):
        return torch.tanh(self.linear(z)).view(-1, 1, 28, 28)


class Short(nn.Module):
    """One hidden layer of maps, so that there is no second-highest."""

    def __init__(self):
        super().__init__()
        self.linear, self.last = nn.Linear(5, 4 * 14 * 14), nn.ConvTranspose2d(4, 1, 4, 2, 1)

    def forward(self, z):
        return torch.tanh(self.last(torch.relu(self.linear(z)).view(-1, 4, 14, 14)))


def test_generators_with_few_layers_or_none():
    settings = replace(SETTINGS, judge="none", n_draws=1, n_sweep_draws=1, n_fresh=10)
    torch.manual_seed(0)
    flat, short = (Gan(network, prior=Prior("uniform", 5)) for network in (Flat(), Short()))
    boxes = true_boxes(flat.sample_z(60, 0), 28)
    with pytest.raises(InputError, match="no convolution of its generator reads maps"):
        remove_objects(flat, boxes, judge_for(flat, boxes, settings, 0), settings, 0)
    found = remove_objects(short, boxes, judge_for(short, boxes, settings, 0), settings, 0)
    assert {method.layer.name for method in found.methods} == {"last:input"}
    assert [point.method for point in found.layers] == ["drop", "local"]
