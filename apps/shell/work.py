"""How long work looks on a page: a button, then its progress and a way to stop it, then its result."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast

import streamlit as st

from apps.shell import page
from apps.shell.cache import RESULTS
from apps.shell.field import Field
from apps.shell.jobs import Job, Jobs
from apps.shell.markdown import escaped
from apps.shell.session import belonging
from dcgan_viz.errors import InputError

T = TypeVar("T")

POLL_S = 0.4
MOMENT_S = 1.0  # for which a page waits before it shows how far something is


@belonging(end=Jobs.cancel_all)
def _jobs() -> Jobs:
    return Jobs()


def result(
    place: str,
    key: object,
    title: str,
    work: Callable[[Job], T],
    *,
    started: Field[bool],
    button: str,
    is_long: bool = False,
) -> T | None:
    """The result of long work, or None while the page shows a button or the progress instead.

    Parameters
    ----------
    place : str
        On the page; work that is begun here ends what went on here before. Until then that goes on, and is
        shown beside the button, where other settings are looked at.
    key : object
        All that the result depends on: networks (``bench.key``), seeds, settings. Its ``repr`` has to tell.
    title : str
        What is done, in words.
    work : callable
        Called with a `Job` in a thread of its own, where nothing of Streamlit may be used. It gives
        ``job.progress`` to the library, runs ``job.own(gan)`` instead of ``gan``, and returns the result.
    started : Field of bool
        Whether it was asked for, in the link: then it begins by itself.
    button : str
        Words on the button that begins it.
    is_long : bool
        Whether it takes minutes; see `Job`.

    Returns
    -------
    object or None
    """
    name = _name(place, key)
    is_wanted = started.get()
    there, found = RESULTS.find(name)
    is_found = there and is_wanted  # another session may have found it; this one has to ask
    own = _jobs().of(place, name)
    if own is None and is_wanted and not there:
        own = _begin(place, Job(name, title, work, is_long))
    status = None if own is None else own.status
    if own is not None and status in ("waiting", "running") and not is_found:
        _wait(place, own, started)
        return None
    job = _jobs().by_place.get(place)
    if job is not None and job is not own and job.is_alive:
        _wait(place, job, None if is_found else started, is_other=job.key != name)
    if status == "done" and not is_found:
        is_found, found = RESULTS.find(name)  # it has ended just now, or had to go since
        if not is_found:
            st.caption("The result had to go: others needed the room.")
    if is_found:
        return cast(T, found)
    if status == "failed" and own is not None:
        page.fault(own.error)
    if st.button(button, key=f"{place}.start", type="primary", icon=":material/play_arrow:"):
        started.set(True)
        if own is not None:
            _jobs().cancel(place)
        st.rerun()
    return None


def awaited(place: str, key: object, title: str, work: Callable[[Job], object]) -> Callable[[], None] | None:
    """Begin work that a page cannot do without, unless it has begun; None if it takes no more than a moment.

    Parameters
    ----------
    place, key, title, work
        As for `result`. It has to leave what it makes where the page looks first.

    Returns
    -------
    callable or None
        What shows how far it is, where it goes on; where it was cancelled, a way to begin again.

    Raises
    ------
    InputError
        If it failed.
    """
    name = _name(place, key)
    job = _jobs().by_place.get(place)
    if job is None or job.key != name or job.status == "done":  # what it made had to go since
        job = Job(name, title, work)
        _jobs().start(place, job)
        job.wait(MOMENT_S)
    if job.status == "done":
        return None
    if job.is_cancelled and not job.is_alive:
        return partial(_again, place, title)
    if job.status == "failed":
        raise InputError(job.error)
    return partial(_wait, place, job, None)


def forget(place: str) -> None:
    """End what goes on at a place: nobody waits for it any more."""
    _jobs().forget(place)


def earlier(place: str, key: object) -> object | None:
    """What `result` gave for a place and a key, as long as it is kept."""
    return RESULTS.find(_name(place, key))[1]


def _name(place: str, key: object) -> str:
    return f"{place}: {key!r}"


def _again(place: str, title: str) -> None:
    """Say that something was cancelled, and let a person begin it again."""
    st.info(escaped(f"{title}: cancelled. Choose something else in the sidebar, or begin again."))
    st.button("Begin again", key=f"{place}.again", on_click=forget, args=(place,))


def _begin(place: str, job: Job) -> Job | None:
    """Let a job have a place, or say why it cannot."""
    try:
        _jobs().start(place, job)
    except InputError as error:
        page.fault(str(error))
        return None
    return job


@page.fragment(run_every=POLL_S)
def _wait(place: str, job: Job, started: Field[bool] | None, *, is_other: bool = False) -> None:
    """Show how far a job is; the page is drawn anew when it ends.

    Parameters
    ----------
    place : str
    job : Job
    started : Field of bool or None
        What to take back where the job is cancelled or fails; None where that says something of other work.
    is_other : bool
        Whether it is of other settings than the page shows.
    """
    if not job.is_alive:  # a fragment runs by itself, the page does not
        if job.status != "done" and started is not None:
            started.set(False)
        st.rerun()
    with st.container(border=True, key=f"{place}.job"):
        left, right = st.columns([5, 1], vertical_alignment="center")
        title = f"{job.title}, as it was asked for before" if is_other else job.title
        words = _words(job)
        share = min(1.0, job.done / job.total) if job.total else 0.0
        left.progress(share, escaped(f"{title}: {words}" if words != job.title else title))
        if right.button("Cancel", key=f"{place}.cancel", width="stretch", disabled=job.is_cancelled):
            job.cancel()
            if started is not None:
                started.set(False)


def _words(job: Job) -> str:
    """What a job does now."""
    if job.is_cancelled:
        return "ending"
    return "Waiting for its turn on this server" if job.status == "waiting" else job.step or job.title
