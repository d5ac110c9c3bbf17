"""Discriminators as people write them, spelled out layer by layer, narrow; none of it uses the package.

``logits`` is what each computes before the sigmoid with which most of them end.
"""

import torch.nn.functional as F
from torch import nn
from torch.nn import (
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Dropout2d,
    Flatten,
    InstanceNorm2d,
    LeakyReLU,
    Linear,
    Sequential,
    Sigmoid,
)


class Main(nn.Module):
    """pytorch/examples' way: one Sequential that ends with a sigmoid, here under any name."""

    def __init__(self, *layers, under="main"):
        super().__init__()
        self.under = under
        self.add_module(under, Sequential(*layers, Sigmoid()))

    def forward(self, images):
        return getattr(self, self.under)(images).view(-1)

    def logits(self, images):
        return getattr(self, self.under)[:-1](images).view(-1)


def leaky():
    return LeakyReLU(0.2, inplace=True)


def down(n_in, n_out, kernel, stride, padding, bias=False):
    return Conv2d(n_in, n_out, kernel, stride, padding, bias=bias), BatchNorm2d(n_out), leaky()


def first(n_in, n_out, kernel, stride, padding, bias=False):
    return Conv2d(n_in, n_out, kernel, stride, padding, bias=bias), leaky()


def last(n_in, kernel, stride, padding, bias=False):
    return Conv2d(n_in, 1, kernel, stride, padding, bias=bias)


def examples64(nc=3, f=4, under="main"):
    return Main(
        Conv2d(nc, f, 4, 2, 1, bias=False),
        LeakyReLU(0.2, inplace=True),
        Conv2d(f, f * 2, 4, 2, 1, bias=False),
        BatchNorm2d(f * 2),
        LeakyReLU(0.2, inplace=True),
        Conv2d(f * 2, f * 4, 4, 2, 1, bias=False),
        BatchNorm2d(f * 4),
        LeakyReLU(0.2, inplace=True),
        Conv2d(f * 4, f * 8, 4, 2, 1, bias=False),
        BatchNorm2d(f * 8),
        LeakyReLU(0.2, inplace=True),
        Conv2d(f * 8, 1, 4, 1, 0, bias=False),
        under=under,
    )


def examples32():
    return Main(*first(1, 5, 4, 2, 1), *down(5, 7, 4, 2, 1), *down(7, 9, 4, 2, 1), last(9, 4, 1, 0))


def examples128():
    rows = [*first(3, 4, 4, 2, 1), *down(4, 6, 4, 2, 1), *down(6, 8, 4, 2, 1), *down(8, 10, 4, 2, 1)]
    return Main(*rows, *down(10, 12, 4, 2, 1), last(12, 4, 1, 0))


def mnist_28_14_7_4():
    return Main(*first(1, 4, 4, 2, 1), *down(4, 6, 4, 2, 1), *down(6, 8, 3, 2, 1), last(8, 4, 1, 0))


def mnist_28_14_7_3():
    """Four times 4/2/1, the last one from 3 px to 1: the same kernels as for 32 px."""
    return Main(*first(1, 4, 4, 2, 1), *down(4, 6, 4, 2, 1), *down(6, 8, 4, 2, 1), last(8, 4, 2, 1))


def mnist_to_7():
    return Main(*first(1, 4, 4, 2, 1), *down(4, 6, 4, 2, 1), last(6, 7, 1, 0))


class NestedBlocks(nn.Module):
    """A course's: no padding anywhere, 28, 13, 5, 1 px, logits at the end."""

    def __init__(self, hidden=4):
        super().__init__()
        self.disc = Sequential(
            Sequential(Conv2d(1, hidden, 4, 2), BatchNorm2d(hidden), LeakyReLU(0.2)),
            Sequential(Conv2d(hidden, hidden * 2, 4, 2), BatchNorm2d(hidden * 2), LeakyReLU(0.2)),
            Sequential(Conv2d(hidden * 2, 1, 4, 2)),
        )

    def logits(self, images):
        return self.disc(images).view(len(images))


class NestedAndFlat(nn.Module):
    """disc.0 with a bias, blocks disc.2.0 without, disc.5 with one."""

    def __init__(self):
        super().__init__()
        self.disc = Sequential(
            Conv2d(3, 4, kernel_size=4, stride=2, padding=1),
            LeakyReLU(0.2),
            Sequential(Conv2d(4, 6, 4, 2, 1, bias=False), BatchNorm2d(6), LeakyReLU(0.2)),
            Sequential(Conv2d(6, 8, 4, 2, 1, bias=False), BatchNorm2d(8), LeakyReLU(0.2)),
            Sequential(Conv2d(8, 10, 4, 2, 1, bias=False), BatchNorm2d(10), LeakyReLU(0.2)),
            Conv2d(10, 1, kernel_size=4, stride=2, padding=0),
            Sigmoid(),
        )

    def logits(self, images):
        return self.disc[:-1](images).flatten()


class BlocksThenLinear(nn.Module):
    """conv1.0, conv2.0, ... with functional activations, and fc at the end."""

    def __init__(self, d=4):
        super().__init__()
        self.conv1 = Sequential(Conv2d(3, d, 4, 2, 1, bias=False))
        self.conv2 = Sequential(Conv2d(d, d * 2, 4, 2, 1, bias=False), BatchNorm2d(d * 2))
        self.conv3 = Sequential(Conv2d(d * 2, d * 4, 4, 2, 1, bias=False), BatchNorm2d(d * 4))
        self.fc = Linear(d * 4 * 4 * 4, 1)

    def logits(self, x):
        x = F.leaky_relu(self.conv1(x), 0.2)
        x = F.leaky_relu(self.conv2(x), 0.2)
        x = F.leaky_relu(self.conv3(x), 0.2)
        return self.fc(x.view(len(x), -1))[:, 0]


class NamedLayers(nn.Module):
    """conv1, conv2, conv2_bn, ... and functional activations."""

    def __init__(self, d=4):
        super().__init__()
        self.conv1 = Conv2d(1, d, 4, 2, 1)
        self.conv2 = Conv2d(d, d * 2, 4, 2, 1)
        self.conv2_bn = BatchNorm2d(d * 2)
        self.conv3 = Conv2d(d * 2, d * 4, 4, 2, 1)
        self.conv3_bn = BatchNorm2d(d * 4)
        self.conv4 = Conv2d(d * 4, d * 8, 4, 2, 1)
        self.conv4_bn = BatchNorm2d(d * 8)
        self.conv5 = Conv2d(d * 8, 1, 4, 1, 0)

    def logits(self, x):
        x = F.leaky_relu(self.conv1(x), 0.2)
        x = F.leaky_relu(self.conv2_bn(self.conv2(x)), 0.2)
        x = F.leaky_relu(self.conv3_bn(self.conv3(x)), 0.2)
        x = F.leaky_relu(self.conv4_bn(self.conv4(x)), 0.2)
        return self.conv5(x).reshape(-1)


class NormsRegisteredLast(nn.Module):
    """All convolutions first, then the norms, of which the first convolution has none."""

    def __init__(self):
        super().__init__()
        self.conv1 = Conv2d(3, 8, 4, 2, 1, bias=False)
        self.conv2 = Conv2d(8, 8, 4, 2, 1, bias=False)
        self.conv3 = Conv2d(8, 10, 4, 2, 1, bias=False)
        self.conv4 = Conv2d(10, 1, 4, 1, 0, bias=False)
        self.bn2 = BatchNorm2d(8)
        self.bn3 = BatchNorm2d(10)

    def logits(self, x):
        x = F.leaky_relu(self.conv1(x), 0.2)
        x = F.leaky_relu(self.bn2(self.conv2(x)), 0.2)
        x = F.leaky_relu(self.bn3(self.conv3(x)), 0.2)
        return self.conv4(x).flatten()


def linear_in_the_row():
    """Flatten and Linear in the same Sequential; 5x5 kernels; 28 px."""
    rows = [*first(1, 4, 5, 2, 2, bias=True), Dropout(0.3), Conv2d(4, 6, 5, 2, 2), leaky(), Dropout(0.3)]
    return Main(*rows, Flatten(), Linear(6 * 7 * 7, 1), under="network")


def paper5():
    rows = [*first(3, 4, 5, 2, 2), *down(4, 6, 5, 2, 2), *down(6, 8, 5, 2, 2), *down(8, 10, 5, 2, 2)]
    return Main(*rows, Flatten(), Linear(10 * 4 * 4, 1))


def two_linears():
    linear = [Linear(6 * 7 * 7, 12, bias=False), BatchNorm1d(12), leaky(), Linear(12, 1)]
    return Main(*first(1, 4, 4, 2, 1), *down(4, 6, 4, 2, 1), Flatten(), *linear)


class NormAfterDropout(nn.Module):
    """Convolution, LeakyReLU, Dropout2d, norm of eps 0.8, as one much-copied file has it; 3x3, 32 px."""

    def __init__(self):
        super().__init__()

        def block(n_in, n_out, bn=True):
            layers = [Conv2d(n_in, n_out, 3, 2, 1), LeakyReLU(0.2, inplace=True), Dropout2d(0.25)]
            return [*layers, BatchNorm2d(n_out, 0.8)] if bn else layers

        self.model = Sequential(*block(1, 4, bn=False), *block(4, 6), *block(6, 8), *block(8, 10))
        self.adv_layer = Sequential(Linear(10 * 2 * 2, 1), Sigmoid())

    def logits(self, images):
        x = self.model(images)
        return self.adv_layer[0](x.view(x.shape[0], -1))[:, 0]


def norm_on_every_layer():
    rows = [
        *down(3, 4, 4, 2, 1, bias=True),
        *down(4, 6, 4, 2, 1),
        *down(6, 8, 4, 2, 1),
        *down(8, 10, 4, 2, 1),
    ]
    return Main(*rows, last(10, 4, 1, 0, bias=True), BatchNorm2d(1), under="model")


def instance_normed():
    rows = [*first(3, 4, 4, 2, 1), Conv2d(4, 6, 4, 2, 1), InstanceNorm2d(6, affine=True), leaky()]
    return Main(*rows, Conv2d(6, 8, 4, 2, 1), InstanceNorm2d(8, affine=True), leaky(), last(8, 4, 1, 0))


def odd_kernels_keep():
    """The spectrally normalised network's pattern: 3x3 keeps the size, 4x4 halves it; 32 px."""
    spectral = nn.utils.spectral_norm  # the older spelling
    windows = [
        (3, 4, 3, 1, 1),
        (4, 6, 4, 2, 1),
        (6, 6, 3, 1, 1),
        (6, 8, 4, 2, 1),
        (8, 8, 3, 1, 1),
        (8, 8, 4, 2, 1),
    ]
    rows = [layer for window in windows for layer in (spectral(Conv2d(*window)), leaky())]
    return Main(*rows, Flatten(), spectral(Linear(8 * 4 * 4, 1)))


def px96():
    rows = [*first(3, 4, 4, 2, 1), *down(4, 6, 4, 2, 1), *down(6, 8, 4, 2, 1), *down(8, 10, 4, 2, 1)]
    return Main(*rows, last(10, 6, 1, 0))


def convolution_then_linear():
    """A last convolution to 1 px with several maps, and a linear layer on them."""
    rows = [*first(3, 4, 4, 2, 1), *down(4, 6, 4, 2, 1), *down(6, 8, 4, 2, 1), *down(8, 12, 4, 1, 0)]
    return Main(*rows, Flatten(), Linear(12, 1))
