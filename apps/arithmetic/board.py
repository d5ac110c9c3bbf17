"""The board: each concept's exemplars over the picture of their mean, and what comes of the sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import streamlit as st
from torch import Tensor

from apps.arithmetic import fields
from apps.arithmetic.draft import Draft
from apps.components import component, sent
from apps.shell import page
from apps.shell.pictures import pngs
from apps.shell.sheet import data_uri
from dcgan_viz.errors import InputError
from dcgan_viz.vector_arithmetic.pictures import RecipePictures, SumPictures

_BOARD = component("equation")
_KEY = "arithmetic.board"
_FAULTS = "arithmetic.faults"
_DONE = "arithmetic.board_done"
_MINUS = "\N{MINUS SIGN}"
EMPTY_CELLS = 9


@dataclass(frozen=True)
class Means:
    """Pictures and lengths of the concepts' means, by name, as far as there are any."""

    images: dict[str, Tensor]
    norms: dict[str, float]

    @classmethod
    def of(cls, *parts: RecipePictures) -> Means:
        """Those of recipes."""
        return cls(
            {name: one.mean for part in parts for name, one in part.concepts.items()},
            {name: norm for part in parts for name, norm in part.norms.means.items()},
        )


def board(draft: Draft, tiles: Sequence[bytes], means: Means, summed: SumPictures | None) -> None:
    """Show the concepts of the view, and take clicks on them.

    Parameters
    ----------
    draft : Draft
    tiles : sequence of bytes
        Pictures of the sheet.
    means : Means
    summed : SumPictures or None
        Of the sum; None as long as it is empty, or where the turn is looked at.
    """
    is_sum = fields.VIEW.get() == "sum"
    data = {
        "label": "The sum" if is_sum else "The ends of the axis",
        "joint": "sum" if is_sum else "turn",
        "hint": "Click samples on the sheet",
        "terms": [_term(draft, place, tiles, means) for place in fields.places(draft)],
        "result": _result(draft, summed) if is_sum else None,
        "stamp": max(_done(), *(one.stamp for one in _events()), 0),
    }
    for told in st.session_state.pop(_FAULTS, ()):
        page.fault(told)
    _BOARD(key=_KEY, data=data, on_events_change=_changed)


def _term(draft: Draft, place: int, tiles: Sequence[bytes], means: Means) -> dict[str, object]:
    one = draft.concepts[place]
    n = len(one.numbers)
    mean = None
    note = ""
    if one.name in means.images:
        png = pngs(means.images[one.name][None])[0]
        mean = {"src": data_uri(png), "alt": f"What the generator draws from the mean of {one.name}"}
        note = (
            f"mean of {n}, norm {means.norms[one.name]:.2f}" if n > 1 else f"norm {means.norms[one.name]:.2f}"
        )
    return {
        "place": place,
        "letter": draft.letter(place),
        "sign": dict(draft.signs).get(place, "+"),
        "name": one.name,
        "isActive": place == fields.active(draft),
        "empty": max(0, draft.slots(place) - n),
        "note": note,
        "slots": [
            {"number": number, "src": data_uri(tiles[number]), "alt": f"Sample {number}"}
            for number in one.numbers
        ],
        "mean": mean,
    }


def _result(draft: Draft, summed: SumPictures | None) -> dict[str, object]:
    if summed is None:
        return {
            "title": "Result",
            "note": "The sum of the means, and its neighbours.",
            "middle": EMPTY_CELLS // 2,
            "cells": [None] * EMPTY_CELLS,
        }
    middle = len(summed.neighbours) // 2
    around = [
        {"src": data_uri(png), "alt": f"Neighbour {k + 1} of the sum"}
        for k, png in enumerate(pngs(summed.neighbours))
    ]
    (png,) = pngs(summed.result[None])
    centre = {"src": data_uri(png), "alt": f"The sum: {words(draft)}"}
    return {
        "title": "Result and neighbours",
        "note": f"Framed: the sum{', rescaled' if fields.RESCALE.get() else ''}. Around it, each number of z "
        f"is off by up to \N{PLUS-MINUS SIGN}{fields.NOISE.get():g}.",
        "middle": middle,
        "cells": [*around[:middle], centre, *around[middle:]],
    }


def words(draft: Draft) -> str:
    """The sum of what is there, as one reads it.

    Examples
    --------
    >>> from apps.arithmetic.draft import blank
    >>> words(blank().with_numbers(0, (1,)).with_numbers(2, (2,)))
    'with + other'
    """
    signs = {"+": "+", "-": _MINUS}
    filled = [(signs[sign], draft.concepts[k]) for k, sign in draft.signs]
    return " ".join(f"{sign} {one.name}" for sign, one in filled if one.numbers).removeprefix("+ ")


@dataclass(frozen=True)
class _Event:
    """What was done on the board; its stamp is higher than that of the one before."""

    kind: str
    place: int
    value: str
    stamp: int


def _events() -> list[_Event]:
    """What the browser last told, which may be anything; some of it may have been done before."""
    told = sent(_KEY, "events").get("events")
    found = []
    for one in told if isinstance(told, list) else ():
        match one:
            case {"kind": str(kind), "place": int(place), "value": str(value), "stamp": int(stamp)}:
                found.append(_Event(kind, place, value, stamp))
    return found


def _done() -> int:
    """The stamp of what was done last."""
    return cast(int, st.session_state.get(_DONE, 0))


def _changed() -> None:
    faults = []
    for event in _events():
        if event.stamp <= _done():
            continue
        st.session_state[_DONE] = event.stamp
        draft = fields.current()
        if event.place in fields.places(draft):
            try:
                _apply(draft, event.kind, event.place, event.value)
            except InputError as error:
                faults.append(str(error))
    st.session_state[_FAULTS] = faults


def _apply(draft: Draft, kind: str, place: int, value: str) -> None:
    """Do what was clicked; a browser may send anything."""
    numbers = draft.concepts[place].numbers
    if kind == "fill":
        fields.ACTIVE.set(place)
    elif kind == "remove" and value in map(str, numbers):
        fields.keep(draft.with_numbers(place, [one for one in numbers if str(one) != value]))
        fields.ACTIVE.set(place)
    elif kind == "flip" and fields.VIEW.get() == "sum":
        fields.keep(draft.flipped(place))
    elif kind == "name":
        fields.keep(draft.renamed(place, value))
