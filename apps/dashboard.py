"""The dashboard: ``dcgan-viz dashboard``, or ``streamlit run apps/dashboard.py``."""

import sys
from pathlib import Path

import streamlit as st

from apps.shell import page, sidebar, state
from apps.views import PAGES

# Jobs and pages take turns at the interpreter; at Python's own 5 ms a job does little but wait for its turn.
sys.setswitchinterval(0.0005)

ICON = str(Path(__file__).with_name("icon.png"))

st.set_page_config("dcgan_viz", ICON, layout="wide")
st.logo(ICON, size="large")
entries = [
    st.Page(
        f"views/{one.name}.py", title=one.title, icon=one.icon, url_path=one.name, default=one is PAGES[0]
    )
    for one in PAGES
]
shown = st.navigation(entries)
state.begin(shown.title)
above = st.empty()
with page.sentences():
    sidebar.draw()
    shown.run()
page.tell(above)
state.end()
