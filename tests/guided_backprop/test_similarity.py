"""Trained beside random: cosines by hand, and where they are known."""

import numpy as np
import pytest
import torch

from dcgan_viz.guided_backprop.bank import FilterBank, Pairs
from dcgan_viz.guided_backprop.control import randomised
from dcgan_viz.guided_backprop.filters import convolutions
from dcgan_viz.guided_backprop.similarity import similarity
from dcgan_viz.models.gan import Gan
from tests.models.strangers import Judging

IMAGES = torch.randint(0, 256, (6, 3, 32, 32), generator=torch.Generator().manual_seed(0)).byte()


@pytest.fixture(scope="module")
def banks():
    network = Judging().eval()
    gan = Gan(discriminator=network, image_size=32)
    return FilterBank.of(network, gan, IMAGES), FilterBank.of(randomised(network, 0).eval(), gan, IMAGES)


@pytest.fixture(scope="module")
def conv2(banks):
    return convolutions(banks[0].network, torch.rand(2, 3, 32, 32))[1]


@pytest.fixture(scope="module")
def pairs():
    return Pairs(
        torch.tensor([0, 1, 2, 3, 4]), torch.tensor([0, 0, 0, 5, 5]), torch.tensor([9, 20, 33, 27, 60])
    )


def cosine(one, other):
    return float(
        one.flatten().double() @ other.flatten().double() / (one.double().norm() * other.double().norm())
    )


def test_cosines_by_hand(banks, conv2, pairs):
    trained, control = banks
    found = similarity(trained, control, conv2, pairs, "strict", seed=0)
    mine, theirs = (bank.all_guided(conv2, pairs, "strict") for bank in banks)
    assert found.cosine == pytest.approx(np.mean([cosine(a, b) for a, b in zip(mine, theirs, strict=True)]))
    elsewhere = Pairs(torch.tensor([2, 0, 1, 4, 3]), pairs.filter, pairs.position)
    others = control.all_guided(conv2, elsewhere, "strict")
    assert found.other_image == pytest.approx(
        np.mean([cosine(a, b) for a, b in zip(mine, others, strict=True)])
    )
    own, _ = control.at_own_peaks(conv2, pairs)
    at_own = control.all_guided(conv2, own, "strict")
    assert found.own_positions == pytest.approx(
        np.mean([cosine(a, b) for a, b in zip(mine, at_own, strict=True)])
    )
    low, high = found.cosine_ci95
    assert low <= found.cosine <= high
    assert (found.layer, found.shape, found.n_pairs) == ("conv2", (8, 8, 8), 5)


def test_a_network_is_like_itself(banks, conv2, pairs):
    found = similarity(banks[0], banks[0], conv2, pairs, "strict", seed=0)
    assert found.cosine == pytest.approx(1)
    assert found.cosine_ci95 == pytest.approx((1, 1))
    assert found.other_image < 0.95


def test_nothing_to_compare_is_no_number(banks, conv2):
    found = similarity(banks[0], banks[1], conv2, Pairs.joined([]), "strict", seed=0)
    assert found.n_pairs == 0
    assert np.isnan([found.cosine, *found.cosine_ci95, found.other_image, found.own_positions]).all()
