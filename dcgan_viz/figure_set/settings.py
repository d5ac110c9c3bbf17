"""Which figures are drawn, from which seeds, beside which real images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dcgan_viz.errors import InputError
from dcgan_viz.image_options import ImageOptions

JUDGES = ("auto", "rooms", "none")


@dataclass(frozen=True)
class FigureSetSettings:
    """Settings of a figure set.

    Attributes
    ----------
    only : tuple of str
        Names of the parts to draw; empty for all.
    seeds : tuple of int
        The figures are of the first; the table over seeds is of all.
    real : ImageOptions
        Real images to compare with: training images, and held-out ones.
    target : str
        What the removal removes.
    judge : {"auto", "rooms", "none"}
        Whether the segmenters of rooms choose and measure; "auto" where the GAN was trained on rooms.
    """

    only: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0,)
    real: ImageOptions = field(default_factory=ImageOptions)
    target: str = "window"
    judge: str = "auto"

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
        if self.judge not in JUDGES:
            raise InputError(f"judge {self.judge!r}: not known; choose from {', '.join(JUDGES)}")

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
        _check("settings", entries, _KINDS)
        _check("settings.real", entries["real"], _REAL_KINDS)
        only, seeds = tuple(entries["only"]), tuple(entries["seeds"])
        if not all(isinstance(name, str) for name in only) or not all(type(seed) is int for seed in seeds):
            raise InputError("settings: only or seeds of another type; use the version that wrote them")
        return cls(only, seeds, ImageOptions(**entries["real"]), entries["target"], entries["judge"])


_KINDS = {"only": list, "seeds": list, "real": dict, "target": str, "judge": str}
_REAL_KINDS = {
    "images": str | None,
    "held_out": str | None,
    "training_images": int | None,
    "held_out_images": int | None,
}


def _check(where: str, entries: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    if odd := sorted(set(entries) ^ set(kinds)):
        raise InputError(f"{where}: {odd[0]} is missing or unknown; use the version that wrote it")
    for name, kind in kinds.items():
        if not isinstance(entries[name], kind) or isinstance(entries[name], bool):
            raise InputError(f"{where}: {name} is of another type; use the version that wrote it")
