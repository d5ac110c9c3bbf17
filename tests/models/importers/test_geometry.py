"""Strides from kernel sizes: what is taken, what is asked for, and that a plan does what it says."""

import itertools

import pytest
import torch
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers.arch import Arch, Window, row
from dcgan_viz.models.importers.geometry import MARGIN, Row, choose, given, plans


def painter(kernels, side=1, channels=1, ordinary=None):
    return Row(
        "generator",
        kernels,
        ordinary or (False,) * len(kernels),
        side,
        side > 1,
        channels,
        (1,) * len(kernels),
    )


def judge(kernels, side=1, channels=1):
    return Row(
        "discriminator", kernels, (True,) * len(kernels), side, side > 1, channels, (1,) * len(kernels)
    )


def taken(*rows):
    chosen = choose(["it.pth"] * len(rows), [plans(row_) for row_ in rows], rows)
    return chosen[0].image_size, *(row(plan.windows) for plan in chosen)


# Who writes it, the row, side of the images in px, kernel/stride/padding
TAKEN = [
    ("pytorch/examples", painter((4,) * 5, channels=3), 64, "4/1/0,4/2/1,4/2/1,4/2/1,4/2/1"),
    ("pytorch/examples", judge((4,) * 5, channels=3), 64, "4/2/1,4/2/1,4/2/1,4/2/1,4/1/0"),
    ("MNIST", painter((4, 3, 4, 4)), 28, "4/1/0,3/2/1,4/2/1,4/2/1"),
    ("MNIST, cut", painter((4, 4, 4, 4, 1)), 28, "4/1/0,4/2/1,4/2/1,4/2/1,1/1/2"),
    ("colour, 1x1 at the end", painter((4, 4, 4, 4, 1), channels=3), 32, "4/1/0,4/2/1,4/2/1,4/2/1,1/1/0"),
    ("no padding", painter((3, 4, 3, 4)), 28, "3/1/0,4/1/0,3/2/0,4/2/0"),
    ("no padding", judge((4, 4, 4)), 28, "4/2/0,4/2/0,4/2/0"),
    ("TensorFlow's tutorial", painter((5, 5, 5), 7), 28, "5/1/2,5/2/2/1,5/2/2/1"),
    ("the paper", painter((5,) * 4, 4, 3), 64, "5/2/2/1,5/2/2/1,5/2/2/1,5/2/2/1"),
    ("refined", painter((4, 4, 4, 4, 3), 1, 3, (False,) * 4 + (True,)), 32, "4/1/0,4/2/1,4/2/1,4/2/1,c3/1/1"),
    ("spectral norm", judge((3, 4, 3, 4, 3, 4), 4, 3), 32, "3/1/1,4/2/1,3/1/1,4/2/1,3/1/1,4/2/1"),
    ("48 px", painter((6, 4, 4, 4), channels=3), 48, "6/1/0,4/2/1,4/2/1,4/2/1"),
    ("256 px", painter((4,) * 7, channels=3), 256, "4/1/0," + ",".join(["4/2/1"] * 6)),
]


@pytest.mark.parametrize(("who", "row_", "size", "windows"), TAKEN, ids=[f"{r[0]} {r[2]}" for r in TAKEN])
def test_what_people_write_is_taken(who, row_, size, windows):
    assert taken(row_) == (size, windows)


def test_a_pair_takes_the_size_that_both_can_have():
    cut, halved = painter((4, 4, 4, 4, 1)), judge((4,) * 4)
    assert taken(halved)[0] == 32
    assert taken(cut, halved) == (28, "4/1/0,4/2/1,4/2/1,4/2/1,1/1/2", "4/2/1,4/2/1,4/2/1,4/2/1")


@pytest.mark.parametrize("row_", [painter((3, 3, 3), 7), painter((5, 4, 4, 4)), judge((4, 4, 4, 4, 3), 1, 3)])
def test_rivals_are_listed_ready_for_use(row_):
    with pytest.raises(InputError) as caught:
        taken(row_)
    line = str(caught.value)
    listed = line.split("choose with --arch ")[1].split(" or ")
    assert len(listed) > 1
    for proposal in listed:
        text, size = proposal.strip("'").split("' (")
        arch = Arch.parse(text)
        sizes = {plan.image_size for plan in given("it.pth", row_, arch.g or arch.d)}
        assert int(size.removesuffix(" px)")) in sizes


@pytest.mark.parametrize("kernels", list(itertools.product((2, 3, 4, 5), repeat=3)))
@pytest.mark.parametrize("side", [1, 4, 7])
def test_plans_lead_where_they_say(kernels, side):
    for plan in plans(painter(kernels, side)):
        layers = [
            nn.ConvTranspose2d(1, 1, w.kernel, w.stride, w.padding, w.output_padding) for w in plan.windows
        ]
        assert nn.Sequential(*layers)(torch.zeros(1, 1, side, side)).shape[2:] == (plan.image_size,) * 2
    for plan in plans(judge(kernels, side)):
        reducing = [nn.Conv2d(1, 1, w.kernel, w.stride, w.padding) for w in plan.windows]
        images = torch.zeros(1, 1, plan.image_size, plan.image_size)
        assert nn.Sequential(*reducing)(images).shape[2:] == (side, side)


def test_the_cheapest_plan_comes_first():
    found = plans(judge((4,) * 4))
    assert [plan.cost for plan in found] == sorted(plan.cost for plan in found)
    assert found[1].cost - found[0].cost >= MARGIN


def test_arch_is_read_as_it_is_written():
    windows = (Window(4, 1, 0), Window(5, 2, 2, 1), Window(3, 1, 1, ordinary=True))
    assert row(windows) == "4/1/0,5/2/2/1,c3/1/1"
    arch = Arch.parse(f" g = {row(windows)} ; leak=0.01;end=none")
    assert (arch.g, arch.d, arch.leak, arch.end, arch.act) == (windows, (), 0.01, "none", "relu")
    assert Arch.parse("") == Arch()
