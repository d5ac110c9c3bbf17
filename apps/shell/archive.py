"""Files of a directory as one to be had."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path


def files_of(directory: Path) -> Iterator[tuple[str, bytes]]:
    """Name, with slashes where it lies deeper, and content of each file, in the order of their paths."""
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            yield path.relative_to(directory).as_posix(), path.read_bytes()


def archived(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Files, by name and content, as a ZIP archive; equal files make equal archives.

    Examples
    --------
    >>> archived([("a/b.txt", b"text")]) == archived([("a/b.txt", b"text")])
    True
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
