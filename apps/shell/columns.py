"""Pictures in rows that belong together column by column: before, after, difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.components import component
from apps.shell.sheet import data_uri

_COLUMNS = component("columns")


@dataclass(frozen=True)
class Row:
    """One row of pictures.

    Attributes
    ----------
    label : str
        At its left.
    pngs : sequence of bytes
        A picture for each column.
    alts : sequence of str
        What each is, in words.
    note : str
        Under the label, small.
    is_result : bool
        Whether it is what the others are there for: its pictures are framed, and show those of the first row
        as long as they are held.
    """

    label: str
    pngs: Sequence[bytes]
    alts: Sequence[str]
    note: str = ""
    is_result: bool = False


def columns(key: str, rows: Sequence[Row], names: Sequence[str], label: str, narrow: int = 4) -> None:
    """Show rows of pictures.

    Parameters
    ----------
    key : str
        Of the element, one for each on a page.
    rows : sequence of Row
        All of as many pictures as there are names.
    names : sequence of str
        Under the columns.
    label : str
        Of the whole, for who does not see it.
    narrow : int
        Pictures side by side where the page is narrow.
    """
    shown = [
        {
            "label": row.label,
            "note": row.note,
            "isResult": row.is_result,
            "cells": [
                {"src": data_uri(png), "alt": alt} for png, alt in zip(row.pngs, row.alts, strict=True)
            ],
        }
        for row in rows
    ]
    _COLUMNS(key=key, data={"label": label, "narrow": narrow, "names": list(names), "rows": shown})
