import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from dcgan_viz.errors import InputError
from train import snapshots
from train.snapshots import choose_best, new_snapshot, record_score, scores_of, take_up, without_score

Warnings = list[str]


def write(run: Path, step: int, scores: Mapping[str, float] | float = 1.0) -> Path:
    """A snapshot of two small files."""
    scores = {"distance": scores} if isinstance(scores, float) else scores
    with new_snapshot(run, step, scores) as directory:
        (directory / "weights.safetensors").write_bytes(b"weights %d" % step)
        (directory / "resume.pt").write_bytes(b"resume %d" % step)
    return run / "snapshots" / f"step_{step:08d}"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Three snapshots, the middle one the best."""
    for step, score in ((10, 3.0), (20, 1.0), (30, 2.0)):
        write(tmp_path, step, score)
    return tmp_path


def pointed_to(run: Path) -> tuple[str, str]:
    return str((run / "latest").readlink()), str((run / "best").readlink())


def test_a_snapshot_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    with new_snapshot(tmp_path, 7, {"distance": 2.5}) as directory:
        (directory / "a.bin").write_bytes(b"abc")
        assert not (tmp_path / "snapshots/step_00000007").exists()
        assert not (tmp_path / "latest").is_symlink()
    manifest = json.loads((tmp_path / "latest/manifest.json").read_text())
    # SHA-256 of "abc" is the first example of FIPS 180-2, appendix B.
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert manifest == {"step": 7, "scores": {"distance": 2.5}, "sha256": {"a.bin": abc}}
    assert pointed_to(tmp_path) == ("snapshots/step_00000007",) * 2


def test_the_links_survive_a_move(run: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    moved = tmp_path_factory.mktemp("elsewhere") / "run"
    shutil.move(run, moved)
    assert (moved / "best/weights.safetensors").read_bytes() == b"weights 20"


def test_the_newest_two_can_be_resumed_and_the_best_is_the_lowest(run: Path) -> None:
    assert pointed_to(run) == ("snapshots/step_00000030", "snapshots/step_00000020")
    kept = [(run / f"snapshots/step_000000{step}/resume.pt").exists() for step in (10, 20, 30)]
    assert kept == [False, True, True]
    assert all((run / f"snapshots/step_000000{step}/weights.safetensors").exists() for step in (10, 20, 30))


def test_a_score_that_is_no_number_is_never_best(tmp_path: Path) -> None:
    write(tmp_path, 1, float("nan"))
    assert not (tmp_path / "best").is_symlink()
    write(tmp_path, 2, 5.0)
    write(tmp_path, 3, float("-inf"))
    assert pointed_to(tmp_path) == ("snapshots/step_00000003", "snapshots/step_00000002")


def test_a_failure_leaves_the_run_as_it_was(run: Path) -> None:
    before = sorted(str(path) for path in run.rglob("*"))

    def fail() -> None:
        with new_snapshot(run, 40, {"distance": 0.0}) as directory:
            (directory / "weights.safetensors").write_bytes(b"half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert sorted(str(path) for path in run.rglob("*")) == before
    assert pointed_to(run) == ("snapshots/step_00000030", "snapshots/step_00000020")


def test_a_step_that_the_run_comes_by_again_is_replaced(run: Path) -> None:
    stale = run / "snapshots/step_00000030/stale"
    stale.touch()
    write(run, 30, 0.5)
    assert not stale.exists()
    assert pointed_to(run)[1] == "snapshots/step_00000030"


def test_a_whole_run_is_taken_up_at_its_newest(run: Path) -> None:
    said: Warnings = []
    (run / "snapshots/.unfinished-abc").mkdir()
    (run / "snapshots/.unfinished-abc/weights.safetensors").touch()
    (run / ".stats.jsonl.x7.tmp").touch()
    assert take_up(run, said.append) == run / "snapshots/step_00000030"
    assert said == []
    assert sorted(path.name for path in run.iterdir()) == ["best", "latest", "snapshots"]
    assert len(list((run / "snapshots").iterdir())) == 3


def test_a_run_without_snapshots_begins_at_its_beginning(tmp_path: Path) -> None:
    said: Warnings = []
    assert take_up(tmp_path, said.append) is None
    assert said == []


def truncate(name: str) -> Callable[[Path], None]:
    def cut(newest: Path) -> None:
        (newest / name).write_bytes((newest / name).read_bytes()[:-1])

    return cut


def flip(newest: Path) -> None:
    content = bytearray((newest / "resume.pt").read_bytes())
    content[3] ^= 1
    (newest / "resume.pt").write_bytes(content)


@pytest.mark.parametrize(
    ("tear", "words"),
    [
        (truncate("weights.safetensors"), "step_00000030/weights.safetensors is torn"),
        (truncate("resume.pt"), "step_00000030/resume.pt is torn"),
        (flip, "step_00000030/resume.pt is torn"),
        (lambda newest: (newest / "resume.pt").unlink(), "step_00000030/resume.pt is missing"),
        (truncate("manifest.json"), "step_00000030/manifest.json is missing or torn"),
        (
            lambda newest: (newest / "manifest.json").unlink(),
            "step_00000030/manifest.json is missing or torn",
        ),
        (lambda newest: (newest / "manifest.json").write_text("[]"), "manifest.json is missing or torn"),
        (lambda newest: shutil.rmtree(newest), "step_00000030 is missing"),
    ],
)
def test_a_torn_latest_falls_back_and_says_so(run: Path, tear: Callable[[Path], object], words: str) -> None:
    tear(run / "snapshots/step_00000030")
    said: Warnings = []
    assert take_up(run, said.append) == run / "snapshots/step_00000020"
    assert len(said) == 1
    assert "\n" not in said[0]
    assert words in said[0]
    assert said[0].endswith("; going on from step_00000020")
    assert pointed_to(run) == ("snapshots/step_00000020",) * 2
    assert not (run / "snapshots/step_00000030").exists()
    again: Warnings = []
    take_up(run, again.append)
    assert again == []


def test_best_falls_back_with_the_snapshot_it_pointed_to(run: Path) -> None:
    write(run, 40, 0.1)
    truncate("weights.safetensors")(run / "snapshots/step_00000040")
    take_up(run, print)
    assert pointed_to(run) == ("snapshots/step_00000030", "snapshots/step_00000020")


def test_where_everything_is_torn_the_run_begins_again(run: Path) -> None:
    for step in (10, 20, 30):
        truncate("weights.safetensors")(run / f"snapshots/step_000000{step}")
    said: Warnings = []
    assert take_up(run, said.append) is None
    assert len(said) == 1
    assert said[0].endswith("going on from step 0")
    assert not (run / "latest").is_symlink()
    assert not (run / "best").is_symlink()
    # What the run writes from now on must not be mistaken for older than what was there.
    write(run, 5)
    assert take_up(run, said.append) == run / "snapshots/step_00000005"


def test_weights_are_not_thrown_away_because_nothing_can_be_resumed(run: Path) -> None:
    for step in (20, 30):
        (run / f"snapshots/step_000000{step}/resume.pt").unlink()
    before = sorted(run.rglob("*"))
    with pytest.raises(InputError, match=r"step_00000030/resume\.pt is missing.*--force"):
        take_up(run, print)
    assert sorted(run.rglob("*")) == before


def test_a_missing_link_is_made_again(run: Path) -> None:
    for name in ("latest", "best"):
        (run / name).unlink()
    said: Warnings = []
    assert take_up(run, said.append) == run / "snapshots/step_00000030"
    assert said == []
    assert pointed_to(run) == ("snapshots/step_00000030", "snapshots/step_00000020")


def test_damage_can_overlook_a_file(run: Path) -> None:
    oldest = run / "snapshots/step_00000010"
    assert snapshots.damage(oldest) == "step_00000010/resume.pt is missing"
    assert snapshots.damage(oldest, but_for="resume.pt") is None


def test_a_new_score_goes_first_and_decides(run: Path) -> None:
    older, best, newest = snapshots.newest_first(run)[::-1]
    assert without_score(run, "better") == [newest, best, older]
    weights = [
        hashlib.sha256((path / "weights.safetensors").read_bytes()).digest() for path in (older, best, newest)
    ]
    for snapshot, value in ((older, 0.25), (best, 9.0)):
        record_score(snapshot, "better", value)
    assert list(scores_of(older).items()) == [("better", 0.25), ("distance", 3.0)]
    assert without_score(run, "better") == [newest]
    assert choose_best(run, "better") == older
    assert pointed_to(run)[1] == "snapshots/step_00000010"
    assert choose_best(run, "better", but_for=[older]) == best
    assert choose_best(run, "unheard of") is None
    assert pointed_to(run)[1] == "snapshots/step_00000020"
    record_score(older, "distance", 0.0)
    assert list(scores_of(older).items()) == [("distance", 0.0), ("better", 0.25)]
    assert [snapshots.damage(path, but_for="resume.pt") for path in (older, best, newest)] == [None] * 3
    assert [
        hashlib.sha256((path / "weights.safetensors").read_bytes()).digest() for path in (older, best, newest)
    ] == weights


def test_a_torn_manifest_takes_no_score(run: Path) -> None:
    newest = run / "snapshots/step_00000030"
    truncate("manifest.json")(newest)
    with pytest.raises(InputError, match=r"step_00000030: no whole manifest\.json"):
        record_score(newest, "distance", 1.0)
