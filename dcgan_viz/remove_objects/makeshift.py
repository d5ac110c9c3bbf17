"""A makeshift judge for any GAN: what the discriminator's features make of the boxes."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn import functional as F

from dcgan_viz.data.box import Boxes
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import Layer, edit, evaluating, hidden_layers
from dcgan_viz.remove_objects.judges import NOTHING, Judge, NoJudge
from dcgan_viz.remove_objects.probe import N_FOLDS, solve
from dcgan_viz.remove_objects.targetless import TargetlessDistance
from dcgan_viz.seeds import derived_seed

LEAST_AUC = 0.8  # below it, a judge's areas would be about anything
PIXELS_PER_IMAGE = 600  # of each label, on which a judge is fitted: neighbours are nearly copies
BATCH = 125


@dataclass(frozen=True)
class Scores:
    """How a makeshift judge does on the boxed images that it was not fitted on.

    Attributes
    ----------
    n_fitted, n_heldout : int
        Boxed images on either side.
    auc_heldout : float
        Area under the ROC curve over the pixels of held-out images, inside against outside of boxes.
    iou_heldout : float
        Of the pixels that it calls the target with those inside boxes: intersection over union.
    false_share_heldout : float
        Of the pixels that it calls the target, those outside of boxes; about what a removal that takes the
        target entirely, and touches nothing else, would leave of its area.
    """

    n_fitted: int
    n_heldout: int
    auc_heldout: float
    iou_heldout: float
    false_share_heldout: float


@dataclass(frozen=True)
class DiscriminatorJudge:
    """A logistic regression on the discriminator's features and the colour of each pixel.

    Attributes
    ----------
    gan : Gan
        Its discriminator is used.
    target : str
        The one class that it knows.
    layer : Layer
        Of the discriminator.
    weight : Tensor (K,)
        Of the layer's maps, brought to the size of the picture.
    colour : Tensor (C,)
        Of the picture's channels.
    threshold : float
        A pixel is the target where its score exceeds it: chosen so that the share of such pixels in the
        images of the fit is that of their boxes.
    fitted_on : tuple of int
        Numbers of those images.
    scores : Scores
    """

    gan: Gan
    target: str
    layer: Layer
    weight: Tensor
    colour: Tensor
    threshold: float
    fitted_on: tuple[int, ...]
    scores: Scores

    name = "discriminator features"

    @property
    def classes(self) -> tuple[str, ...]:
        """The target alone."""
        return (self.target,)

    def predict(self, images: Tensor) -> Tensor:
        """0 where the target is, `NOTHING` elsewhere: (N, H, W)."""
        scores = torch.cat(list(_scores(self.gan, self.layer, self.weight, self.colour, images)))
        return torch.where(scores > self.threshold, 0, NOTHING).to(torch.uint8)

    def distance(self, edited: Tensor, untouched: Tensor, target: str) -> TargetlessDistance:
        """Unknown: there are no real pictures."""
        return TargetlessDistance.unknown()

    def to_json(self) -> dict[str, object]:
        """Layer and held-out scores."""
        return {
            "name": self.name,
            "layer": {"name": self.layer.name, "shape": self.layer.shape},
            **asdict(self.scores),
        }


def makeshift_judge(gan: Gan, images: Tensor, boxes: Boxes, seed: int) -> Judge:
    """Fit a judge on one half of the boxed images, and keep it if it does well on the other.

    Parameters
    ----------
    gan : Gan
    images : Tensor (N, C, H, W), float32 in [-1, 1]
        The samples that have boxes, in the order of ``boxes.images``.
    boxes : Boxes
    seed : int
        Of the pixels that are drawn for the fit.

    Returns
    -------
    Judge
        A `DiscriminatorJudge`, or `NoJudge` with the reason: no discriminator, none of its layers has maps,
        too few boxed images, or an area under the ROC curve below 0.8.
    """
    if gan.discriminator is None:
        return NoJudge("the GAN has no discriminator")
    if len(images) < 2 * N_FOLDS:
        return NoJudge(
            f"boxes in {len(images)} images, and at least {2 * N_FOLDS} are needed "
            "to fit a judge on half of them"
        )
    layers = hidden_layers(gan.discriminator, images[:2].to(gan.device))
    if not layers:
        return NoJudge("no hidden layer of the discriminator has maps")
    layer = min(layers, key=lambda one: abs(np.log(4 * one.shape[1] / images.shape[2])))
    coverage = boxes.masks(*images.shape[2:])
    own, other = slice(1, None, 2), slice(0, None, 2)
    if not all(_both_labels(coverage[half]) for half in (own, other)):
        return NoJudge("the boxes hold no whole pixel, or leave none outside")
    weight, colour = _fit(gan, layer, images[own], coverage[own], seed)
    found = torch.cat(list(_scores(gan, layer, weight, colour, images))).numpy()
    threshold = float(np.quantile(found[own], 1 - coverage[own].mean()))
    scores = _heldout(found[other], coverage[other], threshold, len(images[own]))
    judge = DiscriminatorJudge(gan, boxes.target, layer, weight, colour, threshold, boxes.images[own], scores)
    if scores.auc_heldout < LEAST_AUC:
        return NoJudge(
            f"{judge.name} tell the boxes apart with a held-out AUC of {scores.auc_heldout:.2f} only, "
            f"less than {LEAST_AUC}",
            judge.to_json(),
        )
    return judge


def _fit(gan: Gan, layer: Layer, images: Tensor, coverage: np.ndarray, seed: int) -> tuple[Tensor, Tensor]:
    """Weights of the maps and of the colours."""
    random = np.random.default_rng(derived_seed(seed, "makeshift judge"))
    rows, labels = [], []
    maps = torch.cat(list(_features(gan, layer, images)))
    for picture, features, covered in zip(images, maps, coverage, strict=True):
        every = torch.cat([_enlarged(features[None], images.shape[2:])[0], picture])
        for pixels, label in ((np.argwhere(covered >= 0.5), 1), (np.argwhere(covered == 0), 0)):
            y, x = random.permutation(pixels)[:PIXELS_PER_IMAGE].T
            rows.append(every[:, y, x].T.numpy())
            labels.append(np.full(len(y), label))
    weight, _ = solve(np.concatenate(rows), np.concatenate(labels))
    both = torch.from_numpy(weight).float()
    return both[: maps.shape[1]], both[maps.shape[1] :]


def _both_labels(coverage: np.ndarray) -> bool:
    return bool((coverage >= 0.5).any() and (coverage == 0).any())


def _heldout(found: np.ndarray, coverage: np.ndarray, threshold: float, n_fitted: int) -> Scores:
    inside, clear = coverage >= 0.5, (coverage >= 0.5) | (coverage == 0)
    called = found > threshold
    return Scores(
        n_fitted=n_fitted,
        n_heldout=len(found),
        auc_heldout=float(roc_auc_score(inside[clear], found[clear])),
        iou_heldout=float((called & inside).sum() / max((called | inside).sum(), 1)),
        false_share_heldout=float((called & ~inside).sum() / called.sum()) if called.any() else np.nan,
    )


def _scores(gan: Gan, layer: Layer, weight: Tensor, colour: Tensor, images: Tensor) -> Iterator[Tensor]:
    """Log odds, up to a constant, that each pixel is the target: (N, H, W) in parts, on the CPU."""
    parts = zip(_features(gan, layer, images), images.split(BATCH), strict=True)
    for features, pictures in parts:
        coarse = torch.einsum("nkhw,k->nhw", features, weight)[:, None]
        yield _enlarged(coarse, images.shape[2:])[:, 0] + torch.einsum("nchw,c->nhw", pictures, colour)


def _enlarged(maps: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(maps, size=tuple(size), mode="bilinear", align_corners=False)


def _features(gan: Gan, layer: Layer, images: Tensor) -> Iterator[Tensor]:
    """What a layer of the discriminator returns: (N, K, h, w) in parts, on the CPU."""
    assert gan.discriminator is not None
    for part in images.split(BATCH):
        kept: list[Tensor] = []

        def keep(x: Tensor, kept: list[Tensor] = kept) -> Tensor:
            kept.append(x.float().cpu())
            return x

        with (
            torch.inference_mode(),
            evaluating(gan.discriminator),
            edit(gan.discriminator, {layer.name: keep}),
        ):
            gan.discriminator(part.to(gan.device))
        yield kept[0]
