"""A trained discriminator and its control before the same images: what the steps of the analysis share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop.bank import FilterBank, Pairs, Progress
from dcgan_viz.guided_backprop.control import randomised
from dcgan_viz.guided_backprop.filters import (
    N_FILTERS,
    Convolution,
    Responses,
    choose_convolution,
    choose_filters,
    convolutions,
)
from dcgan_viz.guided_backprop.real_images import RealImages
from dcgan_viz.guided_backprop.settings import GuidedSettings
from dcgan_viz.guided_backprop.similarity import Similarity, similarity
from dcgan_viz.models.batchnorm import calibrate
from dcgan_viz.models.gan import Gan
from dcgan_viz.seeds import derived_seed

T = TypeVar("T")

_MOST_KNOWN = 128  # a filter's maps take half a megabyte
_N_CALIBRATION = 1024
_CALIBRATION_BATCH = 128  # of the paper


class Known:
    """Results by what they depend on, the last ones; several threads may ask.

    Examples
    --------
    >>> known = Known()
    >>> known.get("a", lambda: 1), known.get("a", lambda: 2)
    (1, 1)
    """

    def __init__(self) -> None:
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of this key; made where it is not there."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return cast(T, self._results[key])
        made = make()
        with self._lock:
            self._results[key] = made
            while len(self._results) > _MOST_KNOWN:
                self._results.popitem(last=False)
        return made


@dataclass
class Look:
    """The networks, the images and the filters of one analysis.

    Attributes
    ----------
    gan : Gan
    real : RealImages
    settings : GuidedSettings
    seed : int
    found : list of Convolution
        All that the discriminator has.
    convolution : Convolution
        The chosen one.
    filters : tuple of int
        The chosen ones of its filters.
    example : Tensor
        An input of the network.
    trained, control : FilterBank
        The control is there after `draw_control`.
    statistics : dict of str to str
        BatchNorm of both, in words.
    responses : dict of str to Responses
        Of the trained network, by convolution; there after `respond`.
    known : Known
        What was found out about single filters and layers, shared with the looks that come from this one.
    """

    gan: Gan
    real: RealImages
    settings: GuidedSettings
    seed: int
    found: list[Convolution]
    convolution: Convolution
    filters: tuple[int, ...]
    example: Tensor
    trained: FilterBank = field(init=False)
    control: FilterBank = field(init=False)
    statistics: dict[str, str] = field(init=False)
    responses: dict[str, Responses] = field(init=False)
    known: Known = field(default_factory=Known)

    @classmethod
    def at(cls, gan: Gan, real: RealImages, settings: GuidedSettings, seed: int) -> Look:
        """Choose layer and filters.

        Raises
        ------
        InputError
            If there is no discriminator, no such layer or filter, or there are too few images.
        """
        discriminator = gan.require_discriminator("guided_backprop")
        example = _example(gan)
        found = convolutions(discriminator, example)
        convolution = choose_convolution(found, settings.layer)
        filters = choose_filters(convolution, settings.filters)
        look = cls(gan, real, settings, seed, found, convolution, filters, example)
        look._check_images()
        look._freeze(discriminator)
        return look

    def again(self, settings: GuidedSettings, seed: int) -> Look:
        """A look of the same network at the same images: what is known already is not found out anew.

        Parameters
        ----------
        settings : GuidedSettings
        seed : int

        Raises
        ------
        InputError
            If there is no such layer or filter.
        """
        convolution = choose_convolution(self.found, settings.layer)
        filters = choose_filters(convolution, settings.filters)
        look = Look(
            self.gan,
            self.real,
            settings,
            seed,
            self.found,
            convolution,
            filters,
            self.example,
            known=self.known,
        )
        look._check_images()
        look.trained, look.statistics = self.trained, {"trained": self.statistics["trained"]}
        if hasattr(self, "responses"):
            look.responses = self.responses
        return look

    def _check_images(self) -> None:
        n, n_top = len(self.real), self.settings.n_top
        if n < n_top:
            raise InputError(
                f"{n} image(s), too few to show the {n_top} with the largest responses "
                f"of each filter; give at least {n_top}, or show fewer (--top)"
            )
        if n < 2:
            raise InputError("1 image, which no BatchNorm can be calibrated on; give at least 2")

    def _freeze(self, discriminator: nn.Module) -> None:
        own = self.gan.batchnorm["discriminator"]
        self.statistics = {"trained": str(own)}
        if own.mode == "batch":  # a map is not to depend on the other images of its batch
            discriminator = self._calibrated(discriminator, "trained")
        self.trained = FilterBank.of(discriminator, self.gan, self.real.images)

    def _calibrated(self, network: nn.Module, name: str) -> nn.Module:
        """A copy with the BatchNorm statistics of the images."""
        n = min(len(self.real), _N_CALIBRATION)
        n = n // _CALIBRATION_BATCH * _CALIBRATION_BATCH or n
        self.statistics[name] = f"calibrated on {n:,} of the images"
        bank = FilterBank(network, self.gan, self.real.images)
        batches = torch.arange(n).split(_CALIBRATION_BATCH)
        return calibrate(network, (self.gan.image_input(bank.inputs(batch)) for batch in batches))

    def respond(self, progress: Progress = iter) -> None:
        """Look for the largest responses of all filters of all layers, where they are not known."""
        if not hasattr(self, "responses"):
            self.responses = self.trained.responses(self.found, progress)

    def draw_control(self) -> None:
        """Draw the random network, and calibrate its BatchNorm on the images."""
        self.control, words = self.known.get(("control", self.seed), self._random)
        self.statistics["random"] = words

    def _random(self) -> tuple[FilterBank, str]:
        random = randomised(self.trained.network, derived_seed(self.seed, "random discriminator"))
        self.statistics["random"] = self.statistics["trained"]
        if self.gan.batchnorm["discriminator"].mode != "none":
            random = self._calibrated(random, "random")
        return FilterBank.of(random, self.gan, self.real.images), self.statistics["random"]

    def dead(self, convolution: Convolution) -> list[int]:
        """Filters of a layer that are dead."""
        return self.responses[convolution.name].dead(convolution).nonzero()[:, 0].tolist()

    def peaks(self, convolution: Convolution, index: int, n_images: int) -> Pairs:
        """A filter in the images with its largest responses, largest first, each at its maximal position."""
        responses = self.responses[convolution.name]
        highest = responses.highest[:, index]
        order = highest.argsort(descending=True, stable=True)[:n_images]
        order = order[responses.fires(convolution)[order, index]]
        return Pairs(order, torch.full_like(order, index), responses.position[order, index])

    def compare(self, convolution: Convolution) -> Similarity:
        """Trained and random maps of one layer: of the chosen filters, or of the first that live."""
        dead = self.dead(convolution)
        chosen = self.filters if convolution == self.convolution else range(convolution.shape[0])
        living = [index for index in chosen if index not in dead]
        if convolution != self.convolution:
            living = living[:N_FILTERS]
        settings = self.settings
        parts = [self.peaks(convolution, index, settings.n_top) for index in living]
        key = ("similarity", convolution.name, tuple(living), settings.n_top, settings.rule, self.seed)
        return self.known.get(
            key,
            lambda: similarity(
                self.trained, self.control, convolution, Pairs.joined(parts), settings.rule, self.seed
            ),
        )

    def positions(self, pairs: Pairs) -> Tensor:
        """The y and x (P, 2) of pairs of the chosen layer."""
        width = self.convolution.shape[2]
        return torch.stack([pairs.position // width, pairs.position % width], dim=1)


def layers(gan: Gan) -> list[Convolution]:
    """All convolutions of a GAN's discriminator, in the order in which they run.

    Raises
    ------
    InputError
        If there is no discriminator.
    """
    return convolutions(gan.require_discriminator("guided_backprop"), _example(gan))


def _example(gan: Gan) -> Tensor:
    """An input of the discriminator that is no constant."""
    random = torch.Generator().manual_seed(0)
    noise = torch.rand(2, gan.channels, gan.image_size, gan.image_size, generator=random) * 2 - 1
    return gan.image_input(noise.to(gan.device))
