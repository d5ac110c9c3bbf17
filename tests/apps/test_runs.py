"""The Runs page: curves and pictures are the library's, they grow, and what is broken is a sentence."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from apps.runs.snapshots import part_writer
from apps.runs.story import LAST_BYTES, glance_of, story_of
from apps.shell.downloads import Folder
from apps.shell.jobs import Cancelled
from apps.shell.roots import MOST_DIARY_BYTES, Roots, Run
from dcgan_viz.data.training_log import read_training_log
from dcgan_viz.models.loading import load
from dcgan_viz.sample import sample, to_uint8
from dcgan_viz.training_curves import training_curves
from tests.apps.conftest import Offered, Start, component, link
from tests.apps.fake_runs import add_snapshot, lines, write_lines
from tests.apps.pages import opened, settled
from tests.pictures import decoded


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory with one run, and a place beside it that nobody may see."""
    write_lines(tmp_path / "runs" / "mine", 1, 5)
    write_lines(tmp_path / "secret", 1, 3)
    return tmp_path / "runs"


def begun(start: Start, root: Path, **values: str) -> AppTest:
    """The page, by its own link."""
    return opened(start, "runs", "--runs", str(root), **values)


def charts(app: AppTest) -> dict[str, dict[str, Any]]:
    """The curves on the page by the names that their legends have."""
    found = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    return {trace["name"]: trace for figure in found for trace in figure["data"]}


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def told(app: AppTest) -> list[str]:
    """Warnings and errors as a person reads them."""
    return [one.value.replace("\\", "") for one in (*app.warning, *app.error)]


def test_curves_are_those_of_the_diary(start: Start, root: Path) -> None:
    app = begun(start, root)
    shown = charts(app)
    written = lines(1, 5)
    for name, field in (
        ("G", "loss_g"),
        ("of real images", "logit_real"),
        ("of generated ones", "logit_fake"),
    ):
        np.testing.assert_allclose(shown[name]["y"], [line[field] for line in written])
        np.testing.assert_allclose(shown[name]["x"], [line["images_seen"] / 1000 for line in written])
    assert metrics(app) == {"Status": "training", "Step": "5", "Epochs": "0.50", "Images a second": "4.0"}
    assert link(app)["run"] == "runs/mine"
    assert told(app) == []


def test_a_run_grows_while_the_page_is_open(start: Start, root: Path, tiny_checkpoint: Path) -> None:
    app = begun(start, root)
    assert any("no snapshot yet" in one.value for one in app.info)
    write_lines(root / "mine", 6, 9, torn='{"step": 10, "images_se')
    add_snapshot(root / "mine", 4, tiny_checkpoint)
    app.run()
    assert metrics(app)["Step"] == "9"  # a half-written line is not read yet, nor is it an error
    assert len(charts(app)["G"]["y"]) == 9
    assert "at step 4" in component(app, "runs.sheet")["tiles"][0]["alt"]
    with (root / "mine" / "stats.jsonl").open("a") as file:
        file.write('en": 80}\n')
    add_snapshot(root / "mine", 8, tiny_checkpoint)
    app.run()
    assert metrics(app)["Step"] == "10"
    assert "at step 8" in component(app, "runs.sheet")["tiles"][0]["alt"]  # the newest is followed
    assert told(app) == []


def test_a_run_that_is_silent_is_at_rest(start: Start, root: Path) -> None:
    diary = root / "mine" / "stats.jsonl"
    old = diary.stat().st_mtime - 7300
    os.utime(diary, (old, old))
    app = begun(start, root)
    assert metrics(app)["Status"] == "at rest"
    assert any("2 h ago" in one.value for one in app.caption)


def test_a_run_without_a_line_is_no_error(start: Start, tmp_path: Path) -> None:
    (tmp_path / "runs" / "fresh").mkdir(parents=True)
    (tmp_path / "runs" / "fresh" / "stats.jsonl").touch()
    app = begun(start, tmp_path / "runs")
    assert any("first line" in one.value for one in app.info)
    assert told(app) == []


def test_where_there_is_no_run_a_command_begins_one(start: Start, tmp_path: Path) -> None:
    app = begun(start, tmp_path / "nowhere")
    assert "no training run in nowhere" in app.info[0].value
    assert app.code[0].value.startswith("python -m train")


BROKEN = {
    "garbage": (b'{"step": 1, "images_seen": 8, "loss_d": 1}\nno JSON\n', "line 2 is not JSON"),
    "binary": (b"\xff\xfe\x00\n", "line 1 is not JSON"),
    "list": (b"[1]\n", "line 1 is no JSON object"),
    "huge": (b'{"step": 1, "images_seen": 1' + b"0" * 400 + b"}\n", "no images_seen that is a count"),
    "nan": (b'{"step": 1, "images_seen": 8, "loss_d": NaN}\n', "loss_d nan"),
    "two": (b'{"step": 9, "images_seen": 8}\n{"step": 1, "images_seen": 8}\n', "step 1 after step 9"),
}


def breaks(root: Path) -> dict[str, str]:
    """Break a run in each way; the word that its sentence has, by its name."""
    for name, (content, _) in BROKEN.items():
        (root / name).mkdir()
        (root / name / "stats.jsonl").write_bytes(content)
    words = {name: word for name, (_, word) in BROKEN.items()}
    for name in ("linked", "pipe", "folder", "hollow"):
        (root / name).mkdir()
    (root / "linked" / "stats.jsonl").symlink_to(root.parent / "secret" / "stats.jsonl")
    os.mkfifo(root / "pipe" / "stats.jsonl")
    (root / "folder" / "stats.jsonl").mkdir()
    (root / "folder" / "snapshots").mkdir()
    (root / "hollow" / "snapshots" / "step_00000007").mkdir(parents=True)
    (root / "away").symlink_to(root.parent / "secret")
    return words | {
        "linked": "lies outside of runs", "pipe": "no plain file", "folder": "no plain file",
        "hollow": "step_00000007 has no weights", "away": "a link to outside of runs",
    }  # fmt: skip


def test_what_is_broken_is_named_and_the_rest_is_there(start: Start, root: Path) -> None:
    words = breaks(root)
    app = begun(start, root)
    assert metrics(app)["Step"] == "5"
    assert app.selectbox(key="control.run").value == "runs/mine"
    folded = [one.value.replace("\\", "") for one in app.expander[-1].markdown]
    sentences = [*told(app), *folded]
    for name, word in words.items():
        (own,) = [sentence for sentence in sentences if sentence.startswith(f"runs/{name}: ")]
        assert word in own
        assert str(root) not in own
    assert len(sentences) == len(words)


@pytest.mark.parametrize("name", ["garbage", "binary", "linked", "pipe", "folder", "hollow"])
def test_a_broken_run_can_be_looked_at(start: Start, root: Path, name: str) -> None:
    words = breaks(root)
    app = begun(start, root, run=f"runs/{name}")
    assert app.selectbox(key="control.run").value == f"runs/{name}"
    assert any(words[name] in sentence for sentence in told(app))
    assert "Step" not in metrics(app)
    app.selectbox(key="control.run").select("runs/mine").run()
    assert metrics(app)["Step"] == "5"


def test_a_directory_that_cannot_be_read_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = root / "closed"
    closed.mkdir()
    scan = os.scandir

    def refusing(path: str) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    runs, faults = Roots((root,)).look()
    assert [run.name for run in runs] == ["runs/mine"]
    assert faults == ["runs/closed: cannot be read (Permission denied)."]


def test_a_diary_beyond_measure_is_not_read(start: Start, root: Path) -> None:
    (root / "vast").mkdir()
    with (root / "vast" / "stats.jsonl").open("wb") as file:
        file.truncate(MOST_DIARY_BYTES + 1)
    assert any("more than any diary" in sentence for sentence in told(begun(start, root, run="runs/vast")))


@pytest.fixture
def trained(root: Path, tiny_checkpoint: Path) -> Path:
    for step in (1, 3, 5):
        add_snapshot(root / "mine", step, tiny_checkpoint)
    (root / "mine" / "best").symlink_to("snapshots/step_00000003")
    return root


def test_a_step_that_is_not_there_is_a_sentence(start: Start, trained: Path) -> None:
    app = begun(start, trained, run_step="99")
    assert "Step 99: there is no such snapshot. The newest is shown instead." in told(app)
    assert app.select_slider(key="control.run_step").value == 5


def test_the_sheet_is_what_the_library_draws(start: Start, trained: Path) -> None:
    app = begun(start, trained, run_step="3", run_samples="12", seed="4")
    result = sample(load(trained / "mine" / "snapshots" / "step_00000003"), 12, seed=4)
    tiles = component(app, "runs.sheet")["tiles"]
    assert result.logits is not None
    for tile, wanted, logit in zip(tiles, to_uint8(result.images), result.logits.tolist(), strict=True):
        np.testing.assert_array_equal(decoded(tile["src"]), wanted)
        assert tile["caption"][1] == f"{logit:+.1f}"
    assert link(app) == {"run": "runs/mine", "run_step": "3", "run_samples": "12", "seed": "4"}


def test_the_slider_goes_through_the_snapshots(start: Start, trained: Path) -> None:
    app = begun(start, trained)
    slider = app.select_slider(key="control.run_step")
    assert slider.options == ["1", "3 (best)", "5"]
    assert "run_step" not in link(app)
    slider.set_value(1).run()
    assert "at step 1" in component(app, "runs.sheet")["tiles"][0]["alt"]
    assert link(app)["run_step"] == "1"
    app.select_slider(key="control.run_step").set_value(5).run()
    assert link(app)["run_step"] == "5"


def test_a_snapshot_is_opened_in_the_other_pages(start: Start, trained: Path) -> None:
    app = begun(start, trained, run_step="3", batchnorm="batch")
    app.button(key="runs.open").click().run()
    assert link(app)["checkpoint"] == "run:runs/mine@3"
    assert "batchnorm" not in link(app)
    assert not [one for one in app.button if one.key == "runs.open"]
    assert app.get("page_link")
    shown = component(app, "runs.sheet")["tiles"]
    app.switch_page("views/samples.py").run()
    assert link(app)["checkpoint"] == "run:runs/mine@3"
    assert [tile["src"] for tile in component(app, "samples.sheet")["tiles"][:24]] == [
        tile["src"] for tile in shown
    ]


def test_a_snapshot_that_cannot_be_opened_leaves_the_slider(start: Start, trained: Path) -> None:
    place = trained / "mine" / "snapshots" / "step_00000005" / "weights.safetensors"
    place.write_bytes(b"torn")
    app = begun(start, trained)
    (sentence,) = told(app)
    assert "step_00000005" in sentence
    assert str(trained) not in sentence
    app.select_slider(key="control.run_step").set_value(3).run()
    assert len(component(app, "runs.sheet")["tiles"]) == 24


def test_what_a_link_says_wrongly_is_a_sentence(start: Start, trained: Path) -> None:
    app = begun(start, trained, run="../secret", run_step="4")
    sentences = told(app)
    assert len(sentences) == 2
    assert "../secret" in sentences[0]
    assert metrics(app)["Step"] == "5"
    assert component(app, "runs.sheet")["tiles"]


def test_the_checkpoint_that_cannot_be_opened_does_not_take_the_page_down(
    start: Start, trained: Path
) -> None:
    app = begun(start, trained, checkpoint="upload:0123456789abcdef")
    assert metrics(app)["Step"] == "5"
    assert component(app, "runs.sheet")["tiles"]


def test_the_page_draws_what_the_figure_set_draws(trained: Path) -> None:
    (run,) = Roots((trained,)).runs()
    record = json.loads(Folder(part_writer(run, 5, "training", 0, "cpu")).file("training/result.json"))
    wanted = training_curves(read_training_log(trained / "mine"))
    assert record["curves"] == json.loads(json.dumps(wanted.to_json()["curves"]))
    (trained / "mine" / "snapshots" / "step_00000009").symlink_to(trained.parent / "secret")
    with pytest.raises(Exception, match="outside"):
        Folder(part_writer(run, 5, "snapshots", 0, "cpu")).files()


def test_of_many_runs_only_the_chosen_one_is_read_in_full(
    start: Start, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(70):
        write_lines(root / f"other{number}", 1, 3)
    reads: list[tuple[str, int | None]] = []

    def counted(run: Path, last_bytes: int | None = None) -> Any:
        reads.append((run.name, last_bytes))
        return read_training_log(run, last_bytes)

    monkeypatch.setattr("apps.runs.story.read_training_log", counted)
    looks: list[Roots] = []
    look = Roots.look
    monkeypatch.setattr(Roots, "look", lambda self: looks.append(self) or look(self))  # type: ignore[func-returns-value]
    app = begun(start, root, run="runs/mine")
    assert [name for name, last in reads if last is None] == ["mine"]
    assert sorted(name for name, last in reads if last is not None) == sorted(
        ["mine", *(f"other{number}" for number in range(70))]
    )
    reads.clear()
    looks.clear()
    app.run()
    assert reads == []
    assert len(looks) == 2  # the sidebar and the page
    write_lines(root / "other3", 4, 4)
    app.run()
    assert reads == [("other3", LAST_BYTES)]
    assert any(
        option == "runs/other3, step 4, training" for option in app.selectbox(key="control.run").options
    )


def test_a_long_diary_is_glanced_at(root: Path) -> None:
    write_lines(root / "long", 1, 2000, torn='{"step": 2001, "ima')
    (run,) = [one for one in Roots((root,)).runs() if one.name == "runs/long"]
    assert (run.path / "stats.jsonl").stat().st_size > 2 * LAST_BYTES
    full, found = story_of(run), glance_of(run)
    assert (found.step, found.line_s, found.written_s) == (full.step, full.line_s, full.written_s)
    assert (found.step, found.line_s) == (2000, 2.0)
    with (run.path / "stats.jsonl").open("a") as file:
        file.write("\nbroken\n" + '{"step": 2001, "images_seen": 1}\n')
    assert "line 3 from its end is not JSON" in glance_of(run).fault


def test_the_figure_of_all_snapshots_is_work_that_can_be_stopped(
    start: Start, trained: Path, offered: Offered
) -> None:
    app = begun(start, trained, seed="6")
    assert not [name for name in offered if "snapshots" in name]
    app.button(key="runs.series.start").click().run()
    settled(app)
    (run,) = Roots((trained,)).runs()
    again = Folder(part_writer(run, 5, "snapshots", 6, "cpu"))
    assert offered["mine_snapshots.png"]() == again.file("snapshots/figure.png")
    assert "run_series" in link(app)
    seen: list[int] = []

    def stopping(steps: Sequence[int]) -> Iterator[int]:
        for step in steps:
            yield step
            seen.append(step)
            raise Cancelled

    with pytest.raises(Cancelled):
        part_writer(run, 5, "snapshots", 6, "cpu", progress=stopping)(trained / "nowhere")
    assert seen == [1]
    assert not (trained / "nowhere").exists()


def test_curves_that_grew_are_drawn_anew(start: Start, trained: Path, offered: Offered) -> None:
    app = begun(start, trained)
    before = offered["mine_training.json"]
    assert offered["mine_training.png"]().startswith(b"\x89PNG")
    app.run()
    assert before() is offered["mine_training.json"]()
    write_lines(trained / "mine", 6, 9)
    app.run()
    record = json.loads(offered["mine_training.json"]())
    assert record["step"] == 9


def test_what_is_wrong_with_a_snapshot_is_told_without_the_way_there(
    start: Start, trained: Path, offered: Offered
) -> None:
    app = begun(start, trained)
    (trained / "mine" / "snapshots" / "step_00000009").symlink_to(trained.parent / "secret")
    app.button(key="runs.series.start").click().run()
    settled(app)
    (sentence,) = [one.value.replace("\\", "") for one in app.error]
    assert "outside" in sentence
    assert str(trained) not in sentence


def test_a_directory_that_only_looks_like_a_snapshot_is_named_and_left_out(
    start: Start, root: Path, tiny_checkpoint: Path
) -> None:
    good = add_snapshot(root / "mine", 4, tiny_checkpoint)
    for name in ("step_5", "step_00000004_copy"):
        shutil.copytree(good, good.with_name(name))
    write_lines(root / "other", 1, 2, torn="no JSON\n")
    app = begun(start, root, run="runs/mine")
    assert app.error == []
    assert [one.split(": ", 1)[1] for one in told(app)] == [
        "step_00000004_copy is no name of a snapshot and is left out.",
        "step_5 is no name of a snapshot and is left out.",
        "stats.jsonl: line 3 is not JSON; remove it, or give another run.",
    ]
    assert "at step 4" in component(app, "runs.sheet")["tiles"][0]["alt"]


def test_a_snapshot_that_goes_while_the_page_is_drawn_takes_nothing_else_with_it(
    start: Start, root: Path, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = add_snapshot(root / "mine", 4, tiny_checkpoint)
    write_lines(root / "other", 1, 2, torn="no JSON\n")
    monkeypatch.setattr(Run, "steps", lambda run: [4])  # as it was a moment ago
    shutil.rmtree(gone)
    app = begun(start, root, run="runs/mine")
    assert any("no snapshot of step 4" in one for one in told(app))
    assert any("other: stats.jsonl: line 3" in one for one in told(app))
