"""Networks are given as many inputs at once as their widest layer allows; those of the paper's sizes 250."""

import pytest
import torch
from torch import nn

from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.models.networks import Architecture, Discriminator, Generator
from dcgan_viz.models.trunk import Trunk

SIZES = [("conv4", 32), ("conv4", 64), ("conv4", 128), ("paper5", 64), ("paper5", 32), ("paper5", 128)]


@pytest.mark.parametrize(("family", "size"), SIZES)
def test_networks_of_usual_sizes_take_250(family: str, size: int) -> None:
    architecture = Architecture(family=family, image_size=size)  # type: ignore[arg-type]
    gan = Gan(Generator(architecture).eval(), Discriminator(architecture).eval(), Prior("uniform", 100))
    assert (gan.generator_batch, gan.discriminator_batch) == (250, 250)


class Wide(nn.Module):
    """Draws 8 px by way of a layer of 2,000 maps, or judges them."""

    def __init__(self, is_generator: bool, maps: int = 2000) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.linear = nn.Linear(4, 64) if is_generator else nn.Linear(3 * 64, 1)
        self.spread = nn.Conv2d(1 if is_generator else 3, maps, 1)
        self.join = nn.Conv2d(maps, 3, 1)
        self.is_generator = is_generator

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.batches.append(len(x))
        x = self.linear(x).view(-1, 1, 8, 8) if self.is_generator else x
        x = self.join(torch.relu(self.spread(x)))
        return torch.tanh(x) if self.is_generator else self.linear(x.flatten(1))


def test_a_wide_network_is_given_fewer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dcgan_viz.models.widest.MOST_NUMBERS", 20 * 2000 * 64)
    torch.manual_seed(0)
    generator, discriminator = Wide(True).eval(), Wide(False).eval()
    gan = Gan(generator, discriminator, Prior("uniform", 4))
    assert (gan.generator_batch, gan.discriminator_batch) == (20, 20)
    z = gan.sample_z(50, seed=0)
    generator.batches.clear()
    discriminator.batches.clear()
    images = gan.generate(z)
    logits = gan.discriminate(images)
    assert generator.batches == discriminator.batches == [17, 17, 16]
    with torch.no_grad():
        torch.testing.assert_close(images, generator(z))
        torch.testing.assert_close(logits, discriminator(images)[:, 0])
    trunk = Trunk(gan, "spread", z)
    generator.batches.clear()
    trunk.activations(z)
    assert max(generator.batches) == 17
    generator.batches.clear()
    gan.generate(z, batch_size=50)
    assert generator.batches == [50]
