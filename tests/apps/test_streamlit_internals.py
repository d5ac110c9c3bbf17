"""Where Streamlit has no more what it never promised, the dashboard does without."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
from streamlit.runtime import scriptrunner

from apps.shell.streamlit_internals import is_connected, is_history_navigation, session_id


def test_what_streamlit_says_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    run = SimpleNamespace(session_id="mine", is_history_navigation=True)
    monkeypatch.setattr(scriptrunner, "get_script_run_ctx", lambda: run)
    server = SimpleNamespace(is_active_session=lambda name: name == "mine")
    found = SimpleNamespace(exists=lambda: True, get_instance=lambda: server)
    monkeypatch.setattr("streamlit.runtime", found)
    assert session_id() == "mine"
    assert is_history_navigation()
    assert is_connected("mine")
    assert not is_connected("yours")
    monkeypatch.setattr(found, "exists", lambda: False)
    assert not is_connected("mine")


def test_outside_of_a_run_there_is_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scriptrunner, "get_script_run_ctx", lambda: None)
    assert session_id() == ""
    assert not is_history_navigation()


def test_a_run_that_says_less_is_one_without_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scriptrunner, "get_script_run_ctx", lambda: SimpleNamespace())
    assert session_id() == ""
    assert not is_history_navigation()


def test_modules_and_names_that_are_gone_are_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "streamlit.runtime.scriptrunner", ModuleType("scriptrunner"))
    assert session_id() == ""
    assert not is_history_navigation()
    for found in (ModuleType("runtime"), SimpleNamespace(exists=lambda: True, get_instance=SimpleNamespace)):
        monkeypatch.setattr("streamlit.runtime", found)
        assert not is_connected("mine")
