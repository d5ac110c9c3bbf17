"""Which figures are drawn, from which seeds, beside which real images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from dcgan_viz.errors import InputError


@dataclass(frozen=True)
class FigureSetSettings:
    """Settings of a figure set.

    Attributes
    ----------
    only : tuple of str
        Names of the parts to draw; empty for all.
    seeds : tuple of int
        The figures are of the first; the table over seeds is of all.
    images : str or None
        Real images, as `dcgan_viz.data.datasets.load_images` names them; None: rooms for a GAN of rooms, else
        none.
    target : str
        What the removal removes.
    """

    only: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0,)
    images: str | None = None
    target: str = "window"

    def __post_init__(self) -> None:
        if not self.seeds:
            raise InputError("seeds: none given; name at least one, as in 0,1,2")
        for name in ("only", "seeds"):
            given = getattr(self, name)
            if twice := [one for one in dict.fromkeys(given) if given.count(one) > 1]:
                raise InputError(f"{name} {twice[0]}: given twice; name each once")
        for seed in self.seeds:
            if not 0 <= seed < 2**32:
                raise InputError(f"seed {seed}: outside of 0 to {2**32 - 1}; give a whole number in there")

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON types."""
        return {**asdict(self), "only": list(self.only), "seeds": list(self.seeds)}

    @classmethod
    def from_json(cls, entries: Mapping[str, Any]) -> FigureSetSettings:
        """Read what `to_json` wrote.

        Raises
        ------
        InputError
            If an entry is unknown, missing or of another type.
        """
        if unknown := sorted(set(entries) ^ {one.name for one in fields(cls)}):
            raise InputError(f"settings: {unknown[0]} is missing or unknown; use the version that wrote them")
        only, seeds = entries["only"], entries["seeds"]
        sound = (
            isinstance(only, list)
            and all(isinstance(name, str) for name in only)
            and isinstance(seeds, list)
            and all(isinstance(seed, int) and not isinstance(seed, bool) for seed in seeds)
            and isinstance(entries["images"], str | None)
            and isinstance(entries["target"], str)
        )
        if not sound:
            raise InputError("settings: an entry is of another type; use the version that wrote them")
        return cls(tuple(only), tuple(seeds), entries["images"], entries["target"])
