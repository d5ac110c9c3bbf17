"""What a link, a run or a file calls things is shown to the letter: no Markdown of it is rendered."""

import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from apps.remove_objects import trial
from apps.remove_objects.fields import TARGET
from apps.shell.jobs import Job
from tests.apps.conftest import Start
from tests.apps.fake_runs import add_snapshot, write_lines
from tests.apps.pages import grey_gan, opened
from tests.apps.removal import button, networks, trained, wait, with_boxes
from tests.remove_objects.planted import Planted

HOSTILE = "![evil](//a.b) www.evil.com me@evil.com &lt; :smile: ->"
RENDERED = ("](", "![", "www.", "me@", " &lt;", " :smile", "->")
_MARKDOWN = ("body", "label", "help", "text", "caption", "delta")


class Renamed(Planted):
    """The planted generator with layers of a hostile name."""

    PREFIX = "![evil](a) www_evil "

    def __init__(self, size: int, channels: int) -> None:
        super().__init__(size, channels)
        for name in list(self._modules):
            self._modules[self.PREFIX + name] = self._modules.pop(name)

    def __getattr__(self, name: str) -> Any:
        prefixed = self.PREFIX + name
        return super().__getattr__(prefixed if prefixed in self.__dict__["_modules"] else name)


def told(app: AppTest) -> list[str]:
    """Texts that Streamlit takes for Markdown, those that bear the hostile name."""
    nodes = [node for node in app._tree if getattr(node, "type", "") not in ("html", "bidi_component")]
    protos = [node.proto for node in nodes if getattr(node, "proto", None) is not None]
    found = [getattr(proto, name, "") for proto in protos for name in _MARKDOWN]
    return [text for text in found if isinstance(text, str) and "evil" in text]


def check(app: AppTest, least: int) -> None:
    assert len(told(app)) >= least
    assert [text for text in told(app) if any(mark in text for mark in RENDERED)] == []


def test_a_target_and_the_progress_of_its_probe(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    assert TARGET.parse(HOSTILE) == HOSTILE

    def endless(_: object, job: Job) -> None:
        job.step = f"learning what draws {HOSTILE}"
        while True:
            job.check()
            time.sleep(0.01)

    app = with_boxes(start, removal_target=HOSTILE)
    with monkeypatch.context() as patch:
        patch.setattr(trial, "lesson", endless)
        button(app, "Train the probe").click().run()
        while not any("learning" in text for text in told(app)):
            app.run()
        check(app, 1)
        button(app, "Cancel").click().run()
        while not any(one.label == "Train the probe" for one in app.button):
            app.run()
    button(app, "Train the probe").click().run()
    wait(app, "removal.columns")
    check(app, 3)  # the slider's help and the metric's label, too


def test_a_layer(start: Start) -> None:
    words = [
        word.replace("tests.remove_objects.planted:Planted", f"{__name__}:Renamed") for word in networks()
    ]
    app = trained(start, arguments=words)
    check(app, 2)


def test_a_run_and_its_scores(start: Start, tmp_path: Path) -> None:
    name = HOSTILE.replace("/", ":")
    run = tmp_path / "runs" / name
    write_lines(run, 1, 5)
    with (run / "stats.jsonl").open("a") as file:
        file.write(f'{{"step": 5, "images_seen": 40, "scores": {{"{HOSTILE}": 2.5}}}}\n')
    add_snapshot(run, 5, grey_gan(tmp_path / "weights.safetensors", scores={HOSTILE: 2.5}))
    app = opened(start, "runs", "--runs", str(tmp_path / "runs"))
    check(app, 2)
    (run / "stats.jsonl").write_text("broken\n")
    check(app.run(), 1)


def test_a_root_without_a_run(start: Start, tmp_path: Path) -> None:
    check(opened(start, "runs", "--runs", str(tmp_path / HOSTILE.replace("/", ":"))), 1)


def test_a_step_of_another_link(start: Start) -> None:
    check(opened(start, "remove_objects", removal_layer="a", seed=HOSTILE), 1)
