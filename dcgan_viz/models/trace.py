"""One run of a network, written down: which modules ran in which order, and who reads what."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dcgan_viz.models.hooks import Place, ThreadHooks
from dcgan_viz.models.modes import trying

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
_PARAMETRIZATIONS = "parametrizations"  # of torch.nn.utils.parametrize: modules that make weights


@dataclass(frozen=True)
class State:
    """A tensor as it is at one moment: a layer that works in place makes another state of the same tensor."""

    tensor: Tensor
    version: int

    @classmethod
    def of(cls, tensor: Tensor) -> "State":
        """The tensor's state now."""
        return cls(tensor, tensor._version)

    def is_same(self, other: "State") -> bool:
        """Whether it is the same tensor, unchanged in between."""
        return self.tensor is other.tensor and self.version == other.version


@dataclass(frozen=True)
class Call:
    """One call of a module.

    Attributes
    ----------
    place : Place
        Name and number of the call.
    module : nn.Module
    reads, returns : State or None
        Its first input and its output, where these are tensors.
    shape : tuple of int
        Of the output at the time; () where it is no tensor.
    """

    place: Place
    module: nn.Module
    reads: State | None
    returns: State | None
    shape: tuple[int, ...]

    @property
    def is_leaf(self) -> bool:
        """Whether the module has no modules of its own, save those that make its weights."""
        return all(name == _PARAMETRIZATIONS for name, _ in self.module.named_children())

    @property
    def is_map(self) -> bool:
        """Whether it returns maps (N, C, H, W)."""
        return len(self.shape) == 4


def run_of(network: nn.Module, example: Tensor) -> list[Call]:
    """Run a network once, in eval mode, and note the calls of all its modules in the order of their ends.

    Parameters
    ----------
    network : nn.Module
        Left as it is.
    example : Tensor
        An input of it.
    """
    calls: list[Call] = []
    reads: dict[tuple[nn.Module, int], State | None] = {}

    def watch(hooks: ThreadHooks, name: str, module: nn.Module) -> None:
        def begin(number: int, inputs: tuple) -> None:
            first = inputs[0] if inputs else None
            reads[module, number] = State.of(first) if isinstance(first, Tensor) else None

        def end(number: int, _inputs: tuple, output: object) -> None:
            returns = State.of(output) if isinstance(output, Tensor) else None
            shape = tuple(output.shape) if isinstance(output, Tensor) else ()
            calls.append(Call(Place(name, number), module, reads[module, number], returns, shape))

        hooks.before(module, begin)
        hooks.after(module, end)

    # A tensor made in inference mode counts no versions.
    with (
        torch.inference_mode(False),
        trying(network),
        ThreadHooks(network) as hooks,
    ):
        for name, module in network.named_modules():
            if _PARAMETRIZATIONS not in name.split("."):
                watch(hooks, name, module)
        network(example.clone())
    return calls


def chain_above(run: list[Call], place: Place) -> list[nn.Module] | None:
    """The modules through which alone a place's activations reach the network's output, in their order.

    Returns
    -------
    list of nn.Module or None
        None where there is more than a chain of modules: a skip connection, a function between two modules,
        or something that the network does to the last one's output.
    """
    leaves = [call for call in run if call.is_leaf]
    here = next((k for k, call in enumerate(leaves) if call.place.is_call_of(place)), None)
    if here is None:
        return None
    for below, above in zip(leaves[here:], leaves[here + 1 :], strict=False):
        if below.returns is None or above.reads is None or not below.returns.is_same(above.reads):
            return None
    last, whole = leaves[-1].returns, run[-1].returns
    if last is None or whole is None or not last.is_same(whole):
        return None
    return [call.module for call in leaves[here if place.is_input else here + 1 :]]
