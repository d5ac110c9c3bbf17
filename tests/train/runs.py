"""The command in processes of its own, and what a test reads from the directories it wrote."""

import json
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Collection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import torch

from train import evaluation, lock

# The processes are forked from one that has torch in memory already: a start takes milliseconds.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["train.__main__"])


def start(log: Path, *arguments: object, largest_file: int | None = None) -> ForkServerProcess:
    """Start ``python -m train ARGUMENTS``, stderr in a file, perhaps with a limit on files in bytes."""
    process = _CONTEXT.Process(target=_command, args=(log, [str(a) for a in arguments], largest_file))
    process.start()
    return process


def start_holding(run: Path) -> ForkServerProcess:
    """Start a process that keeps the lock of a run directory until it is killed."""
    process = _CONTEXT.Process(target=_hold, args=(run,))
    process.start()
    return process


def finish(process: ForkServerProcess, log: Path) -> str:
    """Wait for a process that has to succeed, and give what it said."""
    process.join(900)
    assert process.exitcode == 0, log.read_text()
    return log.read_text()


def _command(log: Path, arguments: list[str], largest_file: int | None) -> None:
    from train.__main__ import main

    with log.open("w") as file:
        os.dup2(file.fileno(), 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    torch.set_num_threads(1)
    make_evaluation_cheap(evaluation.__setattr__)
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    main(arguments)


def make_evaluation_cheap(set_constant: Callable[[str, int], None]) -> None:
    """Estimate BatchNorm statistics and scores from a few images."""
    set_constant("N_BATCHNORM", 64)
    set_constant("BATCHNORM_BATCH", 16)
    set_constant("N_SCORE", 20)


def _hold(run: Path) -> None:
    with lock.held(run):
        signal.pause()


def diary(run: Path) -> list[dict[str, object]]:
    """The lines of ``stats.jsonl`` but for what the clock says."""
    lines = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "images_per_second"} for line in lines]


def leaves(name: str, value: object) -> list[tuple[str, object]]:
    """Every number of a nested state by name, tensors as bytes."""
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(f"{name}.{key}", item)]
    if isinstance(value, torch.Tensor):
        return [(name, value.detach().contiguous().numpy().tobytes())]
    return [(name, value)]


def assert_same_end(run: Path, other: Path, but_for: Collection[int] = ()) -> None:
    """Two runs ended alike: weights, samples, resume state and diary, to the last bit.

    Steps ``but_for`` are those at which the first run took a snapshot that the second did not.
    """
    assert (run / "latest").resolve().name == (other / "latest").resolve().name
    for name in ("weights.safetensors", "samples.png"):
        assert (run / "latest" / name).read_bytes() == (other / "latest" / name).read_bytes(), name
    states = [torch.load(path / "latest" / "resume.pt", weights_only=True) for path in (run, other)]
    assert leaves("", states[0]) == leaves("", states[1])
    lines = [line for line in diary(run) if "scores" not in line or line["step"] not in but_for]
    assert lines == diary(other)


def assert_tidy(run: Path) -> None:
    """Nothing of what was being written is left."""
    assert not list(run.glob(".*.tmp"))
    assert not list(run.glob("snapshots/.unfinished-*"))
    assert not list(run.glob("snapshots/*/.*"))
