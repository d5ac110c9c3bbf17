"""What belongs to a session waits for a connection that broke, and goes when nobody comes back."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.runtime.caching import clear_session_resource_cache

from apps.shell.session import Belongings
from tests.apps.conftest import Start


class Thing:
    def __init__(self) -> None:
        self.ended = threading.Event()
        self.times = 0

    def end(self) -> None:
        self.times += 1
        self.ended.set()


class Line:
    """The connection of a session."""

    def __init__(self) -> None:
        self.is_there = True

    def __call__(self) -> bool:
        return self.is_there


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.shell.session._LEAST_S", 0.05)


def test_everybody_has_one_of_each() -> None:
    mine, yours = Belongings(0.0, Line()), Belongings(0.0, Line())
    first = mine.get("a", Thing, Thing.end)
    assert mine.get("a", Thing, Thing.end) is first
    assert mine.get("b", Thing, Thing.end) is not first
    assert yours.get("a", Thing, Thing.end) is not first


def test_who_leaves_for_good_leaves_nothing() -> None:
    line = Line()
    mine = Belongings(0.1, line)
    thing = mine.get("a", Thing, Thing.end)
    mine.leave()  # Streamlit says so first
    line.is_there = False
    assert not thing.ended.is_set()
    assert thing.ended.wait(10)
    mine.end()
    assert thing.times == 1
    assert mine.get("a", Thing, Thing.end) is not thing  # who comes back later begins anew


def test_who_comes_back_in_time_finds_everything() -> None:
    line = Line()
    mine = Belongings(0.1, line)
    thing = mine.get("a", Thing, Thing.end)
    mine.leave()
    mine.leave()  # twice is as good as once
    time.sleep(0.4)
    assert not thing.ended.is_set()
    assert mine.get("a", Thing, Thing.end) is thing
    line.is_there = False
    assert thing.ended.wait(10)


@pytest.mark.parametrize("linger_s", [0.0, 0.1])
def test_a_run_that_the_connection_left_behind_keeps_nothing(linger_s: float) -> None:
    line = Line()
    mine = Belongings(linger_s, line)
    first = mine.get("a", Thing, Thing.end)
    mine.leave()
    line.is_there = False
    again = mine.get("a", Thing, Thing.end)
    assert (again is first) == (linger_s > 0)
    assert again.ended.wait(10)


def test_streamlit_is_asked_for_the_connection(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that goes on after the session's caches were cleared ties them anew; still they end."""
    app = start()
    mine = app.session_state["dcgan_viz.belongings"]
    monkeypatch.setattr(mine, "linger_s", 0.1)
    active = {"test session id"}
    server = SimpleNamespace(is_active_session=active.__contains__)
    monkeypatch.setattr(
        "streamlit.runtime", SimpleNamespace(exists=lambda: True, get_instance=lambda: server)
    )
    thing = mine.get("a", Thing, Thing.end)
    clear_session_resource_cache("test session id")
    app.run()
    time.sleep(0.4)
    assert not thing.ended.is_set()
    active.clear()
    assert thing.ended.wait(10)


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
