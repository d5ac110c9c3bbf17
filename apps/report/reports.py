"""The reports of a session: built in its own directory, which goes when the session goes."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from apps.shell.archive import archived, files_of
from apps.shell.bench import Bench
from apps.shell.jobs import Job
from apps.shell.session import belonging
from dcgan_viz.figure_set.bench import Bench as FigureBench
from dcgan_viz.figure_set.entry import Status
from dcgan_viz.figure_set.manifest import Manifest
from dcgan_viz.figure_set.report import ANALYSIS, Step, make_report
from dcgan_viz.figure_set.settings import FigureSetSettings
from dcgan_viz.models.gan import Gan

MOST_KEPT = 3


@dataclass(frozen=True)
class Report:
    """A report that was built.

    Attributes
    ----------
    directory : Path
        With index.html and manifest.json.
    manifest : Manifest
    """

    directory: Path
    manifest: Manifest

    def drawn(self) -> list[str]:
        """Names of its figures."""
        return [part["name"] for part in self.manifest.parts if part["status"] == Status.DRAWN]

    def missing(self, status: Status) -> list[tuple[str, str]]:
        """Name and reason of each part that failed, or was left out."""
        return [(part["name"], part["reason"]) for part in self.manifest.parts if part["status"] == status]

    def picture(self, name: str) -> Path:
        """The PNG of a figure."""
        (part,) = [part for part in self.manifest.parts if part["name"] == name]
        return self.directory / part["directory"] / "figure.png"

    def file(self, name: str) -> bytes:
        """One of its files."""
        return (self.directory / name).read_bytes()

    def archive(self) -> bytes:
        """All of its files in one archive, in a directory of the name that the command gives."""
        return archived((f"{ANALYSIS}/{name}", content) for name, content in files_of(self.directory))


@dataclass
class Reports:
    """Those of one session, the last few.

    Attributes
    ----------
    token : str
        Tells this session's reports from those of others, whose directories are not there for it.
    """

    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    made: dict[str, Path] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    _home: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="dcgan_viz-", ignore_cleanup_errors=True)
    )
    _is_open: bool = True
    _lock: Lock = field(default_factory=Lock)

    def key(self, settings: object) -> tuple[str, object, int]:
        """What a report of these settings is kept by; another one after it had to go."""
        return self.token, settings, self.dropped.get(repr(settings), 0)

    def build(
        self, job: Job, bench: Bench, settings: FigureSetSettings, command: str, name: object
    ) -> Report:
        """Make a report, in the thread of a job; ended early it leaves nothing.

        Parameters
        ----------
        job : Job
        bench : Bench
        settings : FigureSetSettings
        command : str
            The command line that makes the same.
        name : object
            What `key` was given.
        """
        directory = Path(self._home.name) / uuid.uuid4().hex
        try:
            with self._lock:
                self._check()
                directory.mkdir()
            own = figure_bench(bench, job.own(bench.gan), settings)
            manifest = make_report(
                directory, [own], settings, command=command, progress=lambda steps: _counted(job, steps)
            )
            with self._lock:
                self._check()
                self.made[repr(name)] = directory
                self._drop()
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        return Report(directory, manifest)

    def remove(self) -> None:
        """Delete them all, at the end of the session."""
        with self._lock:
            self._is_open = False
            self.made.clear()
            self._home.cleanup()

    def _check(self) -> None:
        if not self._is_open:
            raise FileNotFoundError(2, "the session has ended")

    def _drop(self) -> None:
        """Delete the oldest."""
        for name in list(self.made)[:-MOST_KEPT]:
            shutil.rmtree(self.made.pop(name), ignore_errors=True)
            self.dropped[name] = self.dropped.get(name, 0) + 1


def figure_bench(bench: Bench, gan: Gan, settings: FigureSetSettings) -> FigureBench:
    """What the figures of a report are drawn from.

    Parameters
    ----------
    bench : Bench
    gan : Gan
        The networks of the bench, or a copy of them.
    settings : FigureSetSettings
    """
    found = FigureBench(gan, bench.options, settings)
    if not bench.checkpoint.may_be_run:
        found.run = None  # whatever lies on this server under an upload's name
    return found


@belonging(end=Reports.remove)
def reports() -> Reports:
    """Those of this session; removed when it ends."""
    return Reports()


def _counted(job: Job, steps: Sequence[Step]) -> Iterator[Step]:
    """The steps, each named while it is done."""
    for number, step in enumerate(job.progress(steps), start=1):
        job.step = f"{step.name}, {number} of {len(steps)}"
        yield step
