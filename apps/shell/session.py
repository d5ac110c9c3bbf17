"""What belongs to one session, and goes a while after its browser has: a connection that broke may come back.

Streamlit ends the caches of a session as soon as its connection breaks, though the browser finds the session
again for two minutes (after a telephone slept, or a network was lost). What is kept here waits for it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Timer
from typing import Any, TypeVar, cast

import streamlit as st

from apps.shell.startup import startup

T = TypeVar("T")

_MINE = "dcgan_viz.belongings"


@dataclass(eq=False)
class Belongings:
    """The things of one session.

    Parameters
    ----------
    linger_s : float
        Seconds for which they wait for a connection that broke.
    """

    linger_s: float
    _things: dict[str, tuple[Any, Callable[[Any], None]]] = field(default_factory=dict)
    _timer: Timer | None = None
    _lock: Lock = field(default_factory=Lock)

    def get(self, name: str, make: Callable[[], T], end: Callable[[T], None]) -> T:
        """The thing of a name, made when it is first asked for.

        Parameters
        ----------
        name : str
        make : callable
        end : callable
            Called with it, once the session is gone.
        """
        with self._lock:
            if name not in self._things:
                self._things[name] = (make(), end)
            return cast(T, self._things[name][0])

    def stay(self) -> None:
        """The connection is there, or there again."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def leave(self) -> None:
        """The connection is gone."""
        self.stay()
        if not self.linger_s:
            self.end()
            return
        timer = Timer(self.linger_s, self.end)
        timer.daemon = True
        with self._lock:
            self._timer = timer
        timer.start()

    def end(self) -> None:
        """End all of them."""
        with self._lock:
            things = list(self._things.values())
            self._things.clear()
        for thing, end in things:
            end(thing)


def belonging(end: Callable[[T], None]) -> Callable[[Callable[[], T]], Callable[[], T]]:
    """Let a function that makes something give each session its own.

    Parameters
    ----------
    end : callable
        Called with it `Startup.linger_s` after the session's connection broke, unless that came back.
    """

    def decorate(make: Callable[[], T]) -> Callable[[], T]:
        @functools.wraps(make)
        def mine() -> T:
            return _mine().get(f"{make.__module__}.{make.__qualname__}", make, end)

        return mine

    return decorate


def _mine() -> Belongings:
    if _MINE not in st.session_state:
        st.session_state[_MINE] = Belongings(startup().linger_s)
    return _tied(st.session_state[_MINE])


@st.cache_resource(scope="session", on_release=Belongings.leave, show_spinner=False)
def _tied(_belongings: Belongings) -> Belongings:
    """Runs once for each connection of a session."""
    _belongings.stay()
    return _belongings
