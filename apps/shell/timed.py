"""How long something took, kept beside it: what its record says once it is taken home."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Timed(Generic[T]):
    """A result and what it took.

    Attributes
    ----------
    result : T
    duration_s : float
        Wall-clock seconds of the computation.
    """

    result: T
    duration_s: float


def timed(compute: Callable[[], T]) -> Timed[T]:
    """Compute something, and note how long it took."""
    started = time.perf_counter()
    result = compute()
    return Timed(result, time.perf_counter() - started)
