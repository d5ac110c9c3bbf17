"""Long work on a page: asked for, shown, cancelled by its button or by other work, and by nothing else."""

import threading
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from apps.shell import jobs
from apps.shell.cache import RESULTS
from apps.shell.field import asked, flag
from tests.apps.conftest import RUN_S, link
from tests.apps.pages import settled
from tests.waiting import until

PAGE = """
import streamlit as st

from apps.shell import state
from apps.shell.work import result
from tests.apps import test_work

state.begin("work")
setting = st.text_input("Setting", "a", key="setting")
found = result(
    "place", setting, "Counting", lambda job: test_work.work(setting, job),
    started=test_work.started(setting), button="Count",
)
if found is not None:
    st.caption(f"found {found}")
state.end()
"""

gates: dict[str, threading.Event] = {}
by_itself = False


def started(setting: str) -> object:
    return flag("counted", True) if by_itself else asked("counted", setting)


def work(setting: str, job: jobs.Job) -> str:
    while not gates[setting].wait(0.01):
        job.check()
    if setting == "odd":
        raise ZeroDivisionError
    return setting.upper()


@pytest.fixture(autouse=True)
def nothing_begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("sys.argv", ["dashboard.py", "--linger", "0"])
    RESULTS.clear()
    gates.update({setting: threading.Event() for setting in ("a", "b", "odd")})
    yield
    for gate in gates.values():
        gate.set()
    until(lambda: not jobs._alive)


def opened(**values: str) -> AppTest:
    app = AppTest.from_string(PAGE, default_timeout=RUN_S)
    app.query_params.update(values)
    return app.run()


def buttons(app: AppTest) -> set[str]:
    return {one.label for one in app.button}


def setting(app: AppTest, value: str) -> AppTest:
    return app.text_input(key="setting").set_value(value).run()


def counted(app: AppTest) -> list[str]:
    return [one.value for one in settled(app).caption]


def test_looking_at_other_settings_ends_nothing() -> None:
    app = opened()
    app.button(key="place.start").click().run()
    (job,) = jobs._alive
    digest = link(app)["counted"]
    setting(app, "b")
    assert not job.is_cancelled
    assert buttons(app) == {"Cancel", "Count"}
    (line,) = app.get("progress")
    assert line.proto.text.startswith("Counting, as it was asked for before")
    setting(app, "a")
    assert jobs._alive == [job]
    assert buttons(app) == {"Cancel"}
    assert link(app)["counted"] == digest
    gates["a"].set()
    assert counted(app) == ["found A"]


def test_work_that_ends_unseen_is_there_for_who_comes_back() -> None:
    app = opened()
    app.button(key="place.start").click().run()
    setting(app, "b")
    gates["a"].set()
    assert counted(app) == []
    assert buttons(app) == {"Count"}
    assert counted(setting(app, "a")) == ["found A"]


def test_other_work_takes_the_place() -> None:
    app = opened()
    app.button(key="place.start").click().run()
    (job,) = jobs._alive
    setting(app, "b").button(key="place.start").click().run()
    assert job.is_cancelled
    until(lambda: job not in jobs._alive)
    assert buttons(app) == {"Cancel"}
    gates["b"].set()
    assert counted(app) == ["found B"]
    setting(app, "a")
    assert buttons(app) == {"Count"}


def test_it_is_cancelled_from_beside_other_settings_for_good() -> None:
    app = opened()
    app.button(key="place.start").click().run()
    (job,) = jobs._alive
    setting(app, "b").button(key="place.cancel").click().run()
    until(lambda: job.status == "cancelled")
    settled(app)
    assert "counted" not in link(app)
    setting(app, "a")
    assert buttons(app) == {"Count"}
    assert not jobs._alive


def test_what_was_cancelled_begins_again_for_who_asks_by_a_link() -> None:
    app = opened()
    app.button(key="place.start").click().run()
    (job,) = jobs._alive
    job.cancel()
    app.run()
    gates["a"].set()
    assert counted(app) == ["found A"]
    assert job.status == "cancelled"


def test_where_work_begins_by_itself_other_settings_replace_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.apps.test_work.by_itself", True)
    app = opened()
    (job,) = jobs._alive
    setting(app, "b")
    assert job.is_cancelled
    assert buttons(app) == {"Cancel"}
    gates["b"].set()
    assert counted(app) == ["found B"]
    setting(app, "a")
    setting(app, "b")  # while the other goes on
    assert [one.value for one in app.caption] == ["found B"]
    app.button(key="place.cancel").click().run()
    assert counted(app) == ["found B"]


def test_a_server_with_too_much_to_do_says_so_and_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened()
    with monkeypatch.context() as full:
        full.setattr(jobs, "MOST_WAITING", 0)
        app.button(key="place.start").click().run()
        for _ in range(2):
            (error,) = app.error
            assert "too much to do" in error.value
            assert buttons(app) == {"Count"}
            app.run()
    gates["a"].set()
    assert counted(app.run()) == ["found A"]


def numbers(caplog: pytest.LogCaptureFixture) -> int:
    """How many defects the log has."""
    return sum(one.name == "dcgan_viz.apps" for one in caplog.records)


def test_what_failed_waits_to_be_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    app = setting(opened(), "odd")
    gates["odd"].set()
    app.button(key="place.start").click().run()
    settled(app)
    for _ in range(2):
        assert len(app.error) == 1
        app.run()
    assert numbers(caplog) == 1
    app.button(key="place.start").click().run()
    settled(app)
    assert numbers(caplog) == 2


def test_a_result_that_had_to_go_is_asked_for_again_and_not_made_by_itself() -> None:
    app = opened()
    gates["a"].set()
    app.button(key="place.start").click().run()
    assert counted(app) == ["found A"]
    RESULTS.clear()
    app.run()
    assert not jobs._alive
    assert buttons(app) == {"Count"}
    assert [one.value for one in app.caption] == ["The result had to go: others needed the room."]
    app.button(key="place.start").click().run()
    assert counted(app) == ["found A"]
