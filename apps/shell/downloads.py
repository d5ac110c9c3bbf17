"""The row under a result: what can be taken home, made when it is asked for."""

from __future__ import annotations

import tempfile
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock

import streamlit as st

from apps.shell import page
from apps.shell.archive import archived, files_of
from apps.shell.bench import Bench
from apps.shell.cache import FILES
from dcgan_viz.provenance import ResultProvenance

_FOLDERS, _FAULTS = "dcgan_viz.folders", "dcgan_viz.faults"
_KEPT = 4  # folders of a session

_TYPES = {
    ".png": "image/png", ".svg": "image/svg+xml", ".pdf": "application/pdf", ".json": "application/json",
    ".npz": "application/octet-stream", ".gif": "image/gif", ".webp": "image/webp", ".mp4": "video/mp4",
    ".zip": "application/zip",
}  # fmt: skip


@dataclass(frozen=True)
class Download:
    """A file to be had.

    Attributes
    ----------
    label : str
        On the button, before the kind of file.
    name : str
        Of the file; its ending says what it is.
    make : callable
        Returns its bytes; called when a person clicks, in a thread of its own.
    """

    label: str
    name: str
    make: Callable[[], bytes]


def downloads(key: str, files: Sequence[Download], command: str = "") -> None:
    """Draw the row; what kept a file from being made since the page last ran is told under it.

    Streamlit says at once, at the button, that a file could not be made, but not why.

    Parameters
    ----------
    key : str
        One for each row on a page.
    files : sequence of Download
    command : str
        The command line that makes the same.
    """
    faults: dict[str, str] = st.session_state.setdefault(f"{_FAULTS}.{key}", {})
    with st.container(horizontal=True, gap="small", key=f"downloads.{key}"):
        for one in files:
            st.download_button(
                f"{one.label} ({Path(one.name).suffix[1:].upper()})",
                partial(_made, one, faults),
                one.name,
                _TYPES[Path(one.name).suffix],
                key=f"{key}.{one.name}",
                on_click="ignore",
                icon=":material/download:",
            )
    for name in list(faults):
        page.fault(faults.pop(name))
    if command:
        with st.expander("The same on the command line", icon=":material/terminal:"):
            st.code(command, language="sh", wrap_lines=True)


@dataclass(eq=False)
class Folder:
    """What a command would write, made when the first file of it is asked for, and kept while there is room.

    Parameters
    ----------
    write : callable
        Writes all files into a directory.
    """

    write: Callable[[Path], object]
    _own: dict[str, bytes] | None = None
    _token: str = field(default_factory=lambda: uuid.uuid4().hex)
    _lock: Lock = field(default_factory=Lock)

    def files(self) -> dict[str, bytes]:
        """All files by their names, with slashes where they lie deeper."""
        if self._own is not None:
            return self._own
        with self._lock:
            return FILES.get(self._token, lambda: _written(self.write))

    def file(self, name: str) -> bytes:
        """One of them."""
        return self.files()[name]

    def archive(self) -> bytes:
        """All of them as one archive; equal files make equal archives."""
        return archived(self.files().items())

    def download(self, label: str, name: str, inside: str) -> Download:
        """One of them, to be had under a name of its own."""
        return Download(label, name, partial(self.file, inside))


def _written(write: Callable[[Path], object]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="dcgan_viz-") as directory:
        write(Path(directory))
        return dict(files_of(Path(directory)))


def filled(write: Callable[[Path], object]) -> Folder:
    """A folder whose files are there already, and stay as long as it does."""
    return Folder(write, _written(write))


def folder(key: object, write: Callable[[Path], object]) -> Folder:
    """The folder of a key, the same for all buttons of this session.

    Parameters
    ----------
    key : object
        All that its files depend on; its ``repr`` has to tell.
    write : callable
        Writes all files into a directory.
    """
    kept: OrderedDict[str, Folder] = st.session_state.setdefault(_FOLDERS, OrderedDict())
    found = kept.setdefault(repr(key), Folder(write))
    kept.move_to_end(repr(key))
    while len(kept) > _KEPT:
        kept.popitem(last=False)
    return found


def provenance(bench: Bench, command: str, duration_s: float) -> dict[str, object]:
    """Where a result that is taken home comes from.

    Parameters
    ----------
    bench : Bench
    command : str
        The command line that makes the same.
    duration_s : float
        Wall-clock seconds that it took.
    """
    made = ResultProvenance.of(bench.gan, command=command, seed=bench.seed, duration_s=duration_s)
    return made.to_json()


def _made(one: Download, faults: dict[str, str]) -> bytes:
    """The bytes of a file, in a thread of its own; why there are none is noted for the page's next run."""
    try:
        return one.make()
    except Exception as error:
        faults[one.name] = f"{one.name}: {page.sentence(error)}"
        raise
