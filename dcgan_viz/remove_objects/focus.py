"""Cross-fitting: every boxed image is edited by a probe that has not seen it, and measured in its boxes."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.models.layers import Layer
from dcgan_viz.remove_objects.change import Change, Focus
from dcgan_viz.remove_objects.edits import Drop, Fill, misplaced
from dcgan_viz.remove_objects.experiment import Experiment
from dcgan_viz.remove_objects.probe import N_FOLDS, Probe, fit_unscored
from dcgan_viz.remove_objects.settings import METHODS
from dcgan_viz.seeds import derived_seed


def focus(
    bench: Experiment,
    layer: Layer,
    fill: Fill,
    n_draws: int,
    n_maps: int | None = None,
    names: Sequence[str] = METHODS,
) -> dict[str, Focus]:
    """Edit each boxed image by a probe that has not seen it, by both methods and their controls.

    Parameters
    ----------
    bench : Experiment
    layer : Layer
        Where the edits are made.
    fill : Fill
        How ``local`` fills.
    n_draws : int
        Of the controls: as many random maps for ``drop``, the masks of other images for ``local``.
    n_maps : int, optional
        How many maps ``drop`` takes, where it is not all that speak for the target.
    names : sequence of {"drop", "local"}
        Methods that are asked for.

    Returns
    -------
    dict of str to Focus
        By the name of the method.
    """
    activations, coverage = bench.boxed_activations(layer), bench.boxes.masks(*layer.shape[1:])
    folds = [np.arange(start, len(activations), N_FOLDS) for start in range(N_FOLDS)]
    try:
        probes = [_probe_without(fold, activations, coverage, bench.seed) for fold in folds]
    except InputError:  # boxes that leave nothing outside, in all folds but one
        return {name: Focus.unknown() for name in names}
    random = torch.Generator().manual_seed(derived_seed(bench.seed, "focus", layer.name))
    drops = [Drop.of(probe, n_maps) for probe in probes]
    mask = torch.zeros(len(activations), *layer.shape[1:], device=activations.device)
    for fold, probe in zip(folds, probes, strict=True):
        mask[fold] = fill.mask(probe, activations[fold])
    others = [[Drop.random(len(one.maps), layer.shape[0], random) for one in drops] for _ in range(n_draws)]
    dealt = [misplaced(mask, random) for _ in range(n_draws)]
    edits = {
        "drop": (
            _dropped(activations, folds, drops),
            [_dropped(activations, folds, some) for some in others],
        ),
        "local": (
            fill(activations, mask),
            [fill(activations, elsewhere) for elsewhere in dealt if elsewhere is not None],
        ),
    }
    pixels = bench.boxes.masks(*bench.boxed_images.shape[2:])

    def change(edited: Sequence[Tensor]) -> Change:
        drawn = [bench.drawn(layer, bench.towards(activations, one), bench.z_boxed) for one in edited]
        return Change.of(bench.boxed_images, drawn, pixels, bench.seed)

    return {
        name: Focus(len(activations), N_FOLDS, change([edited]), change(control), len(control))
        for name, (edited, control) in edits.items()
        if name in names
    }


def _probe_without(fold: np.ndarray, activations: Tensor, coverage: np.ndarray, seed: int) -> Probe:
    rest = np.setdiff1d(np.arange(len(activations)), fold)
    return fit_unscored(activations[rest], coverage[rest], seed)


def _dropped(activations: Tensor, folds: Sequence[np.ndarray], drops: Sequence[Drop]) -> Tensor:
    edited = torch.empty_like(activations)
    for fold, drop in zip(folds, drops, strict=True):
        edited[fold] = drop(activations[fold])
    return edited
