"""A discriminator whose filters answer to known colours, and images with squares of these colours."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from dcgan_viz.guided_backprop.real_images import RealImages
from dcgan_viz.models.gan import Gan

CLASSES = ("ground", "red", "green", "never")
RED, GREEN, SILENT, CONSTANT, BLOCKED = range(5)  # the filters of ``conv2``
SIDE = 24


class Colours(nn.Module):
    """A filter for red, one for green, one that never responds, one that always responds alike, and one
    through which nothing comes back: the map that it reads is shut."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 3, 3, 1, 1), nn.Conv2d(3, 5, 4, 4)
        self.last = nn.Conv2d(5, 1, SIDE // 4)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.zero_()
            self.conv1.weight[0, :, 1, 1] = torch.tensor([1.0, -1.0, -0.5])
            self.conv1.weight[1, :, 1, 1] = torch.tensor([-1.0, 1.0, -0.5])
            self.conv1.weight[2, :, 1, 1] = 0.01
            self.conv1.bias = nn.Parameter(torch.tensor([-1.0, -1.0, -9.0]))
            self.conv2.weight[RED, 0], self.conv2.weight[GREEN, 1] = 0.1, 0.1
            self.conv2.weight[BLOCKED, 2] = -1.0
            self.conv2.bias = nn.Parameter(torch.tensor([0.0, 0.0, -1.0, 1.0, 0.0]))
            self.last.weight.fill_(0.1)

    def forward(self, images):
        return self.last(F.leaky_relu(self.conv2(F.leaky_relu(self.conv1(images), 0.2)), 0.2)).flatten()


def colour_gan() -> Gan:
    return Gan(discriminator=Colours().eval(), image_size=SIDE)


def shapes(n: int = 40, seed: int = 0, masks: bool = True) -> RealImages:
    """Grey noise with a red and a green square; the brighter, the larger the number of the image."""
    random = np.random.default_rng(seed)
    images = random.integers(90, 130, (n, 3, SIDE, SIDE))
    classes = np.zeros((n, SIDE, SIDE), np.uint8)
    for k in range(n):
        for colour, channel in ((1, 0), (2, 1)):
            y, x = random.integers(0, SIDE - 7, 2)
            images[k, :, y : y + 7, x : x + 7] = 20
            images[k, channel, y : y + 7, x : x + 7] = 150 + 2 * k
            classes[k, y : y + 7, x : x + 7] = colour
    pixels = torch.from_numpy(images.astype(np.uint8))
    if not masks:
        return RealImages(pixels, f"{n} drawn shapes")
    return RealImages(pixels, f"{n} drawn shapes", torch.from_numpy(classes), CLASSES)
