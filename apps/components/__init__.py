"""Elements that Streamlit does not have: a script each, and a style sheet; without frame or build step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_HERE = Path(__file__).parent


def component(name: str) -> ComponentRenderer:
    """Register the component in the folder ``name`` and return what mounts it.

    Its script can use what is in ``shared/element.js``, which stands before it: a component has one script,
    and can import none beside it.
    """
    js = "".join(
        path.read_text(encoding="utf-8")
        for path in (_HERE / "shared" / "element.js", _HERE / name / f"{name}.js")
    )
    looks = _HERE / name / f"{name}.css"
    css = looks.read_text(encoding="utf-8") if looks.exists() else None
    return st.components.v2.component(f"dcgan_viz.{name}", css=css, js=js)


def sent(key: str, name: str) -> dict[str, Any]:
    """What a component's script last sent under a name; nothing where it sent no object, as a browser may."""
    state: Any = st.session_state.get(key)
    found = state.get(name) if hasattr(state, "get") else None
    return found if isinstance(found, dict) else {}
