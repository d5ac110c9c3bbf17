"""The picked samples, in a row, on every page that works with them."""

from __future__ import annotations

import streamlit as st

from apps.shell import fields as shared
from apps.shell.bench import Bench
from apps.shell.fields import Pick
from apps.shell.pictures import picked, pngs
from apps.shell.sheet import Tile, sheet


def pick_strip(bench: Bench, key: str = "picks") -> None:
    """Show the picked samples in the order of picking; a click on one lays it back.

    Parameters
    ----------
    bench : Bench
    key : str
        One for each strip on a page.
    """
    picks = bench.picks
    if not picks:
        return
    with st.container(border=True):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown(f"**Picked: {len(picks)}** :gray[(a click lays one back)]")
        right.button(
            "Lay all back", key=f"{key}.clear", on_click=shared.PICKS.set, args=((),), width="stretch"
        )
        tiles = [
            Tile(
                str(one),
                png,
                f"Picked: sample {one.number} of seed {one.seed}",
                (f"{one.seed}·{one.number}",),
            )
            for one, png in zip(picks, pngs(picked(bench).images), strict=True)
        ]
        sheet(f"{key}.strip", tiles, "Picked samples", chosen=[tile.id for tile in tiles], on_choose=_keep)


def _keep(ids: tuple[str, ...]) -> None:
    shared.PICKS.set(tuple(Pick(*map(int, one.split("."))) for one in ids))
