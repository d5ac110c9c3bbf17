"""Layers: named as torch names them, edited and put back, cut without changing the picture."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import edit, hidden_layers, layers, resolve_layer, trace
from dcgan_viz.models.networks import Architecture, Generator

Z = Architecture(width=4, channels_noise=5)


@pytest.fixture
def generator():
    return Generator(Z, seed=1).eval()


@pytest.fixture
def z():
    return torch.randn(6, 5, generator=torch.Generator().manual_seed(0))


def test_hidden_layers_are_what_each_convolution_reads(generator, z):
    found = [(layer.name, layer.kind, layer.shape) for layer in hidden_layers(generator, z)]
    assert found == [
        ("main.2", "ReLU", (32, 4, 4)),
        ("main.5", "ReLU", (16, 8, 8)),
        ("main.8", "ReLU", (8, 16, 16)),
        ("main.11", "ReLU", (4, 32, 32)),
    ]


def test_rules_and_names(generator, z):
    penultimate = resolve_layer(generator, z, "penultimate")
    assert (penultimate.name, penultimate.rule) == ("main.11", "penultimate")
    assert resolve_layer(generator, z, "second-highest").name == "main.8"
    named = resolve_layer(generator, z, "main.7")
    assert (named.kind, named.rule) == ("BatchNorm2d", "named")
    with pytest.raises(InputError, match=r"layer 'conv9'.*penultimate.*main\.8 \(8@16x16\)"):
        resolve_layer(generator, z, "conv9")


def test_trace_leaves_training_mode_and_statistics(z):
    generator = Generator(Z, seed=1).train()
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    trace(generator, z)
    assert generator.training
    assert all(module.training for module in generator.modules())
    assert all(torch.equal(before[name], tensor) for name, tensor in generator.state_dict().items())


def test_edit_sees_activations_and_is_gone_afterwards(generator, z):
    plain, seen = generator(z), []

    def zero(x):
        seen.append(x.clone())
        return torch.zeros_like(x)

    with edit(generator, {"main.8": zero}):
        edited = generator(z)
    assert torch.equal(seen[0], generator.main[:9](z[:, :, None, None]))
    assert torch.equal(edited, generator.main[9:](torch.zeros(6, 8, 16, 16)))
    assert torch.equal(generator(z), plain)


def test_edit_is_gone_after_an_error(generator, z):
    plain = generator(z)
    with pytest.raises(ZeroDivisionError), edit(generator, {"main.8": lambda x: x / (1 // 0)}):
        generator(z)
    assert torch.equal(generator(z), plain)


@pytest.mark.parametrize("wrap", [parametrizations.spectral_norm, parametrizations.weight_norm])
def test_what_makes_a_weight_is_no_layer(wrap):
    """Where a convolution's weight is computed from others, the convolution is what runs."""
    network = nn.Sequential(wrap(nn.Conv2d(3, 4, 4, 2, 1)), nn.LeakyReLU(0.2), wrap(nn.Conv2d(4, 1, 4, 2, 1)))
    images = torch.zeros(2, 3, 8, 8)
    found = [(layer.name, layer.kind, layer.shape) for layer in trace(network, images)]
    assert found == [("0", "Conv2d", (4, 4, 4)), ("1", "LeakyReLU", (4, 4, 4)), ("2", "Conv2d", (1, 2, 2))]
    assert [layer.name for layer in hidden_layers(network, images)] == ["1"]
    seen = [
        layer.receptive_field
        for layer in layers(
            Gan(discriminator=nn.Sequential(network, nn.Flatten(), nn.Linear(4, 1)), image_size=8)
        )
    ]
    assert seen[:3] == [(4, 4), (4, 4), (7, 7)]  # of 10, 1 to 10 px: to the edge
