"""What can be read of a training run, while it goes on or afterwards; nothing in it is taken on trust."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from apps.shell.roots import Run
from dcgan_viz.data.training_log import LOG_NAME, LogLine, read_training_log
from dcgan_viz.errors import InputError
from dcgan_viz.training_curves import TrainingCurves, training_curves

LEAST_PATIENCE_S = 60.0
PATIENCE_LINES = 3  # lines that may be late before a run counts as ended

_LOG = logging.getLogger("dcgan_viz.apps")


@dataclass(frozen=True)
class Story:
    """What is known of a run.

    Attributes
    ----------
    run : Run
    curves : TrainingCurves or None
        None where there is no line yet, or the diary cannot be read.
    images_per_second : float or None
        Of the last line that says it.
    line_s : float
        Seconds from one line to the next.
    written_s : float
        When the last line was written, in seconds since 1970; 0 where there is none.
    fault : str
        Why the diary cannot be read, in a sentence; empty where it can.
    """

    run: Run
    curves: TrainingCurves | None = None
    images_per_second: float | None = None
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


def story_of(run: Run) -> Story:
    """Read a run's diary, as far as it goes; what is broken is told of in the story."""
    try:
        if run.diary() is None:
            return Story(run)
        stat = (run.path / LOG_NAME).stat()
        return _read(run, stat.st_mtime_ns, stat.st_size)
    except InputError as error:
        words = str(error).replace(str(run.path / LOG_NAME), f"{run.name}: {LOG_NAME}")
        return Story(run, fault=words.replace(str(run.path), run.name))
    except OSError as error:
        return Story(run, fault=f"{run.name}: {LOG_NAME} cannot be read ({error.strerror})")
    except Exception:
        _LOG.exception("the diary of %s", run.path)
        return Story(run, fault=f"{run.name}: {LOG_NAME} is not as training writes it")


@lru_cache(maxsize=64)
def _read(run: Run, changed_ns: int, size: int) -> Story:
    lines = read_training_log(run.path)
    written_s = changed_ns / 1e9
    if not lines:
        return Story(run, written_s=written_s)
    logged = [line for line in lines if line.means]
    rate = next((one for line in reversed(logged) if (one := line.means.get("images_per_second"))), None)
    return Story(run, training_curves(lines), rate, _line_s(logged, rate), written_s)


def _line_s(logged: Sequence[LogLine], rate: float | None) -> float:
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
