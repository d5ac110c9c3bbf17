"""The parts of the set, in the order of the report: one file each."""

from __future__ import annotations

from typing import Any

from dcgan_viz.errors import InputError
from dcgan_viz.figure_set.part import Part
from dcgan_viz.figure_set.parts.arithmetic import Arithmetic, Turn
from dcgan_viz.figure_set.parts.filters import Filters
from dcgan_viz.figure_set.parts.memorisation import Memorisation
from dcgan_viz.figure_set.parts.removal import Removal
from dcgan_viz.figure_set.parts.samples import Samples
from dcgan_viz.figure_set.parts.training import Snapshots, Training
from dcgan_viz.figure_set.parts.walk import Walk, WalkAudit

PARTS: tuple[Part[Any], ...] = (
    Samples(),
    Walk(),
    WalkAudit(),
    Filters(),
    Removal(),
    Arithmetic(),
    Turn(),
    Memorisation(),
    Training(),
    Snapshots(),
)


def chosen(only: tuple[str, ...]) -> tuple[Part[Any], ...]:
    """Give the parts of those names in the order of the report; all where no name is given.

    Raises
    ------
    InputError
        If there is no part of a name.
    """
    known = {part.name for part in PARTS}
    if unknown := [name for name in only if name not in known]:
        names = ", ".join(part.name for part in PARTS)
        raise InputError(f"only {unknown[0]!r}: there is no such part; choose from {names}")
    return tuple(part for part in PARTS if not only or part.name in only)
