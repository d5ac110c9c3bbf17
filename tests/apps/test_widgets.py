"""What widgets show is forced on the browser only where the browser shows something else."""

from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from apps.shell import widgets
from apps.shell.widgets import showing


def script() -> None:
    import streamlit as st

    from apps.shell import controls, widgets
    from apps.shell.field import choice, whole

    depth, room = whole("depth", 3, 0, 99), choice("room", "a", ("a", "b"))
    if (wanted := st.session_state.pop("wanted", None)) is not None:
        depth.set(wanted)
    most = st.session_state.get("most", 9)
    controls.slider(depth, "Depth", 0, most, 1)
    controls.select(room, "Room", ("a", "b"), lambda one: one + st.session_state.get("mark", ""))
    widgets.end()


def forced(app: AppTest, **state: Any) -> dict[str, object]:
    """Run the script; the values that the browser has to take."""
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    shown = {"depth": app.slider[0], "room": app.selectbox[0]}
    return {name: one.value for name, one in shown.items() if one.proto.set_value}


def test_only_news_are_forced_on_the_browser() -> None:
    app = AppTest.from_function(script)
    assert forced(app) == {"depth": 3, "room": "a"}
    assert forced(app) == {}
    app.slider[0].set_value(5)
    assert forced(app) == {}
    assert app.slider[0].value == 5
    assert forced(app, wanted=7) == {"depth": 7}
    assert forced(app) == {}


def test_what_a_run_that_was_cut_short_told_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    default = {"value": 3}
    monkeypatch.setattr(st, "session_state", {})
    assert showing("depth", 3, default) == {}
    assert showing("depth", 3, default) == {}  # the run before did not come to its end
    widgets.end()
    assert showing("depth", 3, default) == default
    widgets.end()
    assert showing("depth", 4, default) == {}
    assert showing("depth", 4, default) == {}
    widgets.end()
    assert showing("depth", 4, default) == default


def test_another_widget_shows_the_same_value() -> None:
    app = AppTest.from_function(script)
    forced(app)
    app.slider[0].set_value(5)
    forced(app, most=12)
    assert app.slider[0].value == 5
    assert forced(app, mark="!") == {"room": "a"}  # the browser knows it by its label
    assert app.slider[0].value == 5
