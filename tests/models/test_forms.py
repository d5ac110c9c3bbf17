"""How foreign networks are called: found out by calling them."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.models.layers import layers
from tests.models.strangers import Judging, Upsampling

NORMAL = Prior("normal", 5)


class Returning(nn.Module):
    """A generator with one layer, whose output a function brings into some form."""

    def __init__(self, answer, transposed=False, channels=3):
        super().__init__()
        self.layer = nn.ConvTranspose2d(5, channels, 8) if transposed else nn.Linear(5, channels * 64)
        self.answer, self.channels = answer, channels

    def forward(self, z):
        x = self.layer(z)
        return self.answer(x if x.ndim == 4 else x.view(-1, self.channels, 8, 8))


class Labelled(Upsampling):
    def forward(self, z, labels):  # type: ignore[override]
        return super().forward(z)


class LabelledByKeyword(Upsampling):
    def forward(self, z, *, labels):  # type: ignore[override]
        return super().forward(z)


class WithOptions(Upsampling):
    def forward(self, z, truncation=1.0):
        return super().forward(truncation * z)


@pytest.mark.parametrize("transposed", [False, True])
def test_the_shape_of_z_is_found(transposed):
    network = Returning(torch.tanh, transposed).eval()
    gan = Gan(network, prior=NORMAL)
    z = gan.sample_z(3, seed=0)
    assert gan.z_input(z).shape == ((3, 5, 1, 1) if transposed else (3, 5))
    assert (gan.image_size, gan.channels) == (8, 3)
    weight, bias = network.layer.weight, network.layer.bias
    assert bias is not None
    if transposed:
        by_hand = torch.einsum("nk,kchw->nchw", z, weight) + bias[:, None, None]
    else:
        by_hand = (z @ weight.T + bias).view(3, 3, 8, 8)
    torch.testing.assert_close(gan.generate(z), by_hand.tanh())


@pytest.mark.parametrize(
    "sigmoid",
    [
        torch.sigmoid,
        nn.Sigmoid(),
        F.sigmoid,
        lambda x: x.sigmoid_(),
        lambda x: 0.5 + 0.5 * (0.5 * x).tanh(),
        lambda x: (0.5 * x).tanh().add_(1).div_(2),
    ],
)
def test_images_between_0_and_1_are_brought_to_the_unit_range(sigmoid):
    network = Returning(sigmoid).eval()
    gan = Gan(network, prior=NORMAL)
    z = gan.sample_z(3, seed=0)
    with torch.no_grad():
        torch.testing.assert_close(gan.generate(z), 2 * network(z) - 1)
    assert gan.value_range == (0.0, 1.0)
    assert "images from 0 to 1 are brought to [-1, 1]" in gan.provenance.assumptions


@pytest.mark.parametrize("tanh", [torch.tanh, nn.Tanh(), F.tanh, lambda x: x.tanh_().flatten(1).view_as(x)])
def test_bright_images_of_a_tanh_are_not_taken_for_images_between_0_and_1(tanh):
    network = Returning(lambda x: tanh(x.abs() + 0.1)).eval()
    gan = Gan(network, prior=NORMAL)
    assert gan.value_range == (-1.0, 1.0)
    z = gan.sample_z(3, seed=0)
    with torch.no_grad():
        torch.testing.assert_close(gan.generate(z), network(z))


def test_a_discriminator_of_such_images_gets_them_as_it_knows_them():
    seen = []
    judging = Judging(lambda logits: logits).eval()
    judging.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0].clone()))
    gan = Gan(Upsampling().eval(), judging, NORMAL, value_range=(-1.0, 1.0))
    grey = Gan(discriminator=judging, image_size=32, value_range=(0.0, 1.0))
    images = gan.generate(gan.sample_z(2, seed=0))
    seen.clear()
    gan.discriminate(images)
    grey.discriminate(images)
    torch.testing.assert_close(seen[0], images)
    torch.testing.assert_close(seen[1], (images + 1) / 2)


FORMS = {
    "logits (N,)": lambda x: x.flatten(),
    "logits (N, 1)": lambda x: x.flatten(1),
    "logits (N, 1, 1, 1)": lambda x: x,
    "probabilities by a module": lambda x: nn.Sigmoid()(x).view(-1, 1).squeeze(1),
    "probabilities by a function": lambda x: torch.sigmoid(x).flatten(),
    "probabilities by a keyword": lambda x: torch.sigmoid(input=x),
    "probabilities by a method in place": lambda x: x.clone().sigmoid_(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_logits_whatever_the_discriminator_returns(form, scale):
    judging = Judging(lambda x: FORMS[form](scale * x)).eval()
    gan = Gan(discriminator=judging)
    assert (gan.image_size, gan.channels) == (32, 3)
    images = torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        expected = scale * judging.plain(images).flatten()
    # Also where a probability has no logit left: a sigmoid of 100 is 1.
    torch.testing.assert_close(gan.discriminate(images), expected, rtol=1e-4, atol=1e-4)


def test_logits_have_gradients_through_a_sigmoid():
    judging = Judging(torch.sigmoid).eval()
    gan = Gan(discriminator=judging)
    images = torch.zeros(2, 3, 32, 32, requires_grad=True)
    (gradient,) = torch.autograd.grad(gan.logits(images).sum(), images)
    (expected,) = torch.autograd.grad(judging.plain(images).sum(), images)
    torch.testing.assert_close(gradient, expected)


GENERATORS = {
    "a tuple": (Returning(lambda x: (x.tanh(), x)), "returns a tuple of 2 instead of images"),
    "a vector": (Returning(lambda x: x.flatten(1)), r"returns \(2, 192\) instead of images"),
    "too wide": (Returning(lambda x: x[..., :4].tanh()), r"\(8, 3, 8, 4\); images have 1 or 3 channels"),
    "four channels": (Returning(torch.tanh, channels=4), r"\(8, 4, 8, 8\); images have 1 or 3 channels"),
    "no range": (Returning(lambda x: 9 * x.abs() + 2), r"images go from 2.* outside of \[-1, 1\]"),
    "no numbers": (Returning(lambda x: x / 0 * 0), "values that are no numbers"),
    "labels": (Labelled(), r"conditional.*forward\(z, labels\) needs labels"),
    "labels by keyword": (LabelledByKeyword(), "conditional.*needs labels"),
    "half": (Upsampling().half(), r"fc.weight is float16, analyses run in float32; call .float\(\)"),
    "double": (Upsampling().double(), "fc.weight is float64"),
    "not a module": (lambda z: z, "not a torch.nn.Module"),
}


@pytest.mark.parametrize("case", GENERATORS)
def test_a_generator_that_cannot_be_used_says_why(case):
    network, words = GENERATORS[case]
    with pytest.raises(InputError, match=words) as caught:
        Gan(network, prior=NORMAL)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_weights_that_are_no_numbers_are_named():
    network = Upsampling()
    with torch.no_grad():
        network.bn1.bias[2] = torch.nan
    with pytest.raises(InputError, match=r"bn1.bias holds values that are no numbers"):
        Gan(network, prior=NORMAL)


def test_the_wrong_prior_is_a_line():
    with pytest.raises(InputError, match=r"takes z neither as \(2, 7\).*nor as \(2, 7, 1, 1\): .*the prior"):
        Gan(Upsampling(), prior=Prior("normal", 7))
    with pytest.raises(InputError, match="no prior"):
        Gan(Upsampling())


def test_defaults_of_forward_are_no_labels():
    assert Gan(WithOptions().eval(), prior=NORMAL).image_size == 32


DISCRIMINATORS = {
    "a tuple": (Judging(lambda x: (x, x)), "returns a tuple of 2"),
    "classes": (Judging(lambda x: x.flatten(1).repeat(1, 10)), r"gives several numbers, \(8, 10\)"),
    "patches": (Judging(lambda x: x.repeat(1, 1, 6, 6)), r"judges patches, \(8, 1, 6, 6\)"),
    "one for all": (Judging(lambda x: x.mean()), r"gives several numbers, \(\) for 8 images"),
    "probabilities, clamped": (Judging(lambda x: x.sigmoid().clamp(0.01, 0.99)), "not as its sigmoid made"),
    "other images": (Judging(channels=1), r"images \(8, 3, 32, 32\) do not pass"),
}


@pytest.mark.parametrize("case", DISCRIMINATORS)
def test_a_discriminator_that_cannot_be_used_says_why(case):
    network, words = DISCRIMINATORS[case]
    with pytest.raises(InputError, match=words) as caught:
        Gan(Upsampling().eval(), network, NORMAL)
    assert "\n" not in str(caught.value)


def test_the_size_that_a_discriminator_alone_was_tried_with_is_said():
    pooling = nn.Sequential(nn.Conv2d(3, 1, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    tried, given = Gan(discriminator=pooling), Gan(discriminator=pooling, image_size=64)
    assert "images of 28 px" in tried.provenance.assumptions[0]
    assert given.provenance.assumptions == ()


class Scribbling(nn.Module):
    """Works in place on what it is given."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x.mul_(0.5))


def test_a_network_that_works_in_place_on_its_input_leaves_the_caller_s_alone():
    gan = Gan(Scribbling(Upsampling()).eval(), Scribbling(Judging()).eval(), NORMAL)
    z, images = torch.ones(3, 5), torch.ones(3, 3, 32, 32)
    torch.testing.assert_close(gan.generate(z), gan.generate(z))
    gan.discriminate(images)
    assert bool((z == 1).all())
    assert bool((images == 1).all())
    assert all(layer.receptive_field for layer in layers(gan) if len(layer.shape) == 3)


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")
def test_compiled_networks_are_refused():
    plain = nn.Sequential(nn.ConvTranspose2d(5, 3, 8), nn.Tanh()).eval()
    with pytest.raises(InputError, match="TorchScript, whose layers cannot be looked at"):
        Gan(torch.jit.trace(plain, torch.zeros(1, 5, 1, 1)), prior=NORMAL)
    with pytest.raises(
        InputError, match="compiled, so that its layers cannot be looked at; give its _orig_mod"
    ):
        Gan(torch.compile(plain, backend="eager"), prior=NORMAL)  # type: ignore[arg-type]


def test_weights_without_numbers_are_named():
    with torch.device("meta"):
        network = Upsampling()
    with pytest.raises(InputError, match=r"fc\.weight has a shape but no numbers"):
        Gan(network, prior=NORMAL)


def test_a_state_that_is_no_tensor_does_not_hinder():
    class Extra(Upsampling):
        def get_extra_state(self):
            return {"version": 1}

    assert len(Gan(Extra().eval(), prior=NORMAL).provenance.sha256) == 64


def test_what_is_missing_is_named():
    with pytest.raises(InputError, match=r"Judging: it holds no generator, which sample needs"):
        Gan(discriminator=Judging()).require_generator("sample")
    with pytest.raises(InputError, match=r"Upsampling: it holds no discriminator, which filters needs"):
        Gan(Upsampling(), prior=NORMAL).require_discriminator("filters")
    with pytest.raises(InputError, match="give a generator, a discriminator, or both"):
        Gan()


def test_trying_a_network_leaves_modes_and_random_state_alone():
    class Noisy(Upsampling):
        def forward(self, z):
            return super().forward(z + torch.randn_like(z))

    network, judging = Noisy().train(), Judging().train()
    state = torch.get_rng_state()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    gan = Gan(network, judging, NORMAL)
    layers(gan)
    assert torch.equal(torch.get_rng_state(), state)
    assert network.training
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    assert any("noise of its own" in clause for clause in gan.provenance.assumptions)


def test_networks_in_memory_have_a_hash_of_their_weights():
    network = Upsampling()
    first = Gan(network, prior=NORMAL).provenance
    assert (first.path, first.importer, len(first.sha256)) == ("Upsampling", "nn.Module", 64)
    assert Gan(network, prior=NORMAL).provenance.sha256 == first.sha256
    with torch.no_grad():
        network.fc.bias[0] += 1
    assert Gan(network, prior=NORMAL).provenance.sha256 != first.sha256
