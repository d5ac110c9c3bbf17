"""Whether the generator repeats training images (section 4.1 of the paper), beside held-out images."""

from dcgan_viz.memorization.analysis import memorization
from dcgan_viz.memorization.result import MemorizationResult

__all__ = ["MemorizationResult", "memorization"]
