"""The turn: an object moves as the position on an axis through z does, and how steadily."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dcgan_viz.data.segmenter import Segmenter
from dcgan_viz.models.gan import Gan
from dcgan_viz.vector_arithmetic.rates import Mean
from dcgan_viz.vector_arithmetic.recipe import Recipe, TurnRecipe
from dcgan_viz.vector_arithmetic.spearman import spearman
from dcgan_viz.vector_arithmetic.walks import axis_of, centres, fresh_z, random_axes, walk

BIN_EDGES = (-1.0, -0.5, 0.0, 0.5, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, eq=False)
class TurnMeasure:
    """How an object moved along an axis, by the judge; each walk starts from a fresh z.

    Attributes
    ----------
    seed : int
        Of the bootstrap.
    centres : ndarray (M, T)
        In px from the left; NaN where the object is not seen.
    correlations : ndarray (M,)
        Spearman's, between position and centre; NaN where it is seen at too few positions.
    """

    seed: int
    centres: np.ndarray
    correlations: np.ndarray

    @classmethod
    def of(cls, gan: Gan, judge: Segmenter, z: Tensor, axes: Tensor, recipe: Recipe) -> "TurnMeasure":
        """Let the judge look at the walks from z (M, nz) along an axis (nz,), or one each (M, nz)."""
        assert recipe.turn is not None
        positions = recipe.turn.positions
        steps = walk(z, axes, recipe.turn)
        found = centres(gan, judge, steps, recipe.turn.target)
        return cls(recipe.seed, found, spearman(positions.numpy(), found))

    def to_json(self) -> dict[str, object]:
        """Means over the walks, and how the correlations are spread."""
        by_position = [Mean.over(column, self.seed) for column in self.centres.T]
        known = self.correlations[np.isfinite(self.correlations)]
        counts, _ = np.histogram(known, BIN_EDGES)
        return {
            **Mean.over(self.correlations, self.seed).to_json("spearman_mean"),
            "n_cases": len(known),
            "n_unseen": len(self.correlations) - len(known),
            "spearman_bins": {"edges": BIN_EDGES, "share": counts / max(len(known), 1)},
            "centre_mean": [mean.value for mean in by_position],
            "centre_ci95": [mean.ci95 for mean in by_position],
        }


@dataclass(frozen=True, eq=False)
class Turn:
    """The turn of a recipe.

    Attributes
    ----------
    turn : TurnRecipe
    axis : Tensor (nz,)
        From the mean of the one concept to that of the other.
    z : Tensor (K, nz)
        Fresh ones, that the strips start from.
    norms : Tensor (T,)
        Of the steps by position, the mean over the strips.
    strips : Tensor (K, T, C, H, W)
        In [-1, 1]; position after position.
    measure, control : TurnMeasure or None
        Of more fresh z, of which the strips' are the first; along the axis, and along a random axis of the
        same norm each. None where nobody measured.
    """

    turn: TurnRecipe
    axis: Tensor
    z: Tensor
    norms: Tensor
    strips: Tensor
    measure: TurnMeasure | None
    control: TurnMeasure | None

    def to_json(self) -> dict[str, object]:
        """The entry ``turn``."""
        told: dict[str, object] = {"spearman_mean": None, "n_cases": 0}
        if self.measure is not None and self.control is not None:
            n = len(self.z)
            told = {
                **self.measure.to_json(),
                "control": self.control.to_json(),
                "strips": {
                    "spearman": self.measure.correlations[:n], "centre": self.measure.centres[:n]
                },
            }  # fmt: skip
        return {
            **told,
            "start": self.turn.start,
            "end": self.turn.end,
            "target": self.turn.target,
            "rescale": self.turn.rescale,
            "positions": self.turn.positions,
            "axis_norm": float(self.axis.norm()),
            "step_norms": self.norms,
            "n_strips": len(self.z),
        }


def take_turn(gan: Gan, recipe: Recipe, judge: Segmenter | None, n_walks: int, n_strips: int) -> Turn:
    """Walk along the axis of a recipe's turn.

    Parameters
    ----------
    gan : Gan
    recipe : Recipe
        With a turn.
    judge : Segmenter or None
        Measures where it is there and the turn has a target.
    n_walks : int
        Fresh z that are measured.
    n_strips : int
        How many of them are shown.

    Returns
    -------
    Turn
    """
    assert recipe.turn is not None
    axis, z = axis_of(gan, recipe), fresh_z(gan, recipe, n_strips)
    steps = walk(z, axis, recipe.turn)
    norms = steps.norm(dim=2).mean(dim=0)
    strips = gan.generate(steps.flatten(0, 1)).unflatten(0, steps.shape[:2])
    if judge is None or not recipe.turn.target:
        return Turn(recipe.turn, axis, z, norms, strips, None, None)
    more = fresh_z(gan, recipe, max(n_walks, n_strips))
    chance = random_axes(gan, recipe, len(more), float(axis.norm()))
    return Turn(
        recipe.turn,
        axis,
        z,
        norms,
        strips,
        TurnMeasure.of(gan, judge, more, axis, recipe),
        TurnMeasure.of(gan, judge, more, chance, recipe),
    )
