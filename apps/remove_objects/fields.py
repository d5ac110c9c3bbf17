"""What makes a view of the page, as its link holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.shell.field import Field, asked, choice, flag, number, whole, words
from dcgan_viz.data.box import Box
from dcgan_viz.errors import InputError
from dcgan_viz.remove_objects import RemovalSettings
from dcgan_viz.remove_objects.settings import JUDGES

MOST_BOXES = 400
N_ANNOTATED = RemovalSettings.n_annotated
LARGEST_THRESHOLD = 8.0
LEARNED, CARD = "removal_learned", "removal_card"  # names of the fields that ask for long work

_DECIMALS = 6
_NUMBER = rf"[0-9]{{1,5}}(?:\.[0-9]{{1,{_DECIMALS}}})?"
_BOX = rf"[0-9]{{1,4}}(?:-{_NUMBER}){{4}}"


@dataclass(frozen=True)
class HandBoxes:
    """Boxes that a person drew, or corrected.

    Attributes
    ----------
    ground : str
        Which samples they were drawn on; see `apps.remove_objects.boxes.ground_of`.
    edges : tuple
        Number of the sample, x0, y0, x1, y1 of each box, in the samples' order.
    """

    ground: str
    edges: tuple[tuple[int, float, float, float, float], ...]

    @classmethod
    def of(cls, ground: str, by_image: Mapping[int, tuple[Box, ...]]) -> HandBoxes:
        """Take boxes by sample, their edges to a millionth of a pixel: as a link holds them, and no finer.

        Raises
        ------
        InputError
            If they are more than a link holds, or one is too thin for it.
        """
        edges = tuple((n, *_held(box)) for n in sorted(by_image) for box in by_image[n])
        if len(edges) > MOST_BOXES:
            raise InputError(f"{len(edges)} boxes: this page works with {MOST_BOXES} at most; give fewer")
        found = cls(ground, edges)
        _ = found.by_image  # a box without area is told here
        return found

    @property
    def by_image(self) -> dict[int, tuple[Box, ...]]:
        """The boxes of each sample that has any."""
        found: dict[int, tuple[Box, ...]] = {}
        for n, *edges in self.edges:
            found[n] = (*found.get(n, ()), Box(*edges))
        return found


def _parse(text: str) -> HandBoxes | None:
    if not text:
        return None
    if not re.fullmatch(rf"[0-9a-f]{{8}}(?:~{_BOX})*", text):
        raise InputError("boxes are written as in a link of this page: GROUND~SAMPLE-X0-Y0-X1-Y1")
    ground, *boxes = text.split("~")
    edges = tuple(sorted(_edges(boxes), key=lambda box: box[0]))
    if len(edges) > MOST_BOXES or any(box[0] >= N_ANNOTATED for box in edges):
        raise InputError(f"give at most {MOST_BOXES} boxes, on samples below {N_ANNOTATED}")
    found = HandBoxes(ground, edges)
    _ = found.by_image  # a box without area is told here
    return found


def _edges(boxes: list[str]) -> Iterator[tuple[int, float, float, float, float]]:
    for box in boxes:
        n, *numbers = box.split("-")
        x0, y0, x1, y1 = (float(one) for one in numbers)
        yield int(n), x0, y0, x1, y1


def _text(boxes: HandBoxes | None) -> str:
    if boxes is None:
        return ""
    return "~".join([boxes.ground, *("-".join(map(_digits, box)) for box in boxes.edges)])


def _held(box: Box) -> tuple[float, float, float, float]:
    """Edges as a link holds them."""
    x0, y0, x1, y1 = (round(float(edge), _DECIMALS) + 0.0 for edge in box.edges)  # 0 and -0 are one
    return x0, y0, x1, y1


def _digits(edge: float) -> str:
    """Without an exponent, which no link holds."""
    return f"{edge:.{_DECIMALS}f}".rstrip("0").rstrip(".")


TARGET = words("removal_target", "window", r"[^\x00-\x1f]{1,60}")
BOXES: Field[HandBoxes | None] = Field("removal_boxes", None, _parse, _text)
"""None: those that the annotator proposes."""

SAMPLE = whole("removal_sample", -1, -1, N_ANNOTATED - 1)
"""-1: the first that has a box."""

LAYER = words("removal_layer", "", r"[A-Za-z0-9_.:#-]{0,80}")
JUDGE = choice("removal_judge", "auto", JUDGES)
METHOD = choice("removal_method", "local", ("local", "drop"))
STRENGTH = number("removal_strength", 1.0, 0.0, 1.0)
THRESHOLD = number("removal_threshold", 0.0, -LARGEST_THRESHOLD, LARGEST_THRESHOLD)
MAPS = whole("removal_maps", 0, 0, 100_000)
"""0: all that speak for the target."""

SHOWN = choice("removal_shown", "target", ("target", "first", "picks"))
MEASURED_ON = whole("removal_measured_on", 150, 50, 1000)
WHOLE = flag("removal_whole")


def read() -> None:
    """Read all of them, so that a link keeps what no control shows as long as the probe is not trained."""
    every: tuple[Field[Any], ...] = (
        TARGET, BOXES, SAMPLE, LAYER, JUDGE, METHOD, STRENGTH, THRESHOLD, MAPS, SHOWN, MEASURED_ON, WHOLE,
        asked(CARD, None),
    )  # fmt: skip
    for one in every:
        one.get()
