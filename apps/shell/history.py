"""The browser's history: one step for each change of page."""

from __future__ import annotations

from apps.components import component

_HISTORY = component("history")


def tidy() -> None:
    """Keep it so, in the browser; to be called in each run."""
    _HISTORY(key="history")
