"""The walk, drawn at once, and what is measured of it, which takes longer."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
import torch

from apps.latent_walk.waypoints import FPS, STARTED, Route
from apps.shell.bench import Bench
from apps.shell.downloads import Folder
from apps.shell.jobs import Job
from apps.shell.models import turn
from apps.shell.state import asked
from apps.shell.timed import Timed, timed
from apps.shell.work import result
from dcgan_viz.data.held_out import RealImages
from dcgan_viz.figures.animation import ANIMATIONS
from dcgan_viz.image_options import ImageOptions
from dcgan_viz.latent_walk.analysis import judge_for, latent_walk, walked
from dcgan_viz.latent_walk.command import write_frames
from dcgan_viz.latent_walk.result import WalkResult
from dcgan_viz.latent_walk.settings import WalkSettings
from dcgan_viz.remove_objects.judges import draws_rooms

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan


def frames_of(bench: Bench, route: Route) -> torch.Tensor:
    """The frames (F, C, H, W) in [-1, 1], to the bit those of the whole analysis."""
    return _frames(bench.key, bench.gan, route.waypoints.numpy(), route.settings)


def measured(bench: Bench, route: Route) -> Timed[WalkResult] | None:
    """All that `latent_walk` finds, or None while the page shows how far that is."""
    images = _Images(bench)
    return result(
        "walk.audit",
        key_of(bench, route),
        "Measuring the walk",
        lambda job: timed(partial(_measure, bench.gan, images, route, bench.seed, job)),
        started=STARTED,
        button="Measure the walk",
    )


def key_of(bench: Bench, route: Route) -> tuple[object, ...]:
    """All that a walk depends on."""
    return bench.key, _Images(bench).key, route.settings, route.waypoints.numpy().tobytes().hex()


def animations_of(bench: Bench, route: Route, frames: torch.Tensor) -> dict[str, bytes] | None:
    """The moving pictures by their files' names, or None while the page offers to make them."""
    key = (*key_of(bench, route), FPS.get())
    return result(
        "walk.animations",
        key,
        "Making the animations",
        partial(_animations, frames, FPS.get(), route.settings.loop),
        started=asked("walk_animations", key),
        button="Make the animations",
    )


def _animations(frames: torch.Tensor, fps: float, loop: bool, job: Job) -> dict[str, bytes]:
    def write(directory: Path) -> None:
        for kind in job.progress(ANIMATIONS, ", ".join(ANIMATIONS)):
            write_frames(directory / f"walk.{kind}", frames, fps, loop=loop)

    return Folder(write).files()


def _measure(gan: Gan, images: _Images, route: Route, seed: int, job: Job) -> WalkResult:
    job.step = "reading training images" if images.spec else "drawing training images"
    real = _training_images(images)
    job.check()
    return latent_walk(
        job.own(gan),
        route.waypoints,
        route.settings,
        seed,
        real=real,
        judge=judge_for(gan),
        progress=lambda batches: job.progress(batches, "comparing with training images"),
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _frames(key: str, _gan: Gan, waypoints: np.ndarray, settings: WalkSettings) -> torch.Tensor:
    with turn():
        return walked(_gan, torch.from_numpy(waypoints), settings)[1]


class _Images:
    """A GAN, as far as training images depend on it: equal for GANs that are compared with the same."""

    def __init__(self, bench: Bench) -> None:
        self.gan, self.spec, self.seed = bench.gan, bench.images, bench.seed
        self.key = (self.gan.image_size, self.gan.channels, draws_rooms(self.gan), self.spec, self.seed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Images) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=2)
def _training_images(images: _Images) -> RealImages | None:
    return ImageOptions(images.spec).load(images.gan, images.seed)
