"""A foreign file's bytes, and the words in which it is refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dcgan_viz.errors import InputError

MAX_FILE_BYTES = 4 * 2**30
"""No DCGAN comes near this; a sparse file that claims more would fill the memory."""

# Each system has only some of them.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a regular file for reading.

    Parameters
    ----------
    path : Path
        The file. A pipe or a device is refused before it is opened, which could block.

    Yields
    ------
    tuple of file and int
        The open file and its size in bytes.

    Raises
    ------
    InputError
        If it is not there, cannot be read, is no regular file, or is larger than `MAX_FILE_BYTES`.
    """
    try:
        _check_regular(path, path.stat())
        # What has taken its place since then does not block either: a pipe without a writer opens at once.
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            status = os.fstat(file.fileno())
            _check_regular(path, status)
            size = status.st_size
            if size > MAX_FILE_BYTES:
                raise InputError(
                    f"{path}: {size} bytes, more than the {MAX_FILE_BYTES} that a checkpoint may have; "
                    "save the networks alone"
                )
            yield file, size
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; give a checkpoint's path") from error
    except (OSError, ValueError) as error:  # a ValueError of the system is a NUL in the path
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: cannot be read ({one_line(error)}); check the path") from error


def _check_regular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path}: not a regular file; give a checkpoint's own path")


def one_line(text: object, limit: int = 160) -> str:
    """Return a text's first line that says something, printable and short."""
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return "".join(c if c.isprintable() else "?" for c in (lines or ["no details"])[0])[:limit]


def damaged(path: Path, detail: object) -> InputError:
    """Return the error for a file that breaks the rules of its own format."""
    return InputError(f"{path}: truncated or damaged ({one_line(detail)}); copy or download it again")


def check_name(path: Path, name: str) -> None:
    """Refuse a tensor's name that could not be printed in a line.

    Parameters
    ----------
    path : Path
        The file that holds it.
    name : str
        The name.

    Raises
    ------
    InputError
        If it is longer than 512 characters or has unprintable ones.
    """
    if len(name) > 512 or not name.isprintable():
        raise InputError(
            f"{path}: holds a name with unprintable or more than 512 characters ({name[:40]!a}); "
            "rename its tensors"
        )
