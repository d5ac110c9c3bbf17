"""Which boxes the page works with: those a person drew, or the annotator's."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import streamlit as st

from apps.remove_objects.fields import BOXES, TARGET, HandBoxes
from apps.shell.bench import Bench
from apps.shell.turns import turn
from dcgan_viz.data.box import Box, Boxes
from dcgan_viz.data.boxes import read_boxes
from dcgan_viz.data.room_gans import segmenters_know
from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.data.segmenter import Segmenter, load_segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.remove_objects import RemovalSettings, annotate


@dataclass(frozen=True)
class InHand:
    """The boxes in hand, and how they came there.

    Attributes
    ----------
    by_image : Mapping
        By sample; empty where there is none.
    proposed : Boxes or None
        The annotator's, where it was asked and found any.
    is_own : bool
        Whether a person drew or corrected them.
    note : str
        What there is to be told, a sentence or nothing.
    """

    by_image: Mapping[int, tuple[Box, ...]]
    proposed: Boxes | None
    is_own: bool
    note: str = ""

    def boxes(self, gan: Gan, target: str) -> Boxes | None:
        """As the library takes them; None where there is no box."""
        return Boxes(target, gan.image_size, self.by_image) if self.by_image else None


def ground_of(bench: Bench) -> str:
    """Eight digits that tell samples apart: of other networks or another seed, other digits."""
    options = replace(bench.options, checkpoint="", discriminator_checkpoint=None)  # wherever the files lie
    tells = (bench.gan.provenance.sha256, astuple(options), bench.seed)
    return hashlib.sha256(repr(tells).encode()).hexdigest()[:8]


def boxes_name(target: str, seed: int) -> str:
    """Name of the file with the boxes around a target, on the samples of a seed.

    Examples
    --------
    >>> boxes_name("wall lamp", 3)
    'boxes_wall_lamp_seed_3.json'
    """
    safe = "".join(letter if letter.isalnum() else "_" for letter in target)
    return f"boxes_{safe}_seed_{seed}.json"


def knows_annotator(gan: Gan, target: str) -> bool:
    """Whether the annotator can look for a target in this GAN's samples."""
    return segmenters_know(gan) and target in CLASSES


def in_hand(bench: Bench, target: str) -> InHand:
    """The boxes that the page works with now."""
    own = BOXES.get()
    proposed, note = None, ""
    if knows_annotator(bench.gan, target):
        try:
            proposed = _proposed(bench.key, bench.gan, target, bench.seed)
        except InputError as error:
            note = str(error)
    if own is not None and own.ground == ground_of(bench):
        inside = {n: boxes for n, boxes in own.by_image.items() if _fit(boxes, bench.gan.image_size)}
        return InHand(inside, proposed, True)
    if own is not None:
        note = (
            "The boxes of this link were drawn on other samples: of another seed, checkpoint, BatchNorm mode "
            "or prior. They are laid aside as long as this one is open."
        )
    return InHand(proposed.by_image if proposed else {}, proposed, False, note)


def keep(bench: Bench, hand: InHand, by_image: Mapping[int, tuple[Box, ...]]) -> None:
    """Take other boxes into hand; where they are the annotator's again, so says the link.

    Raises
    ------
    InputError
        If they are more than a link holds.
    """
    kept = {n: boxes for n, boxes in by_image.items() if boxes}
    is_proposal = hand.proposed is not None and kept == dict(hand.proposed.by_image)
    BOXES.set(None if is_proposal else HandBoxes.of(ground_of(bench), kept))


def from_file(bench: Bench, name: str, content: bytes) -> None:
    """Take the boxes of a file into hand, COCO or this tool's own.

    Raises
    ------
    InputError
        If the file cannot be read as such, or its boxes do not fit the samples or the link.
    """
    with tempfile.TemporaryDirectory(prefix="dcgan_viz-") as directory:
        path = Path(directory) / "boxes.json"
        path.write_bytes(content)
        try:
            found = read_boxes(path, bench.gan.image_size, RemovalSettings.n_annotated, TARGET.get())
        except InputError as error:
            raise InputError(str(error).replace(str(path), name)) from error
    try:
        BOXES.set(HandBoxes.of(ground_of(bench), found.by_image))
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def _fit(boxes: tuple[Box, ...], size: int) -> bool:
    return all(max(box.x1, box.y1) <= size for box in boxes)


@st.cache_resource(max_entries=2, show_spinner=False)
def _annotator(device: str) -> Segmenter:
    return load_segmenter("annotator", device)


@st.cache_data(max_entries=64, show_spinner=False)
def _proposed(key: str, _gan: Gan, target: str, seed: int) -> Boxes:
    with turn():
        return annotate(_gan, _annotator(str(_gan.device)), RemovalSettings(target=target), seed)
