"""The annotator's choice of exemplars: it looks at the samples of a sheet, and tries what they do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.data.rooms import SURFACES
from dcgan_viz.data.segmenter import SEGMENTER_SIZE, Segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.seeds import derived_seed
from dcgan_viz.vector_arithmetic.looks import Seen
from dcgan_viz.vector_arithmetic.vectors import PriorNorms, with_norm

N_DRAWS = 8  # choices of exemplars between which the annotator decides
TRIAL_SAMPLES, TRIAL_ROOMS = 128, 4
CLEAR_SHARE = 0.5  # of the samples that show the target: those that show most of it


@dataclass(frozen=True, eq=False)
class Sheets:
    """Samples of several sheets, and what the annotator sees in them.

    Attributes
    ----------
    seeds : tuple of int, of length R
    z : Tensor (R, S, nz)
    seen : Seen
        Of the R * S samples, sheet after sheet.
    """

    seeds: tuple[int, ...]
    z: Tensor
    seen: Seen

    @classmethod
    def of(cls, gan: Gan, annotator: Segmenter, seeds: Sequence[int], size: int) -> "Sheets":
        """Draw the sheets and let the annotator look at them."""
        z = torch.stack([gan.sample_z(size, seed).cpu() for seed in seeds])
        return cls(tuple(seeds), z, Seen.of(gan, annotator, z.flatten(0, 1)))

    def of_sheet(self, values: np.ndarray, sheet: int) -> np.ndarray:
        """The part of values (R * S,) that belongs to a sheet, (S,)."""
        size = self.z.shape[1]
        return values[sheet * size : (sheet + 1) * size]


@dataclass(frozen=True)
class Choice:
    """Exemplars with the target, without it, and other samples without it.

    Attributes
    ----------
    sheet : int
        Row of the sheet among the `Sheets`.
    shown, without, other : tuple of int
        Numbers of samples on the sheet.
    """

    sheet: int
    shown: tuple[int, ...]
    without: tuple[int, ...]
    other: tuple[int, ...]

    @property
    def concepts(self) -> tuple[tuple[int, ...], ...]:
        """All three, in the order in which they stand in the sum."""
        return self.shown, self.without, self.other


@dataclass(frozen=True, eq=False)
class Trial:
    """Rooms without the target, on which the annotator tries what exemplars do: on no sheet, always the same.

    Attributes
    ----------
    target : str
    rooms : Tensor (H, nz)
        Means of n samples each; none where samples without the target are rare.
    least_areas : dict of str to int
        Least pixels of walls, floor and ceiling in a sample.
    """

    target: str
    rooms: Tensor
    least_areas: dict[str, int]

    @classmethod
    def of(cls, gan: Gan, annotator: Segmenter, target: str, n: int) -> "Trial":
        """Draw the rooms."""
        z = gan.sample_z(TRIAL_SAMPLES, derived_seed(0, "trial of exemplars")).cpu()
        seen = Seen.of(gan, annotator, z)
        without = z[torch.from_numpy(seen.area(target) == 0)]
        rooms = without[: len(without) // n * n][: TRIAL_ROOMS * n].view(-1, n, z.shape[1]).mean(dim=1)
        return cls(target, rooms, {name: int(seen.area(name).min()) for name in SURFACES})

    def scores(self, gan: Gan, annotator: Segmenter, differences: Tensor, *, rescale: bool) -> np.ndarray:
        """In what share of the rooms differences (..., nz) between concepts put the target, (...).

        Where that is the same, the larger target counts as a little more.
        """
        if not len(self.rooms):
            return np.zeros(differences.shape[:-1])
        z = differences.unsqueeze(-2) + self.rooms
        if rescale:
            assert gan.prior is not None
            z = with_norm(z, PriorNorms.of(gan.prior).p50)
        seen = Seen.of(gan, annotator, z.flatten(0, -2))
        is_room = np.all([seen.area(name) >= area for name, area in self.least_areas.items()], axis=0)
        tie = seen.area(self.target) / SEGMENTER_SIZE**2 / (1 + len(self.rooms))
        return (is_room * (seen.shows(self.target) + tie)).reshape(z.shape[:-1]).mean(axis=-1)


def choose(
    gan: Gan, annotator: Segmenter, sheets: Sheets, target: str, n: int, *, rescale: bool
) -> list[Choice]:
    """Choose exemplars for putting a target into a picture, on every sheet that has enough of them.

    Those with the target are drawn from the half of the samples with it that show most of it. Of `N_DRAWS`
    draws that is taken whose difference puts the target into most of the rooms of a `Trial`.

    Parameters
    ----------
    gan : Gan
    annotator : Segmenter
    sheets : Sheets
    target : str
        A class of the rooms.
    n : int
        Exemplars a concept.
    rescale : bool
        Whether sums are brought to the prior's typical norm.

    Returns
    -------
    list of Choice
        In the order of the sheets.
    """
    drawn = {row: _draws(sheets, row, target, n) for row in range(len(sheets.seeds))}
    rows = [row for row, choices in drawn.items() if choices]
    if not rows:
        return []
    indices = torch.tensor([drawn[row] for row in rows])  # (R, N_DRAWS, 3, n)
    means = sheets.z[torch.tensor(rows)[:, None, None, None], indices].mean(dim=3)  # (R, N_DRAWS, 3, nz)
    trial = Trial.of(gan, annotator, target, n)
    scores = trial.scores(gan, annotator, means[:, :, 0] - means[:, :, 1], rescale=rescale)
    return [
        Choice(row, *(tuple(concept) for concept in drawn[row][best]))
        for row, best in zip(rows, scores.argmax(axis=1), strict=True)
    ]


def _draws(sheets: Sheets, row: int, target: str, n: int) -> list[list[list[int]]]:
    """`N_DRAWS` times n numbers with the target, n without, n others without; [] if there are too few."""
    area = sheets.of_sheet(sheets.seen.area(target), row)
    shows = sheets.of_sheet(sheets.seen.shows(target), row)
    with_target, without = np.flatnonzero(shows), np.flatnonzero(area == 0)
    if len(with_target) < n or len(without) < 2 * n:
        return []
    by_area = with_target[np.argsort(-area[with_target], kind="stable")]
    clear = by_area[: max(n, round(CLEAR_SHARE * len(by_area)))]
    random = np.random.default_rng(derived_seed(sheets.seeds[row], "exemplars", target))
    found = []
    for _ in range(N_DRAWS):
        shown, rest = random.permutation(clear)[:n], random.permutation(without)[: 2 * n]
        found.append([shown.tolist(), rest[:n].tolist(), rest[n:].tolist()])
    return found


def too_few(sheets: Sheets, target: str, n: int) -> InputError:
    """The error for a sheet that lacks exemplars, with how many there are."""
    shown = int(sheets.of_sheet(sheets.seen.shows(target), 0).sum())
    without = int((sheets.of_sheet(sheets.seen.area(target), 0) == 0).sum())
    return InputError(
        f"target {target!r}: among {sheets.z.shape[1]} samples the annotator sees {shown} with it and "
        f"{without} without, but {n} and {2 * n} are needed; give a larger --sheet-size or fewer --exemplars"
    )
