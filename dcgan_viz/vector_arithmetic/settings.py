"""How exemplars are chosen, and how thoroughly the arithmetic is measured."""

from dataclasses import dataclass

from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.errors import InputError

JUDGES = ("auto", "rooms", "none")


@dataclass(frozen=True)
class ArithmeticSettings:
    """Settings of `vector_arithmetic`.

    Where a recipe is given, it has the last word on all that it holds, and on the seed.

    Attributes
    ----------
    target : str
        What the annotator's arithmetic puts into rooms that have none: a class of the rooms.
    n_exemplars, n_turn_exemplars : int
        Exemplars a concept, of the sum and of the turn; the paper took three and four.
    sheet_size : int
        Samples on the sheet that exemplars are chosen from, and on the sheet of each case.
    noise : float
        Neighbours of the result differ by uniform noise from -noise to noise in each number of z.
    n_neighbours : int
    rescale : bool
        Bring results, and the means whose pictures are shown, to the typical norm of the prior.
    turn_rescale : bool
        Bring the steps of the turn to the norm of the z that they start from.
    turn : bool
        Whether there is to be a turn at all.
    reach : float
        The turn adds from -reach to reach times the axis.
    n_steps : int
        Positions along it.
    judge : {"auto", "rooms", "none"}
        Whether the segmenters of rooms choose and measure; "auto" where the GAN was trained on rooms.
    n_cases : int
        Sheets that the sum is tried on, each with exemplars of its own.
    n_control_draws : int
        Random exemplars that each case is compared with.
    n_walks : int
        Fresh z that the turn is tried on.
    n_strips : int
        How many of them are shown.
    """

    target: str = "window"
    n_exemplars: int = 3
    n_turn_exemplars: int = 4
    sheet_size: int = 48
    noise: float = 0.25
    n_neighbours: int = 8
    rescale: bool = False
    turn_rescale: bool = True
    turn: bool = True
    reach: float = 2.0
    n_steps: int = 9
    judge: str = "auto"
    n_cases: int = 64
    n_control_draws: int = 4
    n_walks: int = 64
    n_strips: int = 5

    def __post_init__(self) -> None:
        if self.judge not in JUDGES:
            raise InputError(f"judge {self.judge!r}: not known; choose from {', '.join(JUDGES)}")
        if self.target not in CLASSES:
            raise InputError(
                f"target {self.target!r}: the annotator does not know it; choose from {', '.join(CLASSES)}"
            )
        for name in (
            "n_exemplars", "n_turn_exemplars", "sheet_size", "n_neighbours", "n_cases", "n_control_draws",
            "n_walks", "n_strips",
        ):  # fmt: skip
            if getattr(self, name) < 1:
                raise InputError(f"{name} {getattr(self, name)}: has to be at least 1")
