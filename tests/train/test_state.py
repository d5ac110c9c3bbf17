import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.train.runs import leaves
from train.settings import Settings
from train.state import SUMS, TrainingState
from train.step import Step

IMAGES = torch.randint(256, (48, 3, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def everything(state: TrainingState) -> list[tuple[str, object]]:
    content: dict[str, object] = {name: getattr(state, name).state_dict() for name in state._STATEFUL}
    content |= {
        "sums": state.sums,
        "n": state.n_summed,
        "step": state.step,
        "random": state.random.get_state(),
    }
    return leaves("", content)


def trained(settings: Settings, n_steps: int) -> TrainingState:
    state = TrainingState(settings, channels=3)
    step = Step(settings, state, IMAGES)
    for _ in range(n_steps):
        step()
    return state


def test_the_seed_decides_how_a_run_begins(settings: Callable[..., Settings]) -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, again, other = (TrainingState(settings(seed=seed), channels=3) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert everything(first) == everything(again)
    assert everything(first) != everything(other)
    weights = [network.state_dict() for network in (first.generator, first.generator_ema)]
    assert leaves("", weights[0]) == leaves("", weights[1])


@pytest.mark.parametrize("memory_format", ["contiguous", "channels_last"])
def test_what_was_saved_goes_on_as_if_nothing_had_happened(
    tmp_path: Path, settings: Callable[..., Settings], memory_format: str
) -> None:
    chosen = settings(memory_format=memory_format, d_steps=2, instance_noise=0.1)
    whole = trained(chosen, 7)
    trained(chosen, 4).save(tmp_path / "resume.pt")
    resumed = TrainingState(chosen, channels=3)
    resumed.load(tmp_path / "resume.pt")
    assert resumed.step == 4
    step = Step(chosen, resumed, IMAGES)
    for _ in range(3):
        step()
    assert everything(resumed) == everything(whole)


def test_the_average_is_the_weighted_sum_of_all_generators(settings: Callable[..., Settings]) -> None:
    chosen = settings(ema_half_life_images=32.0)  # two steps of 16 images
    state = TrainingState(chosen, channels=3)
    history = [copy.deepcopy(state.generator)]
    step = Step(chosen, state, IMAGES)
    for _ in range(5):
        step()
        history.append(copy.deepcopy(state.generator))
    decay = 0.5**0.5
    shares = [decay**5] + [(1 - decay) * decay ** (5 - i) for i in range(1, 6)]
    assert sum(shares) == pytest.approx(1)
    for name, average in state.generator_ema.named_parameters():
        expected = sum(
            share * generator.get_parameter(name).double()
            for share, generator in zip(shares, history, strict=True)
        )
        torch.testing.assert_close(average.double(), expected, rtol=1e-5, atol=1e-7)


def test_sums_are_read_as_means_and_begin_again(settings: Callable[..., Settings]) -> None:
    state = TrainingState(settings(), channels=3)
    state.sums += torch.tensor([1.0, 2.0, 3.0, -4.0])
    state.n_summed = 4
    assert state.read_sums() == dict(zip(SUMS, [0.25, 0.5, 0.75, -1.0], strict=True))
    assert not state.sums.any()
    assert state.n_summed == 0


def test_instance_noise_has_the_deviation_it_was_given(settings: Callable[..., Settings]) -> None:
    images = torch.zeros(50, 3, 28, 28)
    noisy = TrainingState(settings(instance_noise=0.25), channels=3).noisy(images)
    assert abs(noisy.double().std() - 0.25) < 0.005
    assert abs(noisy.double().mean()) < 0.005
    silent = TrainingState(settings(), channels=3)
    before = silent.random.get_state()
    assert silent.noisy(images) is images
    assert torch.equal(silent.random.get_state(), before)


@pytest.mark.parametrize("spoil", ["sums", "generator", "discriminator"])
def test_what_is_no_number_is_noticed(settings: Callable[..., Settings], spoil: str) -> None:
    state = TrainingState(settings(), channels=3)
    assert state.is_finite()
    tensor = state.sums if spoil == "sums" else list(getattr(state, spoil).parameters())[-1].data
    tensor[(0,) * tensor.ndim] = torch.inf
    assert not state.is_finite()
