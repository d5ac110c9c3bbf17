"""The options that name networks, as any command takes them."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image

from dcgan_viz.errors import InputError
from dcgan_viz.inspect import main as inspect
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.output import dump_json
from dcgan_viz.sample import main as sample
from tests.models.importers.foreign_discriminators import examples32
from tests.models.strangers import Judging, Upsampling

NETS = """
import torch
from torch import nn

class Drawing(nn.Module):
    def __init__(self, nz=6, grey=False):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(nz, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Unflatten(1, (4, 4, 4)),
            nn.Upsample(scale_factor=4), nn.Conv2d(4, 1 if grey else 3, 3, padding=1), nn.Sigmoid(),
        )

    def forward(self, z):
        return self.layers(z)

class Judge(nn.Sequential):
    def __init__(self, grey=False):
        super().__init__(
            nn.Conv2d(1 if grey else 3, 4, 4, 4), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(64, 1),
            nn.Sigmoid(),
        )
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a person's own module, whose name no other test uses."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"nets_{tmp_path.name}.py").write_text(NETS)
    return tmp_path


def run(command, *arguments: object) -> Result:
    return CliRunner().invoke(command, [*map(str, arguments), "--device", "cpu"])


def test_a_class_of_ones_own_in_any_command(here: Path) -> None:
    module = f"nets_{here.name}"
    result = run(sample, "--generator", f"{module}:Drawing", "--generator-args", '{"nz": 9}', "--samples", 4)
    assert result.exit_code == 0, result.stderr
    assert "Assumed: prior normal of size 9" in result.stderr
    assert "Assumed: images from 0 to 1 are brought to [-1, 1]" in result.stderr
    record = json.loads((here / "out/sample/result.json").read_text())
    assert (record["z_size"], record["image_size"], record["channels"]) == (9, 16, 3)
    assert record["provenance"]["importer"] == "nn.Module"
    assert record["provenance"]["checkpoint"]["path"] == f"{module}:Drawing"
    assert Image.open(here / "out/sample/figure.png").size == (38, 38)


def test_both_networks_and_their_weights(here: Path) -> None:
    place = "tests.models.strangers"
    torch.save(Upsampling().state_dict(), "g.pth")
    torch.save(Judging().state_dict(), "d.pth")
    arguments = ["--generator", f"{place}:Upsampling", "--weights", "g.pth", "--json"]
    arguments += ["--discriminator", f"{place}:Judging", "--discriminator-weights", "d.pth"]
    record = json.loads(run(inspect, *arguments, "--quiet").stdout)
    assert list(record["networks"]) == ["generator", "discriminator"]


def test_the_discriminator_is_calibrated_on_a_folder(here: Path) -> None:
    (here / "photos").mkdir()
    for k in range(3):
        Image.new("RGB", (20, 20), (80 * k, 50, 50)).save(here / f"photos/{k}.png")
    result = run(
        inspect, "--discriminator", f"nets_{here.name}:Judge", "--calibrate-on", "folder:photos",
        "--json", "--quiet",
    )  # fmt: skip
    # A network that says neither its size nor its channels but in its first layers: 4 x 4 positions of 4 px.
    assert result.exit_code == 1
    assert "images" in result.stderr
    result = run(
        inspect, "--generator", f"nets_{here.name}:Drawing", "--discriminator", f"nets_{here.name}:Judge",
        "--calibrate-on", "folder:photos", "--json", "--quiet",
    )  # fmt: skip
    record = json.loads(result.stdout)
    assert record["provenance"]["batchnorm"]["discriminator"] == {
        "mode": "calibrated",
        "n": 3,
        "seed": 0,
        "data": "folder:photos",
        "note": "",
        "words": "calibrated on 3 inputs (folder:photos), seed 0",
    }


def test_calibrated_statistics_are_no_longer_said_to_be_missing(here: Path) -> None:
    state = examples32().state_dict()
    torch.save({name: tensor for name, tensor in state.items() if "running" not in name}, "D.pth")
    (here / "photos").mkdir()
    for k in range(3):
        Image.new("L", (32, 32), 80 * k).save(here / f"photos/{k}.png")
    missing = "discriminator: no running statistics; those of the batch"
    assert missing in run(inspect, "--checkpoint", "D.pth").stderr
    result = run(inspect, "--checkpoint", "D.pth", "--calibrate-on", "folder:photos", "--json")
    assert missing not in result.stderr
    assert missing not in result.stdout
    assert json.loads(result.stdout)["provenance"]["batchnorm"]["discriminator"]["mode"] == "calibrated"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--weights", "g.pth"], "--weights g.pth: there is no class"),
        (["--generator-args", "{}"], "--generator-args {}: there is no class"),
        (["--discriminator-weights", "d.pth"], "add --discriminator package.module:Class"),
        (["--generator", "a:B", "--checkpoint", "g.pth"], "a checkpoint or a class, not both"),
        (["--generator", "a:B", "--step", "3"], "--step: it belongs to a --checkpoint"),
        (["--generator", "a:B", "--arch", "svhn"], "--arch: it belongs to a --checkpoint"),
        (["--generator", "nowhere:B"], "no module 'nowhere'"),
        (["--generator", "tests.models.strangers:Upsampling", "--generator-args", "[1]"], "no object"),
        (["--generator", "tests.models.strangers:Upsampling", "--generator-args", "{nz"], "not JSON"),
        (["--generator", "tests.models.strangers:Upsampling", "--prior", "normal:4"], "takes z neither as"),
        (["--discriminator", "tests.models.strangers:Judging"], "it holds no generator"),
        (["--batchnorm", "mine"], "batchnorm 'mine': not known"),
        (["--calibrate-on", "folder:nowhere"], "nowhere"),
        (["--prior", "cauchy"], "prior 'cauchy'"),
        (["--arch", "svhn"], "it says itself what its architecture is"),
        (["--step", "3"], "there is no step '3' in it"),
    ],
)
def test_options_that_contradict_each_other(here: Path, arguments: list[str], words: str) -> None:
    result = run(sample, *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert not (here / "out/sample").exists()


def test_the_help_lists_them_apart() -> None:
    text = run(sample, "--help").stdout
    options, networks = text.split("\nNetworks:\n")
    assert "--samples" in options
    assert "--seed" in options
    assert "--checkpoint" in networks
    assert "--discriminator-weights" in networks
    assert "--checkpoint" not in options


def test_options_are_read_as_json_has_them() -> None:
    options = ModelOptions("a", weights=Path("b/c.pth"), generator="m:G", prior="normal:8")
    entries = json.loads(dump_json(asdict(options)))
    assert ModelOptions.from_json(entries) == options
    wrongs: list[dict[str, object]] = [{"checkpoint": None}, {"prior": 3}, {"colour": "red"}]
    for wrong in wrongs:
        with pytest.raises(InputError, match=next(iter(wrong))):
            ModelOptions.from_json({**entries, **wrong})
