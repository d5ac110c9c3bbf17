import os
import signal
import time
from pathlib import Path

import pytest

from dcgan_viz.errors import InputError
from tests.train.runs import start_holding
from train import lock


def test_a_second_trainer_is_told_who_the_first_is(tmp_path: Path) -> None:
    refusal = rf"{tmp_path}: another process \(pid {os.getpid()}\) is at work in it; .* another --out"
    with lock.held(tmp_path):
        with pytest.raises(InputError, match=refusal), lock.held(tmp_path):
            pytest.fail("two at once")
        with pytest.raises(InputError, match=refusal), lock.held(tmp_path):  # being refused frees nothing
            pytest.fail("two at once")
    with lock.held(tmp_path):
        pass


def test_an_error_inside_lets_go(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), lock.held(tmp_path):
        raise RuntimeError
    with lock.held(tmp_path):
        pass


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    process = start_holding(tmp_path)
    while not ((tmp_path / ".lock").exists() and (tmp_path / ".lock").read_text().endswith("\n")):
        assert process.is_alive()
        time.sleep(0.001)
    with pytest.raises(InputError, match=f"pid {process.pid}"), lock.held(tmp_path):
        pytest.fail("two at once")
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    with lock.held(tmp_path):
        assert (tmp_path / ".lock").read_text() == f"{os.getpid()}\n"
