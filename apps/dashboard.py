"""The dashboard: ``dcgan-viz dashboard``, or ``streamlit run apps/dashboard.py``."""

import sys
from pathlib import Path

import streamlit as st

from apps.shell import history, page, sidebar, state, widgets
from apps.shell.looks import looks
from apps.views import PAGES, Entry

# Jobs and pages take turns at the interpreter; at Python's own 5 ms a job does little but wait for its turn.
sys.setswitchinterval(0.0005)

ICON = str(Path(__file__).with_name("icon.png"))

st.set_page_config("dcgan_viz", ICON, layout="wide")
st.logo(ICON, size="large")


def entry(one: Entry, *, is_front: bool = False, is_listed: bool = True) -> st.Page:
    """A page under its own name, or the one that is opened at the address /."""
    return st.Page(
        f"views/{one.name}.py", title=one.title, icon=one.icon, url_path="front" if is_front else one.name,
        default=is_front, visibility="visible" if is_listed else "hidden",
    )  # fmt: skip


first, *others = PAGES
shown = st.navigation([entry(first, is_front=True), entry(first, is_listed=False), *map(entry, others)])
st.set_page_config(f"{shown.title} · dcgan_viz")
state.begin(shown.title)
looks()
above = st.empty()
with page.sentences():
    sidebar.draw()
    shown.run()
page.tell(above)
state.end()
widgets.end()
history.tidy()
