"""Whose turn it is to compute what a page waits for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

AT_ONCE = 2  # short computations of all sessions; more would only make each slower

_turns = BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait until it is this session's turn to compute.

    For work of up to about a second, which a page's run does itself. Longer work is a job: of jobs, too, only
    a few compute at once (`apps.shell.jobs`), beside these and not among them.
    """
    with _turns:
        yield
