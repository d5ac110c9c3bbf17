"""The run's diary: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from dcgan_viz.models.checkpoint import write_whole

NAME = "stats.jsonl"


def append(run: Path, line: Mapping[str, object]) -> None:
    """Add a line to the diary of a run."""
    path = run / NAME
    try:
        with path.open("a") as file:
            file.write(json.dumps(line) + "\n")
    except OSError as error:  # a full disk does not say which file it is about
        raise OSError(error.errno, error.strerror, str(path)) from error


def cut_back(run: Path, step: int) -> None:
    """Drop the lines after a step, and one that a crash tore, since the run will come by there again."""
    path = run / NAME
    if not path.exists():
        return
    kept = [line for line in path.read_bytes().splitlines(keepends=True) if _up_to(line, step)]
    write_whole(path, b"".join(kept))


def _up_to(line: bytes, step: int) -> bool:
    try:
        return line.endswith(b"\n") and json.loads(line)["step"] <= step
    except (ValueError, KeyError, TypeError):
        return False
