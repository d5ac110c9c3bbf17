"""What Streamlit's widgets are made to show, without taking anything out of a person's hand.

A value that is assigned to a widget goes to the browser by force: a slider that a person goes on dragging, or
steps with keys faster than the server answers, falls back to it. So it is assigned only where the browser
shows another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import streamlit as st

_TOLD = "dcgan_viz.told"
_NOTHING = object()


@dataclass
class Told:
    """What the browser has been told of the widgets of a session, by key: the labels of their options.

    Attributes
    ----------
    surely : dict
        By runs that came to their end. Of one that was cut short, the answer may never have been drawn.
    now : dict
        By the run that goes on.
    """

    surely: dict[str, tuple[str, ...]] = field(default_factory=dict)
    now: dict[str, tuple[str, ...]] = field(default_factory=dict)


def showing(key: str, value: object, default: dict[str, Any], labels: tuple[str, ...] = ()) -> dict[str, Any]:
    """Have the widget that is drawn next show a value.

    Parameters
    ----------
    key : str
        Of the widget.
    value : object
    default : dict
        The options by which the widget takes the value for its default, as in ``{"value": 3}``.
    labels : tuple of str
        Of its options: the browser knows a choice by its label, which may change while the choice does not.

    Returns
    -------
    dict
        Options for the widget: the default, unless the value was assigned. It counts where the widget is new
        to the browser: with other limits, on another page, or in a popover that is opened for the first time.
    """
    told = _told()
    told.now[key] = labels
    if told.surely.get(key) == labels and st.session_state.get(key, _NOTHING) == value:
        return default
    told.surely.pop(key, None)
    st.session_state[key] = value
    return {}


def end() -> None:
    """A run has come to its end: what it told has been told."""
    told = _told()
    told.surely |= told.now
    told.now.clear()


def _told() -> Told:
    if _TOLD not in st.session_state:
        st.session_state[_TOLD] = Told()
    return cast(Told, st.session_state[_TOLD])
