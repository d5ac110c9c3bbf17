"""A page's frame: title, sentences instead of tracebacks, the address kept in step."""

from __future__ import annotations

import functools
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st

from apps.shell import state, widgets
from apps.shell.markdown import escaped
from dcgan_viz.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_LOG = logging.getLogger("dcgan_viz.apps")
_NAMES = "dcgan_viz.names"


def title(words: str, intro: str) -> None:
    """The page's headline and the sentence under it."""
    st.title(words, anchor=False)
    st.caption(intro)


def name_files(names: Mapping[str, str]) -> None:
    """Have what goes wrong in this session told by names that a person knows.

    Parameters
    ----------
    names : mapping
        By the path where the server keeps a file.
    """
    st.session_state[_NAMES] = dict(names)


def fault(words: str) -> None:
    """Say in a sentence what went wrong."""
    for path, name in st.session_state.get(_NAMES, {}).items():
        words = words.replace(path, name)
    st.error(escaped(words), icon=":material/error:")


class Waiting(Exception):
    """Ends a page at what it waits for, which is on it already; it is drawn anew when that is there."""


@contextmanager
def sentences() -> Iterator[None]:
    """Turn errors into a sentence on the page."""
    try:
        yield
    except Waiting:
        state.cut_short()
    except Exception as error:
        state.cut_short()
        fault(sentence(error))


def or_sentence(make: Callable[[], T]) -> T | InputError:
    """What a function returns, or the sentence that says why it could not."""
    try:
        return make()
    except Exception as error:
        return InputError(sentence(error))


def sentence(error: Exception) -> str:
    """What a person is told; a defect goes to the server's log, too."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, OSError):
        return f"{_file(error)}{error.strerror or type(error).__name__}"
    number = uuid.uuid4().hex[:8]
    _LOG.error("error %s", number, exc_info=error)
    return f"An error that is not yours: number {number} in the server's log. The other pages still work."


@contextmanager
def refusals() -> Iterator[None]:
    """In a callback, which is outside of `sentences`: the next page tells what cannot be done."""
    try:
        yield
    except InputError as error:
        state.refuse(str(error))


def fragment(run_every: float | None = None) -> Callable[[F], F]:
    """As `st.fragment`, with errors as sentences and the address kept in step.

    Parameters
    ----------
    run_every : float, optional
        Seconds after which it runs again by itself.
    """

    def decorate(function: F) -> F:
        @st.fragment(run_every=run_every)
        @functools.wraps(function)
        def run(*arguments: Any, **options: Any) -> None:
            with sentences():
                function(*arguments, **options)
            state.end(partial=True)
            widgets.end()

        return run  # type: ignore[return-value]

    return decorate


def tell(place: Any) -> None:
    """Show what the link said wrongly, and what a click asked for in vain."""
    with place.container():
        for words in state.refusals():
            fault(words)
        for words in state.complaints():
            st.warning(escaped(words), icon=":material/link_off:")


def _file(error: OSError) -> str:
    """Name of the file that the system stumbled over, without the way there."""
    name = str(error.filename or "").rsplit("/", 1)[-1]
    return f"{name}: " if name else ""
