"""What Streamlit's elements lack: a focus that is seen, large targets, boxes that show that they scroll."""

from __future__ import annotations

import streamlit as st

SCROLLS = "scrolls"  # begins the key of a box that fades where it goes on
_LOOKS = f"""<style>
[data-testid="stSidebarNavLink"]:focus-visible {{ outline: 2px solid currentColor; outline-offset: 1px; }}
button[aria-label^="Help for"] {{ padding: 5px; margin: -5px; }}
[class*="st-key-{SCROLLS}-"] {{
  padding-bottom: 32px;
  mask-image: linear-gradient(#000 calc(100% - 40px), transparent);
}}
</style>"""


def looks() -> None:
    """Add the rules to the page; they take no room on it."""
    st.html(_LOOKS)
