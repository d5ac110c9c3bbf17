"""Running statistics tell what a state dict does not: activations, the prior, strides."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers.fit import misfit
from dcgan_viz.models.loading import load
from dcgan_viz.models.prior import Prior

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "ReLU": nn.ReLU,
    "LeakyReLU 0.2": lambda: nn.LeakyReLU(0.2),
    "LeakyReLU 0.01": lambda: nn.LeakyReLU(0.01),
}
MNIST = ((4, 1, 0), (3, 2, 1), (4, 2, 1), (4, 2, 1))


def foreign(activation: str, windows: tuple[tuple[int, int, int], ...] = MNIST, nz: int = 10) -> nn.Module:
    layers: list[nn.Module] = []
    maps = [nz, *(16, 12, 8, 8)[: len(windows) - 1], 1]
    for k, window in enumerate(windows):
        layers.append(nn.ConvTranspose2d(maps[k], maps[k + 1], *window, bias=False))
        if k < len(windows) - 1:
            layers += [nn.BatchNorm2d(maps[k + 1], momentum=None), ACTIVATIONS[activation]()]
    network = nn.Sequential(*layers, nn.Tanh())
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, tensor in network.named_parameters():
            if tensor.ndim > 1:
                tensor.normal_(0, 0.1, generator=random)
            elif name.endswith("bias"):
                tensor.normal_(0, 0.5, generator=random)
            else:
                tensor.uniform_(0.5, 1.5, generator=random)
    return network


def trained(network: nn.Module, prior: Prior, n_batches: int = 4) -> nn.Module:
    """With the running statistics that training on this prior leaves behind."""
    network.train()
    with torch.no_grad():
        for seed in range(10, 10 + n_batches):
            network(prior.sample(128, seed)[:, :, None, None])
    return network.eval()


def saved(path: Path, network: nn.Module) -> Path:
    torch.save({f"main.{name}": tensor for name, tensor in network.state_dict().items()}, path)
    return path


def outputs_agree(path: Path, network: nn.Module, arch: str | None = None) -> bool:
    gan = load(path, arch=arch)
    z = torch.randn(6, 10, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        expected = network(z[:, :, None, None])
    found = gan.generate(z)
    return found.shape == expected.shape and torch.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["normal", "uniform"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activation_and_prior_are_found(tmp_path: Path, activation: str, kind: str) -> None:
    prior = Prior(kind, 10)  # type: ignore[arg-type]
    network = trained(foreign(activation), prior)
    path = saved(tmp_path / "g.pth", network)
    gan = load(path)
    assert gan.prior == prior
    if activation != "LeakyReLU 0.01":  # which may pass for ReLU: a hundredth is little
        assert outputs_agree(path, network)
        (clause,) = [clause for clause in gan.provenance.assumptions if "at its end" in clause]
        assert clause.startswith(f"generator: {activation}, tanh at its end")
        assert "BatchNorm statistics" in clause


def test_a_misfit_that_is_too_large_to_matter_is_not_followed_to_the_end() -> None:
    network, prior = foreign("ReLU").eval(), Prior("normal", 10)
    z = prior.sample(64, seed=0)[:, :, None, None]
    ran: list[str] = []
    for name, layer in network.named_children():
        layer.register_forward_hook(lambda *_, name=name: ran.append(name))
    whole = misfit(network, z)
    assert ran == ["0", "1", "2", "3", "4", "5", "6"]  # the last BatchNorm, 7, is not run: its input suffices
    assert misfit(network, z, most=1.01 * whole) == whole
    assert misfit(network, z, most=0.99 * whole) == math.inf
    ran.clear()
    first = misfit(network, z, first_only=True)
    assert misfit(network, z, most=0.99 * first / 3) == math.inf
    assert ran == ["0", "0"]


def test_what_is_said_on_the_command_line_holds(tmp_path: Path) -> None:
    network = trained(foreign("LeakyReLU 0.2"), Prior("normal", 10))
    path = saved(tmp_path / "g.pth", network)
    assert outputs_agree(path, network)
    assert not outputs_agree(path, network, arch="act=relu")
    assert any("generator: ReLU" in clause for clause in load(path, arch="act=relu").provenance.assumptions)
    assert load(path, prior="uniform").prior == Prior("uniform", 10)


def test_strides_that_shapes_leave_open(tmp_path: Path) -> None:
    windows = ((4, 1, 0), (3, 2, 1), (4, 2, 1), (4, 2, 1), (3, 1, 1))
    network = trained(foreign("ReLU", windows), Prior("normal", 10))
    path = saved(tmp_path / "g.pth", network)
    assert outputs_agree(path, network)
    # Without statistics nothing tells them apart.
    kept = {name: value for name, value in torch.load(path).items() if "running" not in name}
    torch.save(kept, path)
    with pytest.raises(InputError, match="strides are not in a state dict, and its kernels do not tell them"):
        load(path)


def test_statistics_that_fit_nothing_are_said(tmp_path: Path) -> None:
    network = trained(foreign("ReLU"), Prior("normal", 10))
    with torch.no_grad():
        for name, buffer in network.named_buffers():
            if name.endswith("running_mean"):
                buffer.add_(5.0)
    gan = load(saved(tmp_path / "g.pth", network))
    assert any("do not confirm: other activations or strides" in one for one in gan.provenance.assumptions)
    assert outputs_agree(tmp_path / "g.pth", network)


@pytest.mark.parametrize("activation", ["ReLU", "LeakyReLU 0.2"])
@pytest.mark.parametrize("seed", range(6))
def test_activations_that_differ_little_are_told_apart(tmp_path: Path, activation: str, seed: int) -> None:
    """Fresh weights, no shifts: ReLU's misfit is about 0.01 then where LeakyReLU is right."""
    torch.manual_seed(seed)
    network = foreign(activation, ((4, 1, 0), (4, 2, 1), (4, 2, 1), (4, 2, 1)))
    with torch.no_grad():
        for name, tensor in network.named_parameters():
            if tensor.ndim > 1:
                tensor.normal_(0, 0.02)
            else:
                tensor.fill_(float(name.endswith("weight")))
    path = saved(tmp_path / "g.pth", trained(network, Prior("normal", 10), n_batches=20))
    assert outputs_agree(path, network)
