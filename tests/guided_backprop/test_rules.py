"""The rules: as written, in every form of an activation, in one thread, and gone afterwards."""

import threading
import warnings

import numpy as np
import pytest
import torch
from captum.attr import (
    Deconvolution,
    GuidedBackprop,
    NeuronDeconvolution,
    NeuronGradient,
    NeuronGuidedBackprop,
)
from torch import nn
from torch.nn import functional as F

from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop.rules import RULES, Guided
from dcgan_viz.models.layers import record
from dcgan_viz.models.sigmoid import SigmoidCalls
from tests.guided_backprop import literal
from tests.guided_backprop.networks import LEAKY, RELUS, SLOPE, Modules, Other, relu_twin

NEURON = (2, 1, 3)  # filter, y, x of conv3


@pytest.fixture
def images():
    return torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(7)).double()


def guided_map(network, images, rule, neuron=NEURON):
    """Maps (N, 3, H, W) of one position of conv3, and how many activations were guided."""
    inputs = images.clone().requires_grad_()
    index, y, x = neuron
    with Guided(rule) as guided, record(network, ["conv3"]) as seen:
        network(inputs)
        (gradient,) = torch.autograd.grad(seen["conv3"][:, index, y, x].sum(), inputs)
    return gradient, guided.n_guided


def ready(kind):
    return kind().double().eval()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("kind", "slope"), [(k, SLOPE) for k in LEAKY] + [(k, 0.0) for k in RELUS])
def test_every_form_follows_the_formula_to_the_letter(kind, slope, rule, images):
    network = ready(kind)
    found, n_guided = guided_map(network, images, rule)
    assert n_guided == 2  # the third lies above the filters
    for image, gradient in zip(images.numpy(), found.numpy(), strict=True):
        expected, maps = literal.guided(network, image, *NEURON, rule, slope)
        assert np.abs(expected).max() > 0.01
        assert np.abs(gradient - expected).max() < 1e-10
        assert (maps < 0).any()


def test_the_rules_differ_where_they_should(images):
    maps = {rule: guided_map(ready(Modules), images, rule)[0] for rule in RULES}
    for one in RULES:
        for other in RULES:
            assert torch.equal(maps[one], maps[other]) == (one == other)


@pytest.mark.parametrize("kind", [*LEAKY, *RELUS])
def test_the_forward_pass_is_the_same_to_the_bit(kind, images):
    network = ready(kind)
    plain = network(images)
    for rule in RULES:
        with Guided(rule):
            assert torch.equal(network(images), plain)


@pytest.mark.parametrize("kind", [*LEAKY, *RELUS])
def test_plain_is_the_gradient_to_the_bit(kind, images):
    network, inputs = ready(kind), images.clone().requires_grad_()
    with record(network, ["conv3"]) as seen:
        network(inputs)
    index, y, x = NEURON
    (gradient,) = torch.autograd.grad(seen["conv3"][:, index, y, x].sum(), inputs)
    assert torch.equal(guided_map(network, images, "plain")[0], gradient)


@pytest.mark.parametrize(
    ("rule", "peer"),
    [("strict", NeuronGuidedBackprop), ("deconvnet", NeuronDeconvolution), ("plain", NeuronGradient)],
)
def test_captum_agrees_on_a_twin_with_relus(rule, peer, images):
    twin, images = relu_twin(Modules()), images.float()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = peer(twin, twin.conv3).attribute(images, NEURON)
    ours, _ = guided_map(twin, images, rule)
    assert theirs.abs().max() > 0.01
    assert (ours - theirs).abs().max() < 1e-6


@pytest.mark.parametrize(("rule", "peer"), [("strict", GuidedBackprop), ("deconvnet", Deconvolution)])
def test_captum_agrees_on_a_twins_logit(rule, peer, images):
    twin, inputs = relu_twin(Modules()), images.float().requires_grad_()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = peer(twin).attribute(images.float())
    with Guided(rule) as guided:
        (ours,) = torch.autograd.grad(twin(inputs).sum(), inputs)
    assert guided.n_guided == 3
    assert theirs.abs().max() > 0.01
    assert (ours - theirs).abs().max() < 1e-6


def test_captum_itself_returns_the_plain_gradient_on_leaky_relus(images):
    """Why this module exists; should captum learn better, its page here has to change."""
    network, images = Modules(), images.float()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        silent = NeuronGuidedBackprop(network, network.conv3).attribute(images, NEURON)
        plain = NeuronGradient(network, network.conv3).attribute(images, NEURON)
    assert torch.equal(silent, plain)
    assert not torch.allclose(guided_map(network, images, "strict")[0], plain, atol=1e-3)


@pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require gradients")
def test_captums_neuron_gradients_are_guided_inside(images):
    network = ready(Modules)
    with Guided("strict") as guided:
        theirs = NeuronGradient(network, network.conv3).attribute(images, NEURON)
    assert guided.n_guided == 2
    assert torch.equal(theirs, guided_map(network, images, "strict")[0])


def test_zero_is_not_above_zero():
    x = torch.tensor([0.0, -0.0, 1e-30], requires_grad=True)
    expected = {"strict": [0, 0, 1], "slope": [0.2, 0.2, 1], "deconvnet": [1, 1, 1], "plain": [0.2, 0.2, 1]}
    for rule, values in expected.items():
        with Guided(rule):
            (gradient,) = torch.autograd.grad(F.leaky_relu(x, 0.2).sum(), x)
        assert gradient.tolist() == pytest.approx(values)


def test_a_network_may_overwrite_what_torch_would_let_it_overwrite():
    """LeakyReLU keeps what it read, ReLU what it returned; the other may change."""
    x = torch.tensor([-2.0, 3.0], requires_grad=True)
    with Guided("strict"):
        returned = F.leaky_relu(x * 1.0, 0.2)
        returned += 5.0
        (leaky,) = torch.autograd.grad(returned.sum(), x)
        read = x * 1.0
        rectified = F.relu(read)
        read -= 100.0
        (relu,) = torch.autograd.grad(rectified.sum(), x)
    assert (leaky.tolist(), relu.tolist()) == ([0.0, 1.0], [0.0, 1.0])


def test_nothing_stays_behind(images):
    network = ready(Modules)
    before = guided_map(network, images, "plain")[0]
    with pytest.raises(ZeroDivisionError), Guided("strict"):
        network(images).sum() / (1 // 0)
    inputs = images.clone().requires_grad_()
    with record(network, ["conv3"]) as seen:
        network(inputs)
    index, y, x = NEURON
    (gradient,) = torch.autograd.grad(seen["conv3"][:, index, y, x].sum(), inputs)
    assert torch.equal(gradient, before)
    assert not any(m._forward_hooks or m._backward_hooks or m._forward_pre_hooks for m in network.modules())


def test_other_threads_keep_their_gradients(images):
    network = ready(Modules)
    plain, _ = guided_map(network, images, "plain")
    found = {}

    def elsewhere():
        inputs = images.clone().requires_grad_()
        with record(network, ["conv3"]) as seen:
            network(inputs)
        index, y, x = NEURON
        (found["gradient"],) = torch.autograd.grad(seen["conv3"][:, index, y, x].sum(), inputs)

    with Guided("strict") as guided:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert torch.equal(found["gradient"], plain)
    assert guided.n_guided == 0


@pytest.mark.parametrize("outer_first", [True, False])
def test_it_goes_with_another_mode(outer_first):
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    guided, sigmoids = Guided("strict"), SigmoidCalls()
    first, second = (guided, sigmoids) if outer_first else (sigmoids, guided)
    with first, second:
        logits = F.leaky_relu(x, 0.2)
        answer = torch.sigmoid(logits)
        (gradient,) = torch.autograd.grad(logits.sum(), x)
    assert sigmoids.argument_of(answer) is logits
    assert gradient.tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("activation", "name"),
    [
        (nn.PReLU(), "prelu"), (nn.ELU(), "elu"), (nn.GELU(), "gelu"), (nn.SiLU(inplace=True), "silu"),
        (nn.ReLU6(), "hardtanh"), (nn.Softplus(), "softplus"), (F.mish, "mish"), (torch.tanh, "tanh"),
        (lambda x: F.elu(x, inplace=True), "elu"), (lambda x: x.sigmoid_(), "sigmoid"), (nn.RReLU(), "rrelu"),
    ],
)  # fmt: skip
def test_other_activations_are_named_and_left_alone(activation, name):
    network = Other(activation).eval()
    images = torch.randn(2, 3, 16, 16)
    with Guided("strict") as guided:
        network(images)
    assert dict(guided.others) == {name: 3}
    assert guided.n_guided == 0


def test_an_unknown_rule():
    with pytest.raises(InputError, match=r"rule 'smooth'.*strict, slope, deconvnet, plain"):
        Guided("smooth")
