"""Networks as people write them: functional activations, skips, upsampling, modules used twice."""

import torch
from torch import nn
from torch.nn import functional as F


class Residual(nn.Module):
    """Upsampling, functional activations and a skip: no chain of modules."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 8 * 16 * 16)
        self.conv1, self.conv2, self.conv3 = (
            nn.Conv2d(8, 8, 3, 1, 1),
            nn.Conv2d(8, 8, 3, 1, 1),
            nn.Conv2d(8, 3, 3, 1, 1),
        )
        self.bn1, self.bn2 = nn.BatchNorm2d(8), nn.BatchNorm2d(8)

    def forward(self, z):
        x = self.fc(z).view(-1, 8, 16, 16)
        x = F.relu(self.bn1(self.conv1(F.interpolate(x, scale_factor=2.0))))
        x = x + F.relu(self.bn2(self.conv2(x)))
        return torch.tanh(self.conv3(F.interpolate(x, scale_factor=2.0)))


class Concatenating(nn.Module):
    """A chain whose result is joined with what it began with: it must not be cut."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 8 * 16 * 16)
        self.main = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1), nn.ReLU(), nn.Conv2d(8, 8, 3, 1, 1), nn.ReLU())
        self.last = nn.Conv2d(16, 3, 3, 1, 1)

    def forward(self, z):
        x = self.fc(z).view(-1, 8, 16, 16)
        return torch.tanh(self.last(torch.cat([self.main(x), x], dim=1)))


class Upsampling(nn.Module):
    """The generator that many people write: linear, then nearest-neighbour upsampling and convolutions."""

    def __init__(self, nz: int = 5, width: int = 4, channels: int = 3) -> None:
        super().__init__()
        self.width = width
        self.fc = nn.Linear(nz, width * 8 * 8)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, channels, 3, padding=1)

    def forward(self, z):
        x = F.interpolate(self.fc(z).view(-1, self.width, 8, 8), scale_factor=2)
        x = F.interpolate(F.relu(self.bn1(self.conv1(x)), inplace=True), scale_factor=2)
        return self.conv2(x).tanh()


class Judging(nn.Module):
    """A discriminator of 32 px images, whose answer a function brings into some form."""

    def __init__(self, answer=lambda logits: logits, channels: int = 3) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(channels, 4, 4, 2, 1), nn.Conv2d(4, 8, 4, 2, 1)
        self.bn2 = nn.BatchNorm2d(8)
        self.last = nn.Conv2d(8, 1, 8)
        self.answer = answer

    def plain(self, images):
        """Logits (N, 1, 1, 1)."""
        x = F.leaky_relu(self.conv1(images), 0.2)
        return self.last(F.leaky_relu(self.bn2(self.conv2(x)), 0.2))

    def forward(self, images):
        return self.answer(self.plain(images))
