"""``dcgan-viz dashboard``: what is given reaches the server and the page, what is wrong is one line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from apps import command
from apps.shell.startup import Startup, startup
from dcgan_viz.errors import InputError
from dcgan_viz.model_options import ModelOptions

ROOT = Path(__file__).parents[2]
CLASSES = [
    "--generator", "dcgan_viz.models.networks:Generator",
    "--generator-args", '{"architecture": null}',
    "--discriminator", "a:B",
]  # fmt: skip


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], list[str]]]:
    """What would be handed to Streamlit: its own options, and those of the page."""
    calls: list[tuple[list[str], list[str]]] = []
    monkeypatch.setattr(command, "_serve", lambda options, arguments: calls.append((options, arguments)))
    monkeypatch.setattr(command, "_warm", lambda: None)
    monkeypatch.setattr(ModelOptions, "load", lambda *_: None)
    return calls


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command.main, words)
    return result.exit_code, result.stderr


def test_options_of_the_server_are_passed_on(started: list[tuple[list[str], list[str]]]) -> None:
    words = ["--server.headless", "true", "--port", "9000", "--address", "0.0.0.0", "--theme.base=dark"]
    assert run(*words) == (0, "")
    assert run("--headless") == (0, "")
    assert started[0][0] == [
        "--server.headless", "true", "--theme.base=dark",
        "--server.port", "9000", "--server.address", "0.0.0.0",
    ]  # fmt: skip
    assert started[1][0] == ["--server.headless", "true"]


@pytest.mark.parametrize(
    "words", [[], ["--prior", "normal:8", "--step", "best"], CLASSES, ["--weights", "-x.pth"]]
)
def test_the_page_reads_what_the_command_read(
    started: list[tuple[list[str], list[str]]], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    assert run(
        *words, "--runs", "a b", "--runs", "c", "--device", "cpu", "--linger", "5", "--images", "rooms"
    ) == (0, "")
    monkeypatch.setattr(sys, "argv", ["dashboard.py", *started[0][1]])
    given = {
        one[2:].replace("-", "_"): Path(value) if one == "--weights" else value
        for one, value in zip(words[::2], words[1::2], strict=True)
    }
    model = ModelOptions(**given) if given else None  # type: ignore[arg-type]
    assert startup() == Startup(model, (Path("a b"), Path("c")), "cpu", 5.0, "rooms")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--prt", "3"], 2, "--prt"),
        (["--port", "70000"], 2, "--port"),
        (["--linger", "-1"], 2, "--linger"),
        (["extra"], 2, "extra"),
        (["--server.port", "1", "2"], 2, "2"),
        (["--device", "cuda:77"], 1, "cuda:77"),
        (["--checkpoint", "nowhere.pth"], 1, "nowhere.pth"),
        (["--images", "folder:nowhere"], 1, "nowhere"),
    ],
)
def test_what_is_wrong_is_one_line(words: list[str], code: int, told: str) -> None:
    ended, said = run(*words)
    assert (ended, said.count("\n")) == (code, 1)
    assert told in said


def test_options_that_the_page_does_not_know_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["dashboard.py", "--no-such", "1"])
    with pytest.raises(InputError, match="--no-such"):
        startup()


def test_without_streamlit_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_warm", lambda: None)
    monkeypatch.setitem(sys.modules, "streamlit.web", None)
    code, said = run()
    assert (code, said.count("\n")) == (1, 1)
    assert "dcgan_viz[app]" in said


def test_make_dashboard_opens_it_with_what_is_given(tmp_path: Path) -> None:
    def words(*stamps: str) -> list[str]:
        """What make would do in a clone where so much is installed already."""
        clone = tmp_path / f"clone{len(stamps)}"
        (clone / ".venv").mkdir(parents=True)
        for name in ("Makefile", "pyproject.toml"):
            shutil.copy(ROOT / name, clone)
        for stamp in stamps:
            (clone / ".venv" / stamp).touch()
        options = ["--no-print-directory", "-n", "dashboard", "ARGS=--server.headless true --port 9000"]
        done = subprocess.run(["make", *options], cwd=clone, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    opened = ".venv/bin/dcgan-viz dashboard --server.headless true --port 9000"
    assert words(".installed", ".installed-app") == [opened]
    bare = words()
    assert bare[-1] == opened
    assert any("-m venv .venv" in line for line in bare)
    assert any("install" in line and "'.[app]'" in line for line in bare)
