"""The dashboard without a browser, on a GAN so small that a page takes no time."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.caching import clear_session_resource_cache
from streamlit.testing.v1 import AppTest

from apps.shell import work

ENTRY = Path(__file__).parents[2] / "apps" / "dashboard.py"
RUN_S = 240  # that a run of a page may take, on a machine that does much else

Start = Callable[..., AppTest]
Offered = dict[str, Callable[[], bytes]]


@pytest.fixture(autouse=True)
def fresh_sessions() -> None:
    """Every AppTest bears the same session's name; nothing of an earlier one may be left."""
    clear_session_resource_cache("test session id")


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """A page that runs becomes ``__main__``, and processes of later tests would begin by running it.

    It keeps what it gives back to itself: a test may undo its monkeypatch halfway.
    """
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tiny_checkpoint: Path, tmp_path: Path) -> Start:
    """Follow a link, as in ``start(seed="3")``, to a server whose own networks are the tiny GAN."""

    def opened(*arguments: str, moment_s: float = RUN_S, **link: str) -> AppTest:
        words = arguments or ("--checkpoint", str(tiny_checkpoint), "--runs", str(tmp_path / "runs"))
        monkeypatch.setattr(sys, "argv", ["dashboard.py", *words, "--linger", "0"])
        monkeypatch.setattr(work, "MOMENT_S", moment_s)
        app = AppTest.from_file(ENTRY, default_timeout=RUN_S)
        for name, value in link.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return opened


def mounted(app: AppTest) -> list[str]:
    """Keys of the components that show something."""
    return [str(one.key) for one in app.get("bidi_component") if one.key != "history"]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Offered:
    """What a click on each of the page's downloads calls, by the file's name."""
    found: Offered = {}
    button = st.download_button

    def noted(label: str, data: Callable[[], bytes], file_name: str, *more: Any, **options: Any) -> bool:
        found[file_name] = data
        return button(label, data, file_name, *more, **options)

    monkeypatch.setattr(st, "download_button", noted)
    return found


def component(app: AppTest, key: str) -> dict[str, Any]:
    """What Python gave a component to show."""
    (found,) = [one for one in app.get("bidi_component") if one.key == key]
    return json.loads(found.proto.json)


def link(app: AppTest) -> dict[str, str]:
    """What the address says."""
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}
