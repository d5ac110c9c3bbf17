"""The walk, drawn at once, and what is measured of it, which takes longer."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
import torch

from apps.latent_walk.waypoints import STARTED, Route
from apps.shell.bench import Bench
from apps.shell.jobs import Job
from apps.shell.models import turn
from apps.shell.work import result
from dcgan_viz.data.held_out import RealImages
from dcgan_viz.image_options import ImageOptions
from dcgan_viz.latent_walk.analysis import judge_for, latent_walk, walked
from dcgan_viz.latent_walk.result import WalkResult
from dcgan_viz.latent_walk.settings import WalkSettings
from dcgan_viz.remove_objects.judges import draws_rooms

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan


def frames_of(bench: Bench, route: Route) -> torch.Tensor:
    """The frames (F, C, H, W) in [-1, 1], to the bit those of the whole analysis."""
    return _frames(bench.key, bench.gan, route.waypoints.numpy(), route.settings)


def measured(bench: Bench, route: Route) -> WalkResult | None:
    """All that `latent_walk` finds, or None while the page shows how far that is."""
    return result(
        "walk.audit",
        (bench.key, _Images(bench).key, route.settings, route.waypoints.numpy().tobytes().hex()),
        "Measuring the walk",
        partial(_measure, bench.gan, _Images(bench), route, bench.seed),
        started=STARTED,
        button="Measure the walk",
    )


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
