"""Section 6.3.1 of the paper: find the features that draw a target, and drop them, with a control."""

from dcgan_viz.remove_objects.analysis import annotate, judge_for, remove_objects
from dcgan_viz.remove_objects.result import RemovalResult
from dcgan_viz.remove_objects.settings import RemovalSettings

__all__ = ["RemovalResult", "RemovalSettings", "annotate", "judge_for", "remove_objects"]
