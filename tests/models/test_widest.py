"""Networks are given as many inputs at once as their widest layer allows; those of the paper's sizes 250."""

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.models.loading import load
from dcgan_viz.models.networks import Architecture, Discriminator, Generator
from dcgan_viz.models.trunk import Trunk
from dcgan_viz.models.widest import FEW_NUMBERS

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
    for limit in ("MOST_NUMBERS", "FEW_NUMBERS"):
        monkeypatch.setattr(f"dcgan_viz.models.widest.{limit}", 20 * 2000 * 64)
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


def state_dict(last_maps: int) -> dict[str, torch.Tensor]:
    """Of a generator of 1024 px in nine small layers, the last but one of so many maps."""
    maps = [2, 4, 4, 4, 4, 4, 4, 4, last_maps, 3]
    layers: list[nn.Module] = []
    for k, (n_in, n_out) in enumerate(pairwise(maps)):
        layers.append(nn.ConvTranspose2d(n_in, n_out, 4, 1 if k == 0 else 2, 0 if k == 0 else 1, bias=False))
        layers += [nn.BatchNorm2d(n_out), nn.ReLU()] if k < len(maps) - 2 else [nn.Tanh()]
    return {f"main.{name}": tensor for name, tensor in nn.Sequential(*layers).state_dict().items()}


def test_a_small_file_of_wide_layers_is_opened_with_few_inputs(tmp_path: Path) -> None:
    """A file of 40 kB may not ask for gigabytes: neither its statistics nor its form are tried on many z."""
    torch.save(state_dict(12), tmp_path / "wide.pth")
    largest = 0

    def look(_: nn.Module, inputs: tuple[object, ...]) -> None:
        nonlocal largest
        if isinstance(inputs[0], torch.Tensor):
            largest = max(largest, inputs[0].numel())

    handle = register_module_forward_pre_hook(look)
    try:
        gan = load(tmp_path / "wide.pth", arch=f"g=4/1/0{',4/2/1' * 8}")
    finally:
        handle.remove()
    assert gan.image_size == 1024
    assert gan.generator_batch == FEW_NUMBERS // (12 * 512**2)
    assert 12 * 512**2 <= largest <= FEW_NUMBERS


def test_a_file_of_still_wider_layers_is_refused(tmp_path: Path) -> None:
    torch.save(state_dict(80), tmp_path / "wide.pth")
    with pytest.raises(InputError, match=r"wide\.pth: a layer of 20,971,520 numbers an image, more than"):
        load(tmp_path / "wide.pth", arch=f"g=4/1/0{',4/2/1' * 8}")
