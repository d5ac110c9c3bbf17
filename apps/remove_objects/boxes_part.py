"""The page's first part: what is to be removed, and the boxes around it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from apps.remove_objects import fields
from apps.remove_objects.boxes import InHand, boxes_name, from_file, in_hand, keep, knows_annotator
from apps.shell import controls, page, pictures
from apps.shell.bench import Bench
from apps.shell.box_pad import Edges, box_pad
from apps.shell.downloads import Download, downloads
from apps.shell.markdown import escaped
from apps.shell.sheet import Tile, sheet
from apps.shell.state import complain
from apps.shell.uploads import json_content, json_file, printable_name
from apps.shell.widgets import showing
from dcgan_viz.data.box import Box
from dcgan_viz.data.boxes import boxes_bytes
from dcgan_viz.data.room_gans import draws_rooms
from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.errors import InputError
from dcgan_viz.figures.images import outlined_pixels
from dcgan_viz.figures.wording import TIMES
from dcgan_viz.models.layers import hidden_layers
from dcgan_viz.sample import to_uint8

PER_SHEET = 30
_OTHER = "something else"
_JUDGES = {
    "auto": "whoever can",
    "rooms": "the judge of rooms",
    "discriminator": "the discriminator's features",
    "none": "nobody",
}


def draw(bench: Bench) -> InHand:
    """Let a person choose a target and draw boxes; what is in hand afterwards."""
    _target(bench)
    target = fields.TARGET.get()
    hand = in_hand(bench, target)
    _notes(bench, hand, target)
    sample = fields.SAMPLE.get()
    if sample < 0:
        sample = min(hand.by_image, default=0)
    left, right = st.columns([5, 6], gap="medium")
    images = to_uint8(pictures.samples(replace(bench, truncation=1.0), fields.N_ANNOTATED).images)
    with left:
        _pad(bench, hand, images, sample, target)
    with right:
        _sheet(bench, hand, images, sample)
    _tools(bench, hand)
    if (boxes := hand.boxes(bench.gan, target)) is not None:
        name = boxes_name(target, bench.seed)
        downloads("removal.boxes", [Download("COCO boxes", name, partial(boxes_bytes, boxes, coco=True))])
    return hand


def _target(bench: Bench) -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if draws_rooms(bench.gan):
            _class()
        if fields.TARGET.get() not in CLASSES or not draws_rooms(bench.gan):
            with st.container(width=220):
                controls.text(fields.TARGET, "Its name", placeholder="digit")
        with st.popover("Layer and judge", icon=":material/tune:"):
            _layer(bench)
            controls.select(
                fields.JUDGE, "Who measures how much is left", tuple(_JUDGES), _JUDGES.__getitem__,
                help="The judge of rooms knows rooms of 64 px in colour. On any other GAN a makeshift judge "
                "is fitted on the discriminator's features and half of the boxed samples.",
            )  # fmt: skip


def _class() -> None:
    key = "removal.class"

    def changed() -> None:
        chosen = st.session_state[key]
        laid_aside: dict[str, fields.HandBoxes | None] = st.session_state.setdefault("removal.aside", {})
        laid_aside[fields.TARGET.get()] = fields.BOXES.get()
        fields.TARGET.set("my target" if chosen == _OTHER else chosen)
        fields.BOXES.set(laid_aside.get(fields.TARGET.get()))

    now = fields.TARGET.get()
    options = (*CLASSES, _OTHER)
    shown = now if now in CLASSES else _OTHER
    told = showing(key, shown, {"index": options.index(shown)}, options)
    with st.container(width=220):
        st.selectbox("Remove every", options, key=key, on_change=changed, **told)


def _layer(bench: Bench) -> None:
    generator = bench.gan.require_generator("removing objects")
    found = hidden_layers(generator, bench.gan.z_input(bench.gan.sample_z(2, seed=0)))
    names = {"": "penultimate for drop, second-highest for local"}
    names |= {
        one.name: f"{one.name}: {one.shape[0]} maps of {one.shape[1]}{TIMES}{one.shape[2]}" for one in found
    }
    if fields.LAYER.get() not in names:
        complain(
            f"Layer {fields.LAYER.get()!r}: the generator has none of that name. The usual one is taken."
        )
        fields.LAYER.set("")
    controls.select(fields.LAYER, "Layer of the generator", tuple(names), names.__getitem__)


def _notes(bench: Bench, hand: InHand, target: str) -> None:
    if hand.note:
        st.warning(escaped(hand.note), icon=":material/info:")
    if not knows_annotator(bench.gan, target):
        why = (
            f"The annotator does not know “{escaped(target)}”"
            if draws_rooms(bench.gan)
            else "The annotator knows rooms only, and this checkpoint does not say that it draws them"
        )
        st.info(
            f"{why}: draw the boxes yourself. Boxes on 5 samples are the least, on 10 for a judge; 20 and "
            "more are better. On a sample that has a box, every target needs one."
        )


def _pad(bench: Bench, hand: InHand, images: np.ndarray, sample: int, target: str) -> None:
    size = bench.gan.image_size
    boxes = [_whole(box, size) for box in hand.by_image.get(sample, ())]

    def changed(found: tuple[Edges, ...]) -> None:
        fields.SAMPLE.set(sample)
        with page.refusals():
            keep(bench, hand, {**hand.by_image, sample: tuple(Box(*edges) for edges in found)})

    box_pad(
        f"removal.pad.{bench.seed}.{sample}",
        pictures.png(images[sample]),
        (size, size),
        f"Sample {sample} of seed {bench.seed}, with {len(boxes)} box(es) around {target}",
        boxes,
        changed,
    )


def _whole(box: Box, size: int) -> Edges:
    """Edges in whole pixels, as the pad draws them: no smaller than the box."""
    x0, y0 = int(box.x0), int(box.y0)
    return x0, y0, max(x0 + 1, min(size, -int(-box.x1 // 1))), max(y0 + 1, min(size, -int(-box.y1 // 1)))


def _sheet(bench: Bench, hand: InHand, images: np.ndarray, sample: int) -> None:
    shown = sample // PER_SHEET * PER_SHEET
    key = "removal.sheet_start"
    told = showing(key, shown, {"default": shown})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Samples", range(0, fields.N_ANNOTATED, PER_SHEET), key=key, required=True,
            format_func=lambda start: f"{start}-{start + PER_SHEET - 1}", label_visibility="collapsed",
            on_change=lambda: fields.SAMPLE.set(st.session_state[key]), **told,
        )  # fmt: skip
    with st.container(height=452, border=False):
        sheet(
            f"removal.sheet.{shown}",
            [_tile(bench, hand, images, n) for n in range(shown, shown + PER_SHEET)],
            "Samples to draw boxes on",
            chosen=[str(sample)],
            on_choose=_choose,
            most=1,
        )


def _choose(ids: tuple[str, ...]) -> None:
    with suppress(InputError):  # a browser may send anything
        fields.SAMPLE.set(fields.SAMPLE.parse("".join(ids)))


def _tile(bench: Bench, hand: InHand, images: np.ndarray, n: int) -> Tile:
    boxes = hand.by_image.get(n, ())
    pixels = outlined_pixels(images[n], [box.edges for box in boxes])
    count = f"{len(boxes)} box{'es' * (len(boxes) > 1)}" if boxes else ""
    return Tile(
        str(n), pictures.png(pixels), f"Sample {n} of seed {bench.seed}, {count or 'no box'}", (str(n), count)
    )


def _tools(bench: Bench, hand: InHand) -> None:
    count, on = sum(map(len, hand.by_image.values())), len(hand.by_image)
    whose = "your own: drawn, corrected, or from a file" if hand.is_own else "proposed by the annotator"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(
            f"**{count} box{'es' * (count != 1)}** on {on} sample{'s' * (on != 1)}"
            + (f" :gray[{whose}]" if count else ""),
            width="content",
        )
        st.space("stretch")
        if hand.proposed is not None and hand.is_own:
            st.button(
                "Back to the annotator's", icon=":material/undo:", on_click=partial(fields.BOXES.set, None)
            )
        if count:
            none: Mapping[int, tuple[Box, ...]] = {}
            st.button("Take all away", icon=":material/delete:", on_click=partial(keep, bench, hand, none))
        with st.popover("Boxes from a file", icon=":material/upload_file:"):
            _file(bench)


def _file(bench: Bench) -> None:
    file = json_file("COCO JSON, or boxes.json of this tool", "removal.file")
    if file is None:
        st.session_state.pop("removal.file_seen", None)
    elif st.session_state.get("removal.file_seen") != file.file_id:
        st.session_state["removal.file_seen"] = file.file_id
        from_file(bench, printable_name(file.name), json_content(file))
        st.rerun()
