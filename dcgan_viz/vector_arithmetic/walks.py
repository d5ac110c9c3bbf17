"""Walks along an axis between two concepts (section 6.3.2, figure 8)."""

import numpy as np
from torch import Tensor

from dcgan_viz.data.segmenter import Segmenter
from dcgan_viz.models.gan import Gan
from dcgan_viz.seeds import derived_seed
from dcgan_viz.vector_arithmetic.looks import Seen
from dcgan_viz.vector_arithmetic.pictures import exemplar_z
from dcgan_viz.vector_arithmetic.recipe import Recipe, TurnRecipe
from dcgan_viz.vector_arithmetic.vectors import with_norm


def walk(z: Tensor, axes: Tensor, turn: TurnRecipe) -> Tensor:
    """Add each position (T,) of a turn times an axis (nz,), or one each (M, nz), to z (M, nz).

    Parameters
    ----------
    z : Tensor (M, nz)
    axes : Tensor (nz,) or (M, nz)
    turn : TurnRecipe

    Returns
    -------
    Tensor (M, T, nz)
        Where the turn says so, each step is as long as the z that it starts from.
    """
    moved = z[:, None] + turn.positions[:, None] * axes.expand_as(z)[:, None]
    return with_norm(moved, z.norm(dim=1)[:, None, None]) if turn.rescale else moved


def axis_of(gan: Gan, recipe: Recipe) -> Tensor:
    """The axis (nz,) of a recipe's turn: the mean of the one concept less that of the other."""
    assert recipe.turn is not None
    z = exemplar_z(gan, recipe)
    return z[recipe.turn.end].mean(dim=0) - z[recipe.turn.start].mean(dim=0)


def fresh_z(gan: Gan, recipe: Recipe, n: int) -> Tensor:
    """Draw z (n, nz) that no axis was chosen on, on the CPU."""
    return gan.sample_z(n, derived_seed(recipe.seed, "turn", "fresh")).cpu()


def centres(gan: Gan, segmenter: Segmenter, z: Tensor, target: str) -> np.ndarray:
    """Centre (M, T) of the target in the pictures of z (M, T, nz), in px from the left; NaN if unseen."""
    return Seen.of(gan, segmenter, z.flatten(0, 1)).centre(target).reshape(z.shape[:2])


def random_axes(gan: Gan, recipe: Recipe, n: int, norm: float) -> Tensor:
    """Axes (n, nz) between means of random samples, as many as the turn has exemplars, all of one norm."""
    assert recipe.turn is not None
    numbers = [len(recipe.concepts[name]) for name in (recipe.turn.start, recipe.turn.end)]
    z = gan.sample_z(n * sum(numbers), derived_seed(recipe.seed, "turn", "control")).cpu()
    start, end = z.view(n, sum(numbers), -1).split(numbers, dim=1)
    return with_norm(end.mean(dim=1) - start.mean(dim=1), norm)
