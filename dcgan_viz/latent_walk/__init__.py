"""Section 6.1 of the paper: walks through the latent space, with an audit of what happens on the way."""

from dcgan_viz.latent_walk.analysis import judge_for, latent_walk
from dcgan_viz.latent_walk.result import WalkResult
from dcgan_viz.latent_walk.settings import WalkSettings

__all__ = ["WalkResult", "WalkSettings", "judge_for", "latent_walk"]
