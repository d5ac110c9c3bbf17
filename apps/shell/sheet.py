"""The numbered sheet of pictures to look at, and to pick from."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from apps.components import component, sent

_SHEET = component("sheet")


@dataclass(frozen=True)
class Tile:
    """A picture on the sheet.

    Attributes
    ----------
    id : str
        What it is known by when it is picked.
    png : bytes
    alt : str
        What it is, in words: "Sample 3 of seed 0, logit 1.2".
    caption : tuple of str
        Under it, at most two short words: the number at the left, a value at the right.
    """

    id: str
    png: bytes
    alt: str
    caption: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As the component's script takes it."""
        return {"id": self.id, "src": data_uri(self.png), "alt": self.alt, "caption": list(self.caption)}


@dataclass(frozen=True)
class Slot:
    """One of several things that clicks on the sheet fill, one after the other.

    Attributes
    ----------
    name : str
        Goes along with each click, so that none of a moment ago fills another slot.
    chosen : sequence of str
        The ids in it, in the order of picking.
    room : int
        Ids at most that clicks put into it. The click that fills it makes the next slot with room the active
        one.
    prefix : str
        On the badge of what is in it, before its place.
    """

    name: str
    chosen: Sequence[str]
    room: int
    prefix: str = ""

    def to_json(self) -> dict[str, object]:
        """As the component's script takes it."""
        return {
            "name": self.name,
            "prefix": self.prefix,
            "room": self.room,
            "chosen": list(self.chosen),
        }


@dataclass(frozen=True)
class Click:
    """How a click left a picture: in or out of the slot that was active then."""

    id: str
    is_in: bool
    slot: str = ""


def sheet(
    key: str,
    tiles: Sequence[Tile],
    label: str,
    *,
    chosen: Sequence[str] | Callable[[], Sequence[str]] = (),
    on_choose: Callable[[tuple[str, ...]], None] | None = None,
    most: int = 24,
    least_px: int = 76,
    slots: Sequence[Slot] = (),
    active: str = "",
    on_fill: Callable[[Sequence[Click]], None] | None = None,
) -> None:
    """Show pictures in rows; with ``on_choose`` or ``on_fill`` each of them is a button.

    Parameters
    ----------
    key : str
        Of the element, one for each sheet on a page.
    tiles : sequence of Tile
    label : str
        Of the whole, for who does not see it.
    chosen : sequence of str, or callable that returns it
        The ids that are picked, in their order; those of other sheets stay in it and count. Where several
        sheets change one choice it is a callable, so that none goes by what was chosen a moment ago.
    on_choose : callable, optional
        Called with all picked ids after a click, before the page is drawn again.
    most : int
        Picks at once. Where it is 1 a click picks another instead, and no badge says which is the first.
    least_px : int
        Least width of a picture; they fill the line.
    slots : sequence of Slot
        What clicks fill, one after the other, where there is more than one thing to fill; with ``on_fill``,
        instead of ``chosen`` and ``most``.
    active : str
        Name of the slot that the next click fills.
    on_fill : callable, optional
        Called with the clicks, in their order, instead of ``on_choose``. Some may have come before.
    """
    stamp = sent(key, "chosen").get("stamp", 0)

    def changed() -> None:
        clicked = clicks(sent(key, "chosen").get("clicked"))
        if on_fill is not None:
            on_fill(clicked)
        elif on_choose is not None:
            found = applied(_now(chosen), clicked)
            on_choose(found[-1:] if most == 1 else found[:most])

    shown = {
        "name": key,
        "label": label,
        "pickable": on_choose is not None or on_fill is not None,
        "least": least_px,
        "most": most,
        "tiles": [one.to_json() for one in tiles],
    }
    filled = slots if on_fill is not None else [Slot("", _now(chosen), most)]
    choice = {"of": key, "slots": [one.to_json() for one in filled], "active": active, "stamp": stamp}
    with st.container(gap=None):
        _SHEET(key=key, data=shown, on_chosen_change=changed)
        _SHEET(key=f"{key}.choice", data=choice)


def clicks(told: object) -> list[Click]:
    """The clicks in what a browser sent, which may be anything.

    Examples
    --------
    >>> clicks([["b", False, ""], ["c", True, "2"], ["c", True], "odd"])
    [Click(id='b', is_in=False, slot=''), Click(id='c', is_in=True, slot='2')]
    >>> clicks(5)
    []
    """
    found = []
    for one in told if isinstance(told, list) else ():
        match one:
            case [str(id), bool(is_in), str(slot)]:
                found.append(Click(id, is_in, slot))
    return found


def applied(chosen: Sequence[str], clicked: Sequence[Click]) -> tuple[str, ...]:
    """A choice after some clicks.

    Examples
    --------
    >>> applied(["a", "b"], [Click("b", False), Click("c", True), Click("a", True)])
    ('a', 'c')
    """
    now = dict.fromkeys(chosen)
    for one in clicked:
        if one.is_in:
            now.setdefault(one.id)
        else:
            now.pop(one.id, None)
    return tuple(now)


def _now(chosen: Sequence[str] | Callable[[], Sequence[str]]) -> Sequence[str]:
    return chosen() if callable(chosen) else chosen


def data_uri(png: bytes) -> str:
    """A picture as part of the page itself."""
    return f"data:image/png;base64,{b64encode(png).decode()}"
