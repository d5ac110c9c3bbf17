"""What was computed, kept for who asks again: no more of it than memory allows, and no networks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any, TypeVar, cast

import numpy as np
import torch

T = TypeVar("T")


class Cache:
    """Results by what they depend on, those that were asked for last; shared by all sessions.

    Nobody may change what it holds.

    Parameters
    ----------
    most_bytes : int
        In all arrays and files together; what is larger is made anew each time.

    Examples
    --------
    >>> cache = Cache(100)
    >>> cache.get("a", lambda: bytes(60)) is cache.get("a", lambda: bytes(60))
    True
    >>> _ = cache.get("b", lambda: bytes(60))
    >>> cache.n_bytes
    60
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self.n_bytes = most_bytes, 0
        self._results: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of a key, made where it is not there.

        Parameters
        ----------
        key : hashable
            Of plain values, and all that the result depends on: networks by ``bench.key``.
        make : callable
        """
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return cast(T, self._results[key][0])
        made = make()
        n_bytes = size_of(made)
        with self._lock:
            if key not in self._results:  # two may have made it at once
                self._results[key] = made, n_bytes
                self.n_bytes += n_bytes
            while self.n_bytes > self.most_bytes:
                _, (_, freed) = self._results.popitem(last=False)
                self.n_bytes -= freed
        return made

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._results.clear()
            self.n_bytes = 0


def size_of(value: object) -> int:
    """Bytes of the arrays, tensors and files that a value holds; what is shared counts once.

    Examples
    --------
    >>> size_of({"images": np.zeros((2, 3), np.uint8), "pngs": [b"1234", b"5"]})
    11
    """
    return _size(value, set())


def _size(value: object, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, torch.Tensor | np.ndarray):
        return int(value.nbytes)
    if isinstance(value, bytes | str):
        return len(value)
    if isinstance(value, torch.nn.Module):
        return sum(_size(tensor, seen) for tensor in (*value.parameters(), *value.buffers()))
    if isinstance(value, Mapping):
        return sum(_size(one, seen) for one in value.values())
    if isinstance(value, list | tuple):
        return sum(_size(one, seen) for one in value)
    return _size(vars(value), seen) if hasattr(value, "__dict__") else 0


PICTURES = Cache(2**29)
"""What generators draw."""

REAL = Cache(2**29)
"""Real images, and what discriminators answer to them."""
