"""What record and edit leave behind, and what another thread sees of them: nothing."""

import copy
import hashlib
import threading

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dcgan_viz.errors import InputError
from dcgan_viz.models.hooks import copy_of
from dcgan_viz.models.layers import edit, hidden_layers, layers, record
from dcgan_viz.models.networks import Architecture, Generator
from tests.models.strangers import Residual


def state_of(network: nn.Module) -> str:
    """A hash of everything that a context could leave behind."""
    digest = hashlib.sha256()
    for name, module in network.named_modules():
        digest.update(f"{name} {module.training} {sorted(vars(module))}".encode())
        for hooks in (
            module._forward_hooks,
            module._forward_pre_hooks,
            module._backward_hooks,
            module._backward_pre_hooks,
        ):
            digest.update(repr(list(hooks.values())).encode())
    for name, parameter in network.named_parameters():
        digest.update(f"{name} {parameter.requires_grad} {parameter.grad is None}".encode())
        digest.update(parameter.detach().numpy().tobytes())
    for name, buffer in network.named_buffers():
        digest.update(name.encode() + buffer.numpy().tobytes())
    return digest.hexdigest()


class Reusing(nn.Module):
    """One activation and one convolution, each used three times; the activation works in place."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv2d(2, 2, 3, 1, 1), nn.LeakyReLU(0.2, inplace=True)

    def forward(self, x):
        for _ in range(3):
            x = self.relu(self.conv(x))
        return x


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Reusing().eval()


@pytest.fixture
def x():
    return torch.randn(2, 2, 5, 5, generator=torch.Generator().manual_seed(1))


def by_hand(network, x, change_conv_2=lambda x: x):
    """What `Reusing` computes, written out, with the second convolution's output changed."""
    seen = []
    for k in range(3):
        x = F.conv2d(x, network.conv.weight, network.conv.bias, padding=1)
        x = change_conv_2(x) if k == 1 else x
        seen.append(x)
        x = torch.where(x > 0, x, 0.2 * x)
    return x, seen


@pytest.mark.parametrize("mode", [torch.no_grad, torch.enable_grad, torch.inference_mode])
def test_record_keeps_what_in_place_layers_overwrite(network, x, mode):
    with mode(), record(network, ["conv", "conv#2", "conv#3", "relu#3"]) as seen:
        output = network(x)
    expected_output, expected = by_hand(network, x)
    torch.testing.assert_close(output, expected_output)
    for name, value in zip(("conv", "conv#2", "conv#3"), expected, strict=True):
        torch.testing.assert_close(seen[name], value)
    torch.testing.assert_close(seen["relu#3"], expected_output)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.enable_grad, torch.inference_mode])
def test_edit_changes_one_call_of_a_module(network, x, mode):
    with mode(), edit(network, {"conv#2": lambda x: x + 1}):
        twice = [network(x), network(x)]  # the calls are counted anew in each run
    expected, _ = by_hand(network, x, lambda x: x + 1)
    assert not torch.allclose(expected, network(x))
    for output in twice:
        torch.testing.assert_close(output, expected)


def test_edit_of_what_a_module_reads(network, x):
    with torch.no_grad(), edit(network, {"conv#3:input": torch.zeros_like}):
        output = network(x)
        expected = network.relu(network.conv.bias[None, :, None, None].expand(2, 2, 5, 5).clone())
    torch.testing.assert_close(output, expected)


def test_an_edit_that_writes_into_its_copy_does_not_reach_what_was_recorded(network, x):
    def scribble(x):
        return x.fill_(7.0)

    with torch.no_grad(), record(network, ["conv"]) as seen, edit(network, {"conv": scribble}):
        network(x)
    torch.testing.assert_close(seen["conv"], by_hand(network, x)[1][0])


def test_recorded_activations_have_gradients(network, x):
    with record(network, ["conv#2"]) as seen:
        network(x.requires_grad_())
    (gradient,) = torch.autograd.grad(seen["conv#2"].sum(), x)
    wanted = x.detach().clone().requires_grad_()
    (expected,) = torch.autograd.grad(by_hand(network, wanted)[1][1].sum(), wanted)
    torch.testing.assert_close(gradient, expected)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_the_network_is_as_it_was(training, fails):
    generator = Generator(Architecture(width=4, channels_noise=5), seed=1).train(training)
    generator.get_submodule("main.1").eval()
    generator.get_parameter("main.0.weight").requires_grad_(False)
    generator.register_forward_hook(lambda *_: None)
    before = state_of(generator)

    def change(x):
        if fails:
            raise ZeroDivisionError
        return x * 2

    generator.eval()
    middle = state_of(generator)
    try:
        with record(generator, ["main.2", "main.5"]), edit(generator, {"main.8": change}):
            assert state_of(generator) != middle  # the hash does see hooks
            generator(torch.zeros(2, 5))
    except ZeroDivisionError:
        assert fails
    assert state_of(generator) == middle
    generator.train(training)
    generator.get_submodule("main.1").eval()
    hidden_layers(generator, torch.zeros(2, 5))
    assert state_of(generator) == before


@pytest.mark.parametrize("name", ["main.99", "a b", "main.2#0", "main.2:output", "main.2#x"])
def test_an_unknown_layer_is_named(name):
    generator = Generator(Architecture(width=4, channels_noise=5), seed=1)
    with pytest.raises(InputError, match=f"layer {name!r}"), edit(generator, {name: torch.zeros_like}):
        pass
    assert not generator._forward_pre_hooks


@pytest.mark.parametrize("name", ["conv#4", "unused"])
def test_a_layer_that_the_network_runs_without_is_named(network, x, name):
    network.unused = nn.ReLU()
    with pytest.raises(InputError, match=f"layer '{name}': the network ran"), record(network, [name]):
        network(x)
    with record(network, [name]):
        pass  # no run, so nothing can be said


def test_modules_that_are_run_by_themselves_are_edited_every_time():
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.ReLU())
    with edit(network, {"1": torch.zeros_like}):
        network(torch.ones(1, 1, 2, 2))
        assert all(not network[1](torch.ones(1, 1, 2, 2)).any() for _ in range(3))


def test_a_copy_that_is_made_of_an_edited_network_is_not_edited(network, x):
    expected, _ = by_hand(network, x)
    with edit(network, {"conv": torch.zeros_like}):
        copied = copy.deepcopy(network)
        torch.testing.assert_close(copied(x), expected)
    torch.testing.assert_close(copied(x), expected)


class Waiting:
    """Part of a network; while it is copied, another thread tries to record the network."""

    def __init__(self, network: nn.Module) -> None:
        self.seen_meanwhile: bool | None = None
        self.thread = threading.Thread(target=self.record)
        self.network, self.recorded = network, threading.Event()

    def record(self):
        with record(self.network, ["relu"]):
            self.recorded.set()

    def __deepcopy__(self, memo):
        self.thread.start()
        self.seen_meanwhile = self.recorded.wait(0.2)


def test_no_thread_puts_hooks_on_a_network_that_is_being_copied(network):
    network.part = part = Waiting(network)
    copied = copy_of(network)
    part.thread.join()
    assert part.recorded.is_set()
    assert part.seen_meanwhile is False
    assert not copied.relu._forward_hooks


def test_an_edit_is_never_seen_in_another_thread():
    generator = Generator(Architecture(width=4, channels_noise=5), seed=1).eval()
    z = torch.randn(3, 5, generator=torch.Generator().manual_seed(0))
    factors = (0.0, 0.5, 1.0, 2.0)
    with torch.no_grad():
        lower = generator.main[:9](z[:, :, None, None])
        expected = {factor: generator.main[9:](factor * lower) for factor in factors}
        plain = generator(z)
    wrong: list[object] = []
    start = threading.Barrier(2 * len(factors))

    def editing(factor):
        start.wait()
        for _ in range(60):
            with torch.no_grad(), edit(generator, {"main.8": lambda x: factor * x}):
                if not torch.allclose(generator(z), expected[factor], atol=1e-6):
                    wrong.append(factor)

    def looking():
        start.wait()
        for _ in range(60):
            with torch.no_grad(), record(generator, ["main.8"]) as seen:
                same = torch.equal(generator(z), plain)
            if not same or not torch.allclose(seen["main.8"], lower, atol=1e-6):
                wrong.append("unedited")

    def guarded(work, *arguments):
        try:
            work(*arguments)
        except Exception as error:  # a thread's error would be lost
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=(editing, factor)) for factor in factors]
    threads += [threading.Thread(target=guarded, args=(looking,)) for _ in factors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in generator.modules())


def test_hidden_layers_of_functional_networks():
    network = Residual().eval()
    found = [(layer.name, layer.shape) for layer in hidden_layers(network, torch.zeros(2, 5))]
    assert found == [
        ("conv1:input", (8, 32, 32)),
        ("conv2:input", (8, 32, 32)),
        ("conv3:input", (8, 64, 64)),
    ]


class Blocks(nn.Module):
    """Residual blocks as modules of their own: each is named, not its reader."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, 1, 1)
        self.block1, self.block2 = (nn.ModuleDict({"conv": nn.Conv2d(4, 4, 3, 1, 1)}) for _ in range(2))
        self.block1.forward = lambda x: F.relu(x + self.block1["conv"](x))
        self.block2.forward = lambda x: F.relu(x + self.block2["conv"](x))
        self.last = nn.Conv2d(4, 1, 8)

    def forward(self, x):
        return self.last(self.block2(self.block1(self.first(x)))).flatten()


def test_a_block_that_returns_what_is_read_gives_the_name():
    found = [layer.name for layer in hidden_layers(Blocks().eval(), torch.zeros(2, 3, 8, 8))]
    assert found == ["first", "block1", "block2"]


def test_layers_of_a_gan_with_roles_and_receptive_fields(tiny_gan):
    found = layers(tiny_gan)
    generator = {layer.name: layer for layer in found if layer.network == "generator"}
    discriminator = {layer.name: layer for layer in found if layer.network == "discriminator"}
    assert list(generator) == [f"main.{k}" for k in range(11)]
    assert generator["main.5"].role == "second-highest"
    assert generator["main.8"].role == "penultimate"
    assert generator["main.9"].role == "convolution 4 of 4"
    assert generator["main.1"].role == ""
    fields = [discriminator[name].receptive_field for name in ("main.0", "main.2", "main.5", "main.8")]
    # kernel 4, stride 2: from r pixels a layer higher to 2 r + 2, and clipped to the image in the end
    assert fields == [(4, 4), (2 * 4 + 2,) * 2, (2 * 10 + 2,) * 2, (32, 32)]
