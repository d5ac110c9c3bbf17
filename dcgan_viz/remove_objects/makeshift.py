"""A makeshift judge for any GAN: what the discriminator's features make of the boxes."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn import functional as F

from dcgan_viz.data.box import Boxes
from dcgan_viz.models.batchnorm import calibrate
from dcgan_viz.models.gan import Gan, even_parts
from dcgan_viz.models.layers import Layer, hidden_layers, record
from dcgan_viz.models.modes import evaluating
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
class Eye:
    """A discriminator up to one of its layers.

    Attributes
    ----------
    gan : Gan
        Whose discriminator it is: it knows which values are black and white.
    network : nn.Module
    layer : Layer
    """

    gan: Gan
    network: nn.Module
    layer: Layer

    @torch.inference_mode()
    def features(self, images: Tensor) -> Iterator[Tensor]:
        """What the layer returns for images (N, C, H, W) in [-1, 1]: (N, K, h, w) in parts, on the CPU."""
        for part in images.split(BATCH):
            with evaluating(self.network), record(self.network, [self.layer.name]) as seen:
                self.network(self.gan.image_input(part.to(self.gan.device)))
            yield seen[self.layer.name].float().cpu()

    def scores(self, weight: Tensor, colour: Tensor, images: Tensor) -> Tensor:
        """Log odds (N, H, W), up to a constant, that each pixel is the target.

        Parameters
        ----------
        weight : Tensor (K,)
            Of the layer's maps, brought to the size of the picture.
        colour : Tensor (C,)
            Of the picture's channels.
        images : Tensor (N, C, H, W)
        """
        found = []
        for features, pictures in zip(self.features(images), images.split(BATCH), strict=True):
            coarse = torch.einsum("nkhw,k->nhw", features, weight)[:, None]
            colours = torch.einsum("nchw,c->nhw", pictures, colour)
            found.append(enlarged(coarse, images.shape[2:])[:, 0] + colours)
        return torch.cat(found)


@dataclass(frozen=True)
class DiscriminatorJudge:
    """A logistic regression on the discriminator's features and the colour of each pixel.

    Attributes
    ----------
    eye : Eye
    target : str
        The one class that it knows.
    weight, colour : Tensor (K,), (C,)
        Of the layer's maps and of the picture's channels; see `Eye.scores`.
    threshold : float
        A pixel is the target where its score exceeds it: chosen so that the share of such pixels in the
        images of the fit is that of their boxes.
    fitted_on : tuple of int
        Numbers of those images.
    scores : Scores
    """

    eye: Eye
    target: str
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
        scores = self.eye.scores(self.weight, self.colour, images)
        return torch.where(scores > self.threshold, 0, NOTHING).to(torch.uint8)

    def distance(self, edited: Tensor, untouched: Tensor, target: str) -> TargetlessDistance:
        """Unknown: there are no real pictures."""
        return TargetlessDistance.unknown()

    def to_json(self) -> dict[str, object]:
        """Layer and held-out scores."""
        return {
            "name": self.name,
            "layer": {"name": self.eye.layer.name, "shape": self.eye.layer.shape},
            **asdict(self.scores),
        }


def makeshift_judge(gan: Gan, annotated: Tensor, boxes: Boxes, seed: int) -> Judge:
    """Fit a judge on one half of the boxed images, and keep it if it does well on the other.

    Parameters
    ----------
    gan : Gan
    annotated : Tensor (M, C, H, W), float32 in [-1, 1]
        The samples that boxes were drawn on.
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
    if len(boxes.images) < 2 * N_FOLDS:
        return NoJudge(
            f"boxes in {len(boxes.images)} images, and at least {2 * N_FOLDS} are needed "
            "to fit a judge on half of them"
        )
    images, coverage = annotated[list(boxes.images)], boxes.masks(*annotated.shape[2:])
    own, other = slice(1, None, 2), slice(0, None, 2)
    if not all(_both_labels(coverage[half]) for half in (own, other)):
        return NoJudge("the boxes hold no whole pixel, or leave none outside")
    eye = _eye(gan, annotated)
    if eye is None:
        return NoJudge("no hidden layer of the discriminator has maps")
    weight, colour = _fit(eye, images[own], coverage[own], seed)
    found = eye.scores(weight, colour, images).numpy()
    threshold = float(np.quantile(found[own], 1 - coverage[own].mean()))
    scores = _heldout(found[other], coverage[other], threshold, len(images[own]))
    judge = DiscriminatorJudge(eye, boxes.target, weight, colour, threshold, boxes.images[own], scores)
    if scores.auc_heldout < LEAST_AUC:
        return NoJudge(
            f"{judge.name} tell the boxes apart with a held-out AUC of {scores.auc_heldout:.2f} only, "
            f"less than {LEAST_AUC}",
            judge.to_json(),
        )
    return judge


def _eye(gan: Gan, annotated: Tensor) -> Eye | None:
    """The discriminator up to the hidden layer whose side is closest to a quarter of the image's."""
    network = gan.discriminator
    assert network is not None
    if (
        gan.batchnorm["discriminator"].mode == "batch"
    ):  # what it says of a picture must not hang on the others
        network = calibrate(
            network, (gan.image_input(part.to(gan.device)) for part in even_parts(annotated, BATCH))
        )
    layers = hidden_layers(network, gan.image_input(annotated[:2].to(gan.device)))
    if not layers:
        return None
    return Eye(
        gan, network, min(layers, key=lambda one: abs(math.log(4 * one.shape[1] / annotated.shape[2])))
    )


def _fit(eye: Eye, images: Tensor, coverage: np.ndarray, seed: int) -> tuple[Tensor, Tensor]:
    """Weights of the maps and of the colours."""
    random = np.random.default_rng(derived_seed(seed, "makeshift judge"))
    rows, labels = [], []
    maps = torch.cat(list(eye.features(images)))
    for picture, features, covered in zip(images, maps, coverage, strict=True):
        every = torch.cat([enlarged(features[None], images.shape[2:])[0], picture])
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


def enlarged(maps: Tensor, size: torch.Size) -> Tensor:
    """Maps (N, K, h, w) at another size (H, W), bilinear."""
    return F.interpolate(maps, size=tuple(size), mode="bilinear", align_corners=False)
