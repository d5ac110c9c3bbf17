"""The random network: the same architecture, nothing learnt, nothing of the trained one touched."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from dcgan_viz.guided_backprop.control import randomised
from tests.models.strangers import Judging

IMAGES = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_weights_are_those_of_a_network_before_training():
    trained = Judging().eval()
    random = randomised(trained, seed=3)
    weight = random.last.weight.detach()
    assert weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert abs(weight.mean().item()) < 0.003
    state = random.state_dict()
    assert not state["conv1.bias"].any()
    assert (state["bn2.running_mean"].abs().sum(), state["bn2.running_var"].sum()) == (0, 8)
    assert torch.equal(random.last.weight, randomised(trained, seed=3).last.weight)
    assert not torch.equal(random.last.weight, randomised(trained, seed=4).last.weight)


def test_the_trained_network_and_the_random_state_stay():
    trained = Judging().eval()
    before, state = copy.deepcopy(trained.state_dict()), torch.get_rng_state()
    randomised(trained, seed=0)
    assert all(torch.equal(before[name], tensor) for name, tensor in trained.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    "wrap", [parametrizations.spectral_norm, nn.utils.spectral_norm, parametrizations.weight_norm]
)
def test_normalised_weights_are_drawn_too(wrap):
    trained = Judging().eval()
    wrap(trained.conv1)
    with torch.no_grad():
        before = trained(IMAGES)
        random = randomised(trained, seed=0)
        assert torch.equal(trained(IMAGES), before)  # its weights are still computed
    assert type(random.conv1) is nn.Conv2d
    assert random.conv1.weight.std().item() == pytest.approx(0.02, rel=0.2)
    assert [name for name, _ in random.conv1.named_parameters()] == ["bias", "weight"]
    random(IMAGES).sum().backward()


def test_layers_of_other_kinds_start_afresh():
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mix, self.gain = nn.Parameter(torch.ones(3, 3)), nn.Parameter(torch.full((3,), 7.0))

    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.plain = nn.GroupNorm(1, 3), nn.BatchNorm2d(3, affine=False)
            self.odd, self.unseen = Odd(), nn.BatchNorm2d(3)
            nn.init.constant_(self.norm.weight, 5.0)

    trained = Whole()
    trained.unseen.num_batches_tracked = None  # as a calibration leaves it
    random = randomised(trained, seed=0)
    assert random.norm.weight.tolist() == [1.0, 1.0, 1.0]
    assert random.odd.mix.std().item() < 0.1
    assert random.odd.gain.tolist() == [7.0, 7.0, 7.0]
    assert random.unseen.weight.tolist() == pytest.approx([1.0, 1.0, 1.0], abs=0.1)
