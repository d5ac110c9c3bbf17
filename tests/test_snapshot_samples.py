"""The same z over a run: which snapshots, and what is said of those that cannot be opened."""

from itertools import pairwise

import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.loading import load
from dcgan_viz.snapshot_samples import run_samples, snapshot_steps, spread


@pytest.mark.parametrize("length", range(1, 120))
def test_chosen_steps_are_there_once_in_order_with_both_ends(length):
    steps = [3 * k + 1 for k in range(length)]
    chosen = spread(steps)
    assert len(chosen) == min(8, length)
    assert chosen == sorted(set(chosen))
    assert set(chosen) <= set(steps)
    assert (chosen[0], chosen[-1]) == (steps[0], steps[-1])
    gaps = [b - a for a, b in pairwise(chosen)]
    if length > 60:
        assert gaps[0] < gaps[-1]


def test_steps_are_those_of_the_snapshots(tmp_path):
    for name in ("step_00000100", "step_00000020", ".unfinished-3", "step_x"):
        (tmp_path / "snapshots" / name).mkdir(parents=True)
    assert snapshot_steps(tmp_path) == [20, 100]


def brightened(checkpoint, step):
    """The tiny GAN with a last bias that grows with the step."""
    if step == 2:
        raise InputError("step 2: torn")
    gan = load(checkpoint)
    assert gan.generator is not None
    last = [module for module in gan.generator.modules() if isinstance(module, torch.nn.ConvTranspose2d)][-1]
    with torch.no_grad():
        if last.bias is None:
            last.bias = torch.nn.Parameter(torch.zeros(last.out_channels))
        last.bias += 0.1 * step
    return gan


def test_the_same_z_through_each_snapshot(tiny_checkpoint):
    result = run_samples([1, 2, 3, 5], lambda step: brightened(tiny_checkpoint, step), seed=4, n_samples=3)
    assert [one.step for one in result.snapshots] == [1, 3, 5]
    assert result.skipped == ((2, "step 2: torn"),)
    assert result.n_snapshots == 4
    expected = []
    for step in (1, 3, 5):
        gan = brightened(tiny_checkpoint, step)
        expected.append(gan.generate(gan.sample_z(3, 4)))
    for one, images in zip(result.snapshots, expected, strict=True):
        torch.testing.assert_close(one.images, images)
    assert result.snapshots[0].change is None
    difference = (expected[2] - expected[1]).abs().double().sum() / expected[1].numel()
    assert result.snapshots[2].change == pytest.approx(float(difference), rel=1e-5)
    assert result.to_json()["skipped"] == [{"step": 2, "reason": "step 2: torn"}]


@pytest.mark.parametrize("steps", [[], [2]])
def test_a_run_of_which_nothing_opens_is_told(tiny_checkpoint, steps):
    with pytest.raises(InputError, match="not one snapshot could be opened"):
        run_samples(steps, lambda step: brightened(tiny_checkpoint, step), seed=0)
