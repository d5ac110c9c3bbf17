"""The values of a session, kept from page to page and in step with the address.

What the fields (`apps.shell.field`) are set to is read from the address when a run begins and written into it
when the run ends, so that the address is always a link to what is seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

import streamlit as st

from apps.shell.streamlit_internals import is_history_navigation
from dcgan_viz.errors import InputError

if TYPE_CHECKING:
    from apps.shell.field import Field

T = TypeVar("T")

_STORE = "dcgan_viz.view"
_MAX_TEXT = 200  # characters of a value that a sentence repeats


@dataclass
class Store:
    """The values of one session."""

    page: str | None = None
    address: dict[str, str] = field(default_factory=dict)  # as it was left by the last run
    values: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)  # of pages that ended before they came to it
    used: dict[str, Field[Any]] = field(default_factory=dict)  # in the run that goes on
    names: dict[str, set[str]] = field(default_factory=dict)  # of the values that a page ever used
    complaints: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    is_cut_short: bool = False

    def begin(self, page: str, address: dict[str, str], is_history: bool) -> None:
        """Take up an address; ``is_history``: the browser's own back or forward led to it."""
        if is_history:
            for name in {*address, *self.names.get(page, ())}:
                self.values.pop(name, None)
                self.unread.pop(name, None)
        elif page != self.page:  # from page to page the address comes empty: what was chosen stays
            for name in address:
                self.values.pop(name, None)
        else:  # after quick clicks a browser still sends an address of before
            address = self.address
        self.page, self.address = page, address
        self.used.clear()
        self.complaints.clear()
        self.is_cut_short = False

    def get(self, one: Field[T]) -> T:
        """The value of a field; at first that of the address."""
        self.used[one.name] = one
        if one.name not in self.values:
            self.values[one.name] = self._read(one)
        return cast(T, self.values[one.name])

    def set(self, one: Field[T], value: T) -> None:
        """Give a field another value."""
        self.used[one.name] = one
        self.values[one.name] = value

    def _read(self, one: Field[T]) -> T:
        unread = self.unread.pop(one.name, None)
        text = self.address.get(one.name, unread)
        if text is None:
            return one.default
        try:
            return one.parse(text)
        except InputError as error:
            default = one.text(one.default) or "none"
            self.complaints.append(
                f"The link says {one.name} {text[:_MAX_TEXT]!r}: {error}. {default} is shown instead."
            )
            return one.default

    def end(self, partial: bool) -> dict[str, str]:
        """The address of what is seen."""
        self.names.setdefault(self.page or "", set()).update(self.used)
        shown = {
            name: one.text(self.values[name])
            for name, one in self.used.items()
            if self.values[name] != one.default
        }
        others = {name: text for name, text in self.address.items() if name not in self.used}
        if self.is_cut_short:
            self.unread |= {name: text for name, text in others.items() if name not in self.values}
        if partial or self.is_cut_short:  # a fragment's run touches its own fields alone
            shown = others | shown
        self.address = shown
        return shown


def store() -> Store:
    """Those of this session."""
    if _STORE not in st.session_state:
        st.session_state[_STORE] = Store()
    return cast(Store, st.session_state[_STORE])


def begin(page: str) -> None:
    """Read the address; to be called once, before anything of a page is drawn."""
    store().begin(page, _address(), is_history_navigation())


def end(partial: bool = False) -> None:
    """Write the address, where it is to be another; ``partial`` after a fragment's own run."""
    before = _address()
    after = store().end(partial)
    if after != before:
        st.query_params.from_dict(after)


def cut_short() -> None:
    """Note that the page ends at a sentence: what it did not come to stays in the link."""
    store().is_cut_short = True


def complaints() -> list[str]:
    """A sentence for each value of the address that could not be used."""
    return list(store().complaints)


def complain(sentence: str) -> None:
    """Add a sentence to those that the page shows above all else."""
    if sentence not in store().complaints:
        store().complaints.append(sentence)


def refuse(sentence: str) -> None:
    """Keep a sentence on what a click asked for, for the page that is drawn next."""
    store().refusals.append(sentence)


def refusals() -> list[str]:
    """Those sentences, once."""
    found, store().refusals = store().refusals, []
    return found


def _address() -> dict[str, str]:
    return {name: st.query_params[name] for name in st.query_params}
