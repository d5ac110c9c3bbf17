"""Generators as people write them, spelled out layer by layer, narrow; none of it uses the package."""

from torch import nn
from torch.nn import BatchNorm1d, BatchNorm2d, Conv2d, ConvTranspose2d, Linear, ReLU, Sequential, Tanh


class Main(nn.Module):
    """pytorch/examples' way: one Sequential, here under any name."""

    def __init__(self, *layers, under="main"):
        super().__init__()
        self.under = under
        self.add_module(under, Sequential(*layers))

    def forward(self, z):
        return getattr(self, self.under)(z[:, :, None, None])


def examples64(nz=20, f=4, nc=3, under="main"):
    return Main(
        ConvTranspose2d(nz, f * 8, 4, 1, 0, bias=False),
        BatchNorm2d(f * 8),
        ReLU(True),
        ConvTranspose2d(f * 8, f * 4, 4, 2, 1, bias=False),
        BatchNorm2d(f * 4),
        ReLU(True),
        ConvTranspose2d(f * 4, f * 2, 4, 2, 1, bias=False),
        BatchNorm2d(f * 2),
        ReLU(True),
        ConvTranspose2d(f * 2, f, 4, 2, 1, bias=False),
        BatchNorm2d(f),
        ReLU(True),
        ConvTranspose2d(f, nc, 4, 2, 1, bias=False),
        Tanh(),
        under=under,
    )


def up(n_in, n_out, kernel, stride, padding, bias=False, **more):
    return (
        ConvTranspose2d(n_in, n_out, kernel, stride, padding, bias=bias, **more),
        BatchNorm2d(n_out),
        ReLU(True),
    )


def examples32():
    return Main(
        *up(16, 24, 4, 1, 0),
        *up(24, 10, 4, 2, 1),
        *up(10, 6, 4, 2, 1),
        ConvTranspose2d(6, 1, 4, 2, 1),
        Tanh(),
    )


def examples128():
    rows = [
        *up(10, 16, 4, 1, 0),
        *up(16, 12, 4, 2, 1),
        *up(12, 8, 4, 2, 1),
        *up(8, 6, 4, 2, 1),
        *up(6, 4, 4, 2, 1),
    ]
    return Main(*rows, ConvTranspose2d(4, 3, 4, 2, 1, bias=False), Tanh())


def mnist_4_7_14_28():
    last = ConvTranspose2d(6, 1, 4, 2, 1, bias=False)
    return Main(*up(12, 16, 4, 1, 0), *up(16, 8, 3, 2, 1), *up(8, 6, 4, 2, 1), last, Tanh())


def mnist_cut_from_32():
    rows = [*up(12, 16, 4, 1, 0), *up(16, 8, 4, 2, 1), *up(8, 6, 4, 2, 1), *up(6, 4, 4, 2, 1)]
    return Main(*rows, ConvTranspose2d(4, 1, kernel_size=1, stride=1, padding=2, bias=False), Tanh())


def mnist_from_7():
    return Main(*up(12, 16, 7, 1, 0), *up(16, 8, 4, 2, 1), ConvTranspose2d(8, 1, 4, 2, 1, bias=False), Tanh())


def bare_sequential():
    """Parameters named 0.weight, 1.weight, ...; z of four dimensions."""
    return Sequential(
        nn.Unflatten(1, (14, 1, 1)),
        *up(14, 10, 4, 1, 0),
        *up(10, 8, 4, 2, 1),
        *up(8, 6, 4, 2, 1),
        ConvTranspose2d(6, 3, 4, 2, 1),
        Tanh(),
    )


def norm_per_unit():
    """A projection with BatchNorm1d before the reshape, all in one Sequential; 28 px."""
    return Sequential(
        Linear(11, 8 * 7 * 7, bias=False),
        BatchNorm1d(8 * 7 * 7),
        ReLU(),
        nn.Unflatten(1, (8, 7, 7)),
        ConvTranspose2d(8, 6, 4, 2, 1, bias=False),
        BatchNorm2d(6),
        ReLU(),
        ConvTranspose2d(6, 1, 4, 2, 1),
        Tanh(),
    )


def norm_per_map():
    """A projection, the reshape, and then BatchNorm2d, all in one Sequential; 32 px."""
    return Sequential(
        Linear(11, 8 * 4 * 4),
        nn.Unflatten(1, (8, 4, 4)),
        BatchNorm2d(8),
        ReLU(),
        *up(8, 6, 4, 2, 1),
        *up(6, 5, 4, 2, 1),
        ConvTranspose2d(5, 3, 4, 2, 1),
        Tanh(),
    )


def norm_after_activation():
    return Main(
        ConvTranspose2d(10, 12, 4, 1, 0),
        ReLU(),
        BatchNorm2d(12),
        ConvTranspose2d(12, 8, 4, 2, 1),
        ReLU(),
        BatchNorm2d(8),
        nn.Dropout2d(0.5),
        ConvTranspose2d(8, 6, 4, 2, 1),
        ReLU(),
        BatchNorm2d(6),
        ConvTranspose2d(6, 3, 4, 2, 1),
        Tanh(),
        under="layers",
    )


def dropout_and_no_norm():
    return Main(
        ConvTranspose2d(10, 12, 4, 1, 0),
        ReLU(),
        nn.Dropout(0.3),
        ConvTranspose2d(12, 8, 4, 2, 1),
        ReLU(),
        nn.Dropout(0.3),
        ConvTranspose2d(8, 6, 4, 2, 1),
        ReLU(),
        ConvTranspose2d(6, 3, 4, 2, 1),
        Tanh(),
        under="network",
    )


def norm_on_the_last():
    last = [ConvTranspose2d(6, 3, 4, 2, 1, bias=False), BatchNorm2d(3), Tanh()]
    return Main(*up(10, 12, 4, 1, 0), *up(12, 8, 4, 2, 1), *up(8, 6, 4, 2, 1), *last, under="model")


def kernels_of_3():
    doubled = [*up(12, 8, 3, 2, 1, output_padding=1), *up(8, 6, 3, 2, 1, output_padding=1)]
    return Main(*up(10, 12, 4, 1, 0), *doubled, ConvTranspose2d(6, 3, 3, 2, 1, output_padding=1), Tanh())


def kernels_of_2_and_6():
    last = ConvTranspose2d(6, 3, 2, 2, 0)
    return Main(
        *up(10, 12, 4, 1, 0), *up(12, 8, 6, 2, 2), *up(8, 6, 2, 2, 0), *up(6, 6, 6, 2, 2), last, Tanh()
    )


def px96():
    rows = [*up(10, 16, 6, 1, 0), *up(16, 12, 4, 2, 1), *up(12, 8, 4, 2, 1), *up(8, 6, 4, 2, 1)]
    return Main(*rows, ConvTranspose2d(6, 3, 4, 2, 1), Tanh())


def refined_by_a_convolution():
    rows = [*up(10, 12, 4, 1, 0), *up(12, 8, 4, 2, 1), *up(8, 6, 4, 2, 1), *up(6, 4, 4, 2, 1)]
    return Main(*rows, Conv2d(4, 3, 3, 1, 1), Tanh())


def long_names():
    """The Wasserstein GAN's code names its layers so."""
    net = Sequential()
    net.add_module("initial:10-12:convt", ConvTranspose2d(10, 12, 4, 1, 0, bias=False))
    net.add_module("initial:12:batchnorm", BatchNorm2d(12))
    net.add_module("initial:12:relu", ReLU(True))
    for n_in, n_out in ((12, 8), (8, 6)):
        net.add_module(f"pyramid:{n_in}-{n_out}:convt", ConvTranspose2d(n_in, n_out, 4, 2, 1, bias=False))
        net.add_module(f"pyramid:{n_out}:batchnorm", BatchNorm2d(n_out))
        net.add_module(f"pyramid:{n_out}:relu", ReLU(True))
    net.add_module("final:6-3:convt", ConvTranspose2d(6, 3, 4, 2, 1, bias=False))
    net.add_module("final:3:tanh", Tanh())
    return Sequential(nn.Unflatten(1, (10, 1, 1)), net)


def spectral_generator():
    """Spectral norm in its newer spelling; one level as wide as the next."""
    spectral = nn.utils.parametrizations.spectral_norm
    return Main(
        spectral(ConvTranspose2d(10, 8, 4, 1, 0)),
        ReLU(),
        spectral(ConvTranspose2d(8, 8, 4, 2, 1)),
        ReLU(),
        spectral(ConvTranspose2d(8, 6, 4, 2, 1)),
        ReLU(),
        ConvTranspose2d(6, 3, 4, 2, 1),
        Tanh(),
    )


def weight_normed_generator():
    """Weight norm in both spellings, one along another axis."""
    newer, older = nn.utils.parametrizations.weight_norm, nn.utils.weight_norm
    return Main(
        newer(ConvTranspose2d(10, 8, 4, 1, 0)),
        ReLU(),
        newer(ConvTranspose2d(8, 6, 4, 2, 1), dim=1),
        ReLU(),
        older(ConvTranspose2d(6, 5, 4, 2, 1)),
        ReLU(),
        older(ConvTranspose2d(5, 3, 4, 2, 1), dim=-1),
        Tanh(),
    )
