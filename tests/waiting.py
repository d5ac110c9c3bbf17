"""Waiting for what another thread or process does."""

import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 60.0  # a machine that does much else is slow, and no test is about that


def until(condition: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Wait until something has come to pass."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.01)


def files_below(directory: Path) -> list[Path]:
    """All files, also while somebody takes directories away."""
    return [Path(place) / name for place, _, names in os.walk(directory) for name in names]
