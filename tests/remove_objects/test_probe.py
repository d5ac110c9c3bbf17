"""The probe: finds the maps that were planted, tells nothing from nothing, and holds images out."""

import numpy as np
import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.remove_objects import probe
from dcgan_viz.remove_objects.probe import fit_probe
from dcgan_viz.seeds import derived_seed


def planted(n=20, maps=6, side=8, strength=3.0, seed=0):
    """Activations in which map 2 is high and map 4 low inside a square that moves from image to image."""
    random = np.random.default_rng(seed)
    activations = random.normal(size=(n, maps, side, side)).clip(0)
    coverage = np.zeros((n, side, side), np.float32)
    for image in range(n):
        y, x = random.integers(0, side - 3, 2)
        coverage[image, y : y + 3, x : x + 3] = 1
        activations[image, 2, y : y + 3, x : x + 3] += strength
        activations[image, 4, y : y + 3, x : x + 3] = 0
    return torch.from_numpy(activations).float(), coverage


def test_finds_the_planted_maps():
    activations, coverage = planted()
    found = fit_probe(activations, coverage, seed=0)
    assert found.weight.argmax() == 2
    assert found.weight.argmin() == 4
    assert found.auc_heldout > 0.95
    assert (found.n_positive, found.n_negative) == (20 * 9, 20 * (64 - 9))


def test_logits_are_those_of_scikit_learn():
    """Weight and bias, brought back to the units of the activations, decide as the fitted pipeline does."""
    activations, coverage = planted()
    fitted = fit_probe(activations, coverage, seed=0)
    x, y, _ = probe._positions(activations, coverage, np.random.default_rng(derived_seed(0, "probe")))
    pipeline = probe._pipeline().fit(x, y)
    rows = activations.permute(0, 2, 3, 1).reshape(-1, activations.shape[1]).numpy()
    expected = pipeline.decision_function(rows).reshape(20, 8, 8)
    assert np.allclose(fitted.logits(activations).numpy(), expected, atol=1e-3)
    inside = coverage == 1
    assert (expected[inside] > 0).mean() > 0.85
    assert (expected[~inside] > 0).mean() < 0.15


def test_without_a_signal_both_areas_are_a_half():
    activations, coverage = planted(n=60, strength=0.0)
    noise = torch.from_numpy(np.random.default_rng(5).normal(size=tuple(activations.shape))).float()
    found = fit_probe(noise, coverage, seed=0)
    assert abs(found.auc_heldout - 0.5) < 0.05
    assert abs(found.auc_shuffled - 0.5) < 0.05


def test_whole_images_are_held_out():
    """A map that names the image but not the target must not help: inside an image it is constant."""
    activations, coverage = planted(n=12, strength=0.0)
    activations[:, 4] = 1.0
    share = np.zeros_like(coverage)
    for image in range(12):  # big boxes in even images, small ones in odd ones
        share[image, : 6 if image % 2 else 2] = 1
    activations[:, 0] = torch.arange(12).float()[:, None, None]
    assert fit_probe(activations, share, seed=0).auc_heldout < 0.65


def test_same_seed_same_probe_and_the_draw_matters():
    activations, coverage = planted(strength=0.5)
    first, again, other = (fit_probe(activations, coverage, seed) for seed in (0, 0, 1))
    assert torch.equal(first.weight, again.weight)
    assert first.auc_heldout == again.auc_heldout
    assert not torch.equal(first.weight, other.weight)


def test_too_few_images_or_no_outside():
    activations, coverage = planted(n=4)
    with pytest.raises(InputError, match="boxes in 4 image"):
        fit_probe(activations, coverage, seed=0)
    activations, coverage = planted(n=6)
    with pytest.raises(InputError, match="no position outside"):
        fit_probe(activations, np.ones_like(coverage), seed=0)
