"""The directories that the dashboard may open runs in, and no way out of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dcgan_viz.errors import InputError
from dcgan_viz.models.checkpoint import WEIGHTS_NAME

_DEEPEST = 3  # directories between a root and a run
_MOST = 500  # runs that are listed
_STEP = "step_"


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
            places = sorted((self.path / "snapshots").glob(f"{_STEP}*/{WEIGHTS_NAME}"))
        except OSError:
            return []
        names = [place.parent.name.removeprefix(_STEP) for place in places]
        return sorted(int(name) for name in names if name.isdecimal() and len(name) < 13)

    def weights(self, step: int) -> Path:
        """The weights file of a snapshot.

        Raises
        ------
        InputError
            If there is none, or it is a link to a place outside the root.
        """
        place = self.path / "snapshots" / f"{_STEP}{step:08d}" / WEIGHTS_NAME
        if not _is_inside(place, self.root):
            raise InputError(f"{self.name}: step {step} lies outside of {self.root.name}; choose another")
        if not place.is_file():
            raise InputError(f"{self.name}: no snapshot of step {step}; choose another")
        return place

    def named_step(self, name: str) -> int | None:
        """The step that "best" or "latest" stands for now."""
        try:
            target = (self.path / name).resolve().name
        except (OSError, RuntimeError):  # a circle of links
            return None
        number = target.removeprefix(_STEP)
        return int(number) if target.startswith(_STEP) and number.isdecimal() and len(number) < 13 else None


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
        found = [run for name, root in self._named().items() for run in _below(name, root)]
        return sorted(found, key=lambda run: run.name)[:_MOST]

    def run(self, name: str) -> Run:
        """The run of a name.

        Raises
        ------
        InputError
            If there is none; whatever the name, nothing outside the roots is looked at.
        """
        for run in self.runs():
            if run.name == name:
                return run
        there = ", ".join(run.name for run in self.runs()) or "none"
        raise InputError(f"run {name!r}: not below the directories of this server; there are: {there}")


def _below(name: str, root: Path) -> Iterator[Run]:
    """Runs in a directory tree; links to directories are not followed."""
    for place, directories, files in os.walk(root, followlinks=False):
        path = Path(place)
        depth = len(path.relative_to(root).parts)
        if "snapshots" in directories or "stats.jsonl" in files:
            yield Run("/".join((name, *path.relative_to(root).parts)), path, root)
            directories.clear()
        elif depth >= _DEEPEST:
            directories.clear()
        else:
            directories[:] = sorted(one for one in directories if not one.startswith("."))


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False
