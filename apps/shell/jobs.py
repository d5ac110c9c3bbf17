"""Long work: in a thread of its own, with progress, to be cancelled, and gone when its session is.

Results are kept in `apps.shell.cache.RESULTS` by what they were computed from, so that a link which somebody
follows twice is answered at once. How a page asks for one is in `apps.shell.work`.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sized
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from apps.shell.cache import RESULTS
from apps.shell.turns import turns
from dcgan_viz.errors import InputError
from dcgan_viz.models.hooks import copy_of

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan

T = TypeVar("T")

AT_ONCE = 2  # jobs of all sessions that compute; the others wait for their turn
MOST_WAITING = 32

_LOG = logging.getLogger("dcgan_viz.apps")
_lock = threading.Lock()
_moved = threading.Condition(_lock)  # the line moved on, or a job in it was cancelled
_alive: list[Job] = []  # as they came

Status = Literal["waiting", "running", "done", "failed", "cancelled"]


class Cancelled(BaseException):
    """Ends a job that nobody waits for any more; no ``except Exception`` on the way holds it up."""


@dataclass(eq=False)
class Job:
    """One piece of long work.

    Attributes
    ----------
    key : str
        All that the result depends on.
    title : str
        What is done, in words.
    work : callable
        Called with this job, in its thread; returns the result.
    is_long : bool
        Whether it takes minutes: of such jobs one computes at a time, so that others find a place.
    status : str
    done, total : int
        Steps; ``total`` is 0 where it is not known.
    step : str
        What is done now.
    error : str
        Why it failed, a sentence.
    """

    key: str
    title: str
    work: Callable[[Job], Any]
    is_long: bool = False
    status: Status = "waiting"
    done: int = 0
    total: int = 0
    step: str = ""
    error: str = ""
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin, as soon as it is this job's turn.

        Raises
        ------
        InputError
            If too many wait already.
        """
        with _lock:
            if len(_alive) >= MOST_WAITING:
                raise InputError(f"{self.title}: this server has too much to do; try again in a minute")
            _alive.append(self)
        try:
            threading.Thread(target=self._run, name=f"job {self.title}", daemon=True).start()
        except RuntimeError:  # no more threads
            self._leave()
            raise

    def cancel(self) -> None:
        """Ask it to end; it does at its next step, or before it next runs its networks."""
        self._cancelled.set()
        with _moved:
            _moved.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait for its end, but not for longer than this."""
        self._ended.wait(seconds)

    @property
    def is_cancelled(self) -> bool:
        """Whether it was asked to end, though it may not have yet."""
        return self._cancelled.is_set()

    @property
    def is_alive(self) -> bool:
        """Whether there is something to wait for."""
        return self.status in ("waiting", "running")

    def check(self) -> None:
        """Let others compute, where any wait; then pass, unless the job was cancelled.

        Raises
        ------
        Cancelled
        """
        if not self._cancelled.is_set():
            turns().pause()
        if self._cancelled.is_set():
            raise Cancelled

    def progress(self, items: Iterable[T], step: str = "", total: int | None = None) -> Iterator[T]:
        """The items, counted: what library functions take as ``progress``.

        Parameters
        ----------
        items : iterable
        step : str
            What is done with them.
        total : int, optional
            How many there are, where they have no length.
        """
        self.step, self.done = step, 0
        self.total = total if total is not None else len(items) if isinstance(items, Sized) else 0
        for item in items:
            self.check()
            yield item
            self.done += 1
        self.check()

    def own(self, gan: Gan) -> Gan:
        """A copy of a Gan that ends the job, once that is cancelled, instead of running its networks."""
        mine = copy(gan)
        for role in ("generator", "discriminator"):
            if (network := getattr(gan, role)) is not None:
                network = copy_of(network)
                network.register_forward_pre_hook(lambda *_: self.check())
                setattr(mine, role, network)
        return mine

    def _await_turn(self) -> None:
        with _moved:
            _moved.wait_for(lambda: self.is_cancelled or self in _computing())
            self.check()
            self.status = "running"

    def _leave(self) -> None:
        with _moved:
            _alive.remove(self)
            _moved.notify_all()

    def _run(self) -> None:
        try:
            self._await_turn()
            with turns().long():
                found = self.work(self)
            self.check()
            RESULTS.put(self.key, found)
            self.status = "done"
        except Cancelled:
            self.status = "cancelled"
        except InputError as error:
            self.error, self.status = str(error), "failed"
        except OSError as error:
            self.error, self.status = error.strerror or type(error).__name__, "failed"
        except BaseException:
            number = uuid.uuid4().hex[:8]
            _LOG.exception("error %s in job %s", number, self.title)
            self.error = f"{self.title}: an error that is not yours, number {number} in the server's log."
            self.status = "failed"
        finally:
            self._leave()
            self._ended.set()


def _computing() -> list[Job]:
    """Those that compute, and those whose turn it is to begin."""
    found: list[Job] = []
    for job in sorted(_alive, key=lambda one: one.status != "running"):  # otherwise as they came
        has_room = len(found) < AT_ONCE
        if has_room and not (job.is_long and any(one.is_long for one in found)):
            found.append(job)
    return found


@dataclass
class Jobs:
    """The jobs of one session, one for each place on its pages."""

    by_place: dict[str, Job] = field(default_factory=dict)

    def start(self, place: str, job: Job) -> None:
        """Begin a job; the one that had its place before is cancelled.

        Raises
        ------
        InputError
            If too many wait already; then the one before goes on.
        """
        job.start()
        self.cancel(place)
        self.by_place[place] = job

    def of(self, place: str, key: str) -> Job | None:
        """The job at a place, where it is of this key; one that was cancelled counts as none."""
        job = self.by_place.get(place)
        return job if job is not None and job.key == key and not job.is_cancelled else None

    def cancel(self, place: str) -> None:
        """Cancel what goes on at a place."""
        if place in self.by_place:
            self.by_place[place].cancel()

    def forget(self, place: str) -> None:
        """Cancel what goes on at a place, and know nothing of it any more."""
        self.cancel(place)
        self.by_place.pop(place, None)

    def cancel_all(self) -> None:
        """Cancel everything, at the end of the session."""
        for job in self.by_place.values():
            job.cancel()
