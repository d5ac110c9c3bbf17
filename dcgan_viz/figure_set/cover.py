"""The title page: what the report was made from, its contents, and its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan_viz.figure_set.entry import Entry, Status
from dcgan_viz.figure_set.facts import Fact
from dcgan_viz.figure_set.tables import numbers_card
from dcgan_viz.figures.spec import Figure, NumberCard, Panel, Placed, Table
from dcgan_viz.figures.wording import MISSING

_LONGEST_CELL = 64


def cover(title: str, groups: Sequence[Sequence[Fact]], entries: Sequence[Entry]) -> Figure:
    """The first page of report.pdf.

    Parameters
    ----------
    title : str
    groups : sequence of sequences of Fact
        As in index.html.
    entries : sequence of Entry
        The drawn ones follow, a page each, in this order.

    Returns
    -------
    Figure
    """
    panels: list[Panel] = [_contents(entries)]
    if (numbers := numbers_card(entries)) is not None:
        panels.append(numbers)
    panels += [_made_from(group) for group in groups]
    missing = [entry for entry in entries if entry.status != Status.DRAWN]
    return Figure(
        title,
        tuple(Placed(panel, row) for row, panel in enumerate(panels)),
        "Every figure beside the number that could have come out otherwise.",
        "\n".join(f"{_name(entry)}, {entry.status}: {entry.reason}." for entry in missing),
        least_width_in=9.0,
    )


def _contents(entries: Sequence[Entry]) -> NumberCard:
    drawn = [entry for entry in entries if entry.status == Status.DRAWN]
    pages = {id(entry): str(page) for page, entry in enumerate(drawn, start=2)}
    rows = tuple((f"{_name(entry)}. {entry.about}", (pages.get(id(entry), MISSING),)) for entry in entries)
    return NumberCard("Contents", table=Table(("page",), rows))


def _name(entry: Entry) -> str:
    return f"{entry.title} of {entry.label}" if entry.label else entry.title


def _made_from(group: Sequence[Fact]) -> NumberCard:
    """What is short in a table, what is long in a note below it."""
    short = tuple((fact.name, (fact.value,)) for fact in group if len(fact.value) <= _LONGEST_CELL)
    long = [f"{fact.name}: {fact.value}" for fact in group if len(fact.value) > _LONGEST_CELL]
    table = Table(("",), short) if short else None
    return NumberCard("", table=table, note="\n".join(long))
