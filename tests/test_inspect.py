"""What ``inspect`` says of a checkpoint, in words and as JSON."""

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from dcgan_viz.inspect import inspect, main
from dcgan_viz.models.gan import Gan, Prior
from tests.models.strangers import Judging, Upsampling


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments), "--device", "cpu"])


def test_the_record(tiny_checkpoint: Path) -> None:
    result = run("--checkpoint", tiny_checkpoint, "--json", "--quiet")
    assert (result.exit_code, result.stderr) == (0, "")
    record = json.loads(result.stdout)
    assert record["analysis"] == "inspect"
    assert (record["image_size"], record["channels"]) == (32, 3)
    assert record["prior"] == "uniform on (-1, 1), 8 numbers"
    generator, discriminator = record["networks"]["generator"], record["networks"]["discriminator"]
    # kernels 4x4 and gains and biases of BatchNorm: z 8 -> 32 -> 16 -> 8 -> 3 maps
    assert generator["n_parameters"] == 16 * (8 * 32 + 32 * 16 + 16 * 8 + 8 * 3) + 2 * (32 + 16 + 8)
    assert discriminator["n_parameters"] == 16 * (3 * 8 + 8 * 16 + 16 * 32 + 32) + 2 * (16 + 32)
    assert (generator["n_batchnorm"], discriminator["n_batchnorm"]) == (3, 2)
    assert generator["layers"][5] == {
        "name": "main.5",
        "kind": "ReLU",
        "shape": [16, 8, 8],
        "receptive_field": [10, 10],
        "role": "second-highest",
    }
    assert [one["mode"] for one in record["batch_dependence"]] == ["running", "batch", "calibrated"]
    assert record["batch_dependence"][0]["in_small_batch"] < 1e-6


def test_the_words(tiny_checkpoint: Path) -> None:
    lines = run("--checkpoint", tiny_checkpoint).stdout.splitlines()
    assert lines[0] == f"{tiny_checkpoint}, read by dcgan_viz"
    assert lines[2] == "images  32 px, colour, values from -1 to 1"
    assert "BatchNorm: 3 layers, running statistics (initial statistics)" in lines
    (row,) = [line for line in lines if "penultimate" in line and "8x16x16" in line and "main.8" in line]
    assert row.split() == ["main.8", "ReLU", "8x16x16", "4x4", "penultimate"]
    # Initial statistics are not those of the prior.
    assert any(line.startswith("Warning: the running statistics disagree") for line in lines)


def test_networks_alone() -> None:
    judging = inspect(Gan(discriminator=Judging().eval()), seed=0)
    assert list(judging.networks) == ["discriminator"]
    assert (judging.prior, judging.dependence) == ("", ())
    drawing = inspect(Gan(Upsampling().eval(), prior=Prior("normal", 5)), seed=0)
    assert list(drawing.networks) == ["generator"]
    assert drawing.prior == "standard normal, 5 numbers"


def test_a_discriminator_without_running_statistics_is_warned_of() -> None:
    judging = Judging().eval()
    judging.bn2 = torch.nn.BatchNorm2d(8, track_running_stats=False).eval()
    (warning,) = inspect(Gan(discriminator=judging), seed=0).warnings
    assert "a logit depends on the other images of the batch" in warning
    assert "--calibrate-on" in warning


@pytest.mark.parametrize("option", ["--out", "--force"])
def test_it_writes_nothing(option: str) -> None:
    result = run(option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert option in result.stderr
