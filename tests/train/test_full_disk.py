"""A disk that fills up during a snapshot: the run stays what it was, and goes on when there is room again."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.train.runs import assert_same_end, assert_tidy, finish, start
from train.session import begin, go_on
from train.settings import Settings

FLAGS = "--image-size 28 --width 2 --channels-noise 8 --batch-size 16 --num-epochs 4 --log-interval-steps 3"


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, settings: Callable[..., Settings], cheap_evaluation: None
) -> Path:
    path = tmp_path_factory.mktemp("runs") / "whole"
    begin(path, settings(), quiet=True)
    return path


# A snapshot syncs 11 files and directories: weights, sheet, resume state and manifest, each with the
# directory it is in, then the directory of all snapshots, and that of the run for each link.
@pytest.mark.parametrize("nth", range(11))
def test_a_snapshot_that_does_not_fit_leaves_the_one_before(
    whole: Path, tmp_path: Path, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    run = tmp_path / "run"
    fsync, failed, count = os.fsync, False, -1

    def full(handle: int) -> None:
        nonlocal failed, count
        if (run / "snapshots/step_00000004/manifest.json").exists() and list(run.glob("snapshots/.unf*")):
            count = max(count, 0)
        if count == nth:
            failed = True
            raise OSError(errno.ENOSPC, "No space left on device")
        count += count >= 0
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        begin(run, settings(), quiet=True)
    assert failed
    monkeypatch.setattr(os, "fsync", fsync)
    assert_tidy(run)
    expected = "step_00000004" if nth < 9 else "step_00000008"
    assert (run / "latest").resolve().name == expected
    go_on(run, settings(), given=(), quiet=True)
    assert_same_end(run, whole)
    assert_tidy(run)


def test_a_file_that_cannot_grow_ends_with_one_line(folder: Path, tmp_path: Path) -> None:
    run, log = tmp_path / "run", tmp_path / "log"
    flags = [*FLAGS.split(), "--data", f"folder:{folder}", "--quiet"]
    process = start(log, "--out", run, *flags, largest_file=30_000)
    process.join(900)
    assert process.exitcode == 1
    assert log.read_text().count("\n") == 1
    assert log.read_text().startswith(f"Error: {run}/snapshots/")
    assert "File too large" in log.read_text()
    assert_tidy(run)
    assert not list((run / "snapshots").iterdir())
    finish(start(log, "--out", run, "--resume"), log)
    assert (run / "latest/resume.pt").stat().st_size > 30_000
