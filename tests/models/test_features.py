"""A discriminator's features against the same numbers taken by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dcgan_viz.errors import InputError
from dcgan_viz.models.features import discriminator_features, feature_layers
from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.models.networks import Architecture, Discriminator, Generator
from tests.models.strangers import Judging


def images(n=5, channels=3, size=32):
    return torch.rand(n, channels, size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1


def blocks(maps):
    """The largest value of each of 4 x 4 equal blocks, by NumPy: (N, K, H, W) to (N, K * 16)."""
    n, k, height, width = maps.shape
    cut = np.asarray(maps).reshape(n, k, 4, height // 4, 4, width // 4)
    return cut.max(axis=(3, 5)).reshape(n, -1)


def test_a_chain_gives_every_hidden_layer_after_its_activation(tiny_gan):
    pictures = images()
    found, seen, x = [], [], pictures
    for module in list(tiny_gan.discriminator.eval().main)[:-1]:
        x = module(x).detach().clone()
        seen.append((type(module).__name__, x))
    for kind, activations in seen:
        if kind == "LeakyReLU":
            found.append(blocks(activations))
    features = discriminator_features(tiny_gan, pictures)
    assert features.dtype == torch.float32
    np.testing.assert_allclose(features.numpy(), np.concatenate(found, axis=1), atol=1e-6)
    assert [layer.shape[0] * 16 for layer in feature_layers(tiny_gan)] == [part.shape[1] for part in found]


@pytest.mark.parametrize("channels", [1, 3])
def test_functional_activations_are_taken_at_their_reader(channels):
    network = Judging(channels=channels).eval()
    gan = Gan(discriminator=network)
    pictures = images(channels=channels)
    with torch.no_grad():
        one = F.leaky_relu(network.conv1(pictures), 0.2)  # (N, 4, 16, 16)
        two = F.leaky_relu(network.bn2(network.conv2(one)), 0.2)  # (N, 8, 8, 8)
    expected = np.concatenate([blocks(one), blocks(two)], axis=1)
    np.testing.assert_allclose(discriminator_features(gan, pictures).numpy(), expected, atol=1e-6)


def test_the_papers_numbers_of_features():
    """28,672 for CIFAR-10 and 7,168 for SVHN are 16 cells of 1,792 and 448 maps (sections 5.1 and 5.2)."""
    chain = nn.Sequential(
        nn.Conv2d(3, 64, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(64, 128, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(128, 256, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(256, 1, 4),
    )  # fmt: skip
    assert discriminator_features(Gan(discriminator=chain.eval()), images(2)).shape == (2, 7168)


def test_maps_smaller_than_the_grid_stay_as_they_are():
    chain = nn.Sequential(nn.Conv2d(1, 2, 12, 12, 4), nn.ReLU(), nn.Conv2d(2, 1, 3)).eval()
    pictures = images(3, 1, 28)
    with torch.no_grad():
        expected = chain[:2](pictures).flatten(1)
    assert expected.shape == (3, 2 * 3 * 3)
    assert torch.equal(discriminator_features(Gan(discriminator=chain), pictures), expected)


def test_the_split_into_batches_does_not_show(tiny_gan):
    pictures = images(7)
    whole = discriminator_features(tiny_gan, pictures)
    assert torch.allclose(discriminator_features(tiny_gan, pictures, batch_size=2), whole, atol=1e-6)
    alone = torch.cat([discriminator_features(tiny_gan, one[None]) for one in pictures])
    assert torch.allclose(alone, whole, atol=1e-6)


def test_the_networks_own_range_of_values_is_respected():
    architecture = Architecture(image_size=32, width=4)
    networks = Generator(architecture, seed=0).eval(), Discriminator(architecture, seed=1).eval()
    unit, positive = (Gan(*networks, Prior("uniform", 100), value_range=r) for r in (None, (-3.0, 3.0)))
    pictures = images()
    assert torch.allclose(
        discriminator_features(positive, pictures / 3), discriminator_features(unit, pictures), atol=1e-5
    )


def test_it_leaves_the_network_as_it_was(tiny_gan):
    network = tiny_gan.discriminator.train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    discriminator_features(tiny_gan, images())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(module.training for module in network.modules())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_a_single_image_has_no_statistics_of_a_batch():
    network = Judging()
    network.bn2 = nn.BatchNorm2d(8, track_running_stats=False)
    gan = Gan(discriminator=network.eval())
    assert len(discriminator_features(gan, images(2))) == 2
    with pytest.raises(InputError, match=r"1 image: BatchNorm .*--calibrate-on"):
        discriminator_features(gan, images(1))


def test_networks_without_such_features_are_refused(tiny_gan):
    with pytest.raises(InputError, match="no discriminator"):
        discriminator_features(Gan(tiny_gan.generator, prior=tiny_gan.prior), images())
    flat = Gan(discriminator=nn.Sequential(nn.Flatten(), nn.Linear(192, 1)), image_size=8, channels=3)
    assert feature_layers(flat) == []
    with pytest.raises(InputError, match="none of its hidden layers"):
        discriminator_features(flat, images(size=8))
