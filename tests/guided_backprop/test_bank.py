"""Maps of many filters in many images at once: those of one filter in one image, one after the other."""

import pytest
import torch
from torch import nn

from dcgan_viz.guided_backprop.bank import FilterBank, Pairs, _turns
from dcgan_viz.guided_backprop.filters import choose_convolution, convolutions
from dcgan_viz.guided_backprop.rules import RULES, Guided
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import record
from tests.guided_backprop.networks import Residual
from tests.models.strangers import Judging

IMAGES = torch.randint(0, 256, (70, 3, 32, 32), generator=torch.Generator().manual_seed(0)).byte()


def bank_of(network):
    network.eval()
    found = convolutions(network, torch.rand(2, 3, 32, 32))
    return FilterBank.of(network, Gan(discriminator=network, image_size=32), IMAGES), found


def drawn(n, convolution, seed=0):
    """Pairs at random, images and filters coming again."""
    random = torch.Generator().manual_seed(seed)
    channels, height, width = convolution.shape
    return Pairs(
        torch.randint(0, 40, (n,), generator=random),
        torch.randint(0, channels, (n,), generator=random),
        torch.randint(0, height * width, (n,), generator=random),
    )


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("network", "layer"), [(Judging(), None), (Residual(), "down"), (Residual(), "conv1")]
)
def test_batches_give_what_one_pair_gives(network, layer, rule):
    bank, found = bank_of(network)
    convolution = choose_convolution(found, layer)
    pairs = drawn(60, convolution)
    maps = bank.all_guided(convolution, pairs, rule)
    for k in range(0, len(pairs), 7):
        image = (IMAGES[pairs.image[k]][None].float() / 127.5 - 1).requires_grad_()
        with Guided(rule), record(network, [convolution.response]) as seen:
            network(image)
            one = seen[convolution.response][0, pairs.filter[k]].flatten()[pairs.position[k]]
            (gradient,) = torch.autograd.grad(one, image)
        assert torch.allclose(maps[k], gradient[0], atol=1e-5 * float(gradient.abs().max() + 1))
    assert maps.flatten(1).any(dim=1).sum() > 30


def test_every_pair_comes_once():
    bank, found = bank_of(Judging())
    pairs = drawn(200, found[1])
    numbers = torch.cat([numbers for numbers, _ in bank.guided(found[1], pairs, "strict")])
    assert sorted(numbers.tolist()) == list(range(200))
    assert list(bank.guided(found[1], Pairs.joined([]), "strict")) == []


def test_turns_hold_each_image_at_most_once():
    image = torch.tensor([3, 1, 3, 3, 0, 1])
    turns, images = _turns(image, 5)
    assert [turn.tolist() for turn in turns] == [[4, 1, -1, 0, -1], [-1, 5, -1, 2, -1], [-1, -1, -1, 3, -1]]
    assert images.tolist() == [3, 1, 0]


def test_a_generator_of_maps_leaves_no_mode_open():
    bank, found = bank_of(Judging())
    for _, _ in bank.guided(found[1], drawn(80, found[1]), "deconvnet"):
        x = torch.tensor([-1.0], requires_grad=True)
        assert torch.autograd.grad(nn.functional.relu(x).sum(), x)[0].item() == 0.0  # deconvnet would give 1
        break


def test_the_copy_is_its_own():
    network = Judging()
    bank, found = bank_of(network)
    before = bank.all_guided(found[1], drawn(5, found[1]), "strict")
    with torch.no_grad():
        network.conv1.weight.zero_()
    assert torch.equal(bank.all_guided(found[1], drawn(5, found[1]), "strict"), before)
    assert not any(parameter.requires_grad for parameter in bank.network.parameters())
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_own_peaks_are_the_largest_responses():
    bank, found = bank_of(Judging())
    pairs = drawn(50, found[1])
    own, highest = bank.at_own_peaks(found[1], pairs)
    everywhere = bank.responses([found[1]])["conv2"]
    assert torch.equal(own.image, pairs.image)
    assert torch.equal(own.filter, pairs.filter)
    assert torch.allclose(highest, everywhere.highest[pairs.image, pairs.filter], atol=1e-5)
    assert torch.equal(own.position, everywhere.position[pairs.image, pairs.filter])
