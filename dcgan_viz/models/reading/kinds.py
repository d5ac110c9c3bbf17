"""What kind of file something is, by its first bytes and never by its suffix."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading.files import opened
from dcgan_viz.models.reading.pickles import refuse_pickle
from dcgan_viz.models.reading.zip_directory import Directory

_HEAD = 2048
# torch.save before 1.6 begins with a pickle of this number (torch/serialization.py, MAGIC_NUMBER).
_LEGACY_MAGIC = b"\x8a\x0a" + 0x1950A86A20F9469CFC6C.to_bytes(10, "little") + b"."
# Protocols 0 and 1 have no mark of their own: a container, or a global, and a line break.
_OLD_PICKLE = re.compile(
    rb"(\(?[dl]p\d+\n|\((i[\w.]+\n\w+\n|c[\w.]+\n\w+\n|[dl]p?\d*\n)|c[\w.]+\n\w+\n|[\]}]q)"
)
_STARTS = {
    b"version https://git-lfs": ("a Git LFS pointer, not the file itself", "run git lfs pull"),
    b"\x1f\x8b": ("a gzip archive", "unpack it first"),
    b"BZh": ("a bzip2 archive", "unpack it first"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "unpack it first"),
    b"\xfd7zXZ": ("an xz archive", "unpack it first"),
    b"ZF": ("a compressed joblib pickle, which can run code when opened", "save its arrays with numpy.save"),
    b"\x89HDF": ("an HDF5 file (Keras)", "save its weights with torch.save or safetensors"),
    b"\x89PNG": ("a picture", "give a checkpoint"),
    b"\xff\xd8\xff": ("a picture", "give a checkpoint"),
}
_WAY_OUT = "give a safetensors file, or a state_dict() that torch.save wrote (docs/checkpoints.md)"


def kind_of(path: Path) -> str:
    """Say what kind of file this is, from its first bytes and, in a zip, from its directory.

    Parameters
    ----------
    path : Path
        A file or directory.

    Returns
    -------
    str
        ``"torch"`` (the zip of torch.save), ``"torch-legacy"`` (torch.save before 1.6), ``"safetensors"``,
        ``"npy"``, ``"torchscript"``, ``"pickle"``, ``"empty"``, ``"directory"``, or ``"unknown"``, also for
        what is not there or cannot be read. Never raises, runs nothing.
    """
    try:
        if path.is_dir():
            return "directory"
        with opened(path) as (file, size):
            head = file.read(min(size, _HEAD))  # what has no size, as in /proc, may block
            return _kind_of_zip(path, head) if head.startswith(b"PK") else _kind_of_bytes(head, size)
    except (InputError, OSError, ValueError):
        return "unknown"


def wrong_kind(path: Path) -> InputError:
    """Return the error that says what a file is when it is none of those that torch.save writes.

    Parameters
    ----------
    path : Path
        A file or directory.

    Returns
    -------
    InputError
        One line: what it is, and the way out.
    """
    if path.is_dir():
        return InputError(f"{path}: a directory; give a file in it, or a directory that training wrote")
    try:
        with opened(path) as (file, size):
            head = file.read(min(size, _HEAD))
            if kind_of(path) == "pickle":
                file.seek(0)
                refuse_pickle(path, file)
    except InputError as error:
        return error
    what, way_out = describe(head) or _by_kind(kind_of(path), head)
    return InputError(f"{path}: {what}; {way_out}")


def describe(head: bytes) -> tuple[str, str] | None:
    """Recognise what people have by accident where a checkpoint should be.

    Parameters
    ----------
    head : bytes
        The file's first bytes.

    Returns
    -------
    tuple of str, or None
        What it is and the way out; None for anything else.
    """
    if not head:
        return "an empty file", "copy or download it again"
    for start, words in _STARTS.items():
        if head.startswith(start):
            return words
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|\?xml)", head, re.IGNORECASE):
        return "an HTML page, not a checkpoint", "open the link in a browser and download the file itself"
    if is_tar(head):
        return "a tar archive", "unpack it; a checkpoint of torch 0.1 has to be saved anew with torch.save"
    return None


def is_tar(head: bytes) -> bool:
    """Say whether `tarfile` would take these first bytes for a tar archive."""
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _by_kind(kind: str, head: bytes) -> tuple[str, str]:
    if kind == "torchscript":
        return "a TorchScript archive, which holds code", "save its state_dict() (docs/checkpoints.md)"
    if kind == "npy":
        return "a single numpy array", "give the directory of the whole release, or a checkpoint"
    if head.startswith(b"PK"):
        return "a zip archive, but not one that torch.save wrote", _WAY_OUT
    return f"begins with {ascii(head[:8])[1:]}, which no checkpoint does", _WAY_OUT


def _kind_of_bytes(head: bytes, size: int) -> str:
    if size == 0:
        return "empty"
    if head.startswith(b"\x93NUMPY"):
        return "npy"
    if head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5"):
        # Newer protocols put a frame's length before the number.
        return "torch-legacy" if _LEGACY_MAGIC in (head[2:15], head[11:24]) else "pickle"
    if head[8:9] == b"{":
        return "safetensors"
    return "pickle" if _OLD_PICKLE.match(head) else "unknown"


def _kind_of_zip(path: Path, head: bytes) -> str:
    try:
        directory = Directory.read(path)
    except InputError:  # truncated or hostile: read_torch says how, if it began like one of its own
        first = head[30 : 30 + int.from_bytes(head[26:28], "little")]
        return "torch" if b"/" in first and not first.endswith(b".npy") else "unknown"
    if directory.holds_code:
        return "torchscript"
    return "torch" if directory.pickle_name in directory.entries else "unknown"
