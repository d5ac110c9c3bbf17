"""A generator cut at a layer draws what the whole one draws."""

import pytest
import torch
from torch import nn

from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.models.layers import edit, hidden_layers
from dcgan_viz.models.networks import Architecture, Generator
from dcgan_viz.models.trunk import Trunk
from tests.models.strangers import Concatenating, Residual


@pytest.fixture
def z():
    return torch.randn(6, 5, generator=torch.Generator().manual_seed(0))


def gan_of(network):
    return Gan(network.eval(), prior=Prior("normal", 5))


@pytest.mark.parametrize("layer", ["main.2", "main.4", "main.8", "main.11"])
def test_trunk_cuts_a_chain_for_real(z, layer):
    generator = Generator(Architecture(width=4, channels_noise=5), seed=1).eval()
    trunk = Trunk(gan_of(generator), layer, z)
    assert trunk.is_cut
    activations = trunk.activations(z)
    kept = activations.clone()
    assert torch.allclose(trunk.images(activations, z), generator(z), atol=1e-6)
    assert torch.equal(activations, kept)


@pytest.mark.parametrize("layer", ["conv1", "bn1", "conv2"])
def test_trunk_of_any_other_module_gives_the_same_pictures(z, layer):
    network = Residual().eval()
    trunk = Trunk(gan_of(network), layer, z)
    assert not trunk.is_cut
    activations = trunk.activations(z)
    assert torch.allclose(trunk.images(activations, z), network(z), atol=1e-6)
    with edit(network, {layer: lambda x: 0.5 * x}):
        halved = network(z)
    assert torch.allclose(trunk.images(0.5 * activations, z), halved, atol=1e-6)


class Sized(nn.Module):
    """Says how large a map is to be, which a chain of its modules would not know."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 4 * 4 * 4)
        self.first = nn.Conv2d(4, 4, 3, 1, 1)
        self.second, self.act = nn.ConvTranspose2d(4, 2, 3, 2, 1), nn.ReLU()
        self.flat, self.last = nn.Flatten(), nn.Linear(2 * 8 * 8, 64)
        self.shape = nn.Unflatten(1, (1, 8, 8))

    def forward(self, z):
        x = self.act(self.second(self.first(self.fc(z).view(-1, 4, 4, 4)), [8, 8]))
        return self.shape(self.last(self.flat(x)).tanh())


def test_trunk_of_modules_that_take_more_than_a_tensor(z):
    gan = gan_of(Sized())
    trunk = Trunk(gan, "first", z)
    torch.testing.assert_close(trunk.images(trunk.activations(z), z), gan.generate(z))
    assert [layer.name for layer in hidden_layers(gan.require_generator(""), z)] == [
        "first:input",
        "first",
        "act",
    ]


def test_no_z_is_a_batch_alone(z):
    network = nn.Sequential(nn.Linear(5, 12), nn.BatchNorm1d(12, track_running_stats=False))
    network.extend([nn.Unflatten(1, (3, 2, 2)), nn.Tanh()])
    trunk = Trunk(gan_of(network), "2", z)
    assert trunk.activations(z, batch_size=5).shape == (6, 3, 2, 2)


def test_trunk_of_a_concatenation_is_not_cut(z):
    network = Concatenating().eval()
    trunk = Trunk(gan_of(network), "main.1", z)
    assert not trunk.is_cut
    with edit(network, {"main.1": lambda x: 0.5 * x}):
        halved = network(z)
    assert torch.allclose(trunk.images(0.5 * trunk.activations(z), z), halved, atol=1e-6)
