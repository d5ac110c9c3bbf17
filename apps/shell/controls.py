"""Streamlit's controls bound to fields: what a person sets is in the link, what a link says is set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from apps.shell.field import Field
from apps.shell.state import complain
from apps.shell.widgets import showing
from dcgan_viz.errors import InputError

T = TypeVar("T")


def _bound(
    one: Field[T],
    control: Callable[..., Any],
    *arguments: Any,
    shown: T | None = None,
    default: Callable[[T], dict[str, Any]] = lambda value: {"value": value},
    labels: tuple[str, ...] = (),
    **options: Any,
) -> T:
    """Draw a control that shows the field's value, or another for now, and changes it."""
    key = f"control.{one.name}"

    def changed() -> None:
        value = st.session_state[key]
        if value is not None:  # a pill that is clicked twice is none at all
            one.set(value)

    value = one.get() if shown is None else shown
    control(*arguments, key=key, on_change=changed, **showing(key, value, default(value), labels), **options)
    return one.get()


def slider(
    one: Field[T], label: str, least: T, most: T, step: T, help: str | None = None, format: str | None = None
) -> T:
    """A slider for a `number` or a `whole`."""
    return _bound(one, st.slider, label, least, most, step=step, help=help, format=format)


def stops(
    one: Field[T], label: str, options: Sequence[T], names: Callable[[T], str] = str, help: str | None = None
) -> T:
    """A slider over values that need not be evenly spaced; otherwise as `select`."""
    _held(one, label, options)
    return _bound(
        one, st.select_slider, label, options, labels=tuple(map(names, options)), format_func=names, help=help
    )


def entry(one: Field[int], label: str, least: int, most: int, help: str | None = None) -> int:
    """A number to be typed."""
    return _bound(one, st.number_input, label, least, most, step=1, help=help)


def select(
    one: Field[T], label: str, options: Sequence[T], names: Callable[[T], str] = str,
    help: str | None = None, width: int | None = None,
) -> T:  # fmt: skip
    """A list to choose from; a value that is not on it is replaced by the first, and that is said."""
    _held(one, label, options)
    return _bound(
        one, st.selectbox, label, options, default=lambda value: {"index": options.index(value)},
        labels=tuple(map(names, options)), format_func=names, help=help, width=width or "stretch",
    )  # fmt: skip


def pills(
    one: Field[T], label: str, options: Sequence[T], names: Callable[[T], str] = str,
    help: str | None = None, shown: T | None = None,
) -> T:  # fmt: skip
    """A few options side by side; otherwise as `select`.

    Where the field's value cannot be had now, ``shown`` is highlighted instead; the field keeps its own.
    """
    _held(one, label, options)
    return _bound(
        one, st.segmented_control, label, options, shown=shown, default=lambda value: {"default": value},
        labels=tuple(map(names, options)), format_func=names, help=help, required=True,
    )  # fmt: skip


def _held(one: Field[T], label: str, options: Sequence[T]) -> None:
    """See to it that a field's value is one of the options."""
    if not options:
        raise InputError(f"{label}: there is nothing to choose from here")
    if (now := one.get()) not in options:
        complain(f"{label} {one.text(now)!r}: there is none here. {one.text(options[0])} is shown instead.")
        one.set(options[0])


def toggle(one: Field[bool], label: str, help: str | None = None) -> bool:
    """Yes or no."""
    return _bound(one, st.toggle, label, help=help)


def text(one: Field[str], label: str, help: str | None = None, placeholder: str | None = None) -> str:
    """A line of text."""
    return _bound(one, st.text_input, label, help=help, placeholder=placeholder)
