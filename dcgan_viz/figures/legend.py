"""What the marks of a panel mean: one list, read by both renderers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dcgan_viz.figures import style
from dcgan_viz.figures.spec import DotPanel, LinePanel, Marks, Panel, Reference, StackPanel

Kind = Literal["dot", "line", "stroke", "patch", "reference"]

_CURVES: dict[Marks, Kind] = {"both": "line", "line": "stroke", "dots": "dot"}


@dataclass(frozen=True)
class Mark:
    """One entry of a legend."""

    label: str
    colour: str
    kind: Kind
    control: bool = False


def _references(references: tuple[Reference, ...]) -> list[Mark]:
    return [
        Mark(f"{reference.value:g}: {reference.label}", style.MUTED, "reference") for reference in references
    ]


def marks(panel: Panel) -> tuple[Mark, ...]:
    """Legend of a panel, each entry once; empty for panels whose marks carry their own names."""
    found: list[Mark] = []
    if isinstance(panel, LinePanel):
        found = [Mark(c.label, style.role_colour(c.role), _CURVES[c.marks], c.control) for c in panel.curves]
        found += _references(panel.references)
    elif isinstance(panel, DotPanel):
        series = [one for facet in panel.facets for one in facet.series]
        if panel.legend:
            found = [Mark(s.label, style.role_colour(s.role), "dot", s.control) for s in series]
        found += _references(tuple(one for facet in panel.facets for one in facet.references))
    elif isinstance(panel, StackPanel):
        found = [Mark(name, style.class_colour(name, panel.classes), "patch") for name in panel.classes]
    return tuple(dict.fromkeys(found))
