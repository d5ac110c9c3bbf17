"""A generator cut at a layer draws what the whole one draws."""

import pytest
import torch

from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.models.layers import edit
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


def test_trunk_of_a_concatenation_is_not_cut(z):
    network = Concatenating().eval()
    trunk = Trunk(gan_of(network), "main.1", z)
    assert not trunk.is_cut
    with edit(network, {"main.1": lambda x: 0.5 * x}):
        halved = network(z)
    assert torch.allclose(trunk.images(0.5 * trunk.activations(z), z), halved, atol=1e-6)
