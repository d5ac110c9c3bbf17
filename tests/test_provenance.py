import hashlib
import platform
from pathlib import Path

import torch

from dcgan_viz.models.gan import Gan
from dcgan_viz.models.statistics import Statistics
from dcgan_viz.provenance import ResultProvenance, package_versions


def test_the_record_says_what_is_needed_to_repeat(tiny_gan: Gan, tiny_checkpoint: Path) -> None:
    record = ResultProvenance.of(tiny_gan, command="look --seed 3", seed=3, duration_s=1.23456).to_json()
    assert record["command"] == "look --seed 3"
    assert record["seed"] == 3
    assert record["device"] == "cpu"
    assert record["checkpoint"] == {
        "path": str(tiny_checkpoint),
        "sha256": hashlib.sha256(tiny_checkpoint.read_bytes()).hexdigest(),
        "files": {str(tiny_checkpoint): hashlib.sha256(tiny_checkpoint.read_bytes()).hexdigest()},
    }
    assert record["prior"] == {"kind": "uniform", "size": 8}
    assert record["batchnorm"] == {
        name: Statistics("running", note="initial statistics").to_json()
        for name in ("generator", "discriminator")
    }
    assert record["importer"] == tiny_gan.provenance.importer
    assert record["duration_s"] == 1.235


def test_the_versions_are_those_that_run() -> None:
    versions = package_versions()
    assert versions["python"] == platform.python_version()
    assert torch.__version__.startswith(versions["torch"].split("+")[0])
