"""The row under a result: what can be taken home, made when it is asked for."""

from __future__ import annotations

import io
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

import streamlit as st

from apps.shell.bench import Bench
from dcgan_viz.output import write_result
from dcgan_viz.provenance import ResultProvenance

_drawing = Lock()  # matplotlib draws for one thread at a time

_TYPES = {
    ".png": "image/png", ".svg": "image/svg+xml", ".pdf": "application/pdf", ".json": "application/json",
    ".npz": "application/octet-stream", ".gif": "image/gif", ".webp": "image/webp", ".mp4": "video/mp4",
    ".zip": "application/zip", ".html": "text/html",
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
    """Draw the row.

    Parameters
    ----------
    key : str
        One for each row on a page.
    files : sequence of Download
    command : str
        The command line that makes the same.
    """
    with st.container(horizontal=True, gap="small", key=f"downloads.{key}"):
        for one in files:
            st.download_button(
                f"{one.label} ({Path(one.name).suffix[1:].upper()})",
                partial(_made, one.make),
                one.name,
                _TYPES[Path(one.name).suffix],
                key=f"{key}.{one.name}",
                on_click="ignore",
                icon=":material/download:",
            )
    if command:
        with st.expander("The same on the command line", icon=":material/terminal:"):
            st.code(command, language="sh", wrap_lines=True)


def result_folder(
    bench: Bench, analysis: str, command: str, result: Mapping[str, object], write: Callable[[Path], object]
) -> Callable[[Path], object]:
    """What writes the folder that the command would write: the files of ``write``, and result.json.

    Parameters
    ----------
    bench : Bench
    analysis : str
        Name of the analysis.
    command : str
        The command line that makes the same.
    result : Mapping
        The analysis's own fields, usually its ``Result.to_json()``.
    write : callable
        Writes all other files into a directory.
    """
    started = time.perf_counter()

    def folder(directory: Path) -> None:
        write(directory)
        duration_s = time.perf_counter() - started
        provenance = ResultProvenance.of(bench.gan, command=command, seed=bench.seed, duration_s=duration_s)
        write_result(directory, analysis, result, provenance.to_json())

    return folder


def _made(make: Callable[[], bytes]) -> bytes:
    with _drawing:
        return make()


def written(write: Callable[[Path], object], name: str) -> bytes:
    """One of the files that a function writes into a directory."""
    with tempfile.TemporaryDirectory(prefix="dcgan_viz-") as directory:
        write(Path(directory))
        return (Path(directory) / name).read_bytes()


def zipped(write: Callable[[Path], object]) -> bytes:
    """All files that a function writes into a directory, as one archive; equal files make equal archives."""
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="dcgan_viz-") as directory:
        root = Path(directory)
        write(root)
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(root.rglob("*")):
                if path.is_file():
                    entry = zipfile.ZipInfo(path.relative_to(root).as_posix())
                    archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
