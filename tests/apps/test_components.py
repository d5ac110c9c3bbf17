"""What a component's script sends is taken for what it is: a browser may send anything."""

from typing import Any

import pytest
import streamlit as st

from apps.components import sent
from apps.shell.sheet import applied, clicks


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
