"""How much of the image one position of a layer has to do with, found by following it through the network."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from dcgan_viz.models.hooks import Place, ThreadHooks, copy_of
from dcgan_viz.models.modes import device_of, trying
from dcgan_viz.models.sigmoid import SigmoidCalls
from dcgan_viz.models.statistics import batchnorm_layers

Size = tuple[int, int]
Box = tuple[int, int, int, int]

_AT_ONCE = 32


def receptive_fields(network: nn.Module, example: Tensor, names: list[str], kind: str) -> dict[str, Size]:
    """Height and width in pixels for layers that hold maps.

    For a discriminator: what the middle position sees of the image. For a generator: what it reaches. Both
    are clipped to the image. They are read off a copy of the network in which all weights are positive, so
    that nothing cancels and no ReLU is shut, whatever branches and functions the network has.

    Parameters
    ----------
    network : nn.Module
        Left as it is.
    example : Tensor
        An input of it.
    names : list of str
        Layers, as in `layers`.
    kind : {"generator", "discriminator"}

    Returns
    -------
    dict of str to (int, int)
        Without layers that hold no maps, and without those of a network that cannot be followed.
    """
    follower = _reached if kind == "generator" else _seen
    with torch.inference_mode(False), trying(network):
        positive = _positive(network)
        try:
            return follower(positive, example[:1].double(), names)
        except (RuntimeError, NotImplementedError):  # a foreign network may have no gradient or float64
            return {}


def boxes_seen(network: nn.Module, example: Tensor, name: str, positions: Tensor) -> list[Box]:
    """What single positions of a discriminator's layer see of the image, clipped to it.

    Found as in `receptive_fields`.

    Parameters
    ----------
    network : nn.Module
        Left as it is.
    example : Tensor
        An input of it.
    name : str
        The layer.
    positions : Tensor (P, 2), int
        y and x in the layer's maps.

    Returns
    -------
    list of (x0, y0, x1, y1)
        In pixels, end-exclusive, one for each position; empty where the network cannot be followed.
    """
    distinct, row = positions.cpu().unique(dim=0, return_inverse=True)
    boxes: list[Box] = []
    with torch.inference_mode(False), trying(network), torch.enable_grad():
        positive = _positive(network)
        try:
            for some in distinct.split(_AT_ONCE):
                images = torch.ones_like(example[:1].double()).repeat(len(some), 1, 1, 1).requires_grad_()
                with _tapped(positive, [name]) as outputs:
                    positive(images)
                seen = outputs[name][range(len(some)), :, some[:, 0], some[:, 1]].sum()
                (gradient,) = torch.autograd.grad(seen, images)
                boxes += [_box(one) for one in gradient]
        except (RuntimeError, NotImplementedError):  # as in `receptive_fields`
            return []
    return [boxes[k] for k in row.tolist()]


def _box(pixels: Tensor) -> Box:
    ys, xs = (pixels != 0).any(dim=0).nonzero().unbind(dim=1)  # of pixels (C, H, W)
    if not len(ys):
        return 0, 0, 0, 0
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def _seen(network: nn.Module, image: Tensor, names: list[str]) -> dict[str, Size]:
    image = torch.ones_like(image).requires_grad_()
    with torch.enable_grad(), _tapped(network, names) as outputs:
        network(image.clone())  # it may work in place
        found = {}
        for name, maps in outputs.items():
            middle = maps[..., maps.shape[2] // 2, maps.shape[3] // 2].sum()
            (gradient,) = torch.autograd.grad(middle, image, retain_graph=True)
            found[name] = _extent(gradient)
    return {name: extent for name, extent in found.items() if extent != (0, 0)}


@torch.no_grad()
def _reached(network: nn.Module, z: Tensor, names: list[str]) -> dict[str, Size]:
    found = {}
    two = torch.zeros_like(z).repeat(2, *[1] * (z.ndim - 1))
    for name in names:
        with _spiked(network, name), SigmoidCalls() as calls:
            output = network(two.clone())
        before_sigmoid = calls.argument_of(output)
        spiked, plain = output if before_sigmoid is None else before_sigmoid
        extent = _extent((spiked - plain)[None])
        if extent != (0, 0):
            found[name] = extent
    return found


@contextmanager
def _tapped(network: nn.Module, names: list[str]) -> Iterator[dict[str, Tensor]]:
    modules, outputs = dict(network.named_modules()), {}

    def keep(place: Place) -> None:
        def tap(call: int, x: Tensor | tuple) -> None:
            maps = x[0] if isinstance(x, tuple) else x
            if call == place.call and isinstance(maps, Tensor) and maps.ndim == 4:
                outputs[str(place)] = maps.clone()

        module = modules[place.module]
        if place.is_input:
            hooks.before(module, tap)
        else:
            hooks.after(module, lambda call, _inputs, output: tap(call, output))

    with ThreadHooks(network) as hooks:
        for name in names:
            keep(Place.parse(name))
        yield outputs


@contextmanager
def _spiked(network: nn.Module, name: str) -> Iterator[None]:
    """Let a layer return maps that are 0, save in the middle of the first of two inputs, where they are 1.

    A layer without maps stays as it is.
    """
    place = Place.parse(name)

    def spike(maps: Tensor) -> Tensor | None:
        if not isinstance(maps, Tensor) or maps.ndim != 4:
            return None
        spiked = torch.zeros_like(maps)
        spiked[0, :, maps.shape[2] // 2, maps.shape[3] // 2] = 1
        return spiked

    def spike_first(call: int, inputs: tuple) -> tuple | None:
        spiked = spike(inputs[0]) if call == place.call and inputs else None
        return None if spiked is None else (spiked, *inputs[1:])

    module = network.get_submodule(place.module)
    with ThreadHooks(network) as hooks:
        if place.is_input:
            hooks.before(module, spike_first)
        else:
            hooks.after(module, lambda call, _, output: spike(output) if call == place.call else None)
        yield


@torch.no_grad()
def _positive(network: nn.Module) -> nn.Module:
    positive = copy_of(network).double().eval()
    for name, parameter in positive.named_parameters():
        if parameter.ndim > 1:
            parameter.fill_(1 / parameter[0].numel())
        else:
            parameter.fill_(0.0 if name.endswith("bias") else 1.0)
    for buffer in positive.buffers():
        if buffer.is_floating_point():
            buffer.abs_()  # spectral normalisation divides by the product of two
    for layer in batchnorm_layers(positive).values():
        layer.running_mean = torch.zeros(layer.num_features, dtype=torch.float64, device=device_of(positive))
        layer.running_var = torch.ones(layer.num_features, dtype=torch.float64, device=device_of(positive))
    return positive


def _extent(pixels: Tensor) -> Size:
    touched = (pixels != 0).flatten(0, 1).any(dim=0)  # (H, W)
    sizes = []
    for axis in (1, 0):
        where = touched.any(dim=axis).nonzero()
        sizes.append(int(where.max() - where.min()) + 1 if len(where) else 0)
    return sizes[0], sizes[1]
