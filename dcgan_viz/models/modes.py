"""Running a network and leaving it as it was, also when several threads share it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
from torch import nn


@dataclass
class _Held:
    """How many are evaluating a module now, and the mode it is to return to."""

    count: int
    training: bool


_lock = threading.Lock()
_held: WeakKeyDictionary[nn.Module, _Held] = WeakKeyDictionary()


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Put a network into eval mode, and every module back into its own mode afterwards.

    Threads may overlap: the modes return when the last one leaves.

    Parameters
    ----------
    network : nn.Module
    """
    modules = list(network.modules())
    with _lock:
        for module in modules:
            held = _held.setdefault(module, _Held(0, module.training))
            held.count += 1
            module.training = False
    try:
        yield
    finally:
        with _lock:
            for module in modules:
                held = _held[module]
                held.count -= 1
                if held.count == 0:
                    module.training = held.training
                    del _held[module]


@contextmanager
def trying(network: nn.Module) -> Iterator[None]:
    """Run a network just to see what it does: eval mode, no gradients, and the random state put back.

    Parameters
    ----------
    network : nn.Module
    """
    device = device_of(network)
    # A network may draw noise of its own; the caller's random state is not to move for that.
    forked = torch.random.fork_rng(devices=[device] if device.type == "cuda" else [])
    with forked, torch.no_grad(), evaluating(network):
        yield


def device_of(network: nn.Module) -> torch.device:
    """Where a network's weights are; the CPU where it has none."""
    return next((tensor.device for tensor in network.parameters()), torch.device("cpu"))
