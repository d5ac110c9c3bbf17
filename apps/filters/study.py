"""Real images before a discriminator: looked through once, then filter after filter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from apps.shell import real
from apps.shell.bench import Bench
from apps.shell.cache import REAL
from apps.shell.field import choice, flag, numbers, whole, words
from apps.shell.jobs import Job
from apps.shell.timed import Timed, timed
from apps.shell.turns import turn
from apps.shell.work import result
from dcgan_viz.data.room_gans import draws_rooms
from dcgan_viz.guided_backprop.analysis import look_again
from dcgan_viz.guided_backprop.filters import Convolution
from dcgan_viz.guided_backprop.look import Look, layers
from dcgan_viz.guided_backprop.real_images import N_IMAGES, real_images
from dcgan_viz.guided_backprop.result import GuidedResult
from dcgan_viz.guided_backprop.rules import RULES
from dcgan_viz.guided_backprop.settings import GuidedSettings
from dcgan_viz.guided_backprop.strongest import Overview, overview

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan

MOST_FILTERS = 12

LAYER = words("filters_layer", "", r"[\w.#-]{1,120}")
FILTERS = numbers("filters", (), 10**5, MOST_FILTERS)
RULE = choice("filters_rule", GuidedSettings.rule, tuple(RULES))
CROP = flag("filters_crop")
ORDER = choice("filters_order", "number", ("number", "response"))
PART = whole("filters_part", 0, 0, 10**4)
STARTED = flag("filters_started", True)


@st.cache_data(max_entries=32, show_spinner=False)
def layers_of(key: str, _gan: Gan) -> list[Convolution]:
    """All convolutions of the discriminator."""
    with turn():
        return layers(_gan)


def images_option(bench: Bench) -> str | None:
    """What ``--images`` has to say: nothing for a GAN of rooms; for others rooms, if none are known."""
    return None if draws_rooms(bench.gan) else bench.images or "rooms"


def overview_of(bench: Bench, layer: str) -> Overview | None:
    """Where every filter of a layer responds most; None while the page shows how far that is."""
    return result(
        "filters.overview",
        (bench.key, _images_key(bench), layer),
        "Looking through real images",
        partial(_overview, bench, layer),
        started=STARTED,
        button="Look through real images",
    )


def portraits_of(bench: Bench, settings: GuidedSettings) -> Timed[GuidedResult] | None:
    """What `guided_backprop` finds; None while the page shows how far that is."""
    return result(
        "filters.portraits",
        (bench.key, _images_key(bench), bench.seed, settings),
        "Making guided maps",
        partial(_portraits, bench, settings),
        started=STARTED,
        button="Make guided maps",
    )


def _overview(bench: Bench, layer: str, job: Job) -> Overview:
    return overview(_look(bench, job).result.again(GuidedSettings(layer=layer or None), 0))


def _portraits(bench: Bench, settings: GuidedSettings, job: Job) -> Timed[GuidedResult]:
    looked = _look(bench, job)
    look = looked.result.again(settings, bench.seed)
    words = "trained network beside a random one"
    again = timed(lambda: look_again(look, progress=lambda steps: job.progress(steps, words)))
    return Timed(again.result, looked.duration_s + again.duration_s)


def _images_key(bench: Bench) -> real.Key:
    return real.key_of("held-out images", bench.gan, images_option(bench), bench.seed)


def _look(bench: Bench, job: Job) -> Timed[Look]:
    """The discriminator's responses to the real images, kept for the next question."""
    key = _images_key(bench)
    *_, spec, seed = key

    def make() -> Look:
        job.step = "drawing real images" if images_option(bench) is None else "reading real images"
        images = real.loaded(
            key, bench.gan, N_IMAGES, lambda: real_images(bench.gan, spec or "rooms", None, seed)
        )
        job.check()
        # of networks that no job's end reaches: it outlives the job
        look = Look.at(bench.gan, images, GuidedSettings(), 0)
        look.respond(lambda batches: job.progress(batches, "largest responses"))
        return look

    return REAL.get(("look", bench.key, key), lambda: timed(make))
