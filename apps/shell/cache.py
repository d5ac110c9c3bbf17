"""What was computed, kept for who asks again: no more of it than memory allows, and no networks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any, TypeVar, cast

import numpy as np
import torch

T = TypeVar("T")

MOST_RESULTS = 1000  # of a cache, however small each is


class Cache:
    """Results by what they depend on, those that were asked for last; shared by all sessions.

    Nobody may change what it holds.

    Parameters
    ----------
    most_bytes : int
        In all arrays and files together; what is larger is made anew each time.
    spares_newest : bool
        Whether the newest stays until there is a newer one, however large it is.

    Examples
    --------
    >>> cache = Cache(100)
    >>> cache.get("a", lambda: bytes(60)) is cache.get("a", lambda: bytes(60))
    True
    >>> _ = cache.get("b", lambda: bytes(60))
    >>> cache.n_bytes
    60
    """

    def __init__(self, most_bytes: int, *, spares_newest: bool = False) -> None:
        self.most_bytes, self.n_bytes = most_bytes, 0
        self._spared = int(spares_newest)
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
        there, found = self.find(key)
        if there:
            return cast(T, found)
        made = make()
        self.put(key, made)
        return made

    def find(self, key: Hashable) -> tuple[bool, Any]:
        """Whether there is a result for a key, and the result."""
        with self._lock:
            if key not in self._results:
                return False, None
            self._results.move_to_end(key)
            return True, self._results[key][0]

    def put(self, key: Hashable, made: object) -> None:
        """Keep a result, in the place of what was there for its key; others may have to go for it."""
        n_bytes = size_of(made)
        with self._lock:
            if key in self._results:
                self.n_bytes -= self._results.pop(key)[1]
            self._results[key] = made, n_bytes
            self.n_bytes += n_bytes
            while len(self._results) > self._spared and self._is_full():
                _, (_, freed) = self._results.popitem(last=False)
                self.n_bytes -= freed

    def _is_full(self) -> bool:
        return self.n_bytes > self.most_bytes or len(self._results) > MOST_RESULTS

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

RESULTS = Cache(2**29, spares_newest=True)
"""What long work has found."""

FILES = Cache(2**28, spares_newest=True)
"""Files to take home."""
