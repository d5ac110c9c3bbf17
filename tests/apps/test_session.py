"""What belongs to a session waits for a connection that broke, and goes when nobody comes back."""

import threading
import time
from pathlib import Path

import pytest

from apps.shell.session import Belongings
from tests.apps.conftest import Start


class Thing:
    def __init__(self) -> None:
        self.ended = threading.Event()
        self.times = 0

    def end(self) -> None:
        self.times += 1
        self.ended.set()


def test_everybody_has_one_of_each() -> None:
    mine, yours = Belongings(0.0), Belongings(0.0)
    first = mine.get("a", Thing, Thing.end)
    assert mine.get("a", Thing, Thing.end) is first
    assert mine.get("b", Thing, Thing.end) is not first
    assert yours.get("a", Thing, Thing.end) is not first


def test_who_leaves_for_good_leaves_nothing() -> None:
    mine = Belongings(0.05)
    thing = mine.get("a", Thing, Thing.end)
    mine.leave()
    assert not thing.ended.is_set()
    assert thing.ended.wait(10)
    mine.end()
    assert thing.times == 1
    assert mine.get("a", Thing, Thing.end) is not thing  # who comes back later begins anew


def test_who_comes_back_in_time_finds_everything() -> None:
    mine = Belongings(0.2)
    thing = mine.get("a", Thing, Thing.end)
    mine.leave()
    mine.leave()  # twice is as good as once
    mine.stay()
    time.sleep(0.4)
    assert not thing.ended.is_set()
    assert mine.get("a", Thing, Thing.end) is thing


def test_the_time_is_that_of_the_command_line(start: Start, tmp_path: Path) -> None:
    app = start()
    assert app.session_state["dcgan_viz.belongings"].linger_s == 0


@pytest.mark.parametrize("seconds", [-1.0, 121.0])
def test_no_longer_than_streamlit_keeps_a_session(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.shell.startup import startup
    from dcgan_viz.errors import InputError

    monkeypatch.setattr("sys.argv", ["dashboard.py", "--linger", str(seconds)])
    with pytest.raises(InputError, match="linger"):
        startup()
