"""What can be read of a training run, while it goes on or afterwards; nothing in it is taken on trust."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from apps.shell.roots import MOST_RUNS, Run
from dcgan_viz.data.training_log import LOG_NAME, LogLine, read_training_log
from dcgan_viz.errors import InputError
from dcgan_viz.training_curves import TrainingCurves, training_curves

LAST_BYTES = 2**16  # of a diary that is only glanced at
LEAST_PATIENCE_S = 60.0
PATIENCE_LINES = 3  # lines that may be late before a run counts as ended

G = TypeVar("G", bound="Glance")

_LOG = logging.getLogger("dcgan_viz.apps")


@dataclass(frozen=True)
class Glance:
    """What the end of a run's diary says.

    Attributes
    ----------
    run : Run
    step : int or None
        Of the last line; None where there is none yet, or the diary cannot be read.
    line_s : float
        Seconds from one line to the next.
    written_s : float
        When the last line was written, in seconds since 1970; 0 where there is none.
    fault : str
        Why the diary cannot be read, in a sentence; empty where it can.
    """

    run: Run
    step: int | None = None
    line_s: float = 0.0
    written_s: float = 0.0
    fault: str = ""

    def age_s(self) -> float:
        """Seconds since the last line."""
        return max(0.0, time.time() - self.written_s)

    def is_live(self) -> bool:
        """Whether training seems to go on."""
        patience = max(LEAST_PATIENCE_S, PATIENCE_LINES * self.line_s)
        return self.written_s > 0 and not self.fault and self.age_s() < patience


@dataclass(frozen=True)
class Story(Glance):
    """What is known of a run.

    Attributes
    ----------
    curves : TrainingCurves or None
        None where there is no line yet, or the diary cannot be read.
    images_per_second : float or None
        Of the last line that says it.
    """

    curves: TrainingCurves | None = None
    images_per_second: float | None = None


def story_of(run: Run) -> Story:
    """Read a run's diary, as far as it goes; what is broken is told of in the story."""
    return _told(run, Story, _read)


def glance_of(run: Run) -> Glance:
    """Read the end of a run's diary: what costs little, also of many long ones."""
    return _told(run, Glance, _glance)


def _told(run: Run, kind: type[G], read: Callable[[Run, int, int], G]) -> G:
    try:
        if run.diary() is None:
            return kind(run)
        stat = (run.path / LOG_NAME).stat()
        return read(run, stat.st_mtime_ns, stat.st_size)
    except InputError as error:
        words = str(error).replace(str(run.path / LOG_NAME), f"{run.name}: {LOG_NAME}")
        return kind(run, fault=words.replace(str(run.path), run.name))
    except OSError as error:
        return kind(run, fault=f"{run.name}: {LOG_NAME} cannot be read ({error.strerror})")
    except Exception:
        _LOG.exception("the diary of %s", run.path)
        return kind(run, fault=f"{run.name}: {LOG_NAME} is not as training writes it")


@lru_cache(maxsize=16)
def _read(run: Run, changed_ns: int, size: int) -> Story:
    lines = read_training_log(run.path)
    seen = _seen(run, lines, changed_ns)
    if not lines:
        return Story(**vars(seen))
    return Story(**vars(seen), curves=training_curves(lines), images_per_second=_rate(lines))


@lru_cache(maxsize=2 * MOST_RUNS)
def _glance(run: Run, changed_ns: int, size: int) -> Glance:
    return _seen(run, read_training_log(run.path, LAST_BYTES), changed_ns)


def _seen(run: Run, lines: Sequence[LogLine], changed_ns: int) -> Glance:
    return Glance(run, lines[-1].step if lines else None, _line_s(lines), changed_ns / 1e9)


def _rate(lines: Sequence[LogLine]) -> float | None:
    return next((one for line in reversed(lines) if (one := line.means.get("images_per_second"))), None)


def _line_s(lines: Sequence[LogLine]) -> float:
    logged, rate = [line for line in lines if line.means][-2:], _rate(lines)
    if len(logged) < 2 or not rate or rate <= 0:
        return 0.0
    return (logged[-1].images_seen - logged[-2].images_seen) / rate


def in_words(seconds: float) -> str:
    """A time that has passed, as a person says it.

    Examples
    --------
    >>> in_words(4), in_words(200), in_words(9000), in_words(300000)
    ('4 s', '3 min', '2 h', '3 days')
    """
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
