"""The rules once more, slowly and to the letter, in NumPy and float64, without autograd."""

import numpy as np


def positions(padded, kernel, stride, size):
    """Slices of a padded map (…, H, W) that each kernel element reads."""
    height, width = size
    for i in range(kernel):
        for j in range(kernel):
            yield i, j, np.s_[..., i : i + stride * height : stride, j : j + stride * width : stride]


def convolve(x, weight, bias, stride, padding):
    """Maps (O, h, w) of x (C, H, W)."""
    kernel = weight.shape[2]
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    size = tuple((side - kernel) // stride + 1 for side in padded.shape[1:])
    maps = np.zeros((len(weight), *size)) + bias[:, None, None]
    for i, j, where in positions(padded, kernel, stride, size):
        maps += np.einsum("oc,chw->ohw", weight[:, :, i, j], padded[where])
    return maps


def convolve_back(g, weight, stride, padding, shape):
    """Gradient (C, H, W) of what g (O, h, w) is the gradient of."""
    channels, height, width = shape
    padded = np.zeros((channels, height + 2 * padding, width + 2 * padding))
    for i, j, where in positions(padded, weight.shape[2], stride, g.shape[1:]):
        padded[where] += np.einsum("oc,ohw->chw", weight[:, :, i, j], g)
    return padded[:, padding : padding + height, padding : padding + width]


def rectify(x, slope):
    return np.where(x > 0, x, slope * x)


def rule(name, x, g, slope):
    """The formulas of the table."""
    if name == "strict":
        return (x > 0) * np.maximum(g, 0)
    if name == "slope":
        return np.where(x > 0, 1.0, slope) * np.maximum(g, 0)
    if name == "deconvnet":
        return np.maximum(g, 0)
    return np.where(x > 0, 1.0, slope) * g


def guided(network, image, filter, y, x, name, slope):
    """The map (3, H, W) of one position of ``conv3`` of a `Forms` network, in float64."""

    def numbers(tensor):
        return tensor.detach().double().numpy()

    first, second, third = network.conv1, network.conv2, network.conv3
    before1 = convolve(image, numbers(first.weight), numbers(first.bias), 2, 1)
    after1 = rectify(before1, slope)
    before2 = convolve(after1, numbers(second.weight), numbers(second.bias), 2, 1)
    scale = numbers(network.norm.weight) / np.sqrt(numbers(network.norm.running_var) + network.norm.eps)
    shift = numbers(network.norm.bias) - scale * numbers(network.norm.running_mean)
    normed = before2 * scale[:, None, None] + shift[:, None, None]
    after2 = rectify(normed, slope)
    maps = convolve(after2, numbers(third.weight), numbers(third.bias), 1, 1)

    g = np.zeros_like(maps)
    g[filter, y, x] = 1.0
    g = rule(name, normed, convolve_back(g, numbers(third.weight), 1, 1, after2.shape), slope)
    g = convolve_back(g * scale[:, None, None], numbers(second.weight), 2, 1, after1.shape)
    g = rule(name, before1, g, slope)
    return convolve_back(g, numbers(first.weight), 2, 1, image.shape), maps
