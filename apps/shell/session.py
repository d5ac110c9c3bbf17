"""What belongs to one session, and goes a while after its browser has: a connection that broke may come back.

Streamlit ends the caches of a session as soon as its connection breaks, though the browser finds the session
again for two minutes (after a telephone slept, or a network was lost). What is kept here waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial, wraps
from threading import Lock, Timer
from typing import Any, TypeVar, cast

import streamlit as st

from apps.shell.startup import startup
from apps.shell.streamlit_internals import is_connected, session_id

T = TypeVar("T")

_MINE = "dcgan_viz.belongings"
_LEAST_S = 1.0  # Streamlit releases a session's things just before it counts as gone


@dataclass(eq=False)
class Belongings:
    """The things of one session.

    Parameters
    ----------
    linger_s : float
        Seconds for which they wait for a connection that broke.
    is_connected : callable
        Whether the session has a connection now.
    """

    linger_s: float
    is_connected: Callable[[], bool]
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

    def leave(self) -> None:
        """The connection is gone, or will be at once."""
        if not self.linger_s:
            self.end()
        self._watch()

    def end(self) -> None:
        """End all of them."""
        with self._lock:
            things = list(self._things.values())
            self._things.clear()
        for thing, end in things:
            end(thing)

    def _watch(self) -> None:
        """Look later: a run that the broken connection left behind may still ask for things."""
        timer = Timer(max(self.linger_s, _LEAST_S), self._look)
        timer.daemon = True
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = timer
        timer.start()

    def _look(self) -> None:
        if self.is_connected():
            self._watch()
        else:
            self.end()


def belonging(end: Callable[[T], None]) -> Callable[[Callable[[], T]], Callable[[], T]]:
    """Let a function that makes something give each session its own.

    Parameters
    ----------
    end : callable
        Called with it `Startup.linger_s` after the session's connection broke, unless that came back.
    """

    def decorate(make: Callable[[], T]) -> Callable[[], T]:
        @wraps(make)
        def mine() -> T:
            return _mine().get(f"{make.__module__}.{make.__qualname__}", make, end)

        return mine

    return decorate


def _mine() -> Belongings:
    if _MINE not in st.session_state:
        st.session_state[_MINE] = Belongings(startup().linger_s, partial(is_connected, session_id()))
    return _tied(st.session_state[_MINE])


@st.cache_resource(scope="session", on_release=Belongings.leave, show_spinner=False)
def _tied(_belongings: Belongings) -> Belongings:
    """Tie them to the connection of a session: Streamlit releases them as that breaks."""
    return _belongings
