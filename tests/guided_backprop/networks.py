"""Discriminators whose activations come in every form, and one whose filters are planted."""

import copy

import torch
from torch import nn
from torch.nn import functional as F

SLOPE = 0.2


class Forms(nn.Module):
    """Two convolutions with BatchNorm and a third, whose activations are the subclass's."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(seed)
        self.conv1, self.conv2 = nn.Conv2d(3, 4, 3, 2, 1), nn.Conv2d(4, 5, 3, 2, 1)
        self.norm, self.conv3 = nn.BatchNorm2d(5), nn.Conv2d(5, 6, 3, 1, 1)
        self.last = nn.Conv2d(6, 1, 4)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=random) * 0.5)
            self.norm.weight.copy_(torch.tensor([1.0, 0.5, -1.5, 2.0, 0.7]))
            self.norm.running_mean = torch.randn(5, generator=random) * 0.3
            self.norm.running_var = torch.rand(5, generator=random) + 0.5
        self.prepare()

    def prepare(self) -> None:
        """Make what modules the activations need."""

    def act(self, x, number):
        raise NotImplementedError

    def forward(self, images):
        x = self.act(self.conv1(images), 0)
        x = self.act(self.norm(self.conv2(x)), 1)
        return self.last(self.act(self.conv3(x), 2)).flatten()


class Modules(Forms):
    def prepare(self):
        self.acts = nn.ModuleList(nn.LeakyReLU(SLOPE) for _ in range(3))

    def act(self, x, number):
        return self.acts[number](x)


class InPlace(Modules):
    def prepare(self):
        self.acts = nn.ModuleList(nn.LeakyReLU(SLOPE, inplace=True) for _ in range(3))


class InPlaceUnused(InPlace):
    """What the activations return is thrown away: the tensor itself has changed."""

    def act(self, x, number):
        self.acts[number](x)
        return x


class Reused(Forms):
    def prepare(self):
        self.one = nn.LeakyReLU(SLOPE)

    def act(self, x, number):
        return self.one(x)


class Functional(Forms):
    def act(self, x, number):
        return F.leaky_relu(x, SLOPE)


class FunctionalInPlace(Forms):
    def act(self, x, number):
        if number == 1:
            return F.leaky_relu_(x, SLOPE)
        return F.leaky_relu(x, SLOPE, True)


class Keywords(Forms):
    def act(self, x, number):
        return F.leaky_relu(input=x, negative_slope=SLOPE, inplace=number == 1)


LEAKY = [Modules, InPlace, InPlaceUnused, Reused, Functional, FunctionalInPlace, Keywords]


class Relus(Forms):
    def prepare(self):
        self.acts = nn.ModuleList(nn.ReLU() for _ in range(3))

    def act(self, x, number):
        return self.acts[number](x)


class RelusInPlace(Relus):
    def prepare(self):
        self.acts = nn.ModuleList(nn.ReLU(inplace=True) for _ in range(3))


class RelusAsFunctions(Forms):
    def act(self, x, number):
        return (torch.relu, F.relu, lambda x: x.relu())[number](x)


class RelusAsFunctionsInPlace(Forms):
    def act(self, x, number):
        return (torch.relu_, lambda x: F.relu(x, inplace=True), lambda x: x.relu_())[number](x)


RELUS = [Relus, RelusInPlace, RelusAsFunctions, RelusAsFunctionsInPlace]


class Other(Forms):
    """An activation that there is no rule for."""

    def __init__(self, activation) -> None:
        super().__init__()
        self.activation = activation

    def act(self, x, number):
        return self.activation(x)


def relu_twin(network):
    """A copy with a ReLU module for each LeakyReLU module."""
    twin = copy.deepcopy(network).eval()
    for name, module in list(twin.named_modules()):
        if isinstance(module, nn.LeakyReLU):
            twin.set_submodule(name, nn.ReLU())
    return twin


class Residual(nn.Module):
    """Skips, functional activations before the convolutions, one of them in place on a sum."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, 1, 1)
        self.conv1, self.conv2 = nn.Conv2d(6, 6, 3, 1, 1), nn.Conv2d(6, 6, 3, 1, 1)
        self.down = nn.Conv2d(6, 8, 4, 2, 1)
        self.head = nn.Linear(8, 1)

    def forward(self, images):
        x = self.stem(images)
        y = self.conv1(F.relu(x))
        x = x + self.conv2(F.relu(y, inplace=True))
        x = F.leaky_relu(self.down(x), 0.1)
        return self.head(F.relu_(x + 0.0).sum(dim=(2, 3))).flatten()
