import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.models import foreign_files as foreign
from tests.models import hostile_files as hostile
from tests.models import hostile_headers

CASES = {
    f"{reader}~{name}": case
    for reader, cases in (
        ("torch", hostile.TORCH),
        ("safetensors", hostile_headers.SAFETENSORS),
        ("npy", hostile_headers.NPY),
    )
    for name, case in cases.items()
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("hostile")
    for name, (make, _) in CASES.items():
        make(directory / name)
    foreign.write_zip(directory / "torch~control", hostile.GOOD, _0=hostile.NUMBERS)
    return directory


@pytest.fixture(scope="module")
def results(directory: Path) -> dict[str, dict[str, Any]]:
    """What each file did to a process that opened it."""
    script = Path(__file__).with_name("measure_reading.py")
    root = str(script.parents[2])
    done = subprocess.run(
        [sys.executable, script, directory],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        env={**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
    )
    return {result.pop("name"): result for result in map(json.loads, done.stdout.splitlines())}


def test_all_were_measured(results: dict[str, dict[str, Any]]) -> None:
    assert set(results) == {*CASES, "torch~control"}
    assert results["torch~control"]["outcome"] == "opened"


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_in_one_line(directory: Path, results: dict[str, dict[str, Any]], name: str) -> None:
    result = results[name]
    assert result["outcome"] == "refused", result["line"]
    assert result["line"].startswith(f"{directory / name}: ")
    assert result["line"].isprintable()
    assert len(result["line"]) < len(str(directory / name)) + 420
    assert CASES[name][1] in result["line"]


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_at_once_and_in_little_memory(results: dict[str, dict[str, Any]], name: str) -> None:
    assert results[name]["bytes"] < 200e6
    assert results[name]["seconds"] < 5  # under 1 on a machine that has nothing else to do


def test_nothing_was_run(directory: Path, results: dict[str, dict[str, Any]]) -> None:
    assert {path.name for path in directory.iterdir()} == set(results)


def test_the_marker_would_appear(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(foreign.Creates(tmp_path / "a")))
    assert (tmp_path / "a.ran").exists()
