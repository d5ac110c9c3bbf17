"""One trainer a run directory: two would write over each other's snapshots."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dcgan_viz.errors import InputError

NAME = ".lock"


@contextmanager
def held(run: Path) -> Iterator[None]:
    """Keep a run directory to this process while the block lasts.

    The operating system lets go of the lock when the process ends, however it ends; the file itself stays.

    Parameters
    ----------
    run : Path
        An existing directory.

    Raises
    ------
    InputError
        If another process holds it.
    """
    handle = os.open(run / NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
            raise InputError(
                f"{run}: another process (pid {holder}) is at work in it; wait for it, or give another --out"
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
