"""The picked samples, in a row, on every page that works with them."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from apps.shell import fields as shared
from apps.shell import page
from apps.shell.bench import Bench
from apps.shell.pictures import picked, pngs
from apps.shell.sheet import Tile, sheet
from dcgan_viz.errors import InputError


def pick_strip(bench: Bench, key: str = "picks", least_px: int = 76) -> None:
    """Show the picked samples in the order of picking; a click on one lays it back.

    Parameters
    ----------
    bench : Bench
    key : str
        One for each strip on a page; the sidebar has "sidebar.picks".
    least_px : int
        Least width of a picture.
    """
    picks = bench.picks
    if not picks:
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"Picked: {len(picks)}")
        st.button("Clear", key=f"{key}.clear", on_click=shared.PICKS.set, args=((),), type="tertiary")
    with page.sentences():  # also where they cannot be drawn the page is there, and they can be laid back
        _strip(bench, key, least_px)


def _strip(bench: Bench, key: str, least_px: int) -> None:
    tiles = [
        Tile(str(one), png, f"Picked: sample {one.number} of seed {one.seed}", (f"{one.seed}·{one.number}",))
        for one, png in zip(bench.picks, pngs(picked(bench).images), strict=True)
    ]
    sheet(
        f"{key}.strip", tiles, "Picked samples; a click lays one back",
        chosen=picked_ids, on_choose=keep_picks, most=shared.MOST_PICKS, least_px=least_px,
    )  # fmt: skip


def picked_ids() -> list[str]:
    """The picked samples, as sheets know them."""
    return [str(one) for one in shared.PICKS.get()]


def keep_picks(ids: tuple[str, ...]) -> None:
    """Make these the picked samples; what is no sample is left out, as a browser may send anything."""
    found: list[shared.Pick] = []
    for one in ids:
        with suppress(InputError):
            found += shared.PICKS.parse(one)
    shared.PICKS.set(tuple(found[: shared.MOST_PICKS]))
