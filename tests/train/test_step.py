"""One step, derived again: probabilities, binary cross entropy and Adam written out, in float64."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn

from train.settings import Settings
from train.state import TrainingState
from train.step import Step

IMAGES = torch.randint(256, (48, 3, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


class Adam:
    """Kingma and Ba (2015), algorithm 1."""

    def __init__(self, network: nn.Module, lr: float, beta1: float) -> None:
        self.parameters = list(network.parameters())
        self.lr, self.beta1, self.t = lr, beta1, 0
        self.m = [torch.zeros_like(p) for p in self.parameters]
        self.v = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self, loss: torch.Tensor) -> None:
        gradients = torch.autograd.grad(loss, self.parameters)
        self.t += 1
        for k, (parameter, g) in enumerate(zip(self.parameters, gradients, strict=True)):
            self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * g
            self.v[k] = 0.999 * self.v[k] + 0.001 * g**2
            m, v = self.m[k] / (1 - self.beta1**self.t), self.v[k] / (1 - 0.999**self.t)
            parameter.sub_(self.lr * m / (v.sqrt() + 1e-8))


def literal_step(
    G: nn.Module,
    D: nn.Module,
    adam_g: Adam,
    adam_d: Adam,
    batches: list[torch.Tensor],
    zs: list[torch.Tensor],
) -> tuple[float, ...]:
    for x, z in zip(batches, zs, strict=True):
        fakes = G(z)
        real, fake = torch.sigmoid(D(x)), torch.sigmoid(D(fakes.detach()))
        loss_d = -torch.log(real).mean() - torch.log(1 - fake).mean()
        adam_d.step(loss_d)
    loss_g = -torch.log(torch.sigmoid(D(fakes))).mean()
    adam_g.step(loss_g)
    logits = [torch.log(p / (1 - p)).mean().item() for p in (real, fake)]
    return loss_d.item(), loss_g.item(), *logits


@pytest.mark.parametrize("d_steps", [1, 2])
def test_steps_are_those_of_the_literal_algorithm(settings: Callable[..., Settings], d_steps: int) -> None:
    chosen = settings(d_steps=d_steps, batch_size=8, lr_g=1e-3, lr_d=5e-4)
    state = TrainingState(chosen, channels=3)
    G, D = copy.deepcopy(state.generator).double(), copy.deepcopy(state.discriminator).double()
    adam_g, adam_d = Adam(G, 1e-3, 0.5), Adam(D, 5e-4, 0.5)
    random = torch.Generator()
    random.set_state(state.random.get_state())
    step = Step(chosen, state, IMAGES)
    sums = torch.zeros(4, dtype=torch.float64)
    for n in range(3):
        batches, zs = [], []
        for k in range(d_steps):
            numbers = step._order.batch(n * d_steps + k)
            batches.append(IMAGES[numbers].double() / 127.5 - 1)
            zs.append((torch.rand(8, 8, generator=random) * 2 - 1).double())
        sums += torch.tensor(literal_step(G, D, adam_g, adam_d, batches, zs), dtype=torch.float64)
        step()
    assert state.step == 3
    torch.testing.assert_close(state.sums.double(), sums, rtol=2e-4, atol=2e-4)
    for ours, literal in ((state.generator, G), (state.discriminator, D)):
        pairs = zip(ours.parameters(), literal.parameters(), strict=True)
        off = torch.cat([(a.double() - b).abs().flatten() for a, b in pairs])
        # Adam's first steps are of size lr whatever the gradient: where that is near 0, rounding decides.
        assert (off < 2e-5).double().mean() > 0.98
        counts = [m.num_batches_tracked for m in ours.modules() if isinstance(m, nn.BatchNorm2d)]
        expected = [m.num_batches_tracked for m in literal.modules() if isinstance(m, nn.BatchNorm2d)]
        assert counts == expected


def test_the_generator_step_leaves_the_discriminator_alone(settings: Callable[..., Settings]) -> None:
    chosen = settings()
    state = TrainingState(chosen, channels=3)
    seen = []
    original = state.optimizer_g.step

    def looked_at(*arguments: object) -> None:
        seen.append([parameter.requires_grad for parameter in state.discriminator.parameters()])
        original()

    state.optimizer_g.step = looked_at  # type: ignore[method-assign, assignment]
    after_d: list[torch.Tensor] = []
    step_d = state.optimizer_d.step

    def gradients(*arguments: object) -> None:
        after_d.extend(
            parameter.grad.clone()
            for parameter in state.discriminator.parameters()
            if parameter.grad is not None
        )
        step_d()

    state.optimizer_d.step = gradients  # type: ignore[method-assign, assignment]
    Step(chosen, state, IMAGES)()
    assert seen
    assert not any(seen[0])
    assert all(parameter.requires_grad for parameter in state.discriminator.parameters())
    kept = [parameter.grad for parameter in state.discriminator.parameters()]
    assert len(kept) == len(after_d)
    assert all(now is not None and torch.equal(now, then) for now, then in zip(kept, after_d, strict=True))


@pytest.mark.parametrize("memory_format", ["contiguous", "channels_last"])
def test_the_layout_changes_rounding_only(settings: Callable[..., Settings], memory_format: str) -> None:
    sums = []
    for layout in ("contiguous", memory_format):
        chosen = settings(memory_format=layout)
        state = TrainingState(chosen, channels=3)
        Step(chosen, state, IMAGES)()
        sums.append(state.sums)
    torch.testing.assert_close(sums[0], sums[1], rtol=1e-5, atol=1e-5)


def test_bf16_is_near_fp32(settings: Callable[..., Settings]) -> None:
    sums = []
    for precision in ("fp32", "bf16"):
        chosen = settings(precision=precision)
        state = TrainingState(chosen, channels=3)
        step = Step(chosen, state, IMAGES)
        for _ in range(3):
            step()
        assert state.sums.dtype == torch.float32
        assert {p.dtype for p in state.generator.parameters()} == {torch.float32}
        sums.append(state.sums)
    torch.testing.assert_close(sums[0], sums[1], rtol=0.05, atol=0.05)
    assert not torch.equal(sums[0], sums[1])
