"""How far a walk's pictures are from one to the next, and how far they would be if training images were."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dcgan_viz.data.neighbours import distances


@dataclass(frozen=True)
class Steps:
    """The steps of a walk in one space: root mean square differences of neighbouring frames.

    Attributes
    ----------
    distance : ndarray (S,)
        Of each step.
    waypoints : ndarray (P,)
        From the one waypoint of each pair to the other, in a single step.
    replay : ndarray (S,) or None
        The same walk with each frame replaced by its nearest training image: what a generator that only knows
        its training images would show. None where these are not known.
    """

    distance: np.ndarray
    waypoints: np.ndarray
    replay: np.ndarray | None = None

    @property
    def n_steps(self) -> int:
        """Steps of a pair."""
        return len(self.distance) // len(self.waypoints)

    @property
    def largest(self) -> int:
        """Number of the largest step."""
        return int(self.distance.argmax())

    def share(self, distance: np.ndarray) -> float:
        """The largest of some steps (S,) over the distance of its waypoints; NaN where these are alike."""
        shares = distance / np.repeat(np.where(self.waypoints > 0, self.waypoints, np.nan), self.n_steps)
        return float(shares[int(distance.argmax())])

    def to_json(self) -> dict[str, object]:
        """The entry of ``step_distance`` for a space."""
        pair, step = divmod(self.largest, self.n_steps)
        found: dict[str, object] = {
            "mean": float(self.distance.mean()),
            "max": float(self.distance.max()),
            "largest": {
                "pair": pair,
                "step": step,
                "share_of_waypoint_distance": self.share(self.distance),
            },
            "waypoints_mean": float(self.waypoints.mean()),
            "waypoints": self.waypoints,
            "steps": self.distance,
            "replay": None,
        }
        if self.replay is not None:
            found["replay"] = {
                "mean": float(self.replay.mean()),
                "max": float(self.replay.max()),
                "max_share_of_waypoint_distance": self.share(self.replay),
                "still_share": float((self.replay == 0).mean()),
                "steps": self.replay,
            }
        return found


def measure_steps(
    vectors: Mapping[str, np.ndarray], n_steps: int, replayed: Mapping[str, np.ndarray] | None = None
) -> dict[str, Steps]:
    """Measure the steps of a walk in each space.

    Parameters
    ----------
    vectors : mapping of str to ndarray (F, D)
        Of the frames, by the space's name.
    n_steps : int
        Of a pair; every ``n_steps``-th frame is a waypoint.
    replayed : mapping of str to ndarray (F, D), optional
        Of each frame's nearest training image.

    Returns
    -------
    dict of str to Steps

    Examples
    --------
    >>> steps = measure_steps({"pixels": np.array([[0.0], [1.0], [4.0]])}, n_steps=2)["pixels"]
    >>> steps.distance.tolist(), steps.waypoints.tolist(), steps.share(steps.distance)
    ([1.0, 3.0], [4.0], 0.75)
    """
    found = {}
    for name, frames in vectors.items():
        corners = frames[::n_steps]
        still = None if replayed is None else distances(replayed[name][:-1], replayed[name][1:])
        found[name] = Steps(distances(frames[:-1], frames[1:]), distances(corners[:-1], corners[1:]), still)
    return found
