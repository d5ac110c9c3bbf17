"""The pictures of a recipe: nothing but the recipe and the networks decides what they show."""

from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan_viz.models.gan import Gan
from dcgan_viz.vector_arithmetic.recipe import SIGNS, Recipe
from dcgan_viz.vector_arithmetic.vectors import (
    PriorNorms,
    combine,
    neighbours,
    share_outside,
    with_norm,
)


@dataclass(frozen=True, eq=False)
class ConceptPictures:
    """One concept.

    Attributes
    ----------
    z : Tensor (n, nz)
        Of the exemplars.
    exemplars : Tensor (n, C, H, W)
        In [-1, 1].
    mean : Tensor (C, H, W)
        What the generator draws from the mean of their z.
    """

    z: Tensor
    exemplars: Tensor
    mean: Tensor


@dataclass(frozen=True)
class Norms:
    """How long the vectors are.

    Attributes
    ----------
    prior : PriorNorms
    means : dict of str to float
        Of each concept's mean.
    result : float or None
        Of the sum; None without an expression.
    drawn : float or None
        Of the z that the result is drawn from: rescaled where the recipe says so.
    outside_prior : float or None
        Share of that z's numbers where a uniform prior draws none; None for another prior.
    """

    prior: PriorNorms
    means: dict[str, float]
    result: float | None = None
    drawn: float | None = None
    outside_prior: float | None = None

    def to_json(self) -> dict[str, object]:
        """The entry ``norms``."""
        return {**vars(self), "prior": dict(vars(self.prior))}


@dataclass(frozen=True, eq=False)
class SumPictures:
    """The expression of a recipe.

    Attributes
    ----------
    z : Tensor (nz,)
        Of the result, as it is drawn.
    result : Tensor (C, H, W)
    neighbours : Tensor (n_neighbours, C, H, W)
    single : Tensor (m, C, H, W)
        The same sum of the first exemplars of each concept, of the second ones, and so on; m is the least
        number of exemplars a concept.
    pixels : Tensor (C, H, W)
        The sum of the exemplars' pictures, cut off at black and white.
    """

    z: Tensor
    result: Tensor
    neighbours: Tensor
    single: Tensor
    pixels: Tensor


@dataclass(frozen=True, eq=False)
class RecipePictures:
    """All pictures of a recipe but those of its turn.

    Attributes
    ----------
    concepts : dict of str to ConceptPictures
    sum : SumPictures or None
        None without an expression.
    norms : Norms
    """

    concepts: dict[str, ConceptPictures]
    sum: SumPictures | None
    norms: Norms


def draw_recipe(gan: Gan, recipe: Recipe) -> RecipePictures:
    """Draw a recipe's exemplars, means and results, in one go.

    Parameters
    ----------
    gan : Gan
    recipe : Recipe

    Returns
    -------
    RecipePictures
        The same bytes for the same recipe, on the same machine.

    Raises
    ------
    InputError
        If the recipe was made for another checkpoint, prior or size of z.

    References
    ----------
    Radford, Metz and Chintala (2015), arXiv 1511.06434, section 6.3.2 and figure 7.
    """
    recipe.check(gan)
    assert gan.prior is not None
    prior = PriorNorms.of(gan.prior)
    exemplars = exemplar_z(gan, recipe)
    means = {name: z.mean(dim=0) for name, z in exemplars.items()}

    def scaled(z: Tensor) -> Tensor:
        return with_norm(z, prior.p50) if recipe.rescale else z

    parts = {f"exemplars of {name}": z for name, z in exemplars.items()}
    parts |= {f"mean of {name}": scaled(z)[None] for name, z in means.items()}
    norms = Norms(prior, {name: float(z.norm()) for name, z in means.items()})
    if recipe.expression:
        total = combine(means, recipe.expression)
        drawn = scaled(total)
        parts |= {
            "result": drawn[None],
            "neighbours": neighbours(drawn, recipe.n_neighbours, recipe.noise, recipe.seed),
            "single": scaled(_single_sums(exemplars, recipe)),
        }
        outside = share_outside(drawn, gan.prior)
        norms = Norms(prior, norms.means, float(total.norm()), float(drawn.norm()), outside)
    images = generate_parts(gan, parts)
    concepts = {
        name: ConceptPictures(z, images[f"exemplars of {name}"], images[f"mean of {name}"][0])
        for name, z in exemplars.items()
    }
    if not recipe.expression:
        return RecipePictures(concepts, None, norms)
    mean_images = {name: one.exemplars.mean(dim=0) for name, one in concepts.items()}
    pixels = combine(mean_images, recipe.expression)
    summed = SumPictures(
        parts["result"][0], images["result"][0], images["neighbours"], images["single"], pixels.clamp(-1, 1)
    )
    return RecipePictures(concepts, summed, norms)


def exemplar_z(gan: Gan, recipe: Recipe) -> dict[str, Tensor]:
    """The z (n, nz) of each concept's exemplars, on the CPU."""
    sheet = gan.sample_z(recipe.sheet_size, recipe.seed).cpu()
    return {name: sheet[list(indices)] for name, indices in recipe.concepts.items()}


def generate_parts(gan: Gan, parts: dict[str, Tensor]) -> dict[str, Tensor]:
    """Draw several sets of z (N, nz) together; images (N, C, H, W) by the same names."""
    images = gan.generate(torch.cat(list(parts.values())))
    return dict(zip(parts, images.split([len(z) for z in parts.values()]), strict=True))


def _single_sums(exemplars: dict[str, Tensor], recipe: Recipe) -> Tensor:
    """The sums (m, nz) of single exemplars."""
    m = min(len(exemplars[name]) for name in recipe.expression)
    return torch.stack([SIGNS[sign] * exemplars[name][:m] for name, sign in recipe.expression.items()]).sum(
        dim=0
    )
