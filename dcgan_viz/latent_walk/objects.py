"""Where along a walk an object appears or vanishes, by a judge."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

APPEARS_SHARE = 0.01  # of a frame's pixels, from which on an object is there
KINDS = ("appears", "vanishes")
VANISHES_SHARE = 0.0025  # below which it is gone; in between it stays what it was, so that no noise counts


@dataclass(frozen=True)
class Event:
    """An object that appears or vanishes.

    Attributes
    ----------
    name : str
        Of the object.
    kind : {"appears", "vanishes"}
    pair, step : int
        The change is seen after this step of this pair, both counted from 0.
    before, after : float
        Share of the pixels before and after the step.
    """

    name: str
    kind: str
    pair: int
    step: int
    before: float
    after: float

    def to_json(self) -> dict[str, object]:
        """The fields, the name as ``object``."""
        fields = dict(vars(self))
        return {"object": fields.pop("name"), **fields}


@dataclass(frozen=True)
class ObjectAudit:
    """The objects of a walk.

    Attributes
    ----------
    judge : dict
        Who says so; a ``reason`` where nobody does.
    areas : dict of str to ndarray (F,)
        Share of the pixels of each frame, by object; empty where there is no judge.
    events : tuple of Event
        In the order of the walk.
    """

    judge: dict[str, object]
    areas: dict[str, np.ndarray] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The fields, with the shares at which an object counts as there and as gone."""
        return {
            "judge": self.judge,
            "appears_share": APPEARS_SHARE,
            "vanishes_share": VANISHES_SHARE,
            "areas": self.areas,
            "counts": {
                name: {kind: sum((e.name, e.kind) == (name, kind) for e in self.events) for kind in KINDS}
                for name in self.areas
            },
            "events": [event.to_json() for event in self.events],
        }


def find_events(areas: dict[str, np.ndarray], n_steps: int) -> tuple[Event, ...]:
    """Find where objects appear and vanish.

    Parameters
    ----------
    areas : dict of str to ndarray (F,)
        Share of the pixels of each frame, by object.
    n_steps : int
        Of a pair.

    Returns
    -------
    tuple of Event

    Examples
    --------
    >>> found = find_events({"lamp": np.array([0, 0.005, 0.02, 0.004, 0.001])}, n_steps=2)
    >>> [(event.kind, event.pair, event.step) for event in found]
    [('appears', 0, 1), ('vanishes', 1, 1)]
    """
    found = [
        Event(name, kind, *divmod(step, n_steps), float(shares[step]), float(shares[step + 1]))
        for name, shares in areas.items()
        for step, kind in _changes(shares.tolist())
    ]
    return tuple(sorted(found, key=lambda event: (event.pair, event.step)))


def _changes(shares: Sequence[float]) -> list[tuple[int, str]]:
    is_there = shares[0] >= APPEARS_SHARE
    changes = []
    for step, share in enumerate(shares[1:]):
        if not is_there and share >= APPEARS_SHARE:
            changes.append((step, "appears"))
            is_there = True
        elif is_there and share < VANISHES_SHARE:
            changes.append((step, "vanishes"))
            is_there = False
    return changes
