"""What `latent_walk` found, in the words of ``result.json``."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dcgan_viz.data.held_out import RealImages
from dcgan_viz.latent_walk.likeness import Likeness
from dcgan_viz.latent_walk.objects import ObjectAudit
from dcgan_viz.latent_walk.prior_audit import PriorAudit
from dcgan_viz.latent_walk.settings import WalkSettings
from dcgan_viz.latent_walk.steps import Steps


@dataclass(frozen=True)
class Logits:
    """What the discriminator says along a walk.

    Attributes
    ----------
    frames : ndarray (F,)
        Positive for "real".
    held_out : ndarray (M,) or None
        Of real images that training did not see, where there are some.
    """

    frames: np.ndarray
    held_out: np.ndarray | None

    def to_json(self) -> dict[str, object]:
        """The logits of the frames, and quantiles of those of real images."""
        found: dict[str, object] = {
            "mean": float(self.frames.mean()),
            "min": float(self.frames.min()),
            "max": float(self.frames.max()),
            "frames": self.frames,
            "held_out": None,
        }
        if self.held_out is not None:
            low, median, high = np.quantile(self.held_out, (0.05, 0.5, 0.95)).tolist()
            found["held_out"] = {"n_images": len(self.held_out), "q05": low, "median": median, "q95": high}
        return found


@dataclass(frozen=True)
class WalkResult:
    """A walk, and all that was found out about it.

    Attributes
    ----------
    settings : WalkSettings
    waypoints : Tensor (N, nz)
    z : Tensor (F, nz)
        Of the frames; every ``n_steps``-th is a waypoint, and in a loop the last one is the first again.
    frames : Tensor (F, C, H, W), float32 in [-1, 1]
    steps : mapping of str to Steps
        By space: "pixels" and, with a discriminator, "features".
    prior : PriorAudit
    objects : ObjectAudit
    logits : Logits or None
    likeness : Likeness or None
    real : RealImages or None
        What frames are compared with.
    left_out : mapping of str to str
        What is missing, and why.
    """

    settings: WalkSettings
    waypoints: Tensor
    z: Tensor
    frames: Tensor
    steps: Mapping[str, Steps]
    prior: PriorAudit
    objects: ObjectAudit
    logits: Logits | None
    likeness: Likeness | None
    real: RealImages | None
    left_out: Mapping[str, str]

    @property
    def finding(self) -> str:
        """What the steps say about sharp transitions, in a sentence."""
        space, steps = list(self.steps.items())[-1]
        where = {"pixels": "in pixels", "features": "in D's features"}[space]
        text = (
            f"The largest of {len(steps.distance)} steps covers {steps.share(steps.distance):.2f} of the "
            f"distance between its waypoints, {where}"
        )
        if steps.replay is None:
            return f"{text}."
        if not steps.replay.any():
            return f"{text}; all frames have the same nearest training image."
        return (
            f"{text}; were every frame its nearest training image, the largest would cover "
            f"{steps.share(steps.replay):.2f} of it."
        )

    def to_json(self) -> dict[str, object]:
        """The fields of ``result.json``."""
        steps = {name: one.to_json() for name, one in self.steps.items()}
        return {
            "n_waypoints": len(self.waypoints),
            "n_steps": self.settings.n_steps,
            "interpolation": self.settings.interpolation,
            "loop": self.settings.loop,
            "n_pairs": (len(self.z) - 1) // self.settings.n_steps,
            "step_distance": {**steps["pixels"], "features": steps.get("features")},
            "finding": self.finding,
            "logit": self.logits.to_json() if self.logits is not None else None,
            "nearest_training": self.likeness.to_json() if self.likeness is not None else None,
            "prior": self.prior.to_json(),
            "objects": self.objects.to_json(),
            "real_images": self.real.to_json() if self.real is not None else None,
            "left_out": dict(self.left_out),
        }
