"""Runs below the roots are found; nothing else is, by whatever name or link."""

from pathlib import Path

import pytest

from apps.shell.checkpoints import checkpoint
from apps.shell.roots import Roots
from dcgan_viz.errors import InputError
from tests.apps.conftest import Start, component, link, mounted
from tests.apps.fake_runs import add_snapshot


@pytest.fixture
def runs(tmp_path: Path, tiny_checkpoint: Path) -> Path:
    root = tmp_path / "runs"
    for step in (10, 200):
        add_snapshot(root / "mine", step, tiny_checkpoint)
    (root / "mine" / "best").symlink_to("snapshots/step_00000010")
    return root


def test_runs_and_their_snapshots_are_found(runs: Path, tiny_checkpoint: Path) -> None:
    add_snapshot(runs / "group" / "other", 3, tiny_checkpoint)
    (runs / "fresh").mkdir()
    (runs / "fresh" / "stats.jsonl").touch()
    found = Roots((runs,)).runs()
    assert [run.name for run in found] == ["runs/fresh", "runs/group/other", "runs/mine"]
    assert [run.steps() for run in found] == [[], [3], [10, 200]]
    assert found[2].named_step("best") == 10
    assert found[2].named_step("latest") is None


def test_roots_of_one_name_are_told_apart(runs: Path, tmp_path: Path, tiny_checkpoint: Path) -> None:
    other = tmp_path / "elsewhere" / "runs"
    add_snapshot(other / "mine", 1, tiny_checkpoint)
    names = [run.name for run in Roots((runs, other, tmp_path / "missing")).runs()]
    assert names == ["runs-2/mine", "runs/mine"]


@pytest.mark.parametrize(
    "name", ["../secret", "runs/../../secret", "/etc", "runs/mine/../mine", "", "runs/no"]
)
def test_a_name_leads_nowhere_else(runs: Path, tmp_path: Path, tiny_checkpoint: Path, name: str) -> None:
    add_snapshot(tmp_path / "secret", 1, tiny_checkpoint)
    with pytest.raises(InputError, match="not below"):
        Roots((runs,)).run(name)


def test_links_out_of_the_root_are_not_followed(runs: Path, tmp_path: Path, tiny_checkpoint: Path) -> None:
    secret = add_snapshot(tmp_path / "secret", 1, tiny_checkpoint)
    (runs / "linked").symlink_to(tmp_path / "secret")
    (runs / "mine" / "snapshots" / "step_00000001").symlink_to(secret)
    file = runs / "mine" / "snapshots" / "step_00000002"
    file.mkdir()
    (file / "weights.safetensors").symlink_to(secret / "weights.safetensors")
    (run,) = Roots((runs,)).runs()
    for step in (1, 2):
        with pytest.raises(InputError, match="outside"):
            run.weights(step)
    assert run.weights(10).is_file()


def test_what_leads_out_is_told_from_what_is_only_lacking(
    runs: Path, tmp_path: Path, tiny_checkpoint: Path
) -> None:
    """Whatever words a run's name has."""
    add_snapshot(runs / "outside-photos", 1, tiny_checkpoint)
    (runs / "outside-photos" / "snapshots" / "step_00000002").mkdir()  # being written
    unfinished = Roots((runs,)).run("runs/outside-photos")
    assert len(unfinished.faults()) == 1
    unfinished.check_inside()
    secret = add_snapshot(tmp_path / "secret", 3, tiny_checkpoint)
    (runs / "outside-photos" / "snapshots" / "step_00000003").symlink_to(secret)
    with pytest.raises(InputError, match="step_00000003 lies outside"):
        unfinished.check_inside()


def test_of_very_many_runs_the_first_are_listed_and_all_are_found(
    runs: Path, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.shell.roots.MOST_RUNS", 2)
    for name in ("b", "c", "z"):
        add_snapshot(runs / name, 1, tiny_checkpoint)
    found = Roots((runs,))
    listed, (fault,) = found.look()
    assert [run.name for run in listed] == ["runs/b", "runs/c"]
    assert fault.startswith("2 more runs are not listed")
    assert found.run("runs/z").steps() == [1]


def test_a_circle_of_links_is_no_step(runs: Path) -> None:
    (runs / "mine" / "latest").symlink_to("latest")
    assert Roots((runs,)).run("runs/mine").named_step("latest") is None


def test_the_sidebar_opens_a_run_and_its_snapshots(start: Start, runs: Path) -> None:
    app = start("--runs", str(runs), samples="1")
    app.selectbox(key="sidebar.checkpoint").select("run:runs/mine").run()
    assert link(app)["checkpoint"] == "run:runs/mine@10"  # the best
    app.selectbox(key="sidebar.step").select(200).run()
    assert link(app)["checkpoint"] == "run:runs/mine@200"
    again = start("--runs", str(runs), **link(app))
    assert component(again, "samples.sheet") == component(app, "samples.sheet")


@pytest.mark.parametrize(
    "reference",
    ["run:runs/mine@11", "run:runs/mine", "run:../a@1", "upload:../../etc/passwd", "/etc/passwd", "./rooms",
     "given", "http://example.org/a.pth"],
)  # fmt: skip
def test_other_words_in_a_link_open_nothing(start: Start, runs: Path, reference: str) -> None:
    app = start("--runs", str(runs), checkpoint=reference)
    assert len(app.error) == 1
    assert mounted(app) == []


def test_an_embedded_name_is_never_a_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.safetensors").touch()
    with pytest.raises(InputError, match="not known here"):
        checkpoint("mine.safetensors")
