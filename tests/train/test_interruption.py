"""Ctrl-C: the state is saved, the exit status is 130, and the run goes on as if nothing had happened."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.train.runs import assert_same_end, assert_tidy, finish, start
from train.evaluation import Evaluation
from train.interruption import Interruption
from train.session import begin
from train.settings import Settings

FLAGS = "--image-size 28 --width 2 --channels-noise 8 --batch-size 8 --num-epochs 60 --log-interval-steps 1"


def test_ctrl_c_saves_and_the_run_goes_on(folder: Path, tmp_path: Path) -> None:
    flags = [*FLAGS.split(), "--data", f"folder:{folder}"]
    whole, stopped, log = tmp_path / "whole", tmp_path / "stopped", tmp_path / "log"
    process = start(log, "--out", stopped, *flags)
    while process.is_alive() and not (stopped / "stats.jsonl").exists():
        time.sleep(0.001)
    os.kill(process.pid or 0, signal.SIGINT)
    process.join(900)
    assert process.exitcode == 130
    lines = log.read_text().splitlines()
    assert lines[-1] == "Interrupted"
    assert any("saving the state" in line for line in lines)
    assert "Traceback" not in log.read_text()
    assert (stopped / "latest" / "resume.pt").is_file()
    step = int((stopped / "latest").resolve().name.removeprefix("step_"))
    assert 0 < step < 360
    assert_tidy(stopped)

    finish(start(log, "--out", stopped, "--resume"), log)
    finish(start(log, "--out", whole, *flags), log)
    assert_same_end(stopped, whole, but_for=[step])


def test_a_first_ctrl_c_waits_and_a_second_does_not() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interruption() as interruption:
        assert not interruption.requested
        os.kill(os.getpid(), signal.SIGINT)
        assert interruption.requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("cheap_evaluation")
def test_ctrl_c_in_a_snapshot_lets_it_finish_and_needs_no_other(
    tmp_path: Path, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Evaluation.write

    def interrupted(*arguments: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        write(*arguments)

    monkeypatch.setattr(Evaluation, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        begin(tmp_path / "run", settings(), quiet=True)
    assert [path.name for path in (tmp_path / "run/snapshots").iterdir()] == ["step_00000004"]
    assert (tmp_path / "run/latest/resume.pt").is_file()
