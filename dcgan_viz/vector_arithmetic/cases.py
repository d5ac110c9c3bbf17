"""How often the judge sees what the arithmetic was to put into the picture, and how often by chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.data.rooms import SURFACES
from dcgan_viz.data.segmenter import SEGMENTER_SIZE, Segmenter
from dcgan_viz.models.gan import Gan
from dcgan_viz.seeds import derived_seed
from dcgan_viz.vector_arithmetic.case_vectors import CaseVectors
from dcgan_viz.vector_arithmetic.exemplars import N_DRAWS
from dcgan_viz.vector_arithmetic.looks import PRESENT_PIXELS, Seen
from dcgan_viz.vector_arithmetic.pictures import SumPictures
from dcgan_viz.vector_arithmetic.rates import Mean
from dcgan_viz.vector_arithmetic.recipe import Recipe
from dcgan_viz.vector_arithmetic.vectors import PriorNorms, neighbours, with_norm

ROOM_QUANTILE = 0.01  # of their areas in fresh samples, below which a picture is no room
N_REFERENCE = 500
N_SHOWN = 8
AT_ONCE = 16  # cases whose pictures are kept; at least `N_SHOWN`
VARIANTS = ("result", "neighbours", "control", "single", "single_control", "pixels")


@dataclass(frozen=True, eq=False)
class Verdict:
    """The judge on the pictures of all cases, one each (N,) or several (N, D); arrays of bool.

    Attributes
    ----------
    base_free : ndarray
        It does not see the target in the picture of the other rooms' term alone.
    shows : ndarray
        It sees the target in the picture of the sum.
    is_room : ndarray
        Walls, floor and ceiling are each as large in that as in 99 of 100 samples.
    """

    base_free: np.ndarray
    shows: np.ndarray
    is_room: np.ndarray

    @property
    def success(self) -> np.ndarray:
        """The target has come where there was none, and the rest is still a room."""
        return self.base_free & self.shows & self.is_room

    @classmethod
    def joined(cls, parts: Sequence["Verdict"]) -> "Verdict":
        """Verdicts on some of the cases as one on all."""
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))

    def to_json(self, seed: int) -> dict[str, object]:
        """Shares of the cases."""
        return {
            **Mean.over(self.success, seed).to_json("success_rate"),
            **Mean.over(self.shows, seed).to_json("shows_target"),
            **Mean.over(self.is_room, seed).to_json("is_room"),
        }


@dataclass(frozen=True, eq=False)
class Cases:
    """The arithmetic on many sheets, by the judge.

    Attributes
    ----------
    target : str
    seed : int
        Of the bootstrap.
    vectors : CaseVectors
    least_areas : dict of str to float
        Pixels of walls, floor and ceiling below which a picture is no room.
    verdicts : mapping of str to Verdict
        By `VARIANTS`: the sum of means; its neighbours; that with random exemplars in place of the first two
        concepts; the sum of single exemplars, and that with random ones; the sum of pictures.
    pictures : dict of str to Tensor (K, 3, 64, 64)
        Of the first cases: "other", "result", "control", "pixels".
    """

    target: str
    seed: int
    vectors: CaseVectors
    least_areas: dict[str, float]
    verdicts: Mapping[str, Verdict]
    pictures: dict[str, Tensor]

    @property
    def above_control(self) -> Mean:
        """Success of the sum of means, less that of the control in the same cases."""
        control = self.verdicts["control"].success.mean(axis=1)
        return Mean.over(self.verdicts["result"].success - control, self.seed)

    def to_json(self) -> dict[str, object]:
        """The entry ``cases``."""
        n, d = self.vectors.control.shape[:2]
        successes = {name: verdict.success for name, verdict in self.verdicts.items()}
        shown = {name: successes[name][:N_SHOWN] for name in ("result", "pixels")}
        return {
            "target": self.target,
            "n_cases": n,
            "n_sheets": self.vectors.n_sheets,
            "n_exemplars": self.vectors.exemplars.shape[2],
            "n_choices": N_DRAWS,
            "n_control_draws": d,
            "present_pixels": PRESENT_PIXELS,
            "least_areas": self.least_areas,
            "base_free": Mean.over(self.verdicts["result"].base_free, self.seed).value,
            **{name: verdict.to_json(self.seed) for name, verdict in self.verdicts.items()},
            "sheets": [
                {"seed": seed, "exemplars": indices}
                for seed, indices in zip(self.vectors.seeds, self.vectors.indices, strict=True)
            ],
            "shown": {**shown, "control": successes["control"][:N_SHOWN, 0]},
        }


@dataclass(frozen=True)
class OwnVerdict:
    """The judge on the recipe's own sum, the one in the figure: an anecdote beside the cases.

    Attributes
    ----------
    shows_target : bool
        In the picture of the sum.
    n_neighbours_showing : int
        Neighbours in which it sees the target.
    """

    shows_target: bool
    n_neighbours_showing: int

    @classmethod
    def of(cls, judge: Segmenter, target: str, pictures: SumPictures) -> "OwnVerdict":
        """Let the judge look at a sum and its neighbours."""
        shows = Seen.by(judge, torch.cat([pictures.result[None], pictures.neighbours])).shows(target)
        return cls(bool(shows[0]), int(shows[1:].sum()))


def measure_cases(gan: Gan, judge: Segmenter, recipe: Recipe, vectors: CaseVectors) -> Cases:
    """Let the judge look at all variants of all cases.

    Parameters
    ----------
    gan : Gan
    judge : Segmenter
        Had no part in choosing the exemplars.
    recipe : Recipe
        ``seed``, ``target``, ``rescale``, ``noise`` and ``n_neighbours`` are used.
    vectors : CaseVectors
        At least one case.

    Returns
    -------
    Cases
    """
    reference = Seen.of(gan, judge, gan.sample_z(N_REFERENCE, derived_seed(recipe.seed, "rooms")))
    least = {name: float(np.quantile(reference.area(name), ROOM_QUANTILE)) for name in SURFACES}
    z = _scaled(gan, recipe, vectors)
    parts: list[dict[str, Verdict]] = []
    pictures: dict[str, Tensor] = {}
    for start in range(0, len(vectors.seeds), AT_ONCE):
        images = _images(gan, {name: part[start : start + AT_ONCE] for name, part in z.items()})
        parts.append(_verdicts(judge, images, recipe.target, least))
        pictures = pictures or _shown(images)
    verdicts = {name: Verdict.joined([part[name] for part in parts]) for name in VARIANTS}
    return Cases(recipe.target, recipe.seed, vectors, least, verdicts, pictures)


def _images(gan: Gan, z: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The pictures of several z (..., nz), and the sums of the exemplars' pictures."""
    images = {
        name: gan.generate(part.flatten(0, -2)).view(*part.shape[:-1], 3, SEGMENTER_SIZE, SEGMENTER_SIZE)
        for name, part in z.items()
    }
    return images | _pixel_sums(images.pop("exemplars"))


def _shown(images: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The pictures of the first cases, of the control the first draw; copies, so that the rest can go."""
    shown = {name: images[name][:N_SHOWN] for name in ("other", "result", "pixels")}
    return {name: some.clone() for name, some in {**shown, "control": images["control"][:N_SHOWN, 0]}.items()}


def _scaled(gan: Gan, recipe: Recipe, vectors: CaseVectors) -> dict[str, Tensor]:
    """The z of all pictures, each (N, nz) or (N, D, nz), with the norm that the recipe asks for."""
    assert gan.prior is not None
    norm = PriorNorms.of(gan.prior).p50

    def scaled(z: Tensor) -> Tensor:
        return with_norm(z, norm) if recipe.rescale else z

    result = scaled(vectors.sums)
    return {
        "exemplars": vectors.exemplars,
        "other": scaled(vectors.other),
        "single other": scaled(vectors.exemplars[:, 2, 0]),
        "result": result,
        "neighbours": neighbours(result, recipe.n_neighbours, recipe.noise, recipe.seed),
        "single": scaled(vectors.single_sums),
        "control": scaled(vectors.control_sums),
        "single_control": scaled(vectors.single_control_sums),
    }


def _pixel_sums(exemplars: Tensor) -> dict[str, Tensor]:
    """The same sum on pictures (N, 3, n, C, H, W), and its last term alone."""
    shown, without, other = exemplars.mean(dim=2).unbind(dim=1)
    return {"pixels": (shown - without + other).clamp(-1, 1), "pixel other": other}


def _verdicts(
    judge: Segmenter, images: Mapping[str, Tensor], target: str, least: Mapping[str, float]
) -> dict[str, Verdict]:
    """Let the judge look at all variants, each beside its own other rooms."""
    bases = {"single": "single other", "single_control": "single other", "pixels": "pixel other"}
    free = {
        name: ~Seen.by(judge, images[name]).shows(target) for name in ("other", "single other", "pixel other")
    }
    return {
        name: _verdict(judge, images[name], target, least, free[bases.get(name, "other")])
        for name in VARIANTS
    }


def _verdict(
    judge: Segmenter, images: Tensor, target: str, least: Mapping[str, float], base_free: np.ndarray
) -> Verdict:
    """Let the judge look at images (N, C, H, W) or (N, D, C, H, W)."""
    shape = images.shape[:-3]
    seen = Seen.by(judge, images.flatten(0, -4))
    shows = seen.shows(target).reshape(shape)
    is_room = np.all([seen.area(name) >= area for name, area in least.items()], axis=0).reshape(shape)
    return Verdict(np.broadcast_to(base_free.reshape(-1, *[1] * (len(shape) - 1)), shape), shows, is_room)
