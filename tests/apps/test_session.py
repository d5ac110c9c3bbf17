"""What belongs to a session waits for a connection that broke, and goes when nobody comes back."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.runtime.caching import clear_session_resource_cache

from apps.shell.session import Belongings
from tests.apps.conftest import Start
from tests.waiting import PATIENCE_S

LINGER_S = 30.0


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


class Clock:
    """A time that passes only where a test lets it: its `timer` stands in for threading.Timer."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.waiting: list[Alarm] = []

    def timer(self, seconds: float, call: Callable[[], None]) -> "Alarm":
        return Alarm(self, self.now_s + seconds, call)

    def passes(self, seconds: float) -> None:
        end = self.now_s + seconds
        while due := [one for one in self.waiting if one.at_s <= end]:
            first = min(due, key=lambda one: one.at_s)
            self.waiting.remove(first)
            self.now_s = first.at_s
            first.call()
        self.now_s = end


@dataclass(eq=False)
class Alarm:
    clock: Clock
    at_s: float
    call: Callable[[], None]
    daemon: bool = False

    def start(self) -> None:
        self.clock.waiting.append(self)

    def cancel(self) -> None:
        if self in self.clock.waiting:
            self.clock.waiting.remove(self)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("apps.shell.session.Timer", found.timer)
    return found


def test_everybody_has_one_of_each() -> None:
    mine, yours = Belongings(0.0, Line()), Belongings(0.0, Line())
    first = mine.get("a", Thing, Thing.end)
    assert mine.get("a", Thing, Thing.end) is first
    assert mine.get("b", Thing, Thing.end) is not first
    assert yours.get("a", Thing, Thing.end) is not first


def test_who_leaves_for_good_leaves_nothing(clock: Clock) -> None:
    line = Line()
    mine = Belongings(LINGER_S, line)
    thing = mine.get("a", Thing, Thing.end)
    mine.leave()  # Streamlit says so first
    line.is_there = False
    clock.passes(0.9 * LINGER_S)
    assert thing.times == 0
    clock.passes(0.2 * LINGER_S)
    assert thing.times == 1
    mine.end()
    assert thing.times == 1
    assert clock.waiting == []
    assert mine.get("a", Thing, Thing.end) is not thing  # who comes back later begins anew


def test_it_happens_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.shell.session._LEAST_S", 0.05)
    line = Line()
    mine = Belongings(0.1, line)
    thing = mine.get("a", Thing, Thing.end)
    line.is_there = False
    mine.leave()
    assert thing.ended.wait(PATIENCE_S)


def test_who_comes_back_in_time_finds_everything(clock: Clock) -> None:
    line = Line()
    mine = Belongings(LINGER_S, line)
    thing = mine.get("a", Thing, Thing.end)
    mine.leave()
    mine.leave()
    assert len(clock.waiting) == 1  # twice is as good as once
    clock.passes(4.5 * LINGER_S)
    assert thing.times == 0
    assert mine.get("a", Thing, Thing.end) is thing
    line.is_there = False
    clock.passes(LINGER_S)
    assert thing.times == 1


@pytest.mark.parametrize("linger_s", [0.0, LINGER_S])
def test_a_run_that_the_connection_left_behind_keeps_nothing(clock: Clock, linger_s: float) -> None:
    line = Line()
    mine = Belongings(linger_s, line)
    first = mine.get("a", Thing, Thing.end)
    mine.leave()
    line.is_there = False
    again = mine.get("a", Thing, Thing.end)
    assert (again is first) == (linger_s > 0)
    assert again.times == 0
    clock.passes(linger_s + 2)
    assert again.times == 1


def test_streamlit_is_asked_for_the_connection(
    start: Start, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that goes on after the session's caches were cleared ties them anew; still they end."""
    app = start()
    mine = app.session_state["dcgan_viz.belongings"]
    monkeypatch.setattr(mine, "linger_s", LINGER_S)
    active = {"test session id"}
    server = SimpleNamespace(is_active_session=active.__contains__)
    monkeypatch.setattr(
        "streamlit.runtime", SimpleNamespace(exists=lambda: True, get_instance=lambda: server)
    )
    thing = mine.get("a", Thing, Thing.end)
    clear_session_resource_cache("test session id")
    app.run()
    clock.passes(4.5 * LINGER_S)
    assert thing.times == 0
    active.clear()
    clock.passes(LINGER_S)
    assert thing.times == 1


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
