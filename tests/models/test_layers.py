"""Layers: named as torch names them, edited and put back, cut without changing the picture."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dcgan_viz.errors import InputError
from dcgan_viz.models.layers import Trunk, edit, hidden_layers, resolve_layer, trace
from dcgan_viz.models.networks import Architecture, Generator

Z = Architecture(width=4, channels_noise=5)


@pytest.fixture
def generator():
    return Generator(Z, seed=1).eval()


@pytest.fixture
def z():
    return torch.randn(6, 5, generator=torch.Generator().manual_seed(0))


class Residual(nn.Module):
    """Upsampling, functional activations and a skip: no chain of modules."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 8 * 16 * 16)
        self.conv1, self.conv2, self.conv3 = (
            nn.Conv2d(8, 8, 3, 1, 1),
            nn.Conv2d(8, 8, 3, 1, 1),
            nn.Conv2d(8, 3, 3, 1, 1),
        )
        self.bn1, self.bn2 = nn.BatchNorm2d(8), nn.BatchNorm2d(8)

    def forward(self, z):
        x = self.fc(z).view(-1, 8, 16, 16)
        x = F.relu(self.bn1(self.conv1(F.interpolate(x, scale_factor=2.0))))
        x = x + F.relu(self.bn2(self.conv2(x)))
        return torch.tanh(self.conv3(F.interpolate(x, scale_factor=2.0)))


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


@pytest.mark.parametrize("layer", ["main.2", "main.4", "main.8", "main.11"])
def test_trunk_cuts_a_chain_for_real(generator, z, layer):
    trunk = Trunk(generator, layer, z)
    assert trunk.is_cut
    activations = trunk.activations(z)
    kept = activations.clone()
    assert torch.allclose(trunk.images(activations, z), generator(z), atol=1e-6)
    assert torch.equal(activations, kept)


@pytest.mark.parametrize("layer", ["conv1", "bn1", "conv2"])
def test_trunk_of_any_other_module_gives_the_same_pictures(z, layer):
    network = Residual().eval()
    trunk = Trunk(network, layer, z)
    assert not trunk.is_cut
    activations = trunk.activations(z)
    assert torch.allclose(trunk.images(activations, z), network(z), atol=1e-6)
    with edit(network, {layer: lambda x: 0.5 * x}):
        halved = network(z)
    assert torch.allclose(trunk.images(0.5 * activations, z), halved, atol=1e-6)


class Concatenating(nn.Module):
    """A chain whose result is joined with what it began with: it must not be cut."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 8 * 16 * 16)
        self.main = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1), nn.ReLU(), nn.Conv2d(8, 8, 3, 1, 1), nn.ReLU())
        self.last = nn.Conv2d(16, 3, 3, 1, 1)

    def forward(self, z):
        x = self.fc(z).view(-1, 8, 16, 16)
        return torch.tanh(self.last(torch.cat([self.main(x), x], dim=1)))


def test_trunk_of_a_concatenation_is_not_cut(z):
    network = Concatenating().eval()
    trunk = Trunk(network, "main.1", z)
    assert not trunk.is_cut
    with edit(network, {"main.1": lambda x: 0.5 * x}):
        halved = network(z)
    assert torch.allclose(trunk.images(0.5 * trunk.activations(z), z), halved, atol=1e-6)
