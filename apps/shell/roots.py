"""The directories that the dashboard may open runs in, and no way out of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dcgan_viz.data.training_log import LOG_NAME, SNAPSHOTS_NAME
from dcgan_viz.errors import InputError
from dcgan_viz.models.checkpoint import WEIGHTS_NAME

_DEEPEST = 3  # directories between a root and a run
_STEP = "step_"

MOST_RUNS = 500  # that are listed
_MOST_NAMED = 12  # in a sentence
MOST_DIARY_BYTES = 200 * 2**20


@dataclass(frozen=True)
class _Fault:
    """What is wrong with a part of a run, and whether it may lead out of the root."""

    sentence: str
    may_lead_out: bool


@dataclass(frozen=True)
class Run:
    """A training run below a root.

    Attributes
    ----------
    name : str
        The root's own name and the way from there, as in ``runs/rooms``.
    path : Path
        The directory.
    root : Path
        What no file of it may leave.
    """

    name: str
    path: Path
    root: Path

    def steps(self) -> list[int]:
        """Steps that have a snapshot, rising; empty where there is none yet or they cannot be read."""
        try:
            places = list((self.path / SNAPSHOTS_NAME).glob(f"{_STEP}*/{WEIGHTS_NAME}"))
        except OSError:
            return []
        steps = (_step(place.parent.name) for place in places)
        return sorted(step for step in steps if step is not None)

    def snapshot(self, step: int) -> Path:
        """Where the weights file of a step would be, wherever that leads."""
        return self.path / SNAPSHOTS_NAME / _directory(step) / WEIGHTS_NAME

    def weights(self, step: int) -> Path:
        """The weights file of a snapshot.

        Raises
        ------
        InputError
            If there is none, or it is a link to a place outside the root.
        """
        place = self.snapshot(step)
        if not self._holds(place):
            raise InputError(f"{self.name}: step {step} lies outside of {self.root.name}; choose another")
        if not place.is_file():
            raise InputError(f"{self.name}: no snapshot of step {step}; choose another")
        return place

    def faults(self) -> list[str]:
        """A sentence for each part of the run that is not read, rising by step."""
        return [fault.sentence for fault in self._faults()]

    def check_inside(self) -> None:
        """See to it that all parts of the run lie below its root.

        Raises
        ------
        InputError
            If one does not, or they cannot be looked at.
        """
        for fault in self._faults():
            if fault.may_lead_out:
                raise InputError(fault.sentence)

    def _faults(self) -> list[_Fault]:
        parts = [part for part in (LOG_NAME, SNAPSHOTS_NAME) if not self._holds(self.path / part)]
        if parts:
            return [self._outside(part) for part in parts]
        try:
            places = sorted(self.path.glob(f"{SNAPSHOTS_NAME}/{_STEP}*"))
        except OSError as error:
            return [_Fault(f"{self.name}: {SNAPSHOTS_NAME} cannot be read ({error.strerror}).", True)]
        found = []
        for place in places:
            if not self._holds(place / WEIGHTS_NAME):
                found.append(self._outside(place.name))
            elif _step(place.name) is None:
                lack = f"{self.name}: {place.name} is no name of a snapshot and is left out."
                found.append(_Fault(lack, False))
            elif not (place / WEIGHTS_NAME).is_file():
                lack = f"{self.name}: {place.name} has no {WEIGHTS_NAME} and is left out."
                found.append(_Fault(lack, False))
        return found

    def _outside(self, part: str) -> _Fault:
        return _Fault(f"{self.name}: {part} lies outside of {self.root.name} and is not read.", True)

    def _holds(self, place: Path) -> bool:
        return _is_inside(place, self.root)

    def diary(self) -> Path | None:
        """The directory, where its diary may be read; None where there is none yet.

        Raises
        ------
        InputError
            If it is no plain file, too large, or a link to a place outside the root.
        """
        file = self.path / LOG_NAME
        if not self._holds(file):
            raise InputError(f"{self.name}: {LOG_NAME} lies outside of {self.root.name} and is not read")
        if not file.exists():
            return None
        if not file.is_file():  # a pipe would be waited for without end
            raise InputError(f"{self.name}: {LOG_NAME} is no plain file; give a run that training wrote")
        if file.stat().st_size > MOST_DIARY_BYTES:
            size = f"{file.stat().st_size >> 20:,} MB"
            raise InputError(
                f"{self.name}: {LOG_NAME} has {size}, more than any diary of training; remove it"
            )
        return self.path

    def named_step(self, name: str) -> int | None:
        """The step that "best" or "latest" stands for now."""
        try:
            target = (self.path / name).resolve().name
        except (OSError, RuntimeError):  # a circle of links
            return None
        return _step(target)


@dataclass(frozen=True)
class Roots:
    """Directories that hold runs.

    Attributes
    ----------
    directories : tuple of Path
        As the command line gave them; one that is not there holds no run.
    """

    directories: tuple[Path, ...]

    def _named(self) -> dict[str, Path]:
        named: dict[str, Path] = {}
        for directory in self.directories:
            root = directory.resolve()
            name = stem = root.name or "root"
            while name in named:
                name = f"{stem}-{len(named) + 1}"
            named[name] = root
        return named

    def runs(self) -> list[Run]:
        """Every run below the roots, by name."""
        return self._look([])

    def look(self) -> tuple[list[Run], list[str]]:
        """The first runs below the roots, by name, and a sentence for each thing that is left out."""
        faults: list[str] = []
        found = self._look(faults)
        if (more := len(found) - MOST_RUNS) > 0:
            faults.append(f"{more} more runs are not listed: start the server with --runs nearer to them.")
        return found[:MOST_RUNS], faults

    def run(self, name: str) -> Run:
        """The run of a name, listed or not.

        Raises
        ------
        InputError
            If there is none; whatever the name, nothing outside the roots is looked at.
        """
        found = self.runs()
        for run in found:
            if run.name == name:
                return run
        there = ", ".join(run.name for run in found[:_MOST_NAMED]) or "none"
        more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        raise InputError(f"run {name!r}: not below the directories of this server; there are: {there}{more}")

    def _look(self, faults: list[str]) -> list[Run]:
        found = [run for name, root in self._named().items() for run in _below(name, root, faults)]
        return sorted(found, key=lambda run: run.name)


def _directory(step: int) -> str:
    """What training calls the directory of a snapshot."""
    return f"{_STEP}{step:08d}"


def _step(directory: str) -> int | None:
    """The step of a snapshot's directory; None where training gives no such name.

    Examples
    --------
    >>> _step("step_00000020"), _step("step_20"), _step("step_00000020.part")
    (20, None, None)
    """
    number = directory.removeprefix(_STEP)
    is_name = number.isascii() and number.isdecimal() and len(number) < 13
    return int(number) if is_name and directory == _directory(int(number)) else None


def _below(name: str, root: Path, faults: list[str]) -> Iterator[Run]:
    """Runs in a directory tree; links to directories are not followed."""

    def called(place: Path) -> str:
        return "/".join((name, *place.relative_to(root).parts))

    def unreadable(error: OSError) -> None:
        if root.is_dir():
            faults.append(f"{called(Path(error.filename))}: cannot be read ({error.strerror}).")

    for place, directories, files in os.walk(root, followlinks=False, onerror=unreadable):
        path = Path(place)
        if SNAPSHOTS_NAME in directories or LOG_NAME in files:
            yield Run(called(path), path, root)
            directories.clear()
            continue
        for one in directories:
            if (path / one).is_symlink() and not _is_inside(path / one, root):
                faults.append(f"{called(path / one)}: a link to outside of {root.name}; it is not followed.")
        too_deep = len(path.relative_to(root).parts) >= _DEEPEST
        directories[:] = [] if too_deep else sorted(one for one in directories if not one.startswith("."))


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False
