"""How near the frames of a walk come to training images."""

from dataclasses import dataclass

import numpy as np

from dcgan_viz.data.neighbours import Nearest

TAIL = 0.05  # of the held-out images: a frame that is nearer than the quantile counts as very close


@dataclass(frozen=True)
class Likeness:
    """The nearest training image of each frame, beside the same of held-out images.

    Attributes
    ----------
    space : str
        Where distances are taken: "features".
    n_training : int
        Training images that were looked at.
    frames : Nearest
        Of each frame.
    held_out : Nearest
        Of real images that training did not see: the control.
    n_steps : int
        Of a pair; every ``n_steps``-th frame is a waypoint.
    """

    space: str
    n_training: int
    frames: Nearest
    held_out: Nearest
    n_steps: int

    def to_json(self) -> dict[str, object]:
        """The entry ``nearest_training``."""
        distance, others = self.frames.distance, self.held_out.distance
        is_waypoint = np.arange(len(distance)) % self.n_steps == 0
        low, median, high = np.quantile(others, (TAIL, 0.5, 1 - TAIL)).tolist()
        closest = int(distance.argmin())
        pair = min(closest // self.n_steps, (len(distance) - 1) // self.n_steps - 1)
        return {
            "space": self.space,
            "n_training": self.n_training,
            "mean": float(distance.mean()),
            "median": float(np.median(distance)),
            "median_waypoints": float(np.median(distance[is_waypoint])),
            "median_between": float(np.median(distance[~is_waypoint])) if not is_waypoint.all() else None,
            "very_close_share": float((distance < low).mean()),
            "closest": {
                "pair": pair,
                "frame": closest - pair * self.n_steps,
                "image": int(self.frames.index[closest]),
                "distance": float(distance[closest]),
            },
            "held_out": {"n_images": len(others), "q05": low, "median": median, "q95": high},
            "distances": distance,
            "images": self.frames.index,
        }
