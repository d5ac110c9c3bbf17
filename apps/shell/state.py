"""What makes a view, as a link holds it: typed, checked, kept from page to page.

Every value that changes a picture is a `Field`. It comes from the address when a link is opened, from the
person's controls afterwards, and goes back into the address at the end of every run, so that the address is
always a link to what is seen. What an address says wrongly is told in a sentence, and the default is taken.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dcgan_viz.cli import exact
from dcgan_viz.errors import InputError

T = TypeVar("T")

_STORE = "dcgan_viz.view"
_MAX_TEXT = 200  # characters of a value that a sentence repeats


@dataclass(frozen=True)
class Field(Generic[T]):
    """A value that is part of a link.

    Attributes
    ----------
    name : str
        In the address and as the key of its control; no two fields may share one.
    default : T
        Taken when the address says nothing; then it is not in the address either.
    parse : callable
        Reads the text of an address; raises `InputError` with what would be right.
    text : callable
        Writes the value as `parse` reads it.
    """

    name: str
    default: T
    parse: Callable[[str], T]
    text: Callable[[T], str] = str

    def get(self) -> T:
        """Its value now."""
        return _store().get(self)

    def set(self, value: T) -> None:
        """Give it another value; the run that goes on sees it at once, controls drawn before do not."""
        _store().set(self, value)


def whole(name: str, default: int, least: int, most: int) -> Field[int]:
    """A whole number from ``least`` to ``most``."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise InputError(f"give a whole number from {least} to {most}")
        return int(text)

    return Field(name, default, parse)


def number(name: str, default: float, least: float, most: float) -> Field[float]:
    """A number from ``least`` to ``most``."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise InputError(f"give a number from {least:g} to {most:g}")
        return value

    return Field(name, default, parse, exact)


def choice(name: str, default: str, options: tuple[str, ...]) -> Field[str]:
    """One of a few words."""

    def parse(text: str) -> str:
        if text not in options:
            raise InputError(f"give one of {', '.join(options)}")
        return text

    return Field(name, default, parse)


def words(name: str, default: str = "", pattern: str = r"[^\x00-\x1f]{0,500}") -> Field[str]:
    """Free text that matches a pattern; whoever uses it checks what it means."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise InputError("it is not written as such a value is")
        return text

    return Field(name, default, parse)


def flag(name: str, default: bool = False) -> Field[bool]:
    """Yes or no, "1" or "0" in the address."""

    def parse(text: str) -> bool:
        if text not in ("0", "1"):
            raise InputError("give 1 for yes, 0 for no")
        return text == "1"

    return Field(name, default, parse, lambda value: "1" if value else "0")


def numbers(
    name: str, default: tuple[int, ...] = (), most: int = 10**6, count: int = 64
) -> Field[tuple[int, ...]]:
    """Whole numbers from 0 to ``most``, at most ``count`` of them, as in ``3,14,15``."""

    def parse(text: str) -> tuple[int, ...]:
        if not re.fullmatch(r"(?:[0-9]{1,9}(?:,[0-9]{1,9})*)?", text):
            raise InputError("give whole numbers with commas between them")
        values = tuple(int(part) for part in text.split(",") if part)
        if len(values) > count or max(values, default=0) > most:
            raise InputError(f"give at most {count} numbers, none above {most}")
        return values

    return Field(name, default, parse, lambda values: ",".join(map(str, values)))


@dataclass(frozen=True)
class Asked(Field[Any]):
    """Whether something was asked for, of just these settings; with others it is not.

    The link holds a digest of the settings, so that the work that it names begins by itself, and work on
    what a person goes on to choose does not.
    """

    digest: str = ""

    def get(self) -> bool:
        """Whether it was asked for."""
        return bool(super().get() == self.digest)

    def set(self, value: bool) -> None:
        """Ask for it, or no more."""
        super().set(self.digest if value else "")


def asked(name: str, settings: object) -> Asked:
    """Whether work of just these settings was asked for; their ``repr`` has to tell them apart."""

    def parse(text: str) -> str:
        if not re.fullmatch(r"[0-9a-f]{8}", text):
            raise InputError("it is not written as such a value is")
        return text

    digest = hashlib.sha256(repr(settings).encode()).hexdigest()[:8]
    return Asked(name, "", parse, str, digest)


@dataclass
class _Store:
    """The values of one session."""

    page: str | None = None
    address: dict[str, str] = field(default_factory=dict)  # as it was left by the last run
    values: dict[str, Any] = field(default_factory=dict)
    used: dict[str, Field[Any]] = field(default_factory=dict)  # in the run that goes on
    names: dict[str, set[str]] = field(default_factory=dict)  # of the values that a page ever used
    complaints: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def begin(self, page: str, address: dict[str, str], is_history: bool) -> None:
        """Take up an address; ``is_history``: the browser's own back or forward led to it."""
        if is_history:
            for name in {*address, *self.names.get(page, ())}:
                self.values.pop(name, None)
        elif page != self.page:  # from page to page the address comes empty: what was chosen stays
            for name in address:
                self.values.pop(name, None)
        else:  # after quick clicks a browser still sends an address of before
            address = self.address
        self.page, self.address = page, address
        self.used.clear()
        self.complaints.clear()

    def get(self, one: Field[T]) -> T:
        self.used[one.name] = one
        if one.name not in self.values:
            self.values[one.name] = self._read(one)
        return cast(T, self.values[one.name])

    def set(self, one: Field[T], value: T) -> None:
        self.used[one.name] = one
        self.values[one.name] = value

    def _read(self, one: Field[T]) -> T:
        text = self.address.get(one.name)
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
        if partial:  # a fragment's run touches its own fields alone
            shown = {k: v for k, v in self.address.items() if k not in self.used} | shown
        self.address = shown
        return shown


def _store() -> _Store:
    if _STORE not in st.session_state:
        st.session_state[_STORE] = _Store()
    return cast(_Store, st.session_state[_STORE])


def begin(page: str) -> None:
    """Read the address; to be called once, before anything of a page is drawn."""
    context = get_script_run_ctx()
    _store().begin(page, _address(), context is not None and context.is_history_navigation)


def end(partial: bool = False) -> None:
    """Write the address, where it is to be another; ``partial`` after a fragment's own run."""
    before = _address()
    after = _store().end(partial)
    if after != before:
        st.query_params.from_dict(after)


def complaints() -> list[str]:
    """A sentence for each value of the address that could not be used."""
    return list(_store().complaints)


def complain(sentence: str) -> None:
    """Add a sentence to those that the page shows above all else."""
    if sentence not in _store().complaints:
        _store().complaints.append(sentence)


def refuse(sentence: str) -> None:
    """Keep a sentence on what a click asked for, for the page that is drawn next."""
    _store().refusals.append(sentence)


def refusals() -> list[str]:
    """Those sentences, once."""
    found, _store().refusals = _store().refusals, []
    return found


def _address() -> dict[str, str]:
    return {name: st.query_params[name] for name in st.query_params}
