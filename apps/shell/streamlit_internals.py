"""What the dashboard takes from inside of Streamlit, which promises none of it.

Where another version has it no more, the dashboard does without: each function says how.
"""

from __future__ import annotations

from typing import Any


def session_id() -> str:
    """Name of the session whose script runs; "" where there is none, or it is not to be had."""
    return str(getattr(_context(), "session_id", ""))


def is_history_navigation() -> bool:
    """Whether the browser's own back or forward led to this run.

    If that is not to be had, no: an address is then obeyed when it comes from another page alone.
    """
    return bool(getattr(_context(), "is_history_navigation", False))


def is_connected(session: str) -> bool:
    """Whether a session has a connection now.

    If that is not to be had, no: what belongs to a session then goes in time, even if its connection came
    back, rather than never.
    """
    try:
        from streamlit import runtime

        return bool(runtime.exists() and runtime.get_instance().is_active_session(session))
    except (ImportError, AttributeError):
        return False


def _context() -> Any:
    """Of the run that goes on in this thread; None where there is none."""
    try:
        from streamlit.runtime.scriptrunner import get_script_run_ctx
    except ImportError:
        return None
    return get_script_run_ctx()
