"""The numbered sheet of pictures to look at, and to pick from."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Slot:
    """What a click on the sheet fills, where there is more than one thing to fill.

    Attributes
    ----------
    name : str
        Goes along with each click, so that none of a moment ago fills another slot.
    prefix : str
        On the badge of what is chosen, before its place.
    marks : mapping of str to str
        Badges of pictures that are chosen for something else.
    """

    name: str
    prefix: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)


def sheet(
    key: str,
    tiles: Sequence[Tile],
    label: str,
    *,
    chosen: Sequence[str] | Callable[[], Sequence[str]] = (),
    on_choose: Callable[[tuple[str, ...]], None] | None = None,
    most: int = 24,
    least_px: int = 76,
    slot: Slot | None = None,
    on_fill: Callable[[str, object], None] | None = None,
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
    slot : Slot, optional
        What clicks fill; ``chosen`` is what is in it.
    on_fill : callable, optional
        Called with the slot's name and the clicks, which `applied` puts in, instead of ``on_choose``.
    """
    stamp = sent(key, "chosen").get("stamp", 0)

    def changed() -> None:
        change = sent(key, "chosen")
        if on_fill is not None:
            on_fill(str(change.get("slot") or ""), change.get("clicked"))
        elif on_choose is not None:
            found = applied(_now(chosen), change.get("clicked"))
            on_choose(found[-1:] if most == 1 else found[:most])

    shown = {
        "name": key,
        "label": label,
        "pickable": on_choose is not None or on_fill is not None,
        "least": least_px,
        "most": most,
        "tiles": [
            {"id": one.id, "src": data_uri(one.png), "alt": one.alt, "caption": list(one.caption)}
            for one in tiles
        ],
    }
    with st.container(gap=None):
        _SHEET(key=key, data=shown, on_chosen_change=changed)
        choice = {"of": key, "chosen": list(_now(chosen)), "stamp": stamp}
        if slot is not None:
            choice |= {"slot": slot.name, "prefix": slot.prefix, "marks": dict(slot.marks)}
        _SHEET(key=f"{key}.choice", data=choice)


def applied(chosen: Sequence[str], clicked: object) -> tuple[str, ...]:
    """A choice after some clicks, each of which says how it left its picture; a browser may send anything.

    Examples
    --------
    >>> applied(["a", "b"], [["b", False], ["c", True], ["a", True], "odd"])
    ('a', 'c')
    >>> applied(["a"], 5)
    ('a',)
    """
    now = dict.fromkeys(chosen)
    for click in clicked if isinstance(clicked, list) else ():
        if isinstance(click, list) and len(click) == 2 and isinstance(click[0], str):
            if click[1]:
                now.setdefault(click[0])
            else:
                now.pop(click[0], None)
    return tuple(now)


def _now(chosen: Sequence[str] | Callable[[], Sequence[str]]) -> Sequence[str]:
    return chosen() if callable(chosen) else chosen


def data_uri(png: bytes) -> str:
    """A picture as part of the page itself."""
    return f"data:image/png;base64,{b64encode(png).decode()}"
