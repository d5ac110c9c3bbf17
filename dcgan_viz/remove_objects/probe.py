"""The probe: a logistic regression that tells from a layer's features whether a position draws the target."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.seeds import derived_seed

N_FOLDS = 5
N_SHUFFLES = 5
NEGATIVES_PER_POSITIVE = 10
N_FITS = N_FOLDS * (1 + N_SHUFFLES) + 1  # of one probe, with its scores


@dataclass(frozen=True)
class Probe:
    """A fitted probe, in the units of the layer's activations.

    Attributes
    ----------
    weight : Tensor (C,), float32
        A map with a weight above 0 speaks for the target.
    bias : float
    auc_heldout : float
        Area under the ROC curve on images that the fit had not seen, over 5 folds of images.
    auc_shuffled : float
        The same with the labels shuffled among the positions, mean of 5 shuffles; 0.5 when nothing leaks.
    n_positive, n_negative : int
        Positions inside and outside of boxes.
    """

    weight: Tensor
    bias: float
    auc_heldout: float
    auc_shuffled: float
    n_positive: int
    n_negative: int

    def logits(self, activations: Tensor) -> Tensor:
        """Log odds (N, H, W) that each position of activations (N, C, H, W) draws the target."""
        weight = self.weight.to(activations.device)
        return torch.einsum("nchw,c->nhw", activations, weight) + self.bias

    def to_json(self) -> dict[str, object]:
        """The scores and counts."""
        return {
            "auc_heldout": self.auc_heldout,
            "auc_shuffled": self.auc_shuffled,
            "n_positive": self.n_positive,
            "n_negative": self.n_negative,
        }


def go_on() -> None:
    """Do nothing."""


def fit_probe(
    activations: Tensor, coverage: np.ndarray, seed: int, tick: Callable[[], None] = go_on
) -> Probe:
    """Fit a probe as in the paper's section 6.3.1, and score it on images it has not seen.

    Positive are the positions that lie inside boxes by half or more (in an image of smaller boxes, the one
    that lies inside most), negative are positions drawn at
    random from those that touch no box, in the same images: ten for each positive one, as far as there are
    that many. Most of a room is no window, and the probe is to know that.

    Parameters
    ----------
    activations : Tensor (N, C, H, W)
        Of the images that have boxes.
    coverage : ndarray (N, H, W), in [0, 1]
        Which share of each position lies inside a box.
    seed : int
        Of the draw of the negatives and of the shuffles.
    tick : callable
        Called before each of the fits, of which there are `N_FITS`; may raise to stop.

    Raises
    ------
    InputError
        If there are fewer images than folds, or the boxes leave no position outside.
    """
    if len(activations) < N_FOLDS:
        raise InputError(
            f"boxes in {len(activations)} image(s): too few to hold images out; "
            f"give boxes in at least {N_FOLDS}"
        )
    random = np.random.default_rng(derived_seed(seed, "probe"))
    x, y, groups = _positions(activations, coverage, random)
    auc = _heldout_auc(x, y, groups, tick)
    shuffled = [_heldout_auc(x, random.permutation(y), groups, tick) for _ in range(N_SHUFFLES)]
    tick()
    weight, bias = solve(x, y)
    return Probe(
        torch.from_numpy(weight).float(),
        bias,
        auc,
        float(np.mean(shuffled)),
        int(y.sum()),
        int((1 - y).sum()),
    )


def fit_unscored(activations: Tensor, coverage: np.ndarray, seed: int) -> Probe:
    """`fit_probe` without its scores, which are NaN: for a fold, whose other images score it.

    Raises
    ------
    InputError
        If the boxes leave no position outside.
    """
    x, y, _ = _positions(activations, coverage, np.random.default_rng(derived_seed(seed, "probe")))
    weight, bias = solve(x, y)
    nan = float("nan")
    return Probe(torch.from_numpy(weight).float(), bias, nan, nan, int(y.sum()), int((1 - y).sum()))


def solve(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Weight (C,) and bias of a logistic regression of labels y (M,) on features x (M, C), in x's units."""
    scaler, regression = _pipeline().fit(x, y).named_steps.values()
    weight = regression.coef_[0] / scaler.scale_
    return weight, float(regression.intercept_[0] - weight @ scaler.mean_)


def _positions(
    activations: Tensor, coverage: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Feature rows (M, C), labels (M,) and image numbers (M,)."""
    features = activations.permute(0, 2, 3, 1).cpu().numpy()  # (N, H, W, C)
    rows, labels, groups = [], [], []
    for number, (image, covered) in enumerate(zip(features, coverage, strict=True)):
        least = min(0.5, covered.max())  # of boxes smaller than half a position, the best covered one
        inside, outside = np.argwhere(covered >= least), np.argwhere(covered == 0)
        wanted = min(len(outside), NEGATIVES_PER_POSITIVE * len(inside))
        chosen = random.permutation(outside)[:wanted]
        for positions, label in ((inside, 1), (chosen, 0)):
            rows.append(image[positions[:, 0], positions[:, 1]])
            labels.append(np.full(len(positions), label))
            groups.append(np.full(len(positions), number))
    y = np.concatenate(labels)
    if len(set(y.tolist())) < 2:
        raise InputError(
            "boxes: they leave no position outside, or hold none; draw boxes that cover part of the images"
        )
    return np.concatenate(rows), y, np.concatenate(groups)


def _pipeline() -> Pipeline:
    # C well below 1: neighbouring positions are nearly copies, so there are fewer facts than rows. There are
    # many rows of few features: Newton's steps are few and exact there, which lbfgs's are not.
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.05, solver="newton-cholesky"))


def _heldout_auc(x: np.ndarray, y: np.ndarray, groups: np.ndarray, tick: Callable[[], None]) -> float:
    scores = np.zeros(len(y))
    for train, test in GroupKFold(N_FOLDS).split(x, y, groups):
        tick()
        if y[train].min() < y[train].max():  # of one class alone there is nothing to learn
            scores[test] = _pipeline().fit(x[train], y[train]).decision_function(x[test])
    return float(roc_auc_score(y, scores))
