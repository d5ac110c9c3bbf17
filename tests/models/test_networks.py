import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dcgan_viz.errors import InputError
from dcgan_viz.models.networks import Architecture, Discriminator, Family, Generator, initialise

# What netG.pth and netD.pth of pytorch/examples' dcgan/main.py hold, with nz 100, ngf 64, ndf 64, nc 3.
EXAMPLE_GENERATOR = {
    "main.0.weight": (100, 512, 4, 4),
    "main.1": 512,
    "main.3.weight": (512, 256, 4, 4),
    "main.4": 256,
    "main.6.weight": (256, 128, 4, 4),
    "main.7": 128,
    "main.9.weight": (128, 64, 4, 4),
    "main.10": 64,
    "main.12.weight": (64, 3, 4, 4),
}
EXAMPLE_DISCRIMINATOR = {
    "main.0.weight": (64, 3, 4, 4),
    "main.2.weight": (128, 64, 4, 4),
    "main.3": 128,
    "main.5.weight": (256, 128, 4, 4),
    "main.6": 256,
    "main.8.weight": (512, 256, 4, 4),
    "main.9": 512,
    "main.11.weight": (1, 512, 4, 4),
}

FAMILIES: tuple[Family, ...] = ("conv4", "paper5")
EVERY = [
    Architecture(family, size, channels, channels_noise=7, width=2)
    for family, size, channels in itertools.product(FAMILIES, (28, 32, 64, 128), (1, 3))
]


def name_of(architecture: Architecture) -> str:
    return f"{architecture.family}-{architecture.image_size}-{architecture.channels}"


def written_out(table: dict) -> dict[str, tuple[int, ...]]:
    """Spell the BatchNorm layers, of which the tables give the number of maps, out as five entries."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, entry in table.items():
        if isinstance(entry, int):
            for part in ("weight", "bias", "running_mean", "running_var"):
                shapes[f"{name}.{part}"] = (entry,)
            shapes[f"{name}.num_batches_tracked"] = ()
        else:
            shapes[name] = entry
    return shapes


def shapes_of(network: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


class ExampleGenerator(nn.Module):
    """The layers of the example's `Generator`, one by one."""

    def __init__(self, nz: int, ngf: int, nc: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 8, 4, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 8),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 4),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 2),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.main(z)


class ExampleDiscriminator(nn.Module):
    """The layers of the example's `Discriminator`, which ends in a sigmoid."""

    def __init__(self, ndf: int, nc: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(nc, ndf, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 2),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, ndf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 4),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 4, ndf * 8, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 8),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 8, 1, 4, 1, 0, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.main(images).view(-1, 1).squeeze(1)


def test_names_and_shapes_are_those_of_the_example() -> None:
    architecture = Architecture()
    assert shapes_of(Generator(architecture)) == written_out(EXAMPLE_GENERATOR)
    assert shapes_of(Discriminator(architecture)) == written_out(EXAMPLE_DISCRIMINATOR)


@pytest.mark.parametrize("direction", ["from the example", "to the example"])
def test_weights_pass_between_us_and_the_example(direction: str) -> None:
    torch.manual_seed(0)
    architecture = Architecture(channels_noise=5, width=4)
    pairs = [
        (Generator(architecture, 1), ExampleGenerator(5, 4, 3), torch.randn(3, 5, 1, 1)),
        (Discriminator(architecture, 2), ExampleDiscriminator(4, 3), torch.rand(3, 3, 64, 64) * 2 - 1),
    ]
    outputs = []
    for ours, theirs, given in pairs:
        for network in (ours, theirs):
            for layer in network.modules():  # statistics that a swapped pair of layers would not survive
                if isinstance(layer, nn.BatchNorm2d):
                    layer.get_buffer("running_mean").uniform_(-0.1, 0.1)
                    layer.get_buffer("running_var").uniform_(0.001, 0.01)
        source, target = (theirs, ours) if direction == "from the example" else (ours, theirs)
        target.load_state_dict(source.state_dict())
        outputs.append([network.eval()(given.clone()).detach() for network in (ours, theirs)])
    (images, example_images), (logits, probabilities) = outputs
    assert images.std() > 0.1
    assert logits.std() > 0.1
    torch.testing.assert_close(images, example_images, rtol=0, atol=0)
    torch.testing.assert_close(1 / (1 + torch.exp(-logits)), probabilities)


def test_paper5_is_a_projection_and_then_five_by_five_convolutions() -> None:
    architecture = Architecture("paper5", image_size=32, channels=1, channels_noise=6, width=3)
    generator, discriminator = Generator(architecture, 1).eval(), Discriminator(architecture, 2).eval()
    w = {name: tensor.double() for name, tensor in generator.state_dict().items()}
    z = torch.randn(4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def normalised(x: torch.Tensor, layer: str) -> torch.Tensor:
        shape = (1, -1) + (1,) * (x.ndim - 2)
        gain, shift = w[f"{layer}.weight"].reshape(shape), w[f"{layer}.bias"].reshape(shape)
        return gain * x / (1 + 1e-5) ** 0.5 + shift  # untrained: mean 0, variance 1

    x = normalised(z @ w["main.0.weight"].T, "main.1").clamp(min=0).reshape(4, 12, 4, 4)
    for k, layer in ((4, "main.5"), (7, "main.8")):
        x = F.conv_transpose2d(x, w[f"main.{k}.weight"], stride=2, padding=2, output_padding=1)
        x = normalised(x, layer).clamp(min=0)
    x = F.conv_transpose2d(x, w["main.10.weight"], stride=2, padding=2, output_padding=1).tanh()
    assert x.shape == (4, 1, 32, 32)
    torch.testing.assert_close(generator(z.float()).double(), x, rtol=1e-4, atol=1e-7)

    w = {name: tensor.double() for name, tensor in discriminator.state_dict().items()}
    x = F.leaky_relu(F.conv2d(x, w["main.0.weight"], stride=2, padding=2), 0.2)
    for k, layer in ((2, "main.3"), (5, "main.6")):
        x = F.leaky_relu(normalised(F.conv2d(x, w[f"main.{k}.weight"], stride=2, padding=2), layer), 0.2)
    logits = x.reshape(4, 12 * 16) @ w["main.9.weight"][0]
    images = generator(z.float())
    torch.testing.assert_close(discriminator(images).double(), logits, rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize("architecture", EVERY, ids=name_of)
def test_every_size_maps_z_to_images_and_images_to_logits(architecture: Architecture) -> None:
    side, channels = architecture.image_size, architecture.channels
    generator, discriminator = Generator(architecture), Discriminator(architecture)
    z = torch.randn(3, 7, generator=torch.Generator().manual_seed(0))
    images = generator(z)
    assert images.shape == (3, channels, side, side)
    assert images.abs().max() <= 1
    assert discriminator(images).shape == (3,)
    generator.eval()
    torch.testing.assert_close(generator(z), generator(z[:, :, None, None]), rtol=0, atol=0)
    assert discriminator.eval()(generator(z[:1])).shape == (1,)


@pytest.mark.parametrize("architecture", EVERY, ids=name_of)
def test_the_constraints_of_the_paper_hold(architecture: Architecture) -> None:
    # Section 3: strided convolutions in place of pooling, BatchNorm but at G's output and D's input, ReLU and
    # Tanh in G, LeakyReLU 0.2 in D.
    weighted = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
    generator, discriminator = list(Generator(architecture).main), list(Discriminator(architecture).main)
    side_of_first_map = {28: 7, 32: 4, 64: 4, 128: 4}[architecture.image_size]
    doublings = (architecture.image_size // side_of_first_map).bit_length() - 1

    layers = [layer for layer in generator if isinstance(layer, weighted)]
    assert [layer.stride for layer in layers[1:]] == [(2, 2)] * doublings
    assert isinstance(generator[-1], nn.Tanh)
    assert generator[-2] is layers[-1]
    for layer in layers[:-1]:
        k = generator.index(layer)
        assert isinstance(
            generator[k + 1], nn.BatchNorm1d if isinstance(layer, nn.Linear) else nn.BatchNorm2d
        )
        assert isinstance(generator[k + 2], nn.ReLU)

    layers = [layer for layer in discriminator if isinstance(layer, weighted)]
    assert discriminator[0] is layers[0]
    assert [layer.stride for layer in layers[:-1]] == [(2, 2)] * doublings
    assert discriminator[-1] is layers[-1]  # logits: no sigmoid
    leaks = [layer.negative_slope for layer in discriminator if isinstance(layer, nn.LeakyReLU)]
    assert leaks == [0.2] * doublings
    norms = [k for k, layer in enumerate(discriminator) if isinstance(layer, nn.BatchNorm2d)]
    assert norms == [discriminator.index(layer) + 1 for layer in layers[1:-1]]
    assert all(layer.bias is None for layer in layers)
    assert not any("Pool" in type(layer).__name__ for layer in generator + discriminator)


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_begin_as_the_paper_says(family: Family) -> None:
    architecture = Architecture(family, width=32)
    for network in (Generator(architecture, 3), Discriminator(architecture, 4)):
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
                w = layer.weight.detach().double()
                assert abs(w.mean()) < 5 * 0.02 / w.numel() ** 0.5
                assert abs(w.std() / 0.02 - 1) < 5 / (2 * w.numel()) ** 0.5
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                gains = layer.weight.detach().double()
                assert abs(gains.mean() - 1) < 5 * 0.02 / gains.numel() ** 0.5
                assert 0.01 < gains.std() < 0.03
                assert not layer.bias.any()
                assert not layer.get_buffer("running_mean").any()
                assert (layer.get_buffer("running_var") == 1).all()


def test_the_seed_alone_decides_about_the_weights() -> None:
    architecture = Architecture(width=2)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, again, other = (Generator(architecture, seed) for seed in (5, 5, 6))
    assert torch.equal(torch.get_rng_state(), before)
    weights = [network.state_dict()["main.0.weight"] for network in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    initialise(other, 5)
    assert torch.equal(other.state_dict()["main.0.weight"], weights[0])


def test_initialise_forgets_what_was_learned() -> None:
    generator = Generator(Architecture(image_size=28, width=2), 1)
    fresh = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    generator(torch.randn(4, 100))  # moves the BatchNorm statistics
    with torch.no_grad():
        generator.get_parameter("main.1.bias").fill_(3.0)
    initialise(generator, 1)
    assert all(torch.equal(tensor, fresh[name]) for name, tensor in generator.state_dict().items())


def test_without_a_seed_there_are_shapes_and_no_weights() -> None:
    architecture = Architecture(width=1_000_000)  # some 10^14 weights
    assert shapes_of(Generator(architecture, seed=None))["main.12.weight"] == (1_000_000, 3, 4, 4)
    assert Discriminator(architecture, seed=None).main[0].weight.is_meta


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"family": "conv5"}, ["family 'conv5'", "conv4, paper5"]),
        ({"image_size": 48}, ["image_size 48", "28, 32, 64, 128"]),
        ({"channels": 4}, ["channels 4", "1, 3"]),
        ({"width": 0}, ["width 0", "at least 1"]),
        ({"width": 2.5}, ["width 2.5", "whole number"]),
        ({"channels_noise": -1}, ["channels_noise -1", "at least 1"]),
        ({"depth": 4}, ["'depth'", "family, image_size, channels, channels_noise, width"]),
    ],
)
def test_what_cannot_be_built_is_named(values: dict, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        Architecture.from_json(values)
    assert [word for word in words if word not in str(caught.value)] == []


def test_an_architecture_survives_json() -> None:
    architecture = Architecture("paper5", 28, 1, 50, 8)
    assert architecture.to_json() == {
        "family": "paper5",
        "image_size": 28,
        "channels": 1,
        "channels_noise": 50,
        "width": 8,
    }
    assert Architecture.from_json(architecture.to_json()) == architecture
