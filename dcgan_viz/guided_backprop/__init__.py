"""Section 6.2 of the paper: which patterns a discriminator's filters answer to, with a control."""

from dcgan_viz.guided_backprop.analysis import guided_backprop
from dcgan_viz.guided_backprop.real_images import RealImages, real_images
from dcgan_viz.guided_backprop.result import GuidedResult
from dcgan_viz.guided_backprop.rules import Guided
from dcgan_viz.guided_backprop.settings import GuidedSettings

__all__ = ["Guided", "GuidedResult", "GuidedSettings", "RealImages", "guided_backprop", "real_images"]
