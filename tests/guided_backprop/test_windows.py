"""Convolutions that multiply back window by window: the gradients of torch's own."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dcgan_viz.guided_backprop.windows import WindowedConvolutions


def both(layer, images, seeds, first=None):
    """Gradients of some positions of a layer's maps, by torch and in windows."""
    found = []
    for windowed in (False, True):
        inputs = images.clone().requires_grad_()
        x = inputs if first is None else first(inputs)
        if windowed:
            with WindowedConvolutions():
                maps = layer(x)
        else:
            maps = layer(x)
        (gradient,) = torch.autograd.grad((maps * seeds(maps)).sum(), inputs)
        found.append(gradient)
    return found


def one_position(maps):
    """In each image another position and map."""
    seeds = torch.zeros_like(maps)
    for n in range(len(maps)):
        seeds[n, n % maps.shape[1], (3 * n) % maps.shape[2], (5 * n + 2) % maps.shape[3]] = n + 1.0
    return seeds


def everywhere(maps):
    return torch.ones_like(maps)


def nowhere(maps):
    return torch.zeros_like(maps)


def in_one_image(maps):
    seeds = torch.zeros_like(maps)
    seeds[1, :, 0, -1] = 1.0
    return seeds


LAYERS = [
    nn.Conv2d(4, 6, 3),
    nn.Conv2d(4, 6, 4, 2, 1),
    nn.Conv2d(4, 6, (3, 5), (2, 3), (0, 2)),
    nn.Conv2d(4, 6, 3, 1, 2, dilation=2),
    nn.Conv2d(4, 6, 3, 2, 1, groups=2),
    nn.Conv2d(4, 6, 5, 4),  # leaves out rows at the end
    nn.Conv2d(4, 6, 1),
    nn.Conv2d(4, 6, 3, padding="same"),
    nn.Conv2d(4, 6, 3, padding=1, padding_mode="reflect"),
    nn.Sequential(nn.Conv2d(4, 6, 3, 2, 1), nn.Conv2d(6, 5, 4, 2, 1), nn.Conv2d(5, 3, 3)),
]


@pytest.mark.parametrize("seeds", [one_position, everywhere, nowhere, in_one_image])
@pytest.mark.parametrize("layer", LAYERS, ids=str)
@pytest.mark.parametrize("channels_last", [False, True])
def test_gradients_are_those_of_torch(layer, seeds, channels_last):
    layer = layer.double().requires_grad_(False)
    images = torch.randn(5, 4, 19, 23, generator=torch.Generator().manual_seed(0)).double()
    if channels_last:
        images = images.contiguous(memory_format=torch.channels_last)
    own, windowed = both(layer, images, seeds)
    assert torch.allclose(own, windowed, rtol=0, atol=1e-13)
    assert windowed.any() == (seeds is not nowhere)


def test_weights_that_learn_are_left_alone():
    layer, images = nn.Conv2d(2, 3, 3), torch.randn(2, 2, 8, 8, requires_grad=True)
    with WindowedConvolutions():
        maps = layer(images)
    maps.sum().backward()
    assert type(maps.grad_fn).__name__ == "ConvolutionBackward0"
    assert layer.weight.grad is not None


def test_no_number_stays_no_number():
    layer = nn.Conv2d(1, 1, 3, padding=1).requires_grad_(False)
    images = torch.randn(1, 1, 8, 8)

    def broken(maps):
        seeds = torch.zeros_like(maps)
        seeds[0, 0, 4, 4] = float("nan")
        return seeds

    own, windowed = both(layer, images, broken)
    assert torch.equal(own.isnan(), windowed.isnan())


def test_functions_and_keywords():
    weight, images = torch.randn(3, 2, 3, 3), torch.randn(2, 2, 9, 9)
    for call in (
        lambda x: F.conv2d(x, weight, None, 2, 1),
        lambda x: torch.conv2d(input=x, weight=weight, stride=(2, 1), padding=[0, 1]),
        lambda x: F.conv2d(x, weight, torch.ones(3), dilation=2),
    ):
        own, windowed = both(call, images, one_position)
        assert torch.allclose(own, windowed, atol=1e-5)
