"""Snapshots on disk: there in full or not at all, and never trusted without their checksums."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dcgan_viz.errors import InputError
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
    _point(run / "latest", final)
    choose_best(run, next(iter(scores), ""))
    for older in newest_first(run)[N_RESUMABLE:]:
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
        The snapshot directory; None if the run has to begin at step 0.

    Raises
    ------
    InputError
        If there is none to go on from, but one to keep.
    """
    for leftover in (run / DIRECTORY).glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover)
    for leftover in run.glob(".*.tmp"):
        leftover.unlink()
    latest = run / "latest"
    problems = [f"{latest.readlink().name} is missing"] if latest.is_symlink() and not latest.exists() else []
    damaged: list[Path] = []
    found = None
    for snapshot in newest_first(run):
        problem = damage(snapshot)
        if problem is None:
            found = snapshot
            break
        problems.append(problem)
        damaged.append(snapshot)
    if found is None:
        _check_none_is_lost(run, damaged)
    if problems:
        warn(f"{'; '.join(problems)}; going on from {found.name if found else 'step 0'}")
    for snapshot in damaged:
        shutil.rmtree(snapshot)  # the run will come by there again
    if found is None:
        for name in ("latest", "best"):
            (run / name).unlink(missing_ok=True)
        return None
    _point(latest, found)
    choose_best(run, next(iter(scores_of(found)), ""))
    return found


def _check_none_is_lost(run: Path, damaged: Sequence[Path]) -> None:
    usable = [snapshot.name for snapshot in damaged if damage(snapshot, but_for=RESUME_NAME) is None]
    if usable:
        raise InputError(
            f"{run}: {damage(damaged[0])} and no older snapshot can be resumed, though {usable[0]} has its "
            "weights; begin a new run in another --out, or replace this one with --force"
        )


def damage(snapshot: Path, but_for: str = "") -> str | None:
    """Say what keeps a snapshot from being resumed.

    Parameters
    ----------
    snapshot : Path
        Its directory.
    but_for : str
        A file that does not matter.

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
        if name == but_for:
            continue
        if not file.is_file():
            return f"{snapshot.name}/{name} is missing"
        if sha256_of(file) != expected:
            return f"{snapshot.name}/{name} is torn"
    return None


def choose_best(run: Path, score: str, but_for: Collection[Path] = ()) -> Path | None:
    """Point ``best`` to the snapshot with the lowest score of that name.

    Parameters
    ----------
    run : Path
        The run directory.
    score : str
        Snapshots without it, or where it is no number, do not count.
    but_for : collection of Path
        Nor do these.

    Returns
    -------
    Path or None
        The snapshot directory; None, and ``best`` as it was, if none has the score.
    """
    values = {
        snapshot: scores_of(snapshot).get(score, math.nan)
        for snapshot in newest_first(run)
        if snapshot not in but_for
    }
    values = {snapshot: value for snapshot, value in values.items() if math.isfinite(value)}
    if not values:
        return None
    best = min(values, key=lambda snapshot: values[snapshot])
    _point(run / "best", best)
    return best


def record_score(snapshot: Path, name: str, value: float) -> None:
    """Add a score to a snapshot's manifest, as the first: the one that decides.

    Manifests are the record of scores; the weights' own header keeps what was known when they were written.
    """
    manifest = _manifest(snapshot)
    if manifest is None:
        raise InputError(
            f"{snapshot}: no whole {MANIFEST_NAME}; resume the run, which clears torn snapshots away"
        )
    others = {other: number for other, number in scores_of(snapshot).items() if other != name}
    manifest["scores"] = {name: value, **others}
    write_whole(snapshot / MANIFEST_NAME, json.dumps(manifest, indent=2).encode())


def scores_of(snapshot: Path) -> dict[str, float]:
    """Return name and value of a snapshot's scores, the one that decides first."""
    return (_manifest(snapshot) or {}).get("scores") or {}


def without_score(run: Path, name: str) -> list[Path]:
    """Return the snapshots of a run that have no score of that name, newest first."""
    return [snapshot for snapshot in newest_first(run) if name not in scores_of(snapshot)]


def newest_first(run: Path) -> list[Path]:
    """Return the snapshot directories of a run."""
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
