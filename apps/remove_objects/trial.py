"""What the page computes: the lesson of the boxes, pictures with and without the edit, the causal card.

All of it by the library's own steps, so that each picture is the one that the command makes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

import numpy as np
import streamlit as st
import torch

from apps.remove_objects import fields
from apps.remove_objects.boxes import ground_of
from apps.shell import budget, pictures
from apps.shell.bench import Bench
from apps.shell.cache import PICTURES
from apps.shell.jobs import Job
from apps.shell.timed import Timed, timed
from apps.shell.turns import turn
from dcgan_viz.data.box import Boxes
from dcgan_viz.data.segmenter import load_segmenter
from dcgan_viz.models.layers import Layer
from dcgan_viz.remove_objects import RemovalResult, RemovalSettings, judge_for, remove_objects
from dcgan_viz.remove_objects.edits import Fill
from dcgan_viz.remove_objects.effort import n_ticks
from dcgan_viz.remove_objects.judges import Judge, RoomsJudge
from dcgan_viz.remove_objects.lesson import Edited, Lesson, bench_of, edited, learn, shown_samples
from dcgan_viz.remove_objects.measure import Judged, area_ratio
from dcgan_viz.remove_objects.probe import N_FITS
from dcgan_viz.remove_objects.samples import split_z
from dcgan_viz.remove_objects.stage import Stage

_STAGE = "removal.stage"

N_PICTURES = 8
N_LOOKED_AT = 120  # fresh samples among which those with the target are looked for


@dataclass(frozen=True)
class Subject:
    """What is removed from which networks' samples.

    Attributes
    ----------
    bench : Bench
    settings : RemovalSettings
        Target, layer and judge; the edit is set later.
    boxes : Boxes
    """

    bench: Bench
    settings: RemovalSettings
    boxes: Boxes

    @property
    def key(self) -> tuple[object, ...]:
        """All that a lesson depends on."""
        boxes = tuple((n, box.edges) for n, box in self.boxes)
        return self.bench.key, self.bench.seed, self.settings, boxes

    @property
    def ground(self) -> tuple[object, ...]:
        """The same as a link holds it: on another machine's device, too."""
        return ground_of(self.bench), *self.key[2:]

    def is_like(self, other: Subject) -> bool:
        """Whether it is of the same samples and target, though perhaps of other boxes."""
        mine, its = self.bench, other.bench
        return (mine.key, mine.seed, self.settings) == (its.key, its.seed, other.settings)


@dataclass(frozen=True)
class Taught:
    """A lesson, with the subject that it is of.

    Attributes
    ----------
    subject : Subject
    lesson : Lesson
    is_own : bool
        Whether a person drew or corrected the boxes.
    """

    subject: Subject
    lesson: Lesson
    is_own: bool


@dataclass(frozen=True)
class Look:
    """Some samples before any edit.

    Attributes
    ----------
    names : tuple of str
        What each is called: the number of a fresh sample, or seed and number of a picked one.
    z : ndarray (K, nz)
    images : torch.Tensor (K, C, H, W)
    """

    names: tuple[str, ...]
    z: np.ndarray
    images: torch.Tensor


@dataclass(frozen=True)
class Reading:
    """What an edit did to the pictures that are shown.

    Attributes
    ----------
    edited : Edited
    area_left : float
        Of the target, by the judge; NaN where it cannot say.
    pixel_change : float
        Mean absolute difference of pixels in [-1, 1].
    """

    edited: Edited
    area_left: float
    pixel_change: float


def learned_settings() -> RemovalSettings:
    """Target, layer and judge, as the page's controls say."""
    return RemovalSettings(
        target=fields.TARGET.get(), layer=fields.LAYER.get() or None, judge=fields.JUDGE.get()
    )


def with_edit(settings: RemovalSettings, method: str) -> RemovalSettings:
    """Settings with the edit of the page's controls."""
    return replace(
        settings,
        methods=(method,),
        strength=fields.STRENGTH.get(),
        fill=Fill(threshold=fields.THRESHOLD.get()) if method == "local" else Fill(),
        n_maps=fields.MAPS.get() or None if method == "drop" else None,
    )


def lesson(subject: Subject, job: Job) -> Lesson:
    """Find the judge and fit both probes."""
    bench, settings = subject.bench, subject.settings
    job.step, job.total = "who measures", 2 * N_FITS
    judge = _shared(judge_for(bench.gan, subject.boxes, settings, bench.seed))
    job.step = f"learning what draws {settings.target}"
    return learn(bench_of(bench.gan, subject.boxes, judge, settings, bench.seed, _counted(job)), settings)


def _counted(job: Job) -> Callable[[], None]:
    def tick() -> None:
        job.check()
        job.done += 1

    return tick


def fresh(subject: Subject, found: Lesson, only_target: bool) -> Look:
    """The first fresh samples, or the first that show the target plainly."""
    key = ("fresh", repr(subject.key), only_target)
    return PICTURES.get(key, lambda: _fresh(subject, found, only_target))


def picked(bench: Bench) -> Look:
    """The picked samples, the first of them."""
    chosen = bench.picks[:N_PICTURES]
    drawn = pictures.picked(bench, chosen)
    return Look(tuple(f"{one.seed}·{one.number}" for one in chosen), drawn.z.numpy(), drawn.images)


def reading(subject: Subject, found: Lesson, settings: RemovalSettings, look: Look) -> Reading:
    """Edit the pictures of a look, and measure them."""
    (method,) = settings.methods
    layer = found.layers[method]
    stage = _stage(subject.bench, layer, look.z)
    key = ("judged", repr(subject.key), look.z.tobytes())
    before = PICTURES.get(key, lambda: _judged(look, found.judge))
    with turn():
        made = edited(stage, found.probes[method], settings, method)
        area = float("nan")
        if before is not None:
            after = Judged.of(found.judge, made.images)
            area = area_ratio(before.area(settings.target), after.area(settings.target))
    return Reading(made, area, float((made.images - look.images).abs().mean()))


def card(
    subject: Subject, found: Lesson, settings: RemovalSettings, source: str, job: Job
) -> Timed[RemovalResult]:
    """Measure the edit and its control, as the command does."""
    budget.check(subject.bench.gan, settings.n_fresh, "fresh samples", "measure on {most} at most")
    gan, seed = job.own(subject.bench.gan), subject.bench.seed
    work = bench_of(gan, subject.boxes, found.judge, settings, seed, lesson=found)
    job.step, job.total = "the edit, and its control", n_ticks(work, settings)
    return timed(
        lambda: remove_objects(
            gan, subject.boxes, found.judge, settings, seed,
            boxes_source=source, tick=_counted(job), lesson=found,
        )
    )  # fmt: skip


def _shared(judge: Judge) -> Judge:
    """The rooms' judge is one for all: what it knows of real rooms is found out once."""
    if isinstance(judge, RoomsJudge):
        return _rooms_judge(str(next(judge.segmenter.network.parameters()).device))
    return judge


@lru_cache(maxsize=2)
def _rooms_judge(device: str) -> RoomsJudge:
    return RoomsJudge(load_segmenter("judge", device))


def _fresh(subject: Subject, found: Lesson, only_target: bool) -> Look:
    bench, settings = subject.bench, subject.settings.measured_on(N_LOOKED_AT)
    with turn():
        if only_target:
            work = bench_of(bench.gan, subject.boxes, found.judge, settings, bench.seed, lesson=found)
            rows = shown_samples(work, settings, found.layers["local"])[:N_PICTURES]
        else:
            rows = torch.arange(N_PICTURES)
        z = split_z(bench.gan, settings, bench.seed)[1][rows].cpu()
        return Look(_names(rows.tolist()), z.numpy(), bench.gan.generate(z))


def _names(rows: Sequence[int]) -> tuple[str, ...]:
    return tuple(str(row) for row in rows)


def _stage(bench: Bench, layer: Layer, z: np.ndarray) -> Stage:
    """The session's own, as long as it is of the same z: it holds the networks, which no cache may."""
    key = (bench.key, layer.name, z.tobytes())
    before, stage = st.session_state.get(_STAGE, (None, None))
    if key != before:
        with turn():
            stage = Stage.of(bench.gan, layer, torch.from_numpy(z).to(bench.gan.device))
        st.session_state[_STAGE] = key, stage
    return cast(Stage, stage)


def _judged(look: Look, judge: Judge) -> Judged | None:
    if not judge.classes:
        return None
    with turn():
        return Judged.of(judge, look.images)
