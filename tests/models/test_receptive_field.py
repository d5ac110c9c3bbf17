"""Receptive fields against brute force: change one pixel, or one position, and see what moves."""

import pytest
import torch
from torch import nn

from dcgan_viz.models.layers import edit, record
from dcgan_viz.models.networks import Architecture, Discriminator, Generator
from dcgan_viz.models.receptive_field import receptive_fields
from tests.models.strangers import Residual

SMALL = Architecture(image_size=32, channels=1, width=3, channels_noise=5)


def extent(touched: torch.Tensor) -> tuple[int, int]:
    rows, columns = touched.any(dim=1).nonzero(), touched.any(dim=0).nonzero()
    return int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1


def seen_by_force(network: nn.Module, image: torch.Tensor, name: str) -> tuple[int, int]:
    side = image.shape[-1]
    images = image.repeat(side * side + 1, 1, 1, 1)
    for pixel in range(side * side):
        images[pixel, :, pixel // side, pixel % side] += 1
    with torch.no_grad(), record(network, [name]) as seen:
        network(images)
    maps = seen[name]
    middle = maps[:, :, maps.shape[2] // 2, maps.shape[3] // 2]
    touched = (middle[:-1] != middle[-1]).any(dim=1)
    return extent(touched.reshape(side, side))


def reached_by_force(network: nn.Module, z: torch.Tensor, name: str) -> tuple[int, int]:
    def poke(maps: torch.Tensor) -> torch.Tensor:
        maps[..., maps.shape[2] // 2, maps.shape[3] // 2] += 1
        return maps

    with torch.no_grad():
        plain = network(z)
        with edit(network, {name: poke}):
            poked = network(z)
    return extent((plain != poked).any(dim=1).any(dim=0))


def random_network(network: nn.Module) -> nn.Module:
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(0, 0.5, generator=generator)
        for name, buffer in network.named_buffers():
            if name.endswith("running_var"):
                buffer.fill_(2.0)
    return network.double().eval()


@pytest.mark.parametrize("family", ["conv4", "paper5"])
def test_what_a_discriminator_sees(family):
    architecture = Architecture(family, SMALL.image_size, 1, width=3)
    network = random_network(Discriminator(architecture))
    image = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(0)).double()
    names = ["main.0", "main.2", "main.4", "main.5"]
    found = receptive_fields(network, image, names, "discriminator")
    assert found == {name: seen_by_force(network, image, name) for name in names}


@pytest.mark.parametrize(
    ("network", "names"),
    [
        (Generator(SMALL), ["main.0", "main.2", "main.5", "main.8", "main.10"]),
        (Residual(), ["conv1", "bn2", "conv2:input", "conv3"]),
    ],
)
def test_what_a_generator_reaches(network, names):
    network = random_network(network)
    z = torch.randn(16, 5, generator=torch.Generator().manual_seed(0)).double()
    found = receptive_fields(network, z, names, "generator")
    # Of sixteen z, not all have the ReLU shut that lies on the way of one.
    assert found == {name: reached_by_force(network, z, name) for name in names}


class Brightened(Residual):
    """Adds to its image and returns it from 0 to 1."""

    def forward(self, z):
        return 0.5 + 0.5 * super().forward(z)


def test_what_a_function_adds_is_not_reached():
    network, plain = Brightened().eval(), Residual().eval()
    names = ["conv1", "conv2", "conv3"]
    z = torch.zeros(1, 5)
    assert receptive_fields(network, z, names, "generator") == receptive_fields(plain, z, names, "generator")


@pytest.mark.parametrize(
    "normalised", [nn.utils.spectral_norm, nn.utils.parametrizations.spectral_norm, lambda layer: layer]
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_spectral_normalisation_changes_nothing(normalised, seed):
    torch.manual_seed(seed)
    network = nn.Sequential(
        normalised(nn.Conv2d(1, 4, 4, 2, 1)), nn.ReLU(), normalised(nn.Conv2d(4, 1, 4, 2, 1)), nn.ReLU()
    ).eval()
    found = receptive_fields(network, torch.zeros(1, 1, 16, 16), ["0", "1", "2", "3"], "discriminator")
    assert found == {"0": (4, 4), "1": (4, 4), "2": (10, 10), "3": (10, 10)}


def test_layers_without_maps_have_none_and_the_network_is_left_alone():
    network = Residual().eval()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert receptive_fields(network, torch.zeros(2, 5), ["fc", "conv3"], "generator") == {"conv3": (1, 1)}
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
