"""Whose turn it is to compute: as many at once as there are cores for their threads.

Two computations whose threads share the cores wait for each other's at every step, and take ten times as long
as one after the other. So they take turns: what a page's run waits for first, and jobs (`apps.shell.jobs`)
from step to step. It is a courtesy and no lock: who has waited for long computes all the same, so that nobody
ever waits for somebody who waits for them.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SHORT_PATIENCE_S = 0.5  # of what a person waits for
LONG_PATIENCE_S = 10.0  # of a job's step


@dataclass
class Turns:
    """The turns of one machine.

    Parameters
    ----------
    n : int
        How many compute at once.

    Examples
    --------
    >>> turns = Turns(1)
    >>> with turns.long():
    ...     turns.pause()  # nobody else is there
    ...     turns.n_free
    0
    >>> turns.n_free
    1
    """

    n: int
    n_free: int = field(init=False)
    _short: deque[object] = field(default_factory=deque)  # in line
    _long: deque[object] = field(default_factory=deque)
    _moved: threading.Condition = field(default_factory=threading.Condition)
    _mine: threading.local = field(default_factory=threading.local)

    def __post_init__(self) -> None:
        self.n_free = self.n

    @contextmanager
    def short(self) -> Iterator[None]:
        """Compute something of up to about a second, before all jobs."""
        if self._has_turn:  # within a job's
            yield
            return
        self._take(self._short, SHORT_PATIENCE_S)
        try:
            yield
        finally:
            self._give()

    @contextmanager
    def long(self) -> Iterator[None]:
        """Compute something that calls `pause` at every step."""
        self._take(self._long, LONG_PATIENCE_S)
        try:
            yield
        finally:
            self._give()

    def pause(self) -> None:
        """Let others have their turn first, where any wait; of use in a thread that has one."""
        if not self._has_turn:
            return
        with self._moved:
            if not (self._short or self._long):
                return
        self._give()
        self._take(self._long, LONG_PATIENCE_S)

    @property
    def _has_turn(self) -> bool:
        return getattr(self._mine, "is_counted", None) is not None

    def _take(self, line: deque[object], patience_s: float) -> None:
        ticket = object()
        with self._moved:
            line.append(ticket)
            is_first = self._moved.wait_for(lambda: self.n_free > 0 and self._next() is ticket, patience_s)
            line.remove(ticket)
            self.n_free -= is_first
            self._moved.notify_all()
        self._mine.is_counted = is_first

    def _give(self) -> None:
        with self._moved:
            self.n_free += self._mine.is_counted
            self._moved.notify_all()
        self._mine.is_counted = None

    def _next(self) -> object:
        return self._short[0] if self._short else self._long[0]


_lock = threading.Lock()
_turns: list[Turns] = []


def turns() -> Turns:
    """Those of this machine."""
    with _lock:
        if not _turns:
            import torch  # takes longer than all else of a server's start

            _turns.append(Turns(max(1, _n_cores() // torch.get_num_threads())))
        return _turns[0]


def _n_cores() -> int:
    if sys.platform == "linux":  # a container may have fewer than the machine
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn to compute something of up to about a second; longer work is a job."""
    with turns().short():
        yield
