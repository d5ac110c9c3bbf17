"""The `Gan`: a generator and a discriminator with all that an analysis has to know about them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

import torch
from torch import Tensor, nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.forms import (
    UNIT_RANGE,
    DiscriminatorForm,
    GeneratorForm,
    Range,
    discriminator_form,
    generator_form,
)
from dcgan_viz.models.modes import device_of, evaluating
from dcgan_viz.models.prior import Prior
from dcgan_viz.models.statistics import Statistics
from dcgan_viz.models.widest import batch_size as batch_size_of

__all__ = ["Gan", "Prior", "Provenance"]


@dataclass(frozen=True)
class Provenance:
    """Where a `Gan` came from, as results state it.

    Parameters
    ----------
    path : str
        The file the weights were read from, or a word for what is no file.
    sha256 : str
        Of that file, in hexadecimal; empty where there is none.
    importer : str
        Which reader understood the file.
    metadata : Mapping
        What the file says about itself.
    assumptions : tuple of str
        What the file does not say and was taken for granted, a clause each.
    files : Mapping of str to str
        All files that were read, with the SHA-256 of each.
    """

    path: str
    sha256: str
    importer: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_modules(cls, *networks: nn.Module | None) -> Self:
        """The provenance of networks that are in memory: their classes, and the SHA-256 of their weights."""
        digest = hashlib.sha256()
        present = [network for network in networks if network is not None]
        for network in present:
            for name, value in network.state_dict().items():
                digest.update(name.encode())
                if isinstance(value, Tensor):  # a module's extra state may be anything
                    digest.update(
                        value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data
                    )
        return cls(
            " and ".join(type(network).__name__ for network in present), digest.hexdigest(), "nn.Module"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dictionary that JSON can hold."""
        return asdict(self)


@dataclass
class Gan:
    """A generator, a discriminator or both, and what is known about them.

    How the networks want to be called is found out by calling them: the shape of z, the range of the images'
    values, whether the discriminator ends with a sigmoid.

    Parameters
    ----------
    generator : nn.Module or None
        Maps z (N, nz) or (N, nz, 1, 1) to images (N, C, H, W).
    discriminator : nn.Module or None
        Maps images to one logit or one probability each.
    prior : Prior or None
        Distribution over z; a generator needs it.
    provenance : Provenance or None
        File and importer; by default the classes, with the SHA-256 of their weights.
    image_size : int
        Side of the images in pixels; 0: found out.
    channels : int
        Colour channels of the images; 0: found out.
    value_range : (float, float) or None
        What the networks take for black and white; None: (0, 1) where a sigmoid makes the images or none of
        their values is negative, else (-1, 1).
    batchnorm : Mapping of str to Statistics
        For "generator" and "discriminator"; what is not given is found out.

    Raises
    ------
    InputError
        If a network cannot be called in any of the ways above, with what it did instead.

    Examples
    --------
    >>> from dcgan_viz.models.networks import Architecture, Generator
    >>> gan = Gan(Generator(Architecture(image_size=32, width=4)), prior=Prior("uniform", 100))
    >>> tuple(gan.generate(gan.sample_z(2, seed=0)).shape)
    (2, 3, 32, 32)
    """

    generator: nn.Module | None = None
    discriminator: nn.Module | None = None
    prior: Prior | None = None
    provenance: Provenance = field(default=None)  # type: ignore[assignment]
    image_size: int = 0
    channels: int = 0
    value_range: Range | None = None
    batchnorm: Mapping[str, Statistics] = field(default_factory=dict)
    _generator_form: GeneratorForm | None = field(init=False, repr=False, default=None)
    _discriminator_form: DiscriminatorForm | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.generator is None and self.discriminator is None:
            raise InputError("a Gan without networks: give a generator, a discriminator, or both")
        if self.generator is not None:
            self._try_generator(self.generator)
        is_size_tried = self.generator is None and not self.image_size
        if self.discriminator is not None:
            values = self.value_range or UNIT_RANGE
            form = discriminator_form(self.discriminator, self.image_size, self.channels, values)
            self._discriminator_form = form
            self.image_size, self.channels = form.image_size, form.channels
        if self.provenance is None:
            self.provenance = Provenance.of_modules(self.generator, self.discriminator)
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        found = {k: Statistics.found_in(network) for k, network in networks.items() if network is not None}
        self.batchnorm = {**found, **self.batchnorm}
        found_out = tuple(
            clause for clause in self._found_out(is_size_tried) if clause not in self.provenance.assumptions
        )
        self.provenance = replace(self.provenance, assumptions=(*self.provenance.assumptions, *found_out))

    def _try_generator(self, generator: nn.Module) -> None:
        if self.prior is None:
            raise InputError(
                f"generator {type(generator).__name__}: no prior, and z cannot be drawn without; "
                'give Prior("normal", size), or --prior normal:SIZE'
            )
        form = generator_form(generator, self.prior.size, self.value_range)
        given = (self.image_size or form.image_size, self.channels or form.channels)
        if given != (form.image_size, form.channels):
            raise InputError(
                f"generator {type(generator).__name__}: it draws {form.image_size} px with {form.channels} "
                f"channel(s), not {given[0]} px with {given[1]}; leave image_size and channels out"
            )
        self._generator_form, self.value_range = form, form.value_range
        self.image_size, self.channels = given

    def _found_out(self, is_size_tried: bool) -> Iterator[str]:
        if is_size_tried:
            yield f"images of {self.image_size} px, the first of the usual sizes that the discriminator takes"
        if self._generator_form is not None and self._generator_form.noisy:
            yield "the generator draws noise of its own: the same z gives different images"
        if self.value_range not in (None, UNIT_RANGE):
            low, high = self.value_range or UNIT_RANGE
            yield f"images from {low:g} to {high:g} are brought to [-1, 1]"
        if self._discriminator_form is not None and self._discriminator_form.is_probability:
            yield "the discriminator returns probabilities: the logits are taken before its sigmoid"

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        network = self.generator if self.generator is not None else self.discriminator
        assert network is not None
        return device_of(network)

    def to(self, device: torch.device | str) -> Self:
        """Move both networks to a device and return this Gan."""
        for network in (self.generator, self.discriminator):
            if network is not None:
                network.to(device)
        return self

    def require_generator(self, analysis: str) -> nn.Module:
        """The generator, for an analysis that cannot do without.

        Raises
        ------
        InputError
            If there is none.
        """
        if self.generator is None:
            raise InputError(
                f"{self.provenance.path}: it holds no generator, which {analysis} needs; give one that does"
            )
        return self.generator

    def require_discriminator(self, analysis: str) -> nn.Module:
        """The discriminator, for an analysis that cannot do without.

        Raises
        ------
        InputError
            If there is none.
        """
        if self.discriminator is None:
            raise InputError(
                f"{self.provenance.path}: it holds no discriminator, which {analysis} needs; "
                "give one that does, or a second file with --discriminator-checkpoint"
            )
        return self.discriminator

    @property
    def generator_batch(self) -> int:
        """How many z the generator is given at once, so that its activations stay bounded."""
        assert self._generator_form is not None
        return batch_size_of(self._generator_form.widest)

    @property
    def discriminator_batch(self) -> int:
        """How many images the discriminator is given at once, so that its activations stay bounded."""
        assert self._discriminator_form is not None
        return batch_size_of(self._discriminator_form.widest)

    def sample_z(self, n: int, seed: int) -> Tensor:
        """Draw z (N, nz) from the prior, on this Gan's device; the same numbers on every device."""
        self.require_generator("drawing z")
        assert self.prior is not None
        return self.prior.sample(n, seed, self.device)

    def z_input(self, z: Tensor) -> Tensor:
        """A copy of z (N, nz) in the shape that the generator itself takes."""
        assert self._generator_form is not None
        return self._generator_form.z_input(z)

    def to_unit_range(self, output: Tensor) -> Tensor:
        """Bring what the generator itself returns into [-1, 1]."""
        assert self._generator_form is not None
        return self._generator_form.images(output)

    def image_input(self, images: Tensor) -> Tensor:
        """A copy of images in [-1, 1], in the range that the discriminator itself takes."""
        assert self._discriminator_form is not None
        return self._discriminator_form.image_input(images)

    def draw(self, z: Tensor) -> Tensor:
        """Run the generator as it stands, in its own mode and with gradients where they are on.

        Parameters
        ----------
        z : Tensor (N, nz)
            On this Gan's device.

        Returns
        -------
        Tensor (N, C, H, W)
            In [-1, 1].
        """
        return self.to_unit_range(self.require_generator("drawing images")(self.z_input(z)))

    def logits(self, images: Tensor) -> Tensor:
        """Run the discriminator as it stands, in its own mode and with gradients where they are on.

        Parameters
        ----------
        images : Tensor (N, C, H, W)
            In [-1, 1], on this Gan's device.

        Returns
        -------
        Tensor (N,)
            Positive for "real".
        """
        discriminator = self.require_discriminator("judging images")
        assert self._discriminator_form is not None
        return self._discriminator_form.logits(discriminator, images)

    @torch.inference_mode()
    def generate(self, z: Tensor, batch_size: int | None = None) -> Tensor:
        """Generate images in eval mode, so that an image depends on its own z alone.

        With BatchNorm statistics of the batch it depends on the others of its batch, too.

        Parameters
        ----------
        z : Tensor
            (N, nz), on any device.
        batch_size : int, optional
            How many to run through the generator at once, at most; by default 250, and fewer of a generator
            whose widest layer would hold more than half a gigabyte.

        Returns
        -------
        Tensor
            images (N, C, H, W), float32 in [-1, 1], on the CPU.
        """
        generator = self.require_generator("drawing images")
        if len(z) == 1 and self.batchnorm["generator"].mode == "batch":
            raise InputError(
                "1 sample: BatchNorm with the statistics of the batch needs at least 2; "
                "ask for more, or calibrate (batchnorm 'calibrated')"
            )
        at_once = batch_size or self.generator_batch
        with evaluating(generator):
            parts = [self.draw(part.to(self.device)).float().cpu() for part in even_parts(z, at_once)]
        return torch.cat(parts)

    @torch.inference_mode()
    def discriminate(self, images: Tensor, batch_size: int | None = None) -> Tensor:
        """Judge images in eval mode.

        Parameters
        ----------
        images : Tensor
            (N, C, H, W) in [-1, 1], on any device.
        batch_size : int, optional
            How many to run through the discriminator at once, at most; the default is that of `generate`.

        Returns
        -------
        Tensor
            Logits (N,), float32, on the CPU; positive for "real".
        """
        discriminator = self.require_discriminator("judging images")
        if len(images) == 1 and self.batchnorm["discriminator"].mode == "batch":
            raise InputError(
                "1 image: BatchNorm with the statistics of the batch needs at least 2; "
                "give more, or calibrate on real images (--calibrate-on)"
            )
        at_once = batch_size or self.discriminator_batch
        with evaluating(discriminator):
            parts = [self.logits(part.to(self.device)).float().cpu() for part in even_parts(images, at_once)]
        return torch.cat(parts)


def even_parts(inputs: Tensor, batch_size: int) -> tuple[Tensor, ...]:
    """Split along the first axis into parts of nearly the same length, none of them of one alone.

    A part of one input has no batch statistics; inputs that are one alone stay so.
    """
    return inputs.tensor_split(max(1, math.ceil(len(inputs) / max(batch_size, 2))))
