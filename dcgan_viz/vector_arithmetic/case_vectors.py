"""The z of many cases: each has a sheet of its own, exemplars that the annotator chose, and random ones."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.models.gan import Gan
from dcgan_viz.seeds import derived_seed
from dcgan_viz.vector_arithmetic.exemplars import Sheets, choose
from dcgan_viz.vector_arithmetic.looks import Looks
from dcgan_viz.vector_arithmetic.recipe import Recipe
from dcgan_viz.vector_arithmetic.vectors import with_norm

MOST_ROUNDS = 4  # of sheets, until enough of them have enough exemplars


@dataclass(frozen=True, eq=False)
class CaseVectors:
    """The z of each case.

    Attributes
    ----------
    seeds : tuple of int, of length N
        Of the sheets.
    indices : tuple, of length N
        Numbers of the exemplars on that sheet: with the target, without, and others without.
    exemplars : Tensor (N, 3, n, nz)
        Their z.
    control : Tensor (N, D, 2, nz)
        Means of random samples of the same sheet, with the norms of the first two means.
    single_control : Tensor (N, 2, nz)
        Single random samples, with the norms of the first two concepts' first exemplars.
    n_sheets : int
        Sheets that were drawn; those with too few exemplars are no case.
    """

    seeds: tuple[int, ...]
    indices: tuple[tuple[tuple[int, ...], ...], ...]
    exemplars: Tensor
    control: Tensor
    single_control: Tensor
    n_sheets: int

    @property
    def other(self) -> Tensor:
        """Means of the other rooms, (N, nz)."""
        return self.exemplars[:, 2].mean(dim=1)

    @property
    def sums(self) -> Tensor:
        """With the target - without + other rooms, (N, nz)."""
        shown, without, other = self.exemplars.mean(dim=2).unbind(dim=1)
        return shown - without + other

    @property
    def control_sums(self) -> Tensor:
        """The same with random samples in place of the first two concepts, (N, D, nz)."""
        return self.control[:, :, 0] - self.control[:, :, 1] + self.other[:, None]

    @property
    def single_sums(self) -> Tensor:
        """The same with the first exemplar of each concept alone, (N, nz)."""
        shown, without, other = self.exemplars[:, :, 0].unbind(dim=1)
        return shown - without + other

    @property
    def single_control_sums(self) -> Tensor:
        """That with random samples in place of the first two exemplars, (N, nz)."""
        return self.single_control[:, 0] - self.single_control[:, 1] + self.exemplars[:, 2, 0]


def draw_cases(
    gan: Gan, looks: Looks, recipe: Recipe, n_exemplars: int, n_cases: int, n_control_draws: int
) -> CaseVectors:
    """Choose exemplars on sheet after sheet, until there are enough cases.

    Parameters
    ----------
    gan : Gan
    looks : Looks
        The annotator chooses.
    recipe : Recipe
        ``seed``, ``sheet_size``, ``target`` and ``rescale`` are used.
    n_exemplars, n_cases, n_control_draws : int
        Exemplars a concept, cases, and random exemplars a case.

    Returns
    -------
    CaseVectors
        Of fewer cases where the target, or rooms without it, are rare.
    """
    nz = recipe.z_size
    seeds: list[int] = []
    indices: list[tuple[tuple[int, ...], ...]] = []
    exemplars = [torch.empty(0, 3, n_exemplars, nz)]
    control = [torch.empty(0, n_control_draws, 2, nz)]
    single_control = [torch.empty(0, 2, nz)]
    n_sheets = 0
    for _ in range(MOST_ROUNDS):
        missing = n_cases - len(seeds)
        some = [derived_seed(recipe.seed, "case", n_sheets + k) for k in range(missing)]
        n_sheets += missing
        if not missing:
            break
        sheets = Sheets.of(gan, looks.annotator, some, recipe.sheet_size)
        for choice in choose(
            gan, looks.annotator, sheets, recipe.target, n_exemplars, rescale=recipe.rescale
        ):
            seeds.append(some[choice.sheet])
            indices.append(choice.concepts)
            z = sheets.z[choice.sheet]
            some_z = z[torch.tensor(choice.concepts)]
            exemplars.append(some_z[None])
            control.append(_random_means(z, some_z, n_control_draws, seeds[-1])[None])
            single_control.append(_random_means(z, some_z[:, :1], 1, seeds[-1]))
    return CaseVectors(
        tuple(seeds),
        tuple(indices),
        torch.cat(exemplars),
        torch.cat(control),
        torch.cat(single_control),
        n_sheets,
    )


def _random_means(z: Tensor, exemplars: Tensor, n_draws: int, seed: int) -> Tensor:
    """Means (D, 2, nz) of random samples of a sheet z (S, nz), as long as those of exemplars (3, n, nz)."""
    random = np.random.default_rng(derived_seed(seed, "random exemplars"))
    n = exemplars.shape[1]
    drawn = [random.permutation(len(z))[: 2 * n] for _ in range(n_draws)]
    means = z[torch.from_numpy(np.stack(drawn)).view(n_draws, 2, n)].mean(dim=2)
    return with_norm(means, exemplars[:2].mean(dim=1).norm(dim=1, keepdim=True))
