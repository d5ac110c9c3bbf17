"""The walk, drawn at once, and what is measured of it, which takes longer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from apps.latent_walk.waypoints import FPS, STARTED, Route
from apps.shell import budget, real
from apps.shell.bench import Bench
from apps.shell.cache import PICTURES
from apps.shell.downloads import Folder
from apps.shell.field import asked
from apps.shell.jobs import Job
from apps.shell.timed import Timed, timed
from apps.shell.turns import turn
from apps.shell.work import result
from dcgan_viz.data.held_out import N_HELD_OUT, N_TRAINING, RealImages
from dcgan_viz.data.room_gans import draws_rooms
from dcgan_viz.figures.animation import ANIMATIONS
from dcgan_viz.image_options import ImageOptions
from dcgan_viz.latent_walk.analysis import judge_for, latent_walk, walked
from dcgan_viz.latent_walk.command import write_frames
from dcgan_viz.latent_walk.interpolation import frames_between
from dcgan_viz.latent_walk.result import WalkResult

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan


def frames_of(bench: Bench, route: Route) -> torch.Tensor:
    """The frames (F, C, H, W) in [-1, 1], to the bit those of the whole analysis.

    Raises
    ------
    InputError
        If they are more than a page may hold.
    """
    n = len(frames_between(route.waypoints, route.settings))
    budget.check(bench.gan, n, "frames", "take fewer waypoints or steps, for {most} frames at most")
    key = ("frames", bench.key, route.waypoints.numpy().tobytes(), route.settings)

    def make() -> torch.Tensor:
        with turn():
            return walked(bench.gan, route.waypoints, route.settings)[1]

    return PICTURES.get(key, make)


def measured(bench: Bench, route: Route) -> Timed[WalkResult] | None:
    """All that `latent_walk` finds, or None while the page shows how far that is."""
    return result(
        "walk.audit",
        key_of(bench, route),
        "Measuring the walk",
        lambda job: timed(partial(_measure, bench.gan, bench.images, route, bench.seed, job)),
        started=STARTED,
        button="Measure the walk",
    )


def key_of(bench: Bench, route: Route) -> tuple[object, ...]:
    """All that a walk depends on."""
    images = _images_key(bench.gan, bench.images, bench.seed)
    return bench.key, images, bench.seed, route.settings, route.waypoints.numpy().tobytes().hex()


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


def _measure(gan: Gan, spec: str | None, route: Route, seed: int, job: Job) -> WalkResult:
    job.step = "reading training images" if spec else "drawing training images"
    images = _training_images(gan, spec, seed)
    job.check()
    return latent_walk(
        job.own(gan),
        route.waypoints,
        route.settings,
        seed,
        real=images,
        judge=judge_for(gan),
        progress=lambda batches: job.progress(batches, "comparing with training images"),
    )


def _images_key(gan: Gan, spec: str | None, seed: int) -> real.Key:
    return real.key_of("training images", gan, spec, seed)


def _training_images(gan: Gan, spec: str | None, seed: int) -> RealImages | None:
    if spec is None and not draws_rooms(gan):
        return None
    key = _images_key(gan, spec, seed)
    return real.loaded(key, gan, N_TRAINING + N_HELD_OUT, lambda: ImageOptions(spec).load(gan, seed))
