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
