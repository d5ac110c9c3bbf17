"""How a training run went: its losses, logits and scores, in as many points as a figure can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dcgan_viz.data.training_log import LogLine
from dcgan_viz.errors import InputError

N_POINTS = 60
CURVES = ("loss_d", "loss_g", "logit_real", "logit_fake")


@dataclass(frozen=True)
class CurvePoint:
    """Lines of a diary that are shown as one point.

    Attributes
    ----------
    images_seen : float
        Mean of the lines.
    mean, low, high : float
        Mean, least and largest of the lines.
    n_lines : int
    """

    images_seen: float
    mean: float
    low: float
    high: float
    n_lines: int


@dataclass(frozen=True)
class ScorePoint:
    """A score of a snapshot; lower is better."""

    step: int
    images_seen: int
    value: float


@dataclass(frozen=True)
class TrainingCurves:
    """A run as its figure shows it.

    Attributes
    ----------
    n_lines : int
        Of the diary.
    step, images_seen : int
        Where it ends.
    epochs : float or None
    curves : dict of str to tuple of CurvePoint
        Losses and logits, as far as the diary has them.
    scores : dict of str to tuple of ScorePoint
    """

    n_lines: int
    step: int
    images_seen: int
    epochs: float | None
    curves: dict[str, tuple[CurvePoint, ...]]
    scores: dict[str, tuple[ScorePoint, ...]]

    def best(self, score: str) -> ScorePoint:
        """The snapshot with the lowest score of that name, the first of several."""
        return min(self.scores[score], key=lambda point: point.value)

    def to_json(self) -> dict[str, object]:
        """The fields of result.json."""
        return {
            "n_lines": self.n_lines,
            "step": self.step,
            "images_seen": self.images_seen,
            "epochs": self.epochs,
            "curves": {name: [vars(point) for point in points] for name, points in self.curves.items()},
            "scores": {
                name: {"best": vars(self.best(name)), "points": [vars(point) for point in points]}
                for name, points in self.scores.items()
            },
        }


def training_curves(lines: Sequence[LogLine], n_points: int = N_POINTS) -> TrainingCurves:
    """Sum up the diary of a run.

    Parameters
    ----------
    lines : sequence of LogLine
        In the order of their steps.
    n_points : int
        Points of a curve, at most; lines are put together in groups of nearly the same length.

    Returns
    -------
    TrainingCurves

    Raises
    ------
    InputError
        If there is no line.
    """
    if not lines:
        raise InputError("the run's diary: empty; give a run that got as far as its first line")
    logged = [line for line in lines if line.means]
    curves = {
        name: _curve([line for line in logged if name in line.means], name, n_points) for name in CURVES
    }
    scores: dict[str, list[ScorePoint]] = {}
    for line in lines:
        for name, value in line.scores.items():
            scores.setdefault(name, []).append(ScorePoint(line.step, line.images_seen, value))
    return TrainingCurves(
        n_lines=len(lines),
        step=lines[-1].step,
        images_seen=lines[-1].images_seen,
        epochs=next((line.means["epoch"] for line in reversed(logged) if "epoch" in line.means), None),
        curves={name: points for name, points in curves.items() if points},
        scores={name: tuple(points) for name, points in scores.items()},
    )


def _curve(lines: Sequence[LogLine], name: str, n_points: int) -> tuple[CurvePoint, ...]:
    if not lines:
        return ()
    seen = np.array([line.images_seen for line in lines], dtype=np.float64)
    values = np.array([line.means[name] for line in lines])
    groups = np.array_split(np.arange(len(lines)), min(n_points, len(lines)))
    return tuple(
        CurvePoint(
            float(seen[group].mean()),
            float(values[group].mean()),
            float(values[group].min()),
            float(values[group].max()),
            len(group),
        )
        for group in groups
    )
