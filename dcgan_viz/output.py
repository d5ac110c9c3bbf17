"""Result directories: whole or not at all, and JSON that every reader accepts."""

import json
import math
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from pathlib import Path

from dcgan_viz.errors import InputError

RESULT_NAME = "result.json"


@contextmanager
def output_directory(out: Path, analysis: str, *, force: bool = False) -> Iterator[Path]:
    """A directory to write into, which becomes ``out/analysis`` when the block ends well.

    Until then it bears a hidden temporary name beside its destination. When the block raises, it is
    removed, and so are the parents that were made for it.

    Parameters
    ----------
    out : Path
        What ``--out`` gave; made where it is missing.
    analysis : str
        Name of the directory inside ``out``.
    force : bool
        Replace a result of the same analysis that this tool wrote.

    Yields
    ------
    Path
        The temporary directory, empty.

    Raises
    ------
    InputError
        ``out`` cannot be written, holds files of others and ``force`` is not given, or the destination
        holds a file that this tool did not write (with or without ``force``).

    Examples
    --------
    >>> import tempfile
    >>> out = Path(tempfile.mkdtemp())
    >>> with output_directory(out, "sample") as directory:
    ...     _ = (directory / "note.txt").write_text("whole")
    >>> (out / "sample" / "note.txt").read_text()
    'whole'
    """
    destination = out / analysis
    partial = out / f".{analysis}-{uuid.uuid4().hex[:8]}.partial"
    made: list[Path] = []
    try:
        try:
            _check_free(out, destination, force)
            _make_directory(out, made)
            partial.mkdir()
        except OSError as error:
            raise InputError(
                f"{out}: cannot be written ({error.strerror}); give another directory with --out"
            ) from error
        yield partial
        _move_into_place(partial, destination)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        for directory in reversed(made):
            with suppress(OSError):
                directory.rmdir()
        raise


def write_result(
    directory: Path, analysis: str, result: Mapping[str, object], provenance: Mapping[str, object]
) -> dict[str, object]:
    """Write ``result.json`` into a directory whose other files are complete.

    Call it last: the list of files that it records is how ``--force`` later knows what it may replace.

    Parameters
    ----------
    directory : Path
        What `output_directory` yielded.
    analysis : str
        Name of the analysis.
    result : Mapping
        The analysis's own fields, usually its ``Result.to_json()``.
    provenance : Mapping
        Usually ``Provenance.to_json()``.

    Returns
    -------
    dict
        What was written: ``analysis``, the fields, ``provenance`` and ``files``.
    """
    files = _files(directory)
    record = strict_json(
        {
            "analysis": analysis,
            **result,
            "provenance": provenance,
            "files": sorted(files | {RESULT_NAME}),
        }
    )
    assert isinstance(record, dict)
    (directory / RESULT_NAME).write_text(dump_json(record, indent=2) + "\n", encoding="utf-8")
    return record


def strict_json(value: object) -> object:
    """The value in the types of JSON: arrays as lists, paths as text, NaN and infinities as None.

    Parameters
    ----------
    value : object
        Numbers, text, containers, dataclasses, NumPy scalars and arrays, tensors, or anything with
        ``to_json()``.

    Returns
    -------
    object
        dict, list, str, int, float, bool or None, all the way down.

    Raises
    ------
    TypeError
        For a type that has no such form.

    Examples
    --------
    >>> strict_json({"ratio": float("nan"), "path": Path("a/b"), "shape": (3, 64)})
    {'ratio': None, 'path': 'a/b', 'shape': [3, 64]}
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):  # a path need not be UTF-8, JSON has to
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, os.PathLike):
        return strict_json(os.fspath(value))
    if isinstance(value, Mapping):
        return {str(strict_json(str(key))): strict_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict_json(item) for item in value]
    if hasattr(value, "to_json"):
        return strict_json(value.to_json())
    if hasattr(value, "tolist"):  # NumPy and torch, without importing either
        return strict_json(value.tolist())
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: strict_json(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def dump_json(value: object, *, indent: int | None = None) -> str:
    """`strict_json` as text, on one line unless ``indent`` is given."""
    return json.dumps(strict_json(value), indent=indent, ensure_ascii=False, allow_nan=False)


def _check_free(out: Path, destination: Path, force: bool) -> None:
    if destination.is_dir():
        found = _files(destination)
        foreign = sorted(found - _written_files(destination))
        if foreign:
            raise InputError(
                f"{destination}: holds {foreign[0]}, which no earlier run of this command wrote; "
                "move it away, or give another directory with --out"
            )
        if found and not force:
            raise InputError(
                f"{destination}: already holds a result; replace it with --force, "
                "or give another directory with --out"
            )
    if out.is_dir() and not force:
        strangers = sorted(path.name for path in out.iterdir() if path.is_file() and path.name[0] != ".")
        if strangers:
            raise InputError(
                f"{out}: already filled (it holds {strangers[0]}); write beside it with --force, "
                "or give another directory with --out"
            )


def _files(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*") if not path.is_dir()}


def _written_files(destination: Path) -> set[str]:
    """The files that the result in this directory lists as its own; none when there is no such result."""
    try:
        record = json.loads((destination / RESULT_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(record, dict) or record.get("analysis") != destination.name:
        return set()
    files = record.get("files")
    return {name for name in files if isinstance(name, str)} if isinstance(files, list) else set()


def _make_directory(path: Path, made: list[Path]) -> None:
    """Make a directory with its parents, and note in ``made`` each one that was missing, topmost first."""
    missing = [directory for directory in (path, *path.parents) if not directory.exists()]
    for directory in reversed(missing):
        directory.mkdir()
        made.append(directory)
    if not path.is_dir():
        raise NotADirectoryError(20, "it is a file", str(path))


def _move_into_place(partial: Path, destination: Path) -> None:
    if not destination.exists():
        partial.rename(destination)
        return
    replaced = partial.with_suffix(".replaced")
    destination.rename(replaced)
    try:
        partial.rename(destination)
    except BaseException:
        replaced.rename(destination)
        raise
    shutil.rmtree(replaced, ignore_errors=True)
