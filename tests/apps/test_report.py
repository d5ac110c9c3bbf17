"""The Report page: what it builds is what the command writes, what fails is named, nothing stays behind."""

import io
import json
import shlex
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.caching import clear_session_resource_cache
from streamlit.testing.v1 import AppTest

from apps.report import reports as module
from apps.report.reports import MOST_KEPT, Report, Reports
from apps.shell import jobs
from apps.shell.bench import Bench as DashboardBench
from apps.shell.cache import RESULTS
from apps.shell.checkpoints import Checkpoint
from apps.shell.jobs import Job
from dcgan_viz.errors import InputError
from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.command import main as figure_set
from dcgan_viz.figure_set.manifest import Manifest, hashes
from dcgan_viz.figure_set.parts.samples import Samples
from dcgan_viz.figure_set.parts.walk import Walk
from dcgan_viz.figure_set.settings import FigureSetSettings
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.models.checkpoint import sha256_of
from tests.apps.conftest import Start, link
from tests.apps.fake_runs import add_snapshot, write_lines
from tests.apps.pages import WORK_S, opened, rerun
from tests.waiting import until


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """No report of an earlier test is there."""
    RESULTS.clear()
    yield
    clear_session_resource_cache("test session id")


def build(app: AppTest) -> Report:
    """Click, and wait for what comes of it."""
    app.button(key="report.start").click().run()
    return wait(app)


def wait(app: AppTest) -> Report:
    def found() -> list[Report]:
        reports = [one for one, _ in RESULTS._results.values() if isinstance(one, Report)]
        assert reports or not app.error, app.error[0].value
        return reports

    rerun(app, found)
    app.run()
    return found()[-1]


def command(words: list[str]) -> int:
    with pytest.raises(SystemExit) as end:
        figure_set.main([*words, "--quiet"])
    assert isinstance(end.value.code, int)
    return end.value.code


def told(app: AppTest) -> list[str]:
    return [one.value.replace("\\", "") for one in (*app.warning, *app.error)]


def test_the_archive_is_what_the_command_writes_and_is_verified(start: Start, tmp_path: Path) -> None:
    app = opened(start, "report", report_parts="samples", seed="3")
    report = build(app)
    assert told(app) == []
    with zipfile.ZipFile(io.BytesIO(report.archive())) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "taken")
    assert command(["--verify", str(tmp_path / "taken" / "figure_set")]) == 0
    program, name, *words = shlex.split(app.code[0].value)
    assert (program, name) == ("dcgan-viz", "figure-set")
    assert command([*words, "--out", str(tmp_path / "typed")]) == 0
    typed, taken = (hashes(tmp_path / where / "figure_set") for where in ("typed", "taken"))
    assert set(typed) == set(taken)
    same = [file for file in typed if typed[file] == taken[file]]
    assert {"samples/figure.png", "samples/figure.svg", "samples/figure.pdf", "samples/arrays.npz"} <= set(
        same
    )
    (picture,) = [str(one.proto) for one in app.get("html") if "<img" in str(one.proto)]
    assert "Samples. What does the generator draw" in picture


def test_an_upload_is_known_by_its_own_name_and_verified_where_it_lies(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    write_lines(here, 1, 3)  # the server stands in a run with a file of the same name
    shutil.copy(tiny_checkpoint, add_snapshot(here, 3, tiny_checkpoint).parents[1] / "my net.safetensors")
    monkeypatch.chdir(here)
    kept = tmp_path / "dcgan_viz-kept.safetensors"
    shutil.copy(tiny_checkpoint, kept)
    options = ModelOptions(checkpoint=str(kept))
    name = "my net.safetensors"
    uploaded = Checkpoint("upload:0", options, name, ((sha256_of(kept), name),))
    bench = DashboardBench(
        uploaded, uploaded.named(options.load("cpu")), "", uploaded.shown_options, "auto", 0, 1.0
    )
    settings = FigureSetSettings(("samples", "training"))
    reports = Reports()
    report = reports.build(Job("k", "t", lambda job: None), bench, settings, "", "name")
    assert report.drawn() == ["samples"]
    for file in report.directory.rglob("*.json"):
        assert "dcgan_viz-" not in file.read_text()  # nor where the server keeps it
    with zipfile.ZipFile(io.BytesIO(report.archive())) as archive:
        archive.extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    shutil.copy(tiny_checkpoint, "my net.safetensors")
    assert command(["--verify", str(tmp_path / "figure_set")]) == 0
    reports.remove()


def test_a_changed_byte_is_found_in_what_was_taken_home(start: Start, tmp_path: Path) -> None:
    report = build(opened(start, "report", report_parts="samples"))
    with zipfile.ZipFile(io.BytesIO(report.archive())) as archive:
        archive.extractall(tmp_path)
    file = tmp_path / "figure_set" / "samples" / "arrays.npz"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert command(["--verify", str(tmp_path)]) == 1


def test_a_link_builds_the_same_again(start: Start) -> None:
    app = opened(start, "report", report_parts="samples", report_seeds="3")
    first = build(app)
    values = link(app)
    assert values["report_parts"] == "samples"
    assert values["report_seeds"] == "3"
    assert "report_started" in values
    clear_session_resource_cache("test session id")
    RESULTS.clear()
    again = opened(start, "report", **values)
    second = wait(again)
    assert link(again) == values
    assert [part["pixels"] for part in second.manifest.parts] == [
        part["pixels"] for part in first.manifest.parts
    ]
    again.number_input(key="control.seed").set_value(9).run()
    assert "report_started" in link(again)  # its seeds are its own
    again.text_input(key="control.report_seeds").set_value("4").run()
    assert again.button(key="report.start")


def test_a_part_that_fails_is_named_and_the_others_are_there(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Walk, bench: Bench, seed: int) -> None:
        raise ZeroDivisionError("by *nothing*")

    monkeypatch.setattr(Walk, "run", broken)
    app = opened(start, "report", report_parts="samples,walk")
    report = build(app)
    assert told(app) == ["Latent walk failed: ZeroDivisionError: by *nothing*"]
    assert report.drawn() == ["samples"]
    assert app.subheader[0].value.startswith("1 figure in")


def test_where_nothing_can_be_drawn_that_is_a_sentence(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Samples, bench: Bench, seed: int) -> None:
        raise InputError("z of size 3: too small")

    monkeypatch.setattr(Samples, "run", broken)
    app = opened(start, "report", report_parts="samples")
    app.button(key="report.start").click().run()
    rerun(app, lambda: app.error)
    assert told(app) == ["not one figure could be drawn: z of size 3: too small"]
    assert app.button(key="report.start")


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples that are drawn for ever."""

    def run(self: Samples, bench: Bench, seed: int) -> None:
        while True:
            bench.gan.generate(bench.gan.sample_z(1, seed))

    monkeypatch.setattr(Samples, "run", run)


def homes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def ended() -> None:
    """Wait until no job of any session goes on."""
    until(lambda: not jobs._alive, seconds=WORK_S)


def test_it_is_cancelled_and_leaves_nothing(
    start: Start, endless: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = homes(monkeypatch, tmp_path)
    app = opened(start, "report", report_parts="samples")
    app.button(key="report.start").click().run()
    until(lambda: list(home.glob("dcgan_viz-*/*")), seconds=WORK_S)
    app.run()
    app.button(key="report.cancel").click().run()
    ended()
    assert list(home.glob("dcgan_viz-*/*")) == []
    app.run()
    assert app.button(key="report.start")
    assert "report_started" not in link(app)


def test_it_ends_with_its_session(
    start: Start, endless: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = homes(monkeypatch, tmp_path)
    app = opened(start, "report", report_parts="samples")
    app.button(key="report.start").click().run()
    assert jobs._alive
    clear_session_resource_cache("test session id")
    ended()
    assert list(home.glob("dcgan_viz-*")) == []


def test_a_report_is_removed_with_its_session(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = homes(monkeypatch, tmp_path)
    report = build(opened(start, "report", report_parts="samples"))
    assert home in report.directory.parents
    clear_session_resource_cache("test session id")
    assert list(home.glob("dcgan_viz-*")) == []


def test_parts_are_ticked_and_are_in_the_link(start: Start) -> None:
    app = opened(start, "report")
    boxes = {box.label: box for box in app.checkbox}
    assert {"Samples", "Latent walk"} <= set(boxes)
    assert all(box.value for box in boxes.values())
    assert "Training curves" not in boxes  # the checkpoint is no run
    assert any("Training curves" in one.value for one in app.expander[0].markdown)
    app.button(key="report.none").click().run()
    assert link(app)["report_parts"] == ""
    assert any("at least one" in one.value for one in app.info)
    app.checkbox(key="control.report.samples").check().run()
    app.checkbox(key="control.report.walk").check().run()
    app.checkbox(key="control.report.samples").uncheck().run()
    assert link(app)["report_parts"] == "walk"
    app.button(key="report.all").click().run()
    assert "report_parts" not in link(app)


@pytest.mark.parametrize(
    ("seeds", "says"),
    [("3,,x", "seeds"), ("4294967296", "4294967296"), ("1,1", "twice"), ("1 2", "whole numbers"),
     ("1,2,3,4,5,6,7,8,9", "at most 8")],
)  # fmt: skip
def test_seeds_that_are_none_are_a_sentence(start: Start, seeds: str, says: str) -> None:
    app = opened(start, "report", report_parts="samples", report_seeds=seeds)
    assert any(says in sentence for sentence in told(app))
    assert not app.exception


def test_unknown_parts_in_a_link_are_a_sentence(start: Start) -> None:
    app = opened(start, "report", report_parts="samples,secrets")
    assert any("secrets" in sentence for sentence in told(app))
    assert all(box.value for box in app.checkbox)


def test_a_run_whose_files_lie_elsewhere_is_not_reported_on(
    start: Start, tmp_path: Path, tiny_checkpoint: Path
) -> None:
    run = tmp_path / "runs" / "mine"
    write_lines(run, 1, 3)
    add_snapshot(run, 2, tiny_checkpoint)
    values = {"checkpoint": "run:runs/mine@2", "report_parts": "training"}
    app = opened(start, "report", "--runs", str(tmp_path / "runs"), **values)
    assert "Training curves" in {box.label for box in app.checkbox}
    (run / "snapshots" / "step_00000003").symlink_to(tmp_path)
    app.run()
    assert any("outside of runs" in sentence for sentence in told(app))
    assert not [one for one in app.button if one.key == "report.start"]


def made(reports: Reports, number: int) -> Report:
    job: Any = Job("k", "t", lambda job: None)
    return reports.build(job, FakeBench(), None, "", number)  # type: ignore[arg-type]


class FakeBench:
    """As much of a bench as is named."""

    class checkpoint:
        may_be_run = True

    class gan:
        generator = discriminator = provenance = None

    options = None


def test_the_oldest_of_many_reports_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    def quick(directory: Path, *_: object, **__: object) -> Manifest:
        (directory / "index.html").write_text("x")
        return Manifest("", {}, (), (), {}, {}, (), {})

    monkeypatch.setattr(module, "make_report", quick)
    monkeypatch.setattr(module, "FigureBench", lambda *_: None)
    reports = Reports()
    keys = [reports.key(number) for number in range(MOST_KEPT + 1)]
    found = [made(reports, number) for number in range(MOST_KEPT + 1)]
    assert [report.directory.exists() for report in found] == [False] + [True] * MOST_KEPT
    assert [reports.key(number) == key for number, key in enumerate(keys)] == [False] + [True] * MOST_KEPT
    assert json.dumps(keys[1]) != json.dumps(Reports().key(1))  # another session's is another
    reports.remove()
    assert not any(report.directory.exists() for report in found)
    with pytest.raises(OSError, match="ended"):
        made(reports, 9)


def test_a_run_beside_the_server_is_not_taken_for_an_upload_of_its_name(
    start: Start, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "mine.safetensors", 1, 3)
    add_snapshot(tmp_path / "mine.safetensors", 3, tiny_checkpoint)
    app = start("--runs", "nowhere")
    content = tiny_checkpoint.read_bytes()
    app.file_uploader(key="sidebar.upload").upload("mine.safetensors", content, "").run()
    app.switch_page("views/report.py").run()
    assert not app.exception
    labels = {one.label for one in app.checkbox}
    assert "Samples" in labels
    assert "Training curves" not in labels
