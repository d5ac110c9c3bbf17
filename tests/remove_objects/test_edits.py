"""The edits, against loops that do the same slowly."""

import math

import pytest
import torch

from dcgan_viz.remove_objects.edits import Drop, Fill
from dcgan_viz.remove_objects.probe import Probe


def probe(weight):
    return Probe(torch.tensor(weight), -0.5, 0.9, 0.5, 1, 1)


@pytest.fixture
def activations():
    return torch.rand(3, 4, 6, 6, generator=torch.Generator().manual_seed(0))


def test_drop_takes_every_map_with_a_positive_weight(activations):
    drop = Drop.of(probe([0.2, -1.0, 0.0, 0.9]))
    assert drop.maps.tolist() == [3, 0]
    kept = activations.clone()
    edited = drop(activations)
    assert torch.equal(activations, kept)
    assert edited[:, [0, 3]].abs().sum() == 0
    assert torch.equal(edited[:, [1, 2]], activations[:, [1, 2]])


def test_random_drop_takes_as_many_distinct_maps():
    draws = [Drop.random(3, 8, torch.Generator().manual_seed(seed)).maps.tolist() for seed in range(50)]
    assert all(len(set(maps)) == 3 and set(maps) <= set(range(8)) for maps in draws)
    assert {m for maps in draws for m in maps} == set(range(8))


def test_mask_is_where_the_probe_fires(activations):
    flagged = activations[:, 0] - 0.5 > 0.4
    assert torch.equal(Fill(threshold=0.4).mask(probe([1.0, 0.0, 0.0, 0.0]), activations).bool(), flagged)


def test_fill_is_the_weighted_mean_of_free_positions(activations):
    fill = Fill(reach_y=0.7, reach_x=2.0)
    mask = torch.zeros(3, 6, 6)
    mask[:, 1:4, 2:4] = 1
    edited = fill(activations, mask)
    assert torch.equal(edited[:, :, mask[0] == 0], activations[:, :, mask[0] == 0])
    for y, x in [(1, 2), (2, 3), (3, 3)]:
        total, above = 0.0, torch.zeros(4, dtype=torch.float64)
        for v in range(6):
            for u in range(6):
                if not mask[0, v, u]:
                    w = math.exp(-0.5 * ((v - y) / 0.7) ** 2) * math.exp(-0.5 * ((u - x) / 2.0) ** 2)
                    total += w
                    above += w * activations[0, :, v, u].double()
        assert torch.allclose(edited[0, :, y, x].double(), above / total, atol=1e-3)


def test_fill_far_from_everything_uses_the_mean_and_a_full_mask_changes_nothing(activations):
    far = torch.ones(3, 6, 6)
    far[:, 0, 0] = 0
    edited = Fill(reach_y=0.3, reach_x=0.3)(activations, far)
    assert torch.allclose(edited[:, :, 5, 5], activations[:, :, 0, 0], atol=1e-5)
    assert torch.equal(Fill()(activations, torch.ones(3, 6, 6)), activations)


def test_half_a_mask_goes_half_the_way(activations):
    mask = torch.zeros(3, 6, 6)
    mask[:, 2, 2] = 1
    whole, half = Fill()(activations, mask), None
    fill = Fill()
    half = fill(activations, mask * 0.5)
    moved = (half - activations)[:, :, 2, 2]
    assert (moved.abs() > 0).any()
    assert (moved.abs() <= (whole - activations)[:, :, 2, 2].abs() + 1e-6).all()
