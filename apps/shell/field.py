"""Kinds of field: values that are part of a link, typed and checked.

Every value that changes a picture is a `Field`. It comes from the address when a link is opened, from the
person's controls afterwards, and goes back into the address at the end of every run (`apps.shell.state`).
What an address says wrongly is told in a sentence, and the default is taken.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from apps.shell import state
from dcgan_viz.cli import exact
from dcgan_viz.errors import InputError

T = TypeVar("T")


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
        return state.store().get(self)

    def set(self, value: T) -> None:
        """Give it another value; the run that goes on sees it at once, controls drawn before do not."""
        state.store().set(self, value)


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
