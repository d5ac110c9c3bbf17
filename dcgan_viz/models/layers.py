"""A network's layers: which there are, what they hold, and how to look at or change it.

Layers are named as ``named_modules()`` names them. A hidden layer is named by the last module that runs
before a convolution: in a chain of modules that is what the convolution reads, after BatchNorm and ReLU, so
that dropping a map there drops all that later layers ever see of it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dcgan_viz.errors import InputError

Edit = Callable[[Tensor], Tensor]
CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
RULES = {
    "penultimate": "the last hidden convolution's activations",
    "second-highest": "the activations one convolution below the penultimate layer",
}


@dataclass(frozen=True)
class Layer:
    """One layer of a network.

    Attributes
    ----------
    name : str
        As in ``named_modules()``.
    kind : str
        Class of the module.
    shape : tuple of int
        (C, H, W) of what it returns for one input.
    rule : str
        How it was chosen: "named", or the rule's name.
    """

    name: str
    kind: str
    shape: tuple[int, int, int]
    rule: str = "named"


@torch.no_grad()
def trace(network: nn.Module, example: Tensor) -> list[Layer]:
    """All leaf modules that return maps (N, C, H, W), in the order in which they run.

    Parameters
    ----------
    network : nn.Module
        Left as it is; run once, in eval mode.
    example : Tensor
        An input of it.
    """
    found: list[Layer] = []

    def note(name: str, module: nn.Module) -> Callable[..., None]:
        def hook(_module: nn.Module, _inputs: object, output: object) -> None:
            if isinstance(output, Tensor) and output.ndim == 4:
                channels, height, width = output.shape[1:]
                found.append(Layer(name, type(module).__name__, (channels, height, width)))

        return hook

    leaves = [(name, module) for name, module in network.named_modules() if not list(module.children())]
    handles = [module.register_forward_hook(note(name, module)) for name, module in leaves]
    try:
        with evaluating(network):
            network(example)
    finally:
        for handle in handles:
            handle.remove()
    return found


def hidden_layers(network: nn.Module, example: Tensor) -> list[Layer]:
    """The module that runs just before each convolution but the first, lowest (nearest to the input) first.

    Parameters
    ----------
    network : nn.Module
        A generator or a discriminator.
    example : Tensor
        An input of it.
    """
    kinds = dict(network.named_modules())
    run = trace(network, example)
    reads = [k for k, layer in enumerate(run) if isinstance(kinds[layer.name], CONVOLUTIONS)]
    return [run[k - 1] for k in reads if k > 0]


def resolve_layer(network: nn.Module, example: Tensor, wanted: str) -> Layer:
    """Find a layer by name or by rule.

    Parameters
    ----------
    network : nn.Module
    example : Tensor
        An input of it.
    wanted : str
        A name from ``named_modules()``, or one of ``RULES``.

    Raises
    ------
    InputError
        If there is no such layer, or it returns no maps.
    """
    hidden = hidden_layers(network, example)
    position = {"penultimate": -1, "second-highest": -2}.get(wanted)
    if position is not None and len(hidden) >= -position:
        layer = hidden[position]
        return Layer(layer.name, layer.kind, layer.shape, wanted)
    for layer in trace(network, example):
        if layer.name == wanted:
            return layer
    known = ", ".join(f"{layer.name} ({_shape(layer.shape)})" for layer in hidden)
    raise InputError(
        f"layer {wanted!r}: there is none of that name; choose {', '.join(RULES)}, or one of {known}"
    )


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Put a network into eval mode, and every module back into its own mode afterwards."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def edit(network: nn.Module, edits: Mapping[str, Edit]) -> Iterator[None]:
    """Replace what layers return by a function of it, as long as the context lasts.

    Parameters
    ----------
    network : nn.Module
    edits : mapping of layer name to function
        Each function gets a copy of the activations (N, C, H, W) and returns as many.
    """
    modules = dict(network.named_modules())
    handles = [
        modules[name].register_forward_hook(lambda _m, _i, output, change=change: change(output.clone()))
        for name, change in edits.items()
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class Trunk:
    """A generator cut at one layer: run what lies below once, and what lies above often.

    A generator that is a plain chain of modules is really cut. Of any other the upper part is run by a
    full pass from z in which the layer's activations are put in place: slower, with the same result, and
    right for skip connections, too.

    Parameters
    ----------
    generator : nn.Module
    layer : str
        Where to cut, as in ``named_modules()``.
    z : Tensor (N, nz)
        Examples to check the cut with.
    """

    def __init__(self, generator: nn.Module, layer: str, z: Tensor) -> None:
        self.generator, self.layer, self._example = generator, layer, z[:2]
        chain = next((c for c in generator.children() if isinstance(c, nn.Sequential)), None)
        path = next((name for name, module in generator.named_modules() if module is chain), "")
        names = [f"{path}.{name}" for name, _ in chain.named_children()] if chain is not None else []
        self._chain: list[nn.Module] | None = None
        if chain is not None and layer in names:
            self._chain = list(chain.children())[names.index(layer) + 1 :]
            if not self._is_chain():
                self._chain = None

    @property
    def is_cut(self) -> bool:
        """Whether the upper part runs by itself."""
        return self._chain is not None

    @torch.no_grad()
    def activations(self, z: Tensor, batch_size: int = 250) -> Tensor:
        """What the layer returns for z (N, nz): activations (N, C, H, W), on the generator's device."""
        parts = [self._lower(part) for part in z.split(batch_size)]
        return torch.cat(parts)

    @torch.no_grad()
    def images(self, activations: Tensor, z: Tensor) -> Tensor:
        """What the generator makes of activations (N, C, H, W).

        Parameters
        ----------
        activations : Tensor
            Of the layer, perhaps edited; not changed.
        z : Tensor (N, nz)
            Where they come from.

        Returns
        -------
        Tensor (N, C', H', W'), float32 in [-1, 1], on the CPU
        """
        with evaluating(self.generator):
            if self._chain is None:
                with edit(self.generator, {self.layer: lambda _: activations}):
                    return self.generator(z).float().cpu()
            x = activations.clone()  # the next module may work in place
            for module in self._chain:
                x = module(x)
            return x.float().cpu()

    def _lower(self, z: Tensor) -> Tensor:
        kept: list[Tensor] = []

        def keep(x: Tensor) -> Tensor:
            kept.append(x)
            raise _Reached

        with evaluating(self.generator), edit(self.generator, {self.layer: keep}):
            try:
                self.generator(z)
            except _Reached:
                return kept[0]
        raise InputError(f"layer {self.layer!r}: the generator never runs it")

    def _is_chain(self) -> bool:
        with torch.no_grad(), evaluating(self.generator):
            whole = self.generator(self._example).float().cpu()
        try:
            cut = self.images(self._lower(self._example), self._example)
        except RuntimeError:  # what the chain returns is not all that the forward pass goes on with
            return False
        return cut.shape == whole.shape and torch.allclose(cut, whole, atol=1e-6)


class _Reached(Exception):
    """The layer has run; nothing above it is needed."""


def _shape(shape: tuple[int, int, int]) -> str:
    return f"{shape[0]}@{shape[1]}x{shape[2]}"
