"""The analysis on filters that are known, on any discriminator, and its refusals."""

import copy
import threading
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop import Guided, GuidedSettings, guided_backprop
from dcgan_viz.guided_backprop.bank import Pairs
from dcgan_viz.guided_backprop.look import Look
from dcgan_viz.guided_backprop.portrait import _Seen
from dcgan_viz.guided_backprop.real_images import RealImages
from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.models.layers import record
from tests.guided_backprop.networks import Other, Residual
from tests.guided_backprop.planted import (
    BLOCKED,
    CLASSES,
    CONSTANT,
    GREEN,
    RED,
    SIDE,
    SILENT,
    Colours,
    colour_gan,
    shapes,
)
from tests.models.strangers import Judging, Upsampling

SETTINGS = GuidedSettings(filters=(RED, GREEN, SILENT, CONSTANT, BLOCKED), n_top=3, n_measured=12)


@pytest.fixture(scope="module")
def planted():
    return guided_backprop(colour_gan(), shapes(), SETTINGS, seed=0)


def one_by_one(network, image, index, rule="strict"):
    """Largest response of a filter of conv2, where it is, and the guided map there, one image at a time."""
    inputs = (image[None].float() / 127.5 - 1).requires_grad_()
    with Guided(rule), record(network, ["conv2"]) as seen:
        network(inputs)
        maps = seen["conv2"][0, index]
        place = int(maps.argmax())
        (gradient,) = torch.autograd.grad(maps.flatten()[place], inputs)
    return maps.max().item(), divmod(place, maps.shape[1]), gradient[0]


def test_filters_answer_to_what_was_planted(planted):
    found = {one.index: one for one in planted.filters}
    assert found[RED].answers_to == "red"
    assert found[GREEN].answers_to == "green"
    for one, other in (("red", "green"), ("green", "red")):
        chosen = found[CLASSES.index(one) - 1].selectivity
        assert chosen[one].ratio > 5 > 0.5 > chosen[other].ratio
        assert np.isnan(chosen["never"].ratio)


def test_top_images_positions_maps_and_shares_once_more_by_hand(planted):
    network, real = Colours().eval(), shapes()
    assert real.masks is not None
    masks = real.masks.numpy()
    for index in (RED, GREEN):
        looked = [one_by_one(network, image, index) for image in real.images]
        order = sorted(range(len(looked)), key=lambda k: -looked[k][0])
        shown = next(one for one in planted.filters if one.index == index)
        assert [peak.image for peak in shown.top] == order[:3]
        for peak, guided in zip(shown.top, shown.maps, strict=True):
            response, place, gradient = looked[peak.image]
            assert (peak.y, peak.x) == place
            assert peak.response == pytest.approx(response, abs=1e-5)
            assert torch.allclose(guided, gradient, atol=1e-6)
        energy, area = np.zeros(4), np.zeros(4)
        for k in order[:12]:
            power = (looked[k][2] ** 2).sum(dim=0).numpy()
            mask = masks[k]
            for c in range(4):
                energy[c] += power[mask == c].sum() / power.sum()
                area[c] += (mask == c).mean()
        for c, name in enumerate(CLASSES[:3]):
            assert shown.selectivity[name].ratio == pytest.approx(energy[c] / area[c], rel=1e-4)
        assert shown.n_measured == 12


def test_dead_filters_are_reported_and_not_drawn(planted):
    found = {one.index: one for one in planted.filters}
    for index in (SILENT, CONSTANT, BLOCKED):
        assert found[index].dead
        assert found[index].top == ()
        assert found[index].selectivity == {}
        assert found[index].maps.numel() == found[index].control_maps.numel() == 0
    assert not found[RED].dead
    assert planted.dead == (
        SILENT,
        CONSTANT,
    )  # BLOCKED responds, and nothing of it comes through to the image
    assert planted.to_json()["filters"][SILENT]["dead"] is True


def test_receptive_fields_are_where_the_maps_are(planted):
    assert planted.receptive_field == (6, 6)
    for one in planted.filters:
        for peak, box, guided in zip(one.top, one.boxes, one.maps, strict=True):
            x0, y0, x1, y1 = box
            expected = [4 * peak.x - 1, 4 * peak.y - 1, 4 * peak.x + 5, 4 * peak.y + 5]
            assert list(box) == [min(max(edge, 0), SIDE) for edge in expected]
            outside = guided.clone()
            outside[:, y0:y1, x0:x1] = 0
            assert guided.any()
            assert not outside.any()


def test_the_record_has_the_fields_of_the_issue(planted):
    record = planted.to_json()
    assert {"layer", "rule", "n_images", "n_guided", "filters", "similarity_trained_random"} <= set(record)
    assert (record["layer"], record["rule"], record["n_images"]) == ("conv2", "strict", 40)
    assert record["layer_chosen_by"] == "last convolution with more than one map"
    assert record["n_guided"] == 2  # its own activation and the one below
    for one in record["filters"]:
        assert {"index", "top", "selectivity", "dead"} <= set(one)
        assert all({"image", "response", "y", "x"} <= set(peak) for peak in one["top"])
        assert all({"ratio", "ci95"} <= set(entry) for entry in one["selectivity"].values())
    assert [entry["layer"] for entry in record["similarity_trained_random"]] == ["conv1", "conv2"]


def test_the_control_is_another_network_before_the_same_images(planted):
    for one in planted.filters:
        assert [peak.image for peak in one.control] == [peak.image for peak in one.top]
        for guided, beside in zip(one.maps, one.control_maps, strict=True):
            assert not torch.allclose(guided, beside)
    again = guided_backprop(colour_gan(), shapes(), SETTINGS, seed=0)
    other = guided_backprop(colour_gan(), shapes(), SETTINGS, seed=1)
    assert torch.equal(again.filters[0].control_maps, planted.filters[0].control_maps)
    assert torch.equal(again.filters[0].maps, other.filters[0].maps)
    assert not torch.equal(again.filters[0].control_maps, other.filters[0].control_maps)


def test_where_a_filter_does_not_respond_nothing_is_drawn():
    look = Look.at(colour_gan(), shapes(), SETTINGS, seed=0)
    pairs = Pairs(torch.tensor([1, 1]), torch.tensor([RED, RED]), torch.tensor([14, 14]))
    seen = _Seen.by(look.trained, look, pairs, highest=torch.tensor([1.0, -0.1]))
    assert not seen.maps[1].any()
    assert torch.equal(seen.maps[0], look.trained.all_guided(look.convolution, pairs, "strict")[0])
    assert seen.maps[0].any()


def test_without_masks_everything_but_selectivity(planted):
    bare = guided_backprop(colour_gan(), shapes(masks=False), SETTINGS, seed=0)
    for one, other in zip(bare.filters, planted.filters, strict=True):
        assert (one.selectivity, one.n_measured, one.answers_to) == ({}, 0, None)
        assert one.top == other.top
        assert torch.allclose(one.maps, other.maps, atol=1e-6)


def test_fewer_images_than_respond():
    """Red squares in some of the images: only these are shown."""
    real = shapes(10)
    real.images[:8, 0] = 20
    result = guided_backprop(colour_gan(), real, GuidedSettings(filters=(RED,), n_top=4), seed=0)
    assert sorted(peak.image for peak in result.filters[0].top) == [8, 9]


def test_it_leaves_everything_as_it_was():
    gan = colour_gan()
    network = gan.require_discriminator("the test").train()
    before, random = copy.deepcopy(network.state_dict()), torch.get_rng_state()
    with torch.inference_mode():
        guided_backprop(gan, shapes(10), SETTINGS, seed=0)
    assert network.training
    assert all(parameter.requires_grad and parameter.grad is None for parameter in network.parameters())
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
    assert torch.equal(torch.get_rng_state(), random)


def test_two_at_once_do_not_meet():
    gan = Gan(discriminator=Judging().eval(), image_size=32)
    real, settings = noise(gan), {rule: GuidedSettings(rule=rule) for rule in ("strict", "plain")}
    alone = {rule: guided_backprop(gan, real, one, seed=0).filters[0].maps for rule, one in settings.items()}
    found = {}

    def look(rule):
        for _ in range(3):
            found[rule] = guided_backprop(gan, real, settings[rule], seed=0).filters[0].maps

    threads = [threading.Thread(target=look, args=(rule,)) for rule in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not torch.allclose(alone["strict"], alone["plain"], atol=1e-4)
    for rule, maps in alone.items():
        assert torch.allclose(found[rule], maps, atol=1e-6)


class Spectral(Judging):
    def __init__(self) -> None:
        super().__init__()
        parametrizations.spectral_norm(self.conv1)
        nn.utils.spectral_norm(self.conv2)


class OwnStatistics(Judging):
    def __init__(self) -> None:
        super().__init__()
        self.bn2 = nn.BatchNorm2d(8, track_running_stats=False, affine=False)


def noise(gan, n=12):
    shape = (n, gan.channels, gan.image_size, gan.image_size)
    images = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    return RealImages(images, f"{n} of noise")


@pytest.mark.parametrize(
    ("discriminator", "layer", "n_guided"),
    [
        (Judging(), "conv2", 2),
        (Judging(channels=1), "conv2", 2),
        (Judging(torch.sigmoid), "conv1", 1),
        (Spectral(), "conv2", 2),
        (OwnStatistics(), "conv2", 2),
        (Residual(), "down", 3),
        (Residual(), "conv2", 2),
        (nn.Sequential(nn.Conv2d(3, 4, 4, 2, 1), nn.ReLU(True), nn.Conv2d(4, 1, 16)), "0", 1),
    ],
)
def test_any_discriminator(discriminator, layer, n_guided):
    gan = Gan(
        discriminator=discriminator.eval(), image_size=32, channels=getattr(discriminator, "channels", 0)
    )
    discriminator(torch.zeros(2, gan.channels, 32, 32))  # with gradients, as a training step leaves it
    result = guided_backprop(gan, noise(gan), GuidedSettings(layer=layer, n_top=2), seed=0)
    assert (result.layer, result.n_guided, result.chosen_by) == (layer, n_guided, "named")
    living = [one for one in result.filters if not one.dead]
    assert living
    for one in living:
        assert len(one.top) <= 2
        assert one.maps.any()
        assert one.control_maps.isfinite().all()
    (mine,) = [one for one in result.similarity if one.layer == layer]
    assert -1 <= mine.cosine <= 1


def test_images_are_brought_into_the_networks_range():
    """A discriminator of images in [0, 1] that is otherwise the same sees the same, at twice the gradient."""

    class Shifted(nn.Module):
        def __init__(self, inner) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, images):
            return self.inner(images * 2 - 1)

    plain = Gan(discriminator=Judging().eval(), image_size=32)
    shifted = Gan(discriminator=Shifted(plain.discriminator), image_size=32, value_range=(0.0, 1.0))
    one = guided_backprop(plain, noise(plain), GuidedSettings(layer="conv2"), seed=0)
    other = guided_backprop(shifted, noise(plain), GuidedSettings(layer="inner.conv2"), seed=0)
    for mine, theirs in zip(one.filters, other.filters, strict=True):
        assert [(p.image, p.y, p.x) for p in mine.top] == [(p.image, p.y, p.x) for p in theirs.top]
        assert torch.allclose(mine.maps, theirs.maps, atol=1e-5)


def refused(says, gan=None, real=None, **settings):
    with pytest.raises(InputError, match=says):
        guided_backprop(gan or colour_gan(), real or shapes(8), GuidedSettings(**settings), seed=0)


def test_what_is_refused():
    refused(r"layer 'conv9'.*conv1 \(3 filters\), conv2 \(5 filters\), last \(1 filters\)", layer="conv9")
    refused(r"filter 5: conv2 has no such filter; choose from 0 to 4", filters=(0, 5))
    refused(r"filter -1", filters=(-1,))
    refused(r"3 image\(s\), too few to show the 4.*--top", real=shapes(3), n_top=4)
    refused(r"1 image, which no BatchNorm", real=shapes(1), n_top=1)
    with pytest.raises(InputError, match="holds no discriminator, which guided_backprop needs"):
        guided_backprop(Gan(Upsampling().eval(), prior=Prior("normal", 5)), shapes(), SETTINGS, seed=0)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE**2, 1))
    refused("no convolution", gan=Gan(discriminator=linear, image_size=SIDE, channels=3))


@pytest.mark.parametrize(
    ("activation", "says"),
    [(nn.PReLU(), "prelu x 2"), (nn.GELU(), "gelu x 2"), (nn.Identity(), "no activation")],
)
def test_nothing_to_guide_is_refused(activation, says):
    gan = Gan(discriminator=Other(activation).eval(), image_size=16)
    for rule in ("strict", "plain"):
        refused(rf"layer 'conv3': no ReLU or LeakyReLU.*\(but: {says}\)", gan, noise(gan), rule=rule)


@pytest.mark.parametrize("settings", [{"rule": "soft"}, {"filters": ()}, {"n_top": 0}, {"n_measured": 0}])
def test_settings_are_checked(settings):
    with pytest.raises(InputError):
        GuidedSettings(**settings)


def test_activations_written_by_hand_are_refused_or_named():
    class Hand(Other):
        def act(self, x, number):
            x = torch.where(x > 0, x, 0.2 * x) if number else torch.maximum(x, 0.2 * x)
            return x.clamp(min=0)

    gan = Gan(discriminator=Hand(nn.Identity()).eval(), image_size=16)
    refused(r"but: maximum x 1, clamp x 2, where x 1\)", gan, noise(gan))


def test_what_is_no_activation_is_not_named():
    """Of what no gradient passes through, such as weights that are clamped."""

    class Clamping(Other):
        def act(self, x, number):
            return torch.relu(x * torch.ones(1).clamp(max=1.0))

    gan = Gan(discriminator=Clamping(nn.Identity()).eval(), image_size=16)
    assert guided_backprop(gan, noise(gan), GuidedSettings(n_top=2), seed=0).unguided == {}


def test_a_few_images_do_not_say_what_a_filter_answers_to():
    """Red squares in nine of the images, or in ten."""
    answers = {}
    for n in (9, 10):
        real = shapes(24)
        real.images[n:, 0] = 20
        (red,) = guided_backprop(colour_gan(), real, GuidedSettings(filters=(RED,)), seed=0).filters
        answers[red.n_measured] = red.answers_to
    assert answers == {9: None, 10: "red"}


def test_a_torchscript_module_is_refused():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated, and still in people's hands
        scripted = torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 4, 4), nn.ReLU(), nn.Conv2d(4, 1, 4)))
    gan = Gan(discriminator=nn.Sequential(scripted), image_size=16, channels=3)
    refused(r"Sequential: it holds a TorchScript module", gan, noise(gan), n_top=2)


def test_mixed_activations_are_said():
    class Mixed(Other):
        def act(self, x, number):
            return torch.relu(x) if number else self.activation(x)

    gan = Gan(discriminator=Mixed(nn.GELU()).eval(), image_size=16)
    result = guided_backprop(gan, noise(gan), GuidedSettings(n_top=2), seed=0)
    assert (result.n_guided, result.unguided) == (2, {"gelu": 1})  # conv3's own, and the second
