"""Checkpoints that a person uploads: kept for the session, opened by the same door as all others."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import streamlit as st

from apps.shell.session import belonging
from dcgan_viz.errors import InputError

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

FORMATS = ("safetensors", "pth", "pt", "ckpt", "bin")
"""Endings of files that `dcgan_viz.load` reads without running what is in them."""

MAX_BYTES = 200 * 2**20
HASH_DIGITS = 16
MOST_JSON_MB = 2  # as objects of Python it takes twenty-five times as much
_KEPT = 3


@dataclass(frozen=True)
class Upload:
    """A file of this session.

    Attributes
    ----------
    name : str
        As its owner calls it.
    sha256 : str
        In hexadecimal.
    path : Path
        Where it lies, under a name that the upload has no part in.
    """

    name: str
    sha256: str
    path: Path


@dataclass
class Uploads:
    """The files of one session, the last three.

    Attributes
    ----------
    files : dict of str to Upload
        By the beginning of their SHA-256.
    known : dict of str to str
        That beginning by Streamlit's own id of what was received, which then is not read again.
    """

    files: dict[str, Upload] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    _home: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="dcgan_viz-", ignore_cleanup_errors=True)
    )

    def keep(self, name: str, content: bytes) -> Upload:
        """Write a file of the session to disk.

        Raises
        ------
        InputError
            If it is too large, or no format that is read.
        """
        shown = printable_name(name)
        if len(content) > MAX_BYTES:
            raise InputError(f"{shown}: more than {MAX_BYTES >> 20} MB; upload the networks alone")
        suffix = PurePath(shown).suffix.lower()
        if suffix.removeprefix(".") not in FORMATS:
            raise InputError(f"{shown}: not one of {', '.join(FORMATS)}; save the networks' state dict")
        digest = hashlib.sha256(content).hexdigest()
        short = digest[:HASH_DIGITS]
        path = Path(self._home.name) / f"{short}{suffix}"
        if short not in self.files or self.files[short].path != path:  # another ending is another format
            if (before := self.files.pop(short, None)) is not None:
                before.path.unlink(missing_ok=True)
            path.write_bytes(content)
            self.files[short] = Upload(shown, digest, path)
            for old in list(self.files)[:-_KEPT]:
                self.files.pop(old).path.unlink(missing_ok=True)
        return self.files[short]

    def remove(self) -> None:
        """Delete all of it."""
        self.files.clear()
        self._home.cleanup()


@belonging(end=Uploads.remove)
def uploads() -> Uploads:
    """Those of this session; removed when it ends."""
    return Uploads()


def keep(file: UploadedFile) -> Upload:
    """Keep what a `st.file_uploader` received."""
    mine = uploads()
    short = mine.known.get(file.file_id)
    if short in mine.files:
        return mine.files[short]
    kept = mine.keep(file.name, file.getvalue())
    mine.known[file.file_id] = kept.sha256[:HASH_DIGITS]
    return kept


def json_file(label: str, key: str, **options: Any) -> UploadedFile | None:
    """A `st.file_uploader` for what is read by `json_content`."""
    return st.file_uploader(label, type=["json"], key=key, max_upload_size=MOST_JSON_MB, **options)


def json_content(file: UploadedFile) -> bytes:
    """What such a file holds; a browser may have sent more than it was asked for.

    Raises
    ------
    InputError
        If it is larger than any that this tool writes for a page.
    """
    if file.size > MOST_JSON_MB * 10**6:
        raise InputError(
            f"{printable_name(file.name)}: {file.size / 10**6:.0f} MB; give at most {MOST_JSON_MB} MB, "
            "or use the command line"
        )
    return file.getvalue()


def printable_name(name: str) -> str:
    """The last part of a file's name, without what does not print."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[-80:] or "upload"
