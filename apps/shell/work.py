"""How long work looks on a page: a button, then its progress and a way to stop it, then its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import streamlit as st

from apps.shell import page
from apps.shell.jobs import Job, Jobs, kept
from apps.shell.session import belonging
from apps.shell.state import Field

T = TypeVar("T")

POLL_S = 0.4


@belonging(end=Jobs.cancel_all)
def _jobs() -> Jobs:
    return Jobs()


def result(
    place: str, key: object, title: str, work: Callable[[Job], T], *, started: Field[bool], button: str
) -> T | None:
    """The result of long work, or None while the page shows a button or the progress instead.

    Parameters
    ----------
    place : str
        On the page; work that is begun here ends what went on here before.
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

    Returns
    -------
    object or None
    """
    is_wanted = started.get()
    name = f"{place}: {key!r}"
    there, found = kept(name)
    if there and is_wanted:  # another session may have found it; this one has to ask
        return cast(T, found)
    job = _jobs().by_place.get(place)
    if job is not None and job.key != name:
        _jobs().cancel(place)
        job = None
    if job is None and is_wanted:
        job = Job(name, title, work)
        _jobs().start(place, job)
    if job is not None and job.status == "done":
        return cast(T, job.found)
    if job is not None and job.is_alive:
        _wait(place, job, started)
        return None
    if job is not None and job.status == "failed":
        page.fault(job.error)
    if st.button(button, key=f"{place}.start", type="primary", icon=":material/play_arrow:"):
        started.set(True)
        _jobs().by_place.pop(place, None)
        st.rerun()
    return None


@page.fragment(run_every=POLL_S)
def _wait(place: str, job: Job, started: Field[bool]) -> None:
    """Show how far a job is; the page is drawn anew when it ends."""
    if not job.is_alive:  # a fragment runs by itself, the page does not
        if job.status != "done":
            started.set(False)
        st.rerun()
    with st.container(border=True, key=f"{place}.job"):
        left, right = st.columns([5, 1], vertical_alignment="center")
        words = "Waiting for its turn on this server" if job.status == "waiting" else job.step or job.title
        share = min(1.0, job.done / job.total) if job.total else 0.0
        left.progress(share, page.escaped(f"{job.title}: {words}" if words != job.title else words))
        if right.button("Cancel", key=f"{place}.cancel", width="stretch"):
            job.cancel()
            started.set(False)
