"""Convolutions, where their responses are to be had, and which filters are dead."""

import pytest
import torch
from captum.attr import LayerActivation
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop.bank import FilterBank
from dcgan_viz.guided_backprop.filters import (
    Convolution,
    Responses,
    choose_convolution,
    choose_filters,
    convolutions,
)
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.networks import Architecture, Discriminator
from tests.guided_backprop.networks import Residual
from tests.models.strangers import Judging

NOISE = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1


def described(network, example=NOISE):
    return [(one.name, one.response, one.shape, one.is_rectified) for one in convolutions(network, example)]


def test_responses_are_read_behind_the_convolutions_own_batchnorm():
    discriminator = Discriminator(Architecture(image_size=32, width=4))
    assert described(discriminator) == [
        ("main.0", "main.0", (4, 16, 16), True),
        ("main.2", "main.3", (8, 8, 8), True),
        ("main.5", "main.6", (16, 4, 4), True),
        ("main.8", "main.8", (1, 1, 1), False),  # the logit
    ]


def test_functional_and_residual_networks():
    assert described(Judging()) == [
        ("conv1", "conv1", (4, 16, 16), True),
        ("conv2", "bn2", (8, 8, 8), True),
        ("last", "last", (1, 1, 1), False),
    ]
    assert described(Residual()) == [
        ("stem", "stem", (6, 32, 32), True),
        ("conv1", "conv1", (6, 32, 32), True),
        ("conv2", "conv2", (6, 32, 32), False),  # it is added to something first
        ("down", "down", (8, 16, 16), True),
    ]


def test_a_convolution_that_runs_twice_has_two_names():
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 3, 3, 2, 1), nn.Linear(3 * 64, 1)

        def forward(self, images):
            return self.head(torch.relu(self.conv(torch.relu(self.conv(images)))).flatten(1))

    network = Twice().eval()
    assert [name for name, *_ in described(network)] == ["conv", "conv#2"]
    bank = FilterBank.of(network, Gan(discriminator=network, image_size=32), torch.zeros(2, 3, 32, 32).byte())
    assert bank.check(convolutions(network, NOISE)[0], "strict")[0] == 1
    assert bank.check(convolutions(network, NOISE)[1], "strict")[0] == 2


def test_the_default_is_the_last_with_more_than_one_map():
    found = convolutions(Judging(), NOISE)
    assert choose_convolution(found, None).name == "conv2"
    assert choose_convolution(found, "last").name == "last"
    assert choose_convolution(found[2:], None).name == "last"
    assert choose_filters(found[0], None) == (0, 1, 2, 3)
    assert choose_filters(found[1], None) == (0, 1, 2, 3, 4, 5)
    assert choose_filters(found[1], (7, 2, 7)) == (7, 2)


def test_unknown_ones_are_refused_with_the_known():
    found = convolutions(Judging(), NOISE)
    with pytest.raises(InputError, match=r"layer 'bn2'.*conv1 \(4 filters\), conv2 \(8 filters\), last"):
        choose_convolution(found, "bn2")
    with pytest.raises(InputError, match=r"filter 8: conv2.*0 to 7"):
        choose_filters(found[1], (0, 8))
    with pytest.raises(InputError, match="no convolution"):
        choose_convolution([], None)


def test_responses_are_captums_layer_activations():
    network = Judging().eval()
    images = torch.randint(0, 256, (5, 3, 32, 32), generator=torch.Generator().manual_seed(0)).byte()
    bank = FilterBank.of(network, Gan(discriminator=network, image_size=32), images)
    found = convolutions(network, NOISE)
    responses = bank.responses(found)
    for one in found:
        layer = network.get_submodule(one.response)
        maps = LayerActivation(network, layer).attribute(images.float() / 127.5 - 1).flatten(2)
        ours = responses[one.name]
        assert torch.allclose(ours.highest, maps.amax(dim=2), atol=1e-5)
        assert torch.allclose(ours.lowest, maps.amin(dim=2), atol=1e-5)
        assert torch.equal(ours.position, maps.argmax(dim=2))


def test_dead_is_silent_or_always_the_same():
    maps = torch.randn(6, 5, 4, 4, generator=torch.Generator().manual_seed(0))
    maps[:, 1] = -maps[:, 1].abs() - 0.1  # never above 0
    maps[:, 2] = 3.0 + 1e-7 * maps[:, 2]  # the same everywhere, save for rounding
    maps[:, 3] = -1.0
    maps[0, 3, 2, 1] = 0.5  # once
    responses = Responses.of(maps)
    rectified = Convolution("c", "c", (5, 4, 4), True)
    assert responses.dead(rectified).tolist() == [False, True, True, False, False]
    assert responses.position[0, 3] == 2 * 4 + 1
    unrectified = Convolution("c", "c", (5, 4, 4), False)  # whose sign says nothing
    assert responses.dead(unrectified).tolist() == [False, False, True, False, False]
    assert Responses.joined([responses, responses]).highest.shape == (12, 5)
