"""The annotator's choice of exemplars for a turn."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.data.segmenter import Segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.seeds import derived_seed
from dcgan_viz.vector_arithmetic.exemplars import Sheets
from dcgan_viz.vector_arithmetic.recipe import TurnRecipe
from dcgan_viz.vector_arithmetic.spearman import spearman
from dcgan_viz.vector_arithmetic.walks import centres, walk

CLEAR_PIXELS = 64  # of the object, from which on its centre counts for choosing exemplars
N_DRAWS = 8  # choices of exemplars between which the annotator decides
N_CHOOSING = 16  # z that it decides on
N_POSITIONS = 9  # on each of its walks, at most


def choose_turn(
    gan: Gan, annotator: Segmenter, sheets: Sheets, n: int, turn: TurnRecipe
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Choose exemplars with an object at the left and with one at the right.

    From the third of the samples with its centre furthest to the left, and from the other end, `N_DRAWS`
    times n are drawn; that axis is taken along which, on z of its own, the annotator sees the object move
    most steadily.

    Parameters
    ----------
    gan : Gan
    annotator : Segmenter
    sheets : Sheets
        The first is used.
    n : int
        Exemplars a side.
    turn : TurnRecipe
        Its target is what moves, and positions over its reach are tried.

    Returns
    -------
    left, right : tuple of int
        Numbers of samples on the sheet.

    Raises
    ------
    InputError
        If too few samples show the object.
    """
    target = turn.target
    area, centre = sheets.seen.area(target)[: sheets.z.shape[1]], sheets.seen.centre(target)
    clear = np.flatnonzero(area >= CLEAR_PIXELS)
    if len(clear) < 3 * n:
        raise InputError(
            f"turn: the annotator sees a {target} in {len(clear)} samples of the sheet, but {3 * n} are "
            f"needed, {n} for each third; give a larger --sheet-size or fewer --turn-exemplars"
        )
    by_centre = clear[np.argsort(centre[clear], kind="stable")]
    third, seed = len(clear) // 3, sheets.seeds[0]
    random = np.random.default_rng(derived_seed(seed, "turn", "exemplars"))
    draws = [
        tuple(
            tuple(random.permutation(side)[:n].tolist()) for side in (by_centre[:third], by_centre[-third:])
        )
        for _ in range(N_DRAWS)
    ]
    z = gan.sample_z(N_CHOOSING, derived_seed(seed, "turn", "choosing")).cpu()
    axes = [_axis(sheets.z[0], left, right) for left, right in draws]
    turn = replace(turn, n_steps=min(turn.n_steps, N_POSITIONS))
    tried = torch.cat([walk(z, axis, turn) for axis in axes])
    found = spearman(turn.positions.numpy(), centres(gan, annotator, tried, target)).reshape(N_DRAWS, -1)
    left, right = draws[int(np.nan_to_num(found).mean(axis=1).argmax())]
    return left, right


def _axis(z: Tensor, left: Iterable[int], right: Iterable[int]) -> Tensor:
    return z[list(right)].mean(dim=0) - z[list(left)].mean(dim=0)
