"""Real images before a discriminator: looked through once, then filter after filter."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING

import streamlit as st

from apps.shell.bench import Bench
from apps.shell.jobs import Job
from apps.shell.models import turn
from apps.shell.state import choice, flag, numbers, whole, words
from apps.shell.timed import Timed, timed
from apps.shell.work import result
from dcgan_viz.guided_backprop.analysis import look_again
from dcgan_viz.guided_backprop.filters import Convolution
from dcgan_viz.guided_backprop.look import Look, layers
from dcgan_viz.guided_backprop.real_images import RealImages, real_images
from dcgan_viz.guided_backprop.result import GuidedResult
from dcgan_viz.guided_backprop.rules import RULES
from dcgan_viz.guided_backprop.settings import GuidedSettings
from dcgan_viz.guided_backprop.strongest import Overview, overview
from dcgan_viz.remove_objects.judges import draws_rooms

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

_MOST_LOOKS = 3
_looks: OrderedDict[object, Timed[Look]] = OrderedDict()
_lock = Lock()


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
        (bench.key, _Shown(bench).key, layer),
        "Looking through real images",
        partial(_overview, bench.key, _Shown(bench), layer),
        started=STARTED,
        button="Look through real images",
    )


def portraits_of(bench: Bench, settings: GuidedSettings) -> Timed[GuidedResult] | None:
    """What `guided_backprop` finds; None while the page shows how far that is."""
    return result(
        "filters.portraits",
        (bench.key, _Shown(bench).key, bench.seed, settings),
        "Making guided maps",
        partial(_portraits, bench.key, _Shown(bench), settings, bench.seed),
        started=STARTED,
        button="Make guided maps",
    )


def _overview(key: str, shown: _Shown, layer: str, job: Job) -> Overview:
    look = _look(key, shown, job).result
    return overview(look.again(GuidedSettings(layer=layer or None), 0))


def _portraits(key: str, shown: _Shown, settings: GuidedSettings, seed: int, job: Job) -> Timed[GuidedResult]:
    looked = _look(key, shown, job)
    look = looked.result.again(settings, seed)
    words = "trained network beside a random one"
    again = timed(lambda: look_again(look, progress=lambda steps: job.progress(steps, words)))
    return Timed(again.result, looked.duration_s + again.duration_s)


def _look(networks: str, shown: _Shown, job: Job) -> Timed[Look]:
    """The discriminator's responses to the real images, kept for the next question."""
    key = (networks, shown.key)
    with _lock:
        if key in _looks:
            _looks.move_to_end(key)
            return _looks[key]
    look = timed(partial(_responses, shown, job))
    with _lock:
        _looks[key] = look
        while len(_looks) > _MOST_LOOKS:
            _looks.popitem(last=False)
    return look


def _responses(shown: _Shown, job: Job) -> Look:
    job.step = "reading real images" if shown.spec else "drawing real images"
    real = _real_images(shown)
    job.check()
    # of networks that no job's end reaches: it outlives the job
    look = Look.at(shown.gan, real, GuidedSettings(), 0)
    look.respond(lambda batches: job.progress(batches, "largest responses"))
    return look


class _Shown:
    """A GAN, as far as the images that its discriminator is shown depend on it: equal for equal images."""

    def __init__(self, bench: Bench) -> None:
        self.gan, self.spec = bench.gan, images_option(bench)
        self.seed = 0 if self.spec in (None, "rooms") else bench.seed  # which ones, of data that hold more
        self.key = (self.gan.image_size, self.gan.channels, self.spec, self.seed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shown) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=2)
def _real_images(shown: _Shown) -> RealImages:
    return real_images(shown.gan, shown.spec or "rooms", None, shown.seed)
