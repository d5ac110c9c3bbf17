"""What was computed, kept for who asks again: no more of it than memory allows, and no networks."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any, TypeVar, cast

import numpy as np
import torch

T = TypeVar("T")
Parts = dict[int, int]

MOST_RESULTS = 1000  # of a cache, however small each is


class Cache:
    """Results by what they depend on, those that were asked for last; shared by all sessions.

    Nobody may change what it holds.

    Parameters
    ----------
    most_bytes : int
        In all arrays and files together, each counted once however many results share it; what is larger is
        made anew each time.
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
        self._results: OrderedDict[Hashable, tuple[Any, Parts]] = OrderedDict()
        self._holders: Counter[int] = Counter()  # how many results have a part
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
        parts = parts_of(made)
        with self._lock:
            if key in self._results:
                self._let_go(key)
            self._results[key] = made, parts
            self.n_bytes += sum(n_bytes for part, n_bytes in parts.items() if not self._holders[part])
            self._holders.update(parts.keys())
            while len(self._results) > self._spared and self._is_full():
                self._let_go(next(iter(self._results)))

    def _let_go(self, key: Hashable) -> None:
        _, parts = self._results.pop(key)
        self._holders.subtract(parts.keys())
        self.n_bytes -= sum(n_bytes for part, n_bytes in parts.items() if not self._holders[part])
        self._holders = +self._holders

    def _is_full(self) -> bool:
        return self.n_bytes > self.most_bytes or len(self._results) > MOST_RESULTS

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._results.clear()
            self._holders.clear()
            self.n_bytes = 0


def size_of(value: object) -> int:
    """Bytes of the arrays, tensors and files that a value holds; what is shared counts once.

    Examples
    --------
    >>> size_of({"images": np.zeros((2, 3), np.uint8), "pngs": [b"1234", b"5"]})
    11
    """
    return sum(parts_of(value).values())


def parts_of(value: object) -> Parts:
    """Bytes of each piece of memory that a value holds, by what tells it from others as long as it lives.

    An array that is part of another holds all of that.

    Examples
    --------
    >>> images = torch.zeros(10, 4)
    >>> sum(parts_of([images, images[:2], images[2:4].numpy()]).values())
    160
    """
    found: Parts = {}
    _gather(value, found, set())
    return found


def _gather(value: object, found: Parts, seen: set[int]) -> None:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, torch.Tensor):
        storage = value.untyped_storage()
        found[storage.data_ptr()] = storage.nbytes()
    elif isinstance(value, np.ndarray):
        whole = value
        while isinstance(whole.base, np.ndarray):
            whole = whole.base
        if isinstance(whole.base, torch.Tensor):
            _gather(whole.base, found, seen)
        else:
            found[whole.__array_interface__["data"][0]] = whole.nbytes
    elif isinstance(value, bytes | str):
        found[id(value)] = len(value)
    elif isinstance(value, torch.nn.Module):
        for tensor in (*value.parameters(), *value.buffers()):
            _gather(tensor, found, seen)
    elif isinstance(value, Mapping):
        for one in value.values():
            _gather(one, found, seen)
    elif isinstance(value, list | tuple):
        for one in value:
            _gather(one, found, seen)
    elif hasattr(value, "__dict__"):
        _gather(vars(value), found, seen)


PICTURES = Cache(2**29)
"""What generators draw."""

REAL = Cache(2**29)
"""Real images, and what discriminators answer to them."""

RESULTS = Cache(2**29, spares_newest=True)
"""What long work has found."""

FILES = Cache(2**28, spares_newest=True)
"""Files to take home."""
