"""What Theano computed, written out again in float64, and small networks in the release's files.

The convolution is the true one, its kernel turned by half a turn; the fractionally strided one is its
gradient with respect to the image (cuDNN's GradI, in the release's ``lib/ops.py``), scattered entry by entry.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

Array = np.ndarray
GENERATOR_STRIDES = {
    "svhn": (2, 2, 2),
    "imagenet32": (2, 1, 2, 1, 2, 1),
    "faces64": (2, 2, 2, 2),
}
DISCRIMINATOR_STRIDES = {
    "svhn": (2, 2, 2),
    "imagenet32": (1, 2, 1, 2, 1, 2),
    "faces64": (2, 2, 2, 2),
}
KERNELS = {"svhn": 5, "imagenet32": 3, "faces64": 5}


def convolve(images: Array, kernels: Array, stride: int, border: int) -> Array:
    """``dnn_conv(images, kernels, subsample=(stride, stride), border_mode=(border, border))``."""
    side = kernels.shape[2]
    padded = np.pad(images, [(0, 0), (0, 0), (border, border), (border, border)])
    size = (padded.shape[2] - side) // stride + 1
    found = np.zeros((len(images), len(kernels), size, size))
    for i in range(size):
        for j in range(size):
            patch = padded[:, :, i * stride : i * stride + side, j * stride : j * stride + side]
            for a in range(side):
                for b in range(side):
                    found[:, :, i, j] += patch[:, :, side - 1 - a, side - 1 - b] @ kernels[:, :, a, b].T
    return found


def deconvolve(maps: Array, kernels: Array, stride: int, border: int) -> Array:
    """``deconv`` of the release: the gradient of `convolve` on images ``stride`` times as large."""
    side, size = kernels.shape[2], maps.shape[2]
    large = size * stride
    padded = np.zeros((len(maps), kernels.shape[1], large + 2 * border, large + 2 * border))
    for i in range(size):
        for j in range(size):
            for a in range(side):
                for b in range(side):
                    row, column = i * stride + side - 1 - a, j * stride + side - 1 - b
                    padded[:, :, row, column] += maps[:, :, i, j] @ kernels[:, :, a, b]
    return padded[:, :, border : border + large, border : border + large]


def batchnorm(x: Array, gain: Array, shift: Array) -> Array:
    """``batchnorm(X, g, b)`` of the release, with the statistics of the batch."""
    axes = (0, 2, 3) if x.ndim == 4 else (0,)
    shape = (1, -1, 1, 1) if x.ndim == 4 else (1, -1)
    mean = x.mean(axis=axes).reshape(shape)
    spread = np.square(x - mean).mean(axis=axes).reshape(shape)
    return (x - mean) / np.sqrt(spread + 1e-8) * gain.reshape(shape) + shift.reshape(shape)


def generate(preset: str, arrays: Sequence[Array], z: Array) -> Array:
    """``gen(Z, w, g, b, w2, g2, b2, ..., wx)``."""
    w, g, b, *rest = (array.astype(np.float64) for array in arrays)
    h = np.maximum(batchnorm(z @ w, g, b), 0)
    h = h.reshape(len(z), -1, 4, 4)
    *strides, last = GENERATOR_STRIDES[preset]
    border = (KERNELS[preset] - 1) // 2
    for k, stride in enumerate(strides):
        w, g, b = rest[3 * k : 3 * k + 3]
        h = np.maximum(batchnorm(deconvolve(h, w, stride, border), g, b), 0)
    return np.tanh(deconvolve(h, rest[-1], last, border))


def judge(preset: str, arrays: Sequence[Array], images: Array) -> Array:
    """``discrim(X, w, w2, g2, b2, ..., wy)`` before its sigmoid."""
    first, *rest = (array.astype(np.float64) for array in arrays)
    border = (KERNELS[preset] - 1) // 2
    h = leaky(convolve(images, first, DISCRIMINATOR_STRIDES[preset][0], border))
    for k, stride in enumerate(DISCRIMINATOR_STRIDES[preset][1:]):
        w, g, b = rest[3 * k : 3 * k + 3]
        h = leaky(batchnorm(convolve(h, w, stride, border), g, b))
    return (h.reshape(len(images), -1) @ rest[-1])[:, 0]


def leaky(x: Array) -> Array:
    return np.where(x > 0, x, 0.2 * x)


def generator_arrays(preset: str, seed: int, nz: int = 6, channels: int = 3) -> list[Array]:
    """Arrays as the release has them, 5, 4, 3, ... maps wide."""
    draw = drawer(seed)
    side = KERNELS[preset]
    maps = [2 + len(GENERATOR_STRIDES[preset]) - k for k in range(len(GENERATOR_STRIDES[preset]))]
    arrays = [draw(nz, maps[0] * 16), 1 + draw(maps[0] * 16), draw(maps[0] * 16)]
    for n_in, n_out in pairwise(maps):
        arrays += [draw(n_in, n_out, side, side), 1 + draw(n_out), draw(n_out)]
    return [*arrays, draw(maps[-1], channels, side, side)]


def discriminator_arrays(preset: str, seed: int, channels: int = 3) -> list[Array]:
    """Arrays as the release has them, 3, 4, 5, ... maps wide."""
    draw = drawer(seed)
    side = KERNELS[preset]
    maps = [3 + k for k in range(len(DISCRIMINATOR_STRIDES[preset]))]
    arrays = [draw(maps[0], channels, side, side)]
    for n_in, n_out in pairwise(maps):
        arrays += [draw(n_out, n_in, side, side), 1 + draw(n_out), draw(n_out)]
    return [*arrays, draw(maps[-1] * 16, 1)]


def drawer(seed: int) -> Callable[..., Array]:
    random = np.random.default_rng(seed)
    return lambda *shape: random.normal(0, 0.3, shape).astype(np.float32)


def write(directory: Path, epoch: int, kind: str, arrays: Sequence[Array]) -> Path:
    """Write a network; its ``.jl`` is no pickle, so that opening it as one fails."""
    directory.mkdir(exist_ok=True)
    path = directory / f"{epoch}_{kind}_params.jl"
    path.write_bytes(b"never opened")
    for number, array in enumerate(arrays, start=1):
        np.save(directory / f"{path.name}_{number:02d}.npy", array)
    return path
