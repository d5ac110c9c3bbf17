"""Eval mode for a while, also when several threads share one network."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

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
