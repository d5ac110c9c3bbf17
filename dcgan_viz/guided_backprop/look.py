"""A trained discriminator and its control before the same images: what the steps of the analysis share."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop.bank import FilterBank, Pairs
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

_N_CALIBRATION = 1024
_CALIBRATION_BATCH = 128  # of the paper


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

    @classmethod
    def at(cls, gan: Gan, real: RealImages, settings: GuidedSettings, seed: int) -> Look:
        """Choose layer and filters.

        Raises
        ------
        InputError
            If there is no discriminator, no such layer or filter, or there are too few images.
        """
        discriminator = gan.require_discriminator("guided_backprop")
        random = torch.Generator().manual_seed(0)
        noise = torch.rand(2, gan.channels, gan.image_size, gan.image_size, generator=random) * 2 - 1
        example = gan.image_input(noise.to(gan.device))
        found = convolutions(discriminator, example)
        convolution = choose_convolution(found, settings.layer)
        filters = choose_filters(convolution, settings.filters)
        if len(real) < settings.n_top:
            raise InputError(
                f"{len(real)} image(s), too few to show the {settings.n_top} with the largest responses "
                f"of each filter; give at least {settings.n_top}, or show fewer (--top)"
            )
        if len(real) < 2:
            raise InputError("1 image, which no BatchNorm can be calibrated on; give at least 2")
        look = cls(gan, real, settings, seed, found, convolution, filters, example)
        look._freeze(discriminator)
        return look

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

    def respond(self) -> None:
        """Look for the largest responses of all filters of all layers."""
        self.responses = self.trained.responses(self.found)

    def draw_control(self) -> None:
        """Draw the random network, and calibrate its BatchNorm on the images."""
        random = randomised(self.trained.network, derived_seed(self.seed, "random discriminator"))
        self.statistics["random"] = self.statistics["trained"]
        if self.gan.batchnorm["discriminator"].mode != "none":
            random = self._calibrated(random, "random")
        self.control = FilterBank.of(random, self.gan, self.real.images)

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
        parts = [self.peaks(convolution, index, self.settings.n_top) for index in living]
        pairs = Pairs.joined(parts)
        return similarity(self.trained, self.control, convolution, pairs, self.settings.rule, self.seed)

    def positions(self, pairs: Pairs) -> Tensor:
        """The y and x (P, 2) of pairs of the chosen layer."""
        width = self.convolution.shape[2]
        return torch.stack([pairs.position // width, pairs.position % width], dim=1)
