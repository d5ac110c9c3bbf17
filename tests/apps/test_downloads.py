"""What is taken home: a folder is made once for all its buttons, and why a file is not there is told."""

import io
import threading
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from apps.shell.downloads import Folder
from dcgan_viz.errors import InputError
from tests.apps.conftest import RUN_S, Offered
from tests.waiting import PATIENCE_S

PAGE = """
import streamlit as st

from apps.shell.downloads import Download, downloads, folder
from tests.apps import test_downloads

made = folder(st.session_state.get("result", 0), test_downloads.write)
downloads("row", [made.download("One", "one.json", "one"), Download("All", "all.zip", made.archive)])
"""

written: list[Path] = []


def write(directory: Path) -> None:
    written.append(directory)
    (directory / "deep").mkdir()
    (directory / "one").write_bytes(b"first")
    (directory / "deep" / "two").write_bytes(b"second")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("tests.apps.test_downloads.written", [])
    return AppTest.from_string(PAGE, default_timeout=RUN_S)


def test_a_folder_is_made_once_for_all_its_buttons(app: AppTest, offered: Offered) -> None:
    app.run()
    assert written == []
    assert offered["one.json"]() == b"first"
    app.run()
    with zipfile.ZipFile(io.BytesIO(offered["all.zip"]())) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "one": b"first", "deep/two": b"second",
        }  # fmt: skip
    assert len(written) == 1
    app.session_state["result"] = 1
    app.run()
    assert offered["one.json"]() == b"first"
    assert len(written) == 2
    assert not any(directory.exists() for directory in written)


def test_two_clicks_at_once_make_it_once_and_other_folders_do_not_wait() -> None:
    begun, go_on = threading.Event(), threading.Event()
    count = []

    def slow(directory: Path) -> None:
        count.append(1)
        begun.set()
        assert go_on.wait(PATIENCE_S)
        write(directory)

    made = Folder(slow)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(made.file("one"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert begun.wait(PATIENCE_S)
    assert Folder(write).file("one") == b"first"
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert found == [b"first", b"first"]
    assert count == [1]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InputError("walk.mp4: no ffmpeg; install one"), "one.json: walk.mp4: no ffmpeg; install one"),
        (OSError(28, "No space left on device", "/tmp/x/figure.png"), "No space left on device"),
        (ZeroDivisionError("secret"), "not yours: number"),
    ],
)
def test_why_a_file_could_not_be_made_is_told_when_the_page_next_runs(
    app: AppTest, offered: Offered, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def fail(_: Path) -> None:
        raise error

    monkeypatch.setattr("tests.apps.test_downloads.write", fail)
    app.run()
    with pytest.raises(type(error)):
        offered["one.json"]()
    (sentence,) = [one.value.replace("\\", "") for one in app.run().error]
    assert told in sentence
    assert "/tmp" not in sentence
    assert "secret" not in sentence
    assert not app.run().error
