import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tests.models.fuzz_loading import SOURCES
from tests.models.importers import theano_reference as theano

COUNT = 2000
SEED = 20151119


def example_generator(nz: int = 6, ngf: int = 2, nc: int = 1) -> dict[str, torch.Tensor]:
    """The state dict of pytorch/examples' 64 px generator, very narrow."""
    torch.manual_seed(3)
    maps = [nz, ngf * 8, ngf * 4, ngf * 2, ngf]
    layers: list[nn.Module] = []
    for k in range(4):
        layers += [nn.ConvTranspose2d(maps[k], maps[k + 1], 4, 2 if k else 1, 1 if k else 0, bias=False)]
        layers += [nn.BatchNorm2d(maps[k + 1]), nn.ReLU()]
    layers += [nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False), nn.Tanh()]
    return {f"main.{name}": tensor for name, tensor in nn.Sequential(*layers).state_dict().items()}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Path) -> Path:
    """One valid file of each kind."""
    directory = tmp_path_factory.mktemp("fuzz")
    (directory / SOURCES["safetensors"]).write_bytes(tiny_checkpoint.read_bytes())
    torch.save(example_generator(), directory / SOURCES["torch"])
    old = {"_use_new_zipfile_serialization": False}
    torch.save(example_generator(), directory / SOURCES["torch-legacy"], **old)
    theano.write(directory / SOURCES["theano"], 7, "gen", theano.generator_arrays("svhn", 1))
    theano.write(directory / SOURCES["theano"], 7, "discrim", theano.discriminator_arrays("svhn", 2))
    return directory


@pytest.fixture(scope="module")
def reports(directory: Path) -> list[dict[str, Any]]:
    root = Path(__file__).parents[2]
    before = contents(directory)
    done = subprocess.run(
        [sys.executable, "-m", "tests.models.fuzz_loading", directory, str(COUNT), str(SEED)],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=root,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    last = reports[-1] if reports else "nothing"
    assert done.returncode == 0, f"died with {done.returncode} after {last}: {done.stderr[-3000:]}"
    assert contents(directory) == before
    return reports


@pytest.fixture(scope="module")
def attempts(reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [report for report in reports if "index" in report]


def contents(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_valid_files_are_opened(reports: list[dict[str, Any]]) -> None:
    valid = [report for report in reports if report.get("mutation") == "none"]
    assert {report["kind"]: report["outcome"] for report in valid} == dict.fromkeys(SOURCES, "opened")


def test_the_count(attempts: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    assert [attempt["index"] for attempt in attempts] == list(range(COUNT))
    counts = Counter((attempt["kind"], attempt["outcome"]) for attempt in attempts)
    slowest = max(attempt["seconds"] for attempt in attempts)
    kinds = "; ".join(
        f"{kind} {counts[kind, 'opened']} opened, {counts[kind, 'refused']} refused" for kind in SOURCES
    )
    opened, refused = (sum(counts[kind, word] for kind in SOURCES) for word in ("opened", "refused"))
    with capsys.disabled():
        sys.stdout.write(
            f"\nfuzz: {len(attempts)} mutated files: {opened} opened, {refused} refused in one line "
            f"({kinds}); slowest {slowest:.2f} s\n"
        )
    assert opened + refused == COUNT
    assert all(counts[kind, word] > 20 for kind in SOURCES for word in ("opened", "refused"))


def test_each_is_opened_or_refused_in_one_line(attempts: list[dict[str, Any]]) -> None:
    wrong = [
        attempt
        for attempt in attempts
        if attempt["outcome"] not in ("opened", "refused") or not attempt["line"].isprintable()
    ]
    assert [(one["kind"], one["mutation"], one["index"], one["outcome"], one["line"]) for one in wrong] == []


def test_each_takes_little_time(attempts: list[dict[str, Any]]) -> None:
    assert max(attempt["seconds"] for attempt in attempts) < 5


def test_nothing_was_run_or_written(reports: list[dict[str, Any]]) -> None:
    assert [event.split()[0] for event in reports[0]["control"]] == ["pickle.find_class", "os.system"]
    assert [report for report in reports if report.get("events")] == []


def test_all_of_it_takes_little_memory(reports: list[dict[str, Any]]) -> None:
    assert reports[-1]["bytes"] < 200e6
