"""A run that is killed at any moment and resumed is the run that was never killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
FLAGS = [
    "--image-size",
    "28",
    "--width",
    "4",
    "--channels-noise",
    "8",
    "--batch-size",
    "16",
    "--num-epochs",
    "40",
    "--seed",
    "5",
    "--d-steps",
    "2",
    "--snapshot-interval-images",
    "320",
    "--log-interval-steps",
    "7",
    "--ema-half-life-images",
    "100",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images")
    pixels = np.random.default_rng(0).integers(0, 256, (100, 28, 28, 3), dtype=np.uint8)
    for i, image in enumerate(pixels):
        Image.fromarray(image).save(path / f"{i:03}.png")
    return path


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "train", *map(str, arguments)],
        cwd=REPOSITORY,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[bytes]) -> str:
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()
    return errors.decode()


def diary(run: Path) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "images_per_second"} for line in lines]


def state(run: Path) -> list[tuple[str, object]]:
    """Give every number of the resume state, tensors as bytes."""

    def leaves(name: str, value: object) -> list[tuple[str, object]]:
        if isinstance(value, dict):
            return [leaf for key, item in value.items() for leaf in leaves(f"{name}.{key}", item)]
        if isinstance(value, torch.Tensor):
            return [(name, value.contiguous().numpy().tobytes())]
        return [(name, value)]

    return leaves("", torch.load(run / "latest" / "resume.pt", weights_only=True))


def kill_in_the_middle(process: subprocess.Popen[bytes], run: Path, delay: float) -> None:
    """Kill some time after the run has begun to move: in a step, in a score, or in writing a snapshot."""
    stats = run / "stats.jsonl"
    before = stats.stat().st_mtime_ns if stats.exists() else 0
    while process.poll() is None and not (stats.exists() and stats.stat().st_mtime_ns != before):
        time.sleep(0.002)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_killed_and_resumed_ends_with_the_same_bytes(folder: Path, tmp_path: Path, precision: str) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    flags = ["--data", f"folder:{folder}", "--precision", precision, *FLAGS]
    finish(start("--out", whole, *flags))

    moments = random.Random(precision)
    kill_in_the_middle(start("--out", killed, *flags), killed, 0.0)
    for _ in range(3):
        kill_in_the_middle(start("--out", killed, "--resume"), killed, moments.uniform(0.0, 0.8))
    seen = (
        json.loads((killed / "latest" / "manifest.json").read_text())["step"]
        if (killed / "latest").exists()
        else 0
    )
    assert seen < 120, "the kills came too late to say anything"
    finish(start("--out", killed, "--resume"))

    # 100 images in batches of 16: 6 a pass, 40 passes, 2 batches a step.
    assert (killed / "latest").resolve().name == "step_00000120"
    for name in ("weights.safetensors", "samples.png"):
        assert (killed / "latest" / name).read_bytes() == (whole / "latest" / name).read_bytes(), name
    assert state(killed) == state(whole)
    assert diary(killed) == diary(whole)
    assert not list((killed / "snapshots").glob(".unfinished-*"))
