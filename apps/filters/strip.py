"""All filters of a layer in small, to choose from."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import streamlit as st

from apps.filters.study import FILTERS, MOST_FILTERS, ORDER, PART
from apps.shell import controls
from apps.shell.looks import SCROLLS
from apps.shell.pictures import png
from apps.shell.sheet import Tile, sheet
from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop.strongest import Overview

AT_ONCE = 128
_LEAST_PX = 48  # of a small receptive field, enlarged so that its pixels stay square
_STRIP_PX = 470  # five rows and a half
_ORDERS = {"number": "by number", "response": "strongest first"}


def strip(found: Overview) -> None:
    """Show the filters, and let a person choose."""
    order = _order(found)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        controls.select(ORDER, "Filters", tuple(_ORDERS), _ORDERS.__getitem__, width=170)
        parts = range(-(-len(order) // AT_ONCE))
        if PART.get() not in parts:
            PART.set(0)
        if len(parts) > 1:
            names = {part: _part(part, len(order)) for part in parts}
            controls.pills(PART, "Part", tuple(parts), names.__getitem__)
        if FILTERS.get():
            st.button("Clear", key="filters.clear", on_click=FILTERS.set, args=((),), type="tertiary")
    shown = order[PART.get() * AT_ONCE :][:AT_ONCE]
    with st.container(height=_STRIP_PX, border=False, key=f"{SCROLLS}.filters"):
        sheet(
            "filters.strip", [_tile(found, index) for index in shown],
            f"Filters of {found.layer}; choose up to {MOST_FILTERS}",
            chosen=_chosen, on_choose=_choose, most=MOST_FILTERS, least_px=56,
        )  # fmt: skip


def _part(part: int, n: int) -> str:
    """Places of a part's first and last filter."""
    return f"{part * AT_ONCE} to {min(n, (part + 1) * AT_ONCE) - 1}"


def _order(found: Overview) -> list[int]:
    order = [one.index for one in found.filters]
    if ORDER.get() == "response":
        peaks = {one.index: one.peak.response if one.peak else -np.inf for one in found.filters}
        order.sort(key=peaks.__getitem__, reverse=True)
    return order


def _tile(found: Overview, index: int) -> Tile:
    pixels = found.pictures[index].permute(1, 2, 0).numpy()
    scale = max(1, -(-_LEAST_PX // min(pixels.shape[:2])))
    picture = png(pixels.repeat(scale, axis=0).repeat(scale, axis=1))
    peak = found.filters[index].peak
    if peak is None:
        return Tile(str(index), picture, f"Filter {index}, dead", (str(index), "dead"))
    told = f"Filter {index}, largest response {peak.response:.1f}, in image {peak.image}"
    return Tile(str(index), picture, told, (str(index), f"{peak.response:.1f}"))


def _chosen() -> list[str]:
    return [str(one) for one in FILTERS.get()]


def _choose(ids: tuple[str, ...]) -> None:
    with suppress(InputError):  # a browser may send anything
        FILTERS.set(FILTERS.parse(",".join(ids)))
