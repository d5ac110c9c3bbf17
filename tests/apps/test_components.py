"""What a component's script sends is taken for what it is: a browser may send anything."""

import re
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from apps import components
from apps.components import component, sent
from apps.shell.sheet import applied, clicks

HERE = Path(components.__file__).parent


@pytest.mark.parametrize("state", [None, 5, "at", {}, {"at": None}, {"at": 5}, {"at": [{"frame": 1}]}])
def test_what_is_no_object_is_nothing(monkeypatch: pytest.MonkeyPatch, state: Any) -> None:
    monkeypatch.setattr(st, "session_state", {"player": state})
    assert sent("player", "at") == {}
    assert sent("never", "at") == {}


def test_an_object_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"player": {"at": {"frame": 3}}})
    assert sent("player", "at") == {"frame": 3}


@pytest.mark.parametrize(
    "clicked", [5, None, "b", {"b": True}, [["b"]], [[5, True, ""]], [[["b"], True, ""]]]
)
def test_clicks_that_are_none_change_nothing(clicked: Any) -> None:
    assert applied(["a"], clicks(clicked)) == ("a",)


@pytest.mark.parametrize(
    "name", [path.name for path in HERE.iterdir() if (path / f"{path.name}.js").exists()]
)
def test_scripts_share_how_elements_are_made(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    scripts = []
    monkeypatch.setattr(st.components.v2, "component", lambda *_, js, **__: scripts.append(js))
    component(name)
    (script,) = scripts
    assert re.findall(r"^(?:export default )?function (element|\()", script, re.MULTILINE) == ["element", "("]
