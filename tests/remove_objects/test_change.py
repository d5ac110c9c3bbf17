"""Change inside and outside of boxes, against loops; and who edits whom when every image is held out."""

import numpy as np
import pytest
import torch

from dcgan_viz.data.box import Box, Boxes
from dcgan_viz.remove_objects.change import Change
from dcgan_viz.remove_objects.edits import Drop, Fill
from dcgan_viz.remove_objects.experiment import Experiment
from dcgan_viz.remove_objects.focus import focus
from dcgan_viz.remove_objects.judges import NoJudge
from dcgan_viz.remove_objects.probe import fit_unscored
from tests.remove_objects.planted import planted_gan, seeds, true_boxes


@pytest.fixture
def pictures():
    random = torch.Generator().manual_seed(0)
    before, first, second = (torch.rand(7, 3, 8, 8, generator=random) for _ in range(3))
    boxes = Boxes("dog", 8, {n: (Box(1, 2, 4.5, 5), Box(n, 0, n + 1, 8)) for n in range(7)})
    return before, [first, second], boxes.masks(8, 8)


def test_change_is_the_mean_over_the_pixels_on_either_side(pictures):
    before, draws, coverage = pictures
    inside = outside = within = beyond = 0.0
    for after in draws:
        for n in range(7):
            for y in range(8):
                for x in range(8):
                    share = float(coverage[n, y, x])
                    change = sum(abs(float(after[n, c, y, x] - before[n, c, y, x])) for c in range(3)) / 3
                    inside, within = inside + share * change, within + share
                    outside, beyond = outside + (1 - share) * change, beyond + 1 - share
    found = Change.of(before, draws, coverage, 0)
    assert found.change_inside == pytest.approx(inside / within)
    assert found.change_outside == pytest.approx(outside / beyond)
    assert found.ratio == pytest.approx(inside / within * beyond / outside)


def test_a_change_that_keeps_to_the_boxes_has_no_finite_ratio(pictures):
    before, _, coverage = pictures
    whole = (coverage == 1).astype(np.float32)
    after = before + torch.from_numpy(whole)[:, None]
    found = Change.of(before, [after], whole, 0)
    assert found.change_inside == pytest.approx(1)
    assert found.change_outside == 0
    assert found.ratio == float("inf")
    assert np.isnan(found.ratio_ci95).all()
    assert np.isnan(Change.of(before, [before], whole, 0).ratio)
    assert np.isnan(Change.of(before, [], whole, 0).change_inside)


def test_interval_covers_the_truth_as_often_as_it_says():
    """Pictures whose boxes change three times as much on average: of 200 repetitions about 95 % cover it."""
    random = np.random.default_rng(0)
    coverage = np.zeros((60, 2, 2), np.float32)
    coverage[:, 0] = 1
    covered = 0
    for repetition in range(200):
        strength = random.gamma(4, 0.25, (60, 2, 1)) * np.array([[0.3], [0.1]])
        after = torch.from_numpy(np.broadcast_to(strength[:, None], (60, 1, 2, 2)).copy())
        low, high = Change.of(torch.zeros(60, 1, 2, 2), [after], coverage, repetition).ratio_ci95
        covered += low <= 3 <= high
    assert 178 <= covered <= 199


def test_every_boxed_image_is_edited_by_a_probe_that_has_not_seen_it():
    """Image by image, with a probe of its own: the fifths of the images that it is not in."""
    gan = planted_gan(32, 3, discriminator=False)
    z = gan.sample_z(20, 0)
    boxes = true_boxes(z, 32)
    bench = Experiment(gan, NoJudge("no matter"), "stamp", boxes, z, z[:2], seed=0)
    layer, fill = bench.layer("paint:input"), Fill(threshold=2.0)
    large = torch.nn.functional.interpolate(seeds(bench.z_boxed, 8), scale_factor=2.0)
    maps = torch.cat([large, torch.zeros_like(large)], dim=1)  # seeds, and what is not painted yet
    cover, pixels = boxes.masks(16, 16), boxes.masks(32, 32)
    edited: dict[str, list[torch.Tensor]] = {"drop": [], "local": []}
    for n in range(len(maps)):
        others = [k for k in range(len(maps)) if k % 5 != n % 5]
        probe = fit_unscored(maps[others], cover[others], 0)
        own = maps[n : n + 1]
        edited["drop"].append(Drop.of(probe)(own))
        edited["local"].append(fill(own, fill.mask(probe, own)))
    found = focus(bench, layer, fill, n_draws=2)
    for name, activations in edited.items():
        pictures = bench.drawn(layer, torch.cat(activations), bench.z_boxed)
        expected = Change.of(bench.boxed_images, [pictures], pixels, 0)
        assert found[name].change.change_inside == pytest.approx(expected.change_inside, rel=1e-5)
        assert found[name].change.change_outside == pytest.approx(expected.change_outside, rel=1e-5)
        assert found[name].n_images == len(boxes.images)
        assert found[name].n_draws == 2
