"""Lines for the person who watches, on stderr and clear of the progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tqdm import tqdm


def warn(line: str) -> None:
    """Show a line."""
    tqdm.write(f"train: {line}", file=sys.stderr)


def speaker(quiet: bool) -> Callable[[str], None]:
    """Return what shows a line that is no warning: `warn`, or nothing for who wants quiet."""
    return _silent if quiet else warn


def bar_interval_s() -> float:
    """Return the seconds between two states of a progress bar: few on a terminal, many in a log file."""
    return 0.5 if sys.stderr.isatty() else 30


def _silent(line: str) -> None:
    pass
