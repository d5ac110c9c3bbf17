"""A result's card: its numbers large, bars to compare them by, all others in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.components import component
from dcgan_viz.figures.spec import Interval, NumberCard, Role, Value
from dcgan_viz.figures.wording import number

_CARD = component("number_card")


@dataclass(frozen=True)
class Bar:
    """One number as a bar, with its interval; `value` is None where it is not known."""

    label: str
    value: Value
    interval: Interval
    role: Role


def number_card(key: str, card: NumberCard, bars: Sequence[Bar] = (), scale: str = "") -> None:
    """Show a figure's card on the page, with the same numbers and words.

    Parameters
    ----------
    key : str
        Of the element, one for each on a page.
    card : NumberCard
    bars : sequence of Bar
        Above the numbers.
    scale : str
        What the bars measure.
    """
    known = [bar for bar in bars if bar.value is not None]
    ends = [1.0, *(bar.value or 0.0 for bar in known), *(bar.interval[1] for bar in known if bar.interval)]
    table = card.table
    data = {
        "title": card.title,
        "scale": scale,
        "end": max(ends),
        "bars": [
            {
                "label": bar.label,
                "value": bar.value,
                "text": number(bar.value),
                "low": bar.interval[0] if bar.interval else None,
                "high": bar.interval[1] if bar.interval else None,
                "role": str(bar.role),
            }
            for bar in known
        ],
        "tiles": [
            {"value": one.value, "label": one.label, "detail": one.detail, "role": str(one.role or "")}
            for one in card.tiles
        ],
        "headers": list(table.headers) if table else [],
        "roles": [str(role or "") for role in table.roles] if table else [],
        "rows": [[name, *cells] for name, cells in table.rows] if table else [],
        "note": card.note,
    }
    _CARD(key=key, data=data)
