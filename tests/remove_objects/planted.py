"""A generator of one's own, with upsampling, functional activations and a skip, whose target is known.

Every map is drawn from z by a formula, so that a picture with or without some maps can be painted again in
NumPy, without any network.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from dcgan_viz.data.box import Box, Boxes
from dcgan_viz.models.gan import Gan, Prior, Provenance

N_MAPS, TARGET = 6, 2  # painted maps; which of them is the target's
NZ = 5
BRUSH = ((0, 0.05, 0), (0.05, 1, 0.05), (0, 0.05, 0))  # a map runs a little over its edges


def seeds(z: torch.Tensor, side: int) -> torch.Tensor:
    """The maps (N, 6, side, side): a square of 2 x 2 for the target, texture around it for the others."""
    maps = torch.zeros(len(z), N_MAPS, side, side)
    cells = torch.arange(side * side).reshape(side, side)
    for n, row in enumerate(z.tolist()):
        for k in range(N_MAPS):
            maps[n, k] = torch.sin(cells * (1.3 + 0.7 * k) + 3 * row[3] + row[4] * k).abs()
        maps[n, TARGET] = 0
        if row[2] > -0.5:  # a quarter of the pictures has no target
            y, x = corner(row, side)
            maps[n, :, y : y + 2, x : x + 2] = 0
            maps[n, TARGET, y : y + 2, x : x + 2] = 1
    return maps


def corner(row, side):
    """Upper left cell of the target."""
    return int((row[0] + 1) / 2 * (side - 1)), int((row[1] + 1) / 2 * (side - 1))


def colours(channels: int) -> torch.Tensor:
    """Of each map: (channels, 6); the target is by far the brightest."""
    found = torch.tensor([[0.1, -0.1, 1.2, 0.1, -0.1, 0.05], [-0.1, 0.1, -0.9, 0.1, 0.1, -0.1], [0.1] * 6])
    return found[:channels]


class Planted(nn.Module):
    """Seeds at a quarter of the side; a residual block paints each into a map of its own at half of it."""

    def __init__(self, size: int, channels: int) -> None:
        super().__init__()
        self.side = size // 4
        self.spread = nn.Conv2d(N_MAPS, 2 * N_MAPS, 3, 1, 1)
        self.paint = nn.Conv2d(2 * N_MAPS, 2 * N_MAPS, 3, 1, 1)
        self.colour = nn.Conv2d(2 * N_MAPS, channels, 3, 1, 1)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.zero_()
            for k in range(N_MAPS):
                self.spread.weight[k, k, 1, 1] = 1
                self.paint.weight[N_MAPS + k, k, 1, 1] = 1
            self.colour.weight[:, N_MAPS:] = colours(channels)[:, :, None, None] * torch.tensor(BRUSH)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.spread(F.interpolate(seeds(z, self.side), scale_factor=2.0)))
        x = x + F.relu(self.paint(x))
        return torch.tanh(self.colour(F.interpolate(x, scale_factor=2.0)))


class Sorter(nn.Module):
    """A discriminator that has seen nothing: random convolutions."""

    def __init__(self, size: int, channels: int, batchnorm: bool = True) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.one, self.two = nn.Conv2d(channels, 8, 4, 2, 1), nn.Conv2d(8, 8, 4, 2, 1)
        self.norm = nn.BatchNorm2d(8, track_running_stats=batchnorm)
        self.last = nn.Conv2d(8, 1, size // 4)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = F.leaky_relu(self.one(images), 0.2)
        return self.last(F.leaky_relu(self.norm(self.two(x)), 0.2))


def planted_gan(size: int, channels: int, *, discriminator: bool = True, running: bool = True) -> Gan:
    state = torch.get_rng_state()
    sorter = Sorter(size, channels, running).eval() if discriminator else None
    torch.set_rng_state(state)
    return Gan(
        Planted(size, channels).eval(), sorter, Prior("uniform", NZ), Provenance("planted", "", "test")
    )


def painted(z: torch.Tensor, size: int, channels: int, without: tuple[int, ...] = ()) -> np.ndarray:
    """The picture again, without a network and without some maps: (N, C, H, W)."""
    maps = seeds(z, size // 4).numpy()
    maps[:, list(without)] = 0
    found = np.zeros((len(z), channels, size, size))
    for k in range(N_MAPS):
        large = maps[:, k].repeat(4, axis=1).repeat(4, axis=2)
        found += colours(channels).numpy()[None, :, k, None, None] * large[:, None]
    padded = np.pad(found, ((0, 0), (0, 0), (1, 1), (1, 1)))
    brushed = sum(BRUSH[y][x] * padded[:, :, y : y + size, x : x + size] for y in range(3) for x in range(3))
    return np.tanh(brushed)


def true_boxes(z: torch.Tensor, size: int) -> Boxes:
    """Around the target in every picture that has it."""
    by_image = {}
    for n, row in enumerate(z.tolist()):
        if row[2] > -0.5:
            y, x = corner(row, size // 4)
            by_image[n] = (Box(4 * x, 4 * y, 4 * x + 8, 4 * y + 8),)
    return Boxes("stamp", size, by_image)


def true_area(images: np.ndarray) -> np.ndarray:
    """Pixels (N,) that are as bright as nothing but the target is."""
    return (images[:, 0] > 0.6).sum(axis=(1, 2))
