"""Elements that Streamlit does not have: a style sheet and a script each, without frame or build step."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_HERE = Path(__file__).parent


def component(name: str) -> ComponentRenderer:
    """Register the component in the folder ``name`` and return what mounts it."""
    css, js = ((_HERE / name / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return st.components.v2.component(f"dcgan_viz.{name}", css=css, js=js)
