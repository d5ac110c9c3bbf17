"""What is removed, where, and how thoroughly it is measured."""

from dataclasses import dataclass, field, replace
from typing import Self

from dcgan_viz.errors import InputError
from dcgan_viz.remove_objects.edits import Fill

JUDGES = ("auto", "rooms", "discriminator", "none")
METHODS = ("drop", "local")


@dataclass(frozen=True)
class RemovalSettings:
    """Settings of `remove_objects`.

    Attributes
    ----------
    target : str
        What is removed: a class of the rooms, or any name where boxes are given.
    layer : str or None
        A layer by name or rule, for both methods. By default ``drop`` works on the penultimate layer and
        ``local`` on the second-highest: the paper's words fit both, and a position of the second-highest
        (a quarter of the image's side) is about as large as a target's parts.
    judge : {"auto", "rooms", "discriminator", "none"}
        Who measures areas; see `dcgan_viz.remove_objects.judges.judge_for`.
    n_annotated : int
        Samples on which boxes are looked for.
    max_boxes : int
        Boxes that are used of them; the paper's authors drew 52 on 150 samples.
    n_fresh : int
        Fresh samples that the methods are measured on.
    n_draws : int
        Draws of each method's control.
    n_control, n_sweep : int
        How many of the fresh samples the controls, and the dose curve and sweep over layers, are measured on.
    n_sweep_draws : int
        Draws of the controls in dose curve and sweep.
    fill : Fill
        How ``local`` fills.
    strength : float
        How far both methods go, from 0 (nothing changes) to 1 (maps are zero, positions are filled entirely).
    n_maps : int or None
        How many maps ``drop`` takes, those first that speak most for the target; by default all of a weight
        above 0.
    methods : tuple of {"drop", "local"}
        Which are tried.
    quick : bool
        Whether the dose curve and the sweep over layers are left out.
    """

    target: str = "window"
    layer: str | None = None
    judge: str = "auto"
    n_annotated: int = 150
    max_boxes: int = 52
    n_fresh: int = 1000
    n_draws: int = 10
    n_control: int = 150
    n_sweep: int = 150
    n_sweep_draws: int = 3
    fill: Fill = field(default_factory=Fill)
    strength: float = 1.0
    n_maps: int | None = None
    methods: tuple[str, ...] = METHODS
    quick: bool = False

    def __post_init__(self) -> None:
        if not self.target.strip():
            raise InputError(f"target {self.target!r}: empty; name what is to be removed")
        if self.judge not in JUDGES:
            raise InputError(f"judge {self.judge!r}: not known; choose from {', '.join(JUDGES)}")
        for name in (
            "n_annotated",
            "max_boxes",
            "n_fresh",
            "n_draws",
            "n_control",
            "n_sweep",
            "n_sweep_draws",
        ):
            if getattr(self, name) < 1:
                raise InputError(f"{name} {getattr(self, name)}: has to be at least 1")
        if not 0 <= self.strength <= 1:
            raise InputError(f"strength {self.strength:g}: give 0 (nothing changes) to 1 (the whole edit)")
        if self.n_maps is not None and self.n_maps < 1:
            raise InputError(f"n_maps {self.n_maps}: has to be at least 1")
        if not self.methods or set(self.methods) - set(METHODS):
            raise InputError(f"methods {', '.join(self.methods) or 'none'}: choose {' and '.join(METHODS)}")

    def edit_json(self) -> dict[str, object]:
        """What of the edits was set: the ``edit`` of result.json."""
        return {"strength": self.strength, "threshold": self.fill.threshold, "n_maps": self.n_maps}

    def measured_on(self, n_fresh: int) -> Self:
        """The same with another number of fresh samples, and no more for controls, dose and sweep."""
        return replace(
            self, n_fresh=n_fresh, n_control=min(n_fresh, self.n_control), n_sweep=min(n_fresh, self.n_sweep)
        )
