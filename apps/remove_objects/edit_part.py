"""The page's middle: method and strength, and the same samples before and after."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import streamlit as st

from apps.remove_objects import fields, trial
from apps.remove_objects.trial import Look, Reading, Subject
from apps.shell import controls
from apps.shell.bench import current
from apps.shell.columns import Row, columns
from apps.shell.field import Field
from apps.shell.markdown import escaped
from apps.shell.pictures import png, pngs
from dcgan_viz.figures.images import difference_pixels, flagged_pixels
from dcgan_viz.figures.wording import TIMES
from dcgan_viz.remove_objects import RemovalSettings
from dcgan_viz.remove_objects.edits import Drop
from dcgan_viz.remove_objects.lesson import Lesson

_METHODS = {"local": "local: fill where it fires", "drop": "drop: the paper's way"}
_SHOWN = {"target": "that show it", "first": "the first", "picks": "picked"}


@dataclass(frozen=True)
class OrElse(Field[int]):
    """A number that stands for another one as long as nobody has chosen any."""

    otherwise: int = 1
    most: int = 1

    def get(self) -> int:
        """The chosen number, no larger than there is room for."""
        return min(super().get(), self.most) or self.otherwise

    def set(self, value: int) -> None:
        """Choose one."""
        super().set(0 if value == self.otherwise else value)


def draw(subject: Subject, lesson: Lesson) -> None:
    """Draw controls, readings and pictures."""
    method = _method()
    _sliders(subject, lesson, method)
    look = _look(subject, lesson)
    settings = settings_now(subject, lesson)
    reading = trial.reading(subject, lesson, settings, look)
    _readouts(settings, reading, lesson)
    _pictures(subject, settings, look, reading)


def settings_now(subject: Subject, lesson: Lesson) -> RemovalSettings:
    """What the controls say, fit for the layer."""
    method = fields.METHOD.get()
    found = trial.with_edit(subject.settings, method)
    most = lesson.layers["drop"].shape[0]
    if (found.n_maps or 0) > most:
        fields.MAPS.set(0)
        return trial.with_edit(subject.settings, method)
    return found


def _method() -> str:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        controls.pills(
            fields.METHOD, "Method", tuple(_METHODS), _METHODS.__getitem__,
            help="local fills the positions where the probe fires from others of the same picture. drop sets "
            "every map that speaks for the target to zero, everywhere.",
        )  # fmt: skip
        picks = ("picks",) if current().picks else ()
        controls.pills(fields.SHOWN, "Fresh samples", ("target", "first", *picks), _SHOWN.__getitem__)
    return fields.METHOD.get()


def _sliders(subject: Subject, lesson: Lesson, method: str) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        controls.slider(
            fields.STRENGTH, "Strength", 0.0, 1.0, 0.05,
            help="How far the edit goes: 0 changes nothing, 1 is the whole edit.",
        )  # fmt: skip
    with right:
        if method == "local":
            target = escaped(subject.settings.target)
            controls.slider(
                fields.THRESHOLD, "Probe fires above (log odds)",
                -fields.LARGEST_THRESHOLD, fields.LARGEST_THRESHOLD, 0.25,
                help=f"Lower: more positions are taken for {target} and filled.",
            )  # fmt: skip
        else:
            layer, probe = lesson.layers["drop"], lesson.probes["drop"]
            maps = OrElse(
                fields.MAPS.name, 0, fields.MAPS.parse, fields.MAPS.text, len(Drop.of(probe).maps) or 1,
                layer.shape[0],
            )  # fmt: skip
            controls.slider(
                maps, f"Maps dropped, of {layer.shape[0]}", 1, layer.shape[0], 1,
                help="Those first that speak most for the target. By default all with a weight above 0.",
            )  # fmt: skip


def _look(subject: Subject, lesson: Lesson) -> Look:
    shown = fields.SHOWN.get()
    if shown == "picks" and subject.bench.picks:
        return trial.picked(current())
    return trial.fresh(subject, lesson, shown == "target")


def _readouts(settings: RemovalSettings, reading: Reading, lesson: Lesson) -> None:
    method = fields.METHOD.get()
    layer = lesson.layers[method]
    filled = reading.edited.mask
    where = (
        f"{100 * float(filled.mean()):.1f} % of positions"
        if filled is not None
        else f"{reading.edited.n_maps} of {layer.shape[0]} maps"
    )
    area = "nobody measures" if math.isnan(reading.area_left) else f"{100 * reading.area_left:.0f} %"
    with st.container(horizontal=True, gap="medium", key="removal.readouts"):
        st.metric(f"{escaped(settings.target)} area left here", area, width="content")
        st.metric("Edited", where, width="content")
        st.metric("Mean change of a pixel", f"{50 * reading.pixel_change:.1f} %", width="content")
        st.metric(
            "Layer", escaped(layer.name), width="content",
            help=f"{layer.shape[0]} maps of {layer.shape[1]}{TIMES}{layer.shape[2]}",
        )  # fmt: skip


def _pictures(subject: Subject, settings: RemovalSettings, look: Look, reading: Reading) -> None:
    before, after = look.images.numpy(), reading.edited.images.numpy()
    names = [f"sample {name}" for name in look.names]
    rows = [
        Row("before", pngs(look.images), [f"{name}, untouched" for name in names], "G(z), untouched"),
        Row(
            "after",
            pngs(reading.edited.images),
            [f"{name} without {settings.target}" for name in names],
            "hold one to see it before",
            is_result=True,
        ),
        Row(
            "difference",
            _pngs(difference_pixels(before, after)),
            [f"{name}, after minus before" for name in names],
            "after minus before, on grey",
        ),
    ]
    if reading.edited.mask is not None:
        flagged = flagged_pixels(before, reading.edited.mask.cpu().numpy())
        rows.append(
            Row(
                "filled",
                _pngs(flagged),
                [f"{name}, where the probe fires" for name in names],
                "where it fires",
            )
        )
    columns(
        "removal.columns", rows, look.names, f"Samples before and after removing {settings.target}", narrow=4
    )


def _pngs(pixels: np.ndarray) -> list[bytes]:
    return [png(one) for one in pixels]
