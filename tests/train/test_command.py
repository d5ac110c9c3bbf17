"""`python -m train`: flags, what is refused, and what a refusal leaves behind."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.train.runs import assert_same_end, diary, start_holding
from train import collapse, loop, run, snapshots
from train.__main__ import main
from train.session import begin
from train.settings import Settings

pytestmark = pytest.mark.usefixtures("cheap_evaluation")

REPOSITORY = Path(__file__).resolve().parents[2]


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def refusal(code: int, *arguments: object) -> str:
    result = invoke(*arguments)
    assert result.exit_code == code, result.stderr
    assert result.stdout == ""
    error = result.stderr.splitlines()[-1]
    assert error.startswith("Error: ")
    return error


@pytest.fixture
def flags(settings: Callable[..., Settings]) -> list[str]:
    """`settings` as a person would give them."""
    values = settings().to_json()
    del values["memory_format"]
    return [
        part
        for name, value in values.items()
        if value is not None
        for part in (f"--{name.replace('_', '-')}", str(value))
    ]


def test_dry_run_prints_the_resolved_settings_and_does_nothing(tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = invoke("--dry-run", "--device", "cpu", "--precision", "fp32", "--out", out, "--num-epochs", 3)
    assert result.exit_code == 0
    assert (
        json.loads(result.stdout)
        == Settings(device="cpu", precision="fp32", num_epochs=3).resolved().to_json()
    )
    assert json.loads(result.stdout)["data_count"] == 50_000
    assert not out.exists()


@pytest.mark.parametrize("style", [str, lambda flag: flag.replace("-", "_").replace("__", "--", 1)])
def test_flags_take_dashes_and_underscores(style: Callable[[str], str]) -> None:
    values = {
        "--num-epochs": 3,
        "--batch-size": 8,
        "--channels-noise": 10,
        "--lr-g": 0.5,
        "--lr-d": 0.25,
        "--beta1": 0.75,
        "--image-size": 28,
        "--width": 4,
        "--d-steps": 2,
        "--instance-noise": 0.125,
        "--seed": 9,
        "--ema-half-life-images": 100.0,
        "--snapshot-interval-images": 200,
        "--log-interval-steps": 7,
        "--data-count": 40,
    }
    result = invoke("--dry-run", *(part for flag, value in values.items() for part in (style(flag), value)))
    printed = json.loads(result.stdout)
    assert {flag: printed[flag[2:].replace("-", "_")] for flag in values} == values


def test_the_command_trains(tmp_path: Path, flags: list[str]) -> None:
    out = tmp_path / "new/run"
    result = invoke("--out", out, *flags)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert f"{out}: 12 steps, 192 images" in result.stderr
    assert sorted(path.name for path in out.iterdir()) == [
        ".lock", "best", "config.json", "latest", "snapshots", "stats.jsonl",
    ]  # fmt: skip
    assert sorted(path.name for path in (out / "snapshots").iterdir()) == [
        f"step_000000{n}" for n in ("04", "08", "12")
    ]
    assert sorted(path.name for path in (out / "latest").iterdir()) == [
        "manifest.json", "resume.pt", "samples.png", "weights.safetensors",
    ]  # fmt: skip
    logged = [line for line in diary(out) if "loss_d" in line]
    assert [line["step"] for line in logged] == [3, 6, 9, 12]
    assert [line["epoch"] for line in logged] == [1, 2, 3, 4]
    assert set(logged[0]) == {"step", "images_seen", "epoch", "loss_d", "loss_g", "logit_real", "logit_fake"}
    scored = [line for line in diary(out) if "scores" in line]
    assert [line["step"] for line in scored] == [4, 8, 12]
    scores = {f"step_{line['step']:08d}": line["scores"] for line in scored}
    assert scores == {path.name: snapshots.scores_of(path) for path in snapshots.newest_first(out)}
    assert (out / "best").resolve().name == min(scores, key=lambda name: scores[name]["sliced_wasserstein"])  # type: ignore[index]


def test_quiet_says_nothing(tmp_path: Path, flags: list[str]) -> None:
    result = invoke("--out", tmp_path / "run", *flags, "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_a_longer_run_is_the_short_one_gone_on_with(tmp_path: Path, flags: list[str]) -> None:
    assert invoke("--out", tmp_path / "short", *flags).exit_code == 0
    assert invoke("--out", tmp_path / "short", "--resume", "--num-epochs", 8).exit_code == 0
    assert invoke("--out", tmp_path / "long", *flags, "--num-epochs", 8).exit_code == 0
    assert_same_end(tmp_path / "short", tmp_path / "long")


def test_a_finished_run_has_nothing_to_go_on_with(tmp_path: Path, flags: list[str]) -> None:
    out = tmp_path / "run"
    assert invoke("--out", out, *flags).exit_code == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != ".lock"}
    assert invoke("--out", out, "--resume").exit_code == 0
    assert before == {
        path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != ".lock"
    }


def test_a_filled_directory_is_refused(tmp_path: Path, flags: list[str]) -> None:
    (tmp_path / "notes.txt").write_text("dear")
    line = refusal(1, "--out", tmp_path, *flags)
    assert "not empty" in line
    assert "--force" in line
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert "a file, not a directory" in refusal(1, "--out", tmp_path / "notes.txt", *flags)
    assert "Not a directory" in refusal(1, "--out", tmp_path / "notes.txt/run", *flags)


def test_force_begins_again(tmp_path: Path, flags: list[str]) -> None:
    for name, options in (("forced", ["--seed", "1"]), ("forced", ["--force"]), ("fresh", [])):
        assert invoke("--out", tmp_path / name, *flags, *options).exit_code == 0
    assert_same_end(tmp_path / "forced", tmp_path / "fresh")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--data", "folder:no/such"], ["no/such", "no such directory"]),
        (["--data", "mnist:."], ["idx"]),
        (["--batch-size", "49"], ["48 images", "--batch-size 49"]),
        (["--data-count", "49"], ["49", "48"]),
        (["--num-epochs", "1", "--d-steps", "4"], ["--num-epochs 1", "--d-steps 4"]),
    ],
)
def test_data_that_cannot_be_used_leave_nothing(
    tmp_path: Path, flags: list[str], options: list[str], words: list[str]
) -> None:
    line = refusal(1, "--out", tmp_path / "run", *flags, *options)
    assert [word for word in words if word not in line] == []
    assert not (tmp_path / "run").exists()


def test_force_with_data_that_cannot_be_used_deletes_nothing(tmp_path: Path, flags: list[str]) -> None:
    out = tmp_path / "run"
    assert invoke("--out", out, *flags).exit_code == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != ".lock"}
    refusal(1, "--out", out, "--force", *flags, "--data", "folder:no/such")
    assert before == {
        path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != ".lock"
    }


@pytest.mark.parametrize(
    ("code", "arguments", "words"),
    [
        (1, ["--data", "imagenet", "--out", "run"], "data 'imagenet': not known; use rooms, mnist:DIR"),
        (1, ["--num-epochs", "0", "--out", "run"], "num_epochs 0"),
        (1, ["--out", "run", "--resume"], "run: no run (config.json is missing)"),
        (1, ["--device", "gpu", "--dry-run"], "device 'gpu'"),
        (2, ["--num-epochs", "many", "--out", "run"], "'many' is not a valid integer"),
        (2, ["--image_sise", "64"], "--image-size"),
        (2, ["--prior", "cauchy"], "'cauchy'"),
        (2, [], "Missing option '--out'"),
        (2, ["--resume", "--dry-run"], "Missing option '--out'"),
        (2, ["--out", "run", "--resume", "--force"], "give one of them"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_contradiction_with_the_run_is_one_line(tmp_path: Path, settings: Callable[..., Settings]) -> None:
    run.begin(tmp_path, settings())
    assert "the run in" in refusal(1, "--out", tmp_path, "--resume", "--seed", 6)
    printed = json.loads(invoke("--out", tmp_path, "--resume", "--dry-run", "--num_epochs", 9).stdout)
    assert printed == settings(num_epochs=9).to_json()
    assert run.saved_settings(tmp_path) == settings()


def test_images_that_changed_are_refused(tmp_path: Path, settings: Callable[..., Settings]) -> None:
    begin(tmp_path / "run", settings(data_count=32), quiet=True)
    config = json.loads((tmp_path / "run/config.json").read_text())
    (tmp_path / "run/config.json").write_text(json.dumps({**config, "data_count": 40}))
    assert "not the images that the run" in refusal(1, "--out", tmp_path / "run", "--resume")


@pytest.mark.parametrize("how", [["--resume"], ["--force"]])
def test_a_second_trainer_is_refused(
    tmp_path: Path, settings: Callable[..., Settings], flags: list[str], how: list[str]
) -> None:
    run.begin(tmp_path, settings())
    process = start_holding(tmp_path)
    while not ((tmp_path / ".lock").exists() and (tmp_path / ".lock").stat().st_size):
        assert process.is_alive()
        time.sleep(0.001)
    line = refusal(1, "--out", tmp_path, *how, *(flags if how == ["--force"] else []))
    assert f"another process (pid {process.pid})" in line
    process.kill()
    process.join()


def test_losses_that_are_no_numbers_end_the_run(tmp_path: Path, flags: list[str]) -> None:
    out = tmp_path / "run"
    line = refusal(1, "--out", out, *flags, "--num-epochs", 40, "--lr-g", "1e30", "--lr-d", "1e30")
    assert "no longer numbers" in line
    assert "--lr-g and --lr-d" in line
    assert not (out / "stats.jsonl").exists()
    assert not list(out.glob("snapshots/*"))


def test_a_collapse_is_mentioned(
    tmp_path: Path, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collapse, "LOSS_D", float("inf"))
    monkeypatch.setattr(collapse, "LOGIT_FAKE", float("inf"))
    monkeypatch.setattr(loop, "CollapseWatch", lambda: collapse.CollapseWatch(window_images=100))
    said: list[str] = []
    monkeypatch.setattr(loop, "warn", said.append)
    begin(tmp_path / "run", settings(), quiet=True)
    # 48 images a log interval: the third fills the window.
    assert len(said) == 1
    assert said[0].startswith("the discriminator has won for 144 images")


def test_snapshots_without_the_score_are_mentioned(
    tmp_path: Path, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    begin(out, settings(), quiet=True)
    for snapshot in snapshots.newest_first(out):
        manifest = json.loads((snapshot / "manifest.json").read_text())
        (snapshot / "manifest.json").write_text(json.dumps({**manifest, "scores": {"older": 1.0}}))
    said = [line for line in invoke("--out", out, "--resume").stderr.splitlines() if "rescore" in line]
    assert len(said) == 1
    assert "3 earlier snapshots have no sliced_wasserstein" in said[0]


def test_training_needs_no_package_that_only_analyses_need() -> None:
    code = """
import sys
for name in ("sklearn", "scipy", "captum", "matplotlib", "plotly", "streamlit", "pandas"):
    sys.modules[name] = None
import train.__main__, train.rescore
"""
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=os.environ, check=True)
