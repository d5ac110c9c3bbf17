"""All figures of a checkpoint as one report: pages, files, numbers, and a manifest that can be verified."""

from dcgan_viz.figure_set.manifest import Manifest
from dcgan_viz.figure_set.report import make_report
from dcgan_viz.figure_set.settings import FigureSetSettings
from dcgan_viz.figure_set.verification import verify

__all__ = ["FigureSetSettings", "Manifest", "make_report", "verify"]
