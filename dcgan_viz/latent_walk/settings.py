"""How a walk goes from waypoint to waypoint."""

from dataclasses import dataclass

from dcgan_viz.errors import InputError

INTERPOLATIONS = ("linear", "spherical")


@dataclass(frozen=True)
class WalkSettings:
    """Settings of `latent_walk`.

    Attributes
    ----------
    interpolation : {"linear", "spherical"}
        Between waypoints: on a straight line, as in the paper, or on an arc around the origin.
    n_steps : int
        From each waypoint to the next.
    loop : bool
        Whether the walk ends where it began.
    """

    interpolation: str = "linear"
    n_steps: int = 10
    loop: bool = False

    def __post_init__(self) -> None:
        if self.interpolation not in INTERPOLATIONS:
            raise InputError(
                f"interpolation {self.interpolation!r}: not known; choose from {', '.join(INTERPOLATIONS)}"
            )
        if self.n_steps < 1:
            raise InputError(f"n_steps {self.n_steps}: has to be at least 1")
