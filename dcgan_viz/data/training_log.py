"""The diary of a training run: ``stats.jsonl``, one JSON object a line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from os import SEEK_END
from pathlib import Path
from typing import Any

from dcgan_viz.errors import InputError

LOG_NAME = "stats.jsonl"
SNAPSHOTS_NAME = "snapshots"

_LONGEST = 60  # characters of a wrong value that are repeated


@dataclass(frozen=True)
class LogLine:
    """One line: means since the line before, or the scores of a snapshot.

    Attributes
    ----------
    step, images_seen : int
        How far the run was.
    means : dict of str to float
        Losses, logits, epoch and images a second; empty on a line of scores.
    scores : dict of str to float
        Lower is better; empty on a line of means.
    """

    step: int
    images_seen: int
    means: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)


def run_directory(checkpoint: Path) -> Path | None:
    """Find the training run that a checkpoint is, or is a snapshot of.

    Parameters
    ----------
    checkpoint : Path
        A run directory, a snapshot in it, or a snapshot's file.

    Returns
    -------
    Path or None
        The directory with the diary and the snapshots.
    """
    if not checkpoint.exists():
        return None
    for directory in (checkpoint, *checkpoint.resolve().parents[:3]):
        if (directory / LOG_NAME).is_file() and (directory / SNAPSHOTS_NAME).is_dir():
            return directory
    return None


def read_training_log(run: Path, last_bytes: int | None = None) -> tuple[LogLine, ...]:
    """Read the diary of a run.

    A last line without its end is left out: a run that is going on may be writing it.

    Parameters
    ----------
    run : Path
        A run directory.
    last_bytes : int, optional
        Read no more than the lines that lie whole in the last so many bytes; by default all.

    Returns
    -------
    tuple of LogLine
        In the order of their steps.

    Raises
    ------
    InputError
        If there is no diary, or a line is not as the trainer writes it.
    """
    path = run / LOG_NAME
    try:
        content, is_whole = _content(path, last_bytes)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); give a run that training wrote"
        ) from error
    whole, _, _ = content.rpartition(b"\n")
    texts = whole.split(b"\n") if whole else []
    lines = tuple(_lines(path, texts if is_whole else texts[1:], is_whole))
    for before, after in pairwise(lines):
        if after.step < before.step:
            raise InputError(
                f"{path}: step {after.step} after step {before.step}; it is of two runs, give one of them"
            )
    return lines


def _content(path: Path, last_bytes: int | None) -> tuple[bytes, bool]:
    """The end of a file, and whether it is all of it."""
    with path.open("rb") as file:
        size = file.seek(0, SEEK_END)
        start = 0 if last_bytes is None else max(0, size - last_bytes)
        file.seek(start)
        return file.read(), start == 0


def _lines(path: Path, texts: list[bytes], is_whole: bool) -> Iterator[LogLine]:
    for index, text in enumerate(texts, start=1):
        where = f"{path}: line {index}" if is_whole else f"{path}: line {len(texts) - index + 1} from its end"
        try:
            entry = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where} is not JSON; remove it, or give another run") from error
        if not isinstance(entry, dict):
            raise InputError(f"{where} is no JSON object; remove it, or give another run")
        yield _line(where, entry)


def _line(where: str, entry: dict[str, Any]) -> LogLine:
    step, images_seen = _count(where, entry, "step"), _count(where, entry, "images_seen")
    scores = entry.pop("scores", {})
    if not isinstance(scores, dict):
        raise InputError(f"{where} has scores {_shown(scores)}, not a name and a number each; remove it")
    return LogLine(step, images_seen, _numbers(where, entry), _numbers(where, scores))


def _count(where: str, entry: dict[str, Any], name: str) -> int:
    count = entry.pop(name, None)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count < 2**63:
        raise InputError(f"{where} has no {name} that is a count; remove it, or give another run")
    return count


def _numbers(where: str, entry: dict[str, Any]) -> dict[str, float]:
    for name, value in entry.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            raise InputError(f"{where} has {name} {_shown(value)}, which is no number; remove it")
    return {name: float(value) for name, value in entry.items()}


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of more digits than any float has
        return False


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
