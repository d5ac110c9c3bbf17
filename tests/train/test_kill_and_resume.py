"""A run that is killed at any moment and resumed is the run that was never killed."""

import os
import random
import signal
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from tests.train.runs import assert_same_end, assert_tidy, finish, start

FLAGS = "--image-size 28 --width 2 --channels-noise 8 --batch-size 8 --d-steps 2 --num-epochs 20 --seed 5"
INTERVALS = "--snapshot-interval-images 64 --log-interval-steps 3 --ema-half-life-images 100"


def kill(process: ForkServerProcess, log: Path) -> None:
    assert process.is_alive(), f"too late to kill: {log.read_text()}"
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()


def wait_until(process: ForkServerProcess, happened: Callable[[], object]) -> None:
    while process.is_alive() and not happened():
        time.sleep(0.0005)


def n_lines(run: Path) -> int:
    diary = run / "stats.jsonl"
    return diary.read_bytes().count(b"\n") if diary.exists() else 0


def has_lines(run: Path, count: int) -> bool:
    return n_lines(run) >= count


def unfinished(run: Path) -> list[Path]:
    return list(run.glob("snapshots/.unfinished-*"))


@pytest.mark.parametrize(("precision", "noise"), [("fp32", 0.0), ("bf16", 0.1)])
def test_killed_and_resumed_ends_with_the_same_bytes(
    folder: Path, tmp_path: Path, precision: str, noise: float
) -> None:
    whole, killed, log = tmp_path / "whole", tmp_path / "killed", tmp_path / "log"
    flags = [*FLAGS.split(), *INTERVALS.split(), "--data", f"folder:{folder}", "--precision", precision]
    flags += ["--instance-noise", str(noise)]
    finish(start(log, "--out", whole, *flags), log)

    # At random moments, the first soon after the start, while there is no snapshot yet.
    moments = random.Random(precision)
    for lines in (1, 6, 12):
        process = start(log, "--out", killed, *(flags if lines == 1 else ["--resume"]))
        wait_until(process, partial(has_lines, killed, lines))
        time.sleep(moments.uniform(0, 0.05))
        kill(process, log)
    # While a snapshot is being written, as what is left behind shows.
    while not unfinished(killed):
        process = start(log, "--out", killed, "--resume")
        wait_until(process, lambda: unfinished(killed))
        time.sleep(moments.uniform(0, 0.002))
        kill(process, log)
    finish(start(log, "--out", killed, "--resume"), log)

    # 48 images in batches of 8: 6 batches a pass, 20 passes, 2 batches a step.
    assert (killed / "latest").resolve().name == "step_00000060"
    assert_same_end(killed, whole)
    assert_tidy(killed)
    assert_tidy(whole)
