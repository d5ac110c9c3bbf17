import json
import math

import pytest
import torch
from click.testing import CliRunner

from benchmarks.train_throughput import ReferenceStep, discriminator, generator, main
from dcgan_viz.models.networks import Architecture, Discriminator, Generator
from train.settings import Settings


def test_both_train_networks_of_one_shape() -> None:
    architecture = Architecture(width=4, channels_noise=10)
    for theirs, ours in (
        (generator(10, 4), Generator(architecture)),
        (discriminator(4), Discriminator(architecture)),
    ):
        shapes = {name: tensor.shape for name, tensor in ours.main.state_dict().items()}
        assert {name: tensor.shape for name, tensor in theirs.state_dict().items()} == shapes


def test_the_reference_trains() -> None:
    images = torch.randint(
        256, (32, 3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    settings = Settings(width=2, batch_size=8, channels_noise=4, device="cpu")
    torch.manual_seed(0)
    step = ReferenceStep(settings, images)
    before = {name: tensor.clone() for name, tensor in step.netG.state_dict().items()}
    step()
    loss_d, loss_g, mean_real, mean_fake, _ = step.means
    # An untrained discriminator says one half to everything.
    assert (mean_real, mean_fake) == pytest.approx((0.5, 0.5), abs=0.1)
    assert (loss_d, loss_g) == pytest.approx((2 * math.log(2), math.log(2)), abs=0.2)
    for _ in range(20):
        step()
    assert step.means[0] < loss_d - 0.05
    assert all(not torch.equal(tensor, before[name]) for name, tensor in step.netG.state_dict().items())


def test_the_benchmark_prints_its_ratio() -> None:
    flags = ["--batch-size", "8", "--width", "2", "--turns", "2", "--steps", "1", "--device", "cpu", "--json"]
    result = CliRunner().invoke(main, flags)
    assert result.exit_code == 0
    record = json.loads(result.stdout)
    expected = record["images_per_second"] / record["reference_images_per_second"]
    assert record["ratio"] == pytest.approx(expected, rel=0.01)
    assert record["threads"] == 1
    assert (record["settings"]["batch_size"], record["settings"]["width"], record["turns"]) == (8, 2, 2)
