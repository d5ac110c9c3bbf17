"""Snapshots on disk: there in full or not at all, and never trusted without their checksums."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dcgan_viz.models.checkpoint import sha256_of, sync_directory, write_whole

DIRECTORY = "snapshots"
RESUME_NAME = "resume.pt"
MANIFEST_NAME = "manifest.json"
N_RESUMABLE = 2  # snapshots that keep their resume state

_UNFINISHED = ".unfinished-"


@contextmanager
def new_snapshot(run: Path, step: int, scores: Mapping[str, float]) -> Iterator[Path]:
    """Give a directory to write a snapshot's files into; it takes its place when the block ends.

    Afterwards ``latest`` points to it, ``best`` to the snapshot with the lowest score, and only the newest
    snapshots keep their resume state. If the block fails, nothing of it stays.

    Parameters
    ----------
    run : Path
        The run directory.
    step : int
        Step of the snapshot.
    scores : Mapping of str to float
        Name to value, lower is better; the first decides about ``best``.

    Yields
    ------
    Path
        An empty directory.
    """
    parent = run / DIRECTORY
    parent.mkdir(exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=parent))
    try:
        unfinished.chmod(0o755)  # mkdtemp makes it private to the user
        yield unfinished
        sums = {file.name: sha256_of(file) for file in sorted(unfinished.iterdir())}
        manifest = {"step": step, "scores": dict(scores), "sha256": sums}
        write_whole(unfinished / MANIFEST_NAME, json.dumps(manifest, indent=2).encode())
        final = parent / f"step_{step:08d}"
        if final.exists():
            shutil.rmtree(final)
        unfinished.rename(final)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    sync_directory(parent)
    link(run, final)
    for older in _newest_first(run)[N_RESUMABLE:]:
        (older / RESUME_NAME).unlink(missing_ok=True)


def take_up(run: Path, warn: Callable[[str], None]) -> Path | None:
    """Find the newest snapshot that a run can go on from, and clear away what a crash left.

    Parameters
    ----------
    run : Path
        The run directory.
    warn : callable
        Takes one line when the latest snapshot cannot be used.

    Returns
    -------
    Path or None
        The snapshot directory; None if there is none to go on from.
    """
    for leftover in (run / DIRECTORY).glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover)
    problems: list[str] = []
    damaged: list[Path] = []
    latest = run / "latest"
    if latest.is_symlink() and not latest.exists():
        problems.append(f"{latest.readlink()} is missing")
    for snapshot in _newest_first(run):
        problem = damage(snapshot)
        if problem is None:
            _report(warn, problems, f"going on from {snapshot.name}")
            for newer in damaged:
                shutil.rmtree(newer)  # the run will come by there again
            link(run, snapshot)
            return snapshot
        problems.append(problem)
        damaged.append(snapshot)
    _report(warn, problems, "no other snapshot can be resumed, starting from step 0")
    return None


def damage(snapshot: Path) -> str | None:
    """Say what keeps a snapshot from being resumed.

    Parameters
    ----------
    snapshot : Path
        Its directory.

    Returns
    -------
    str or None
        One line; None if every file is what its manifest says.
    """
    manifest = _manifest(snapshot)
    if manifest is None:
        return f"{snapshot.name}/{MANIFEST_NAME} is missing or torn"
    for name, expected in manifest["sha256"].items():
        file = snapshot / name
        if not file.is_file():
            return f"{snapshot.name}/{name} is missing"
        if sha256_of(file) != expected:
            return f"{snapshot.name}/{name} is torn"
    return None


def link(run: Path, latest: Path) -> None:
    """Point ``latest`` to a snapshot, and ``best`` to the one with the lowest score."""
    _point(run / "latest", latest)
    manifest = _manifest(latest)
    if manifest is None or not manifest["scores"]:
        return
    name = next(iter(manifest["scores"]))
    scores = {}
    for snapshot in _newest_first(run):
        value = ((_manifest(snapshot) or {}).get("scores") or {}).get(name)
        if value is not None and math.isfinite(value):
            scores[snapshot] = value
    if scores:
        _point(run / "best", min(scores, key=lambda snapshot: scores[snapshot]))


def _newest_first(run: Path) -> list[Path]:
    return sorted((run / DIRECTORY).glob("step_*"), reverse=True)


def _manifest(snapshot: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((snapshot / MANIFEST_NAME).read_bytes())
        return manifest if isinstance(manifest["sha256"], dict) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _point(name: Path, snapshot: Path) -> None:
    # A symbolic link cannot be rewritten; a new one under a temporary name replaces it in one move.
    temporary = name.with_name(f".{name.name}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(Path(DIRECTORY) / snapshot.name, target_is_directory=True)
    temporary.replace(name)
    sync_directory(name.parent)


def _report(warn: Callable[[str], None], problems: list[str], consequence: str) -> None:
    if problems:
        warn(f"{'; '.join(problems)}; {consequence}")
