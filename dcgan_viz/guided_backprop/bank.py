"""A discriminator's filters: their responses to images, and guided maps of many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

import torch
from torch import Tensor, nn

from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop.filters import Convolution, Responses
from dcgan_viz.guided_backprop.rules import Guided
from dcgan_viz.guided_backprop.windows import WindowedConvolutions
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.hooks import copy_of
from dcgan_viz.models.layers import edit, record

Progress = Callable[[Sequence[Tensor]], Iterable[Tensor]]

_RESPONSE_BATCH = 125
_MAP_BATCH = 32


@dataclass(frozen=True)
class Pairs:
    """Filters in images, each at one position.

    Attributes
    ----------
    image, filter, position : Tensor (P,), int
        Numbers of images and filters; the position as ``y * W + x``.
    """

    image: Tensor
    filter: Tensor
    position: Tensor

    def __len__(self) -> int:
        return len(self.image)

    def __getitem__(self, rows: Tensor) -> Pairs:
        return Pairs(self.image[rows], self.filter[rows], self.position[rows])

    @classmethod
    def joined(cls, parts: Sequence[Pairs]) -> Pairs:
        """Several sets as one."""
        nothing = torch.empty(0, dtype=torch.long)
        return cls(
            torch.cat([nothing, *(part.image for part in parts)]),
            torch.cat([nothing, *(part.filter for part in parts)]),
            torch.cat([nothing, *(part.position for part in parts)]),
        )


@dataclass(frozen=True)
class FilterBank:
    """A frozen copy of a discriminator, of its own, so that nobody else's hooks or modes meet it.

    Attributes
    ----------
    network : nn.Module
    gan : Gan
        Says how images are to be brought into the network's range.
    images : Tensor (N, C, H, W), uint8
        On the CPU.
    """

    network: nn.Module
    gan: Gan
    images: Tensor

    @classmethod
    def of(cls, network: nn.Module, gan: Gan, images: Tensor) -> FilterBank:
        """Copy a network that has the form of the GAN's discriminator."""
        own = copy_of(network).eval().requires_grad_(False)
        # oneDNN's convolutions run up to twice as fast on this layout
        return cls(own.to(memory_format=torch.channels_last), gan, images)

    def inputs(self, images: Tensor) -> Tensor:
        """What the network takes for some of the images, by number (N,)."""
        floats = self.images[images].to(self.gan.device).float() / 127.5 - 1
        return floats.contiguous(memory_format=torch.channels_last)

    def responses(
        self, convolutions: Sequence[Convolution], progress: Progress = iter
    ) -> dict[str, Responses]:
        """Responses of all filters of some convolutions to all images, by the convolution's name.

        Parameters
        ----------
        convolutions : sequence of Convolution
        progress : callable
            Gets the batches of images and yields them again.
        """
        places = {one.name: one.response for one in convolutions}
        parts: dict[str, list[Responses]] = {name: [] for name in places}
        with torch.inference_mode(), record(self.network, list(places.values())) as maps:
            for rows in progress(torch.arange(len(self.images)).split(_RESPONSE_BATCH)):
                self._run(self.inputs(rows))
                for name, place in places.items():
                    parts[name].append(Responses.of(maps[place]))
        return {name: Responses.joined(several) for name, several in parts.items()}

    def guided(self, convolution: Convolution, pairs: Pairs, rule: str) -> Iterator[tuple[Tensor, Tensor]]:
        """Guided maps: gradients of responses with respect to the images, by a rule.

        An image's forward pass serves all filters that are asked for in it, and a batch's backward pass one
        filter in each of its images.

        Parameters
        ----------
        convolution : Convolution
        pairs : Pairs
            Which filters, in which images, at which positions.
        rule : str
            See `Guided`.

        Yields
        ------
        Tensor (B,), int
            Numbers of pairs. Each pair comes once, in no particular order.
        Tensor (B, C, H, W)
            Their maps, float32 on the CPU, per unit of an image in [-1, 1].
        """
        turns, images = _turns(pairs.image, len(self.images))
        for batch in images.split(_MAP_BATCH) if len(pairs) else ():
            yield from self._guided_batch(convolution, pairs, rule, batch, turns)

    def all_guided(self, convolution: Convolution, pairs: Pairs, rule: str) -> Tensor:
        """`guided` maps (P, C, H, W), in the order of the pairs."""
        maps = torch.empty(len(pairs), *self.images.shape[1:])
        for numbers, some in self.guided(convolution, pairs, rule):
            maps[numbers] = some
        return maps

    def at_own_peaks(self, convolution: Convolution, pairs: Pairs) -> tuple[Pairs, Tensor]:
        """The same filters in the same images, each where it responds most here, and how much (P,)."""
        if not len(pairs):
            return pairs, torch.empty(0)
        images, row = pairs.image.unique(return_inverse=True)
        with torch.inference_mode():
            parts = [
                Responses.of(self._maps_of(convolution, self.inputs(part)))
                for part in images.split(_RESPONSE_BATCH)
            ]
        responses = Responses.joined(parts)
        position, highest = (of[row, pairs.filter] for of in (responses.position, responses.highest))
        return Pairs(pairs.image, pairs.filter, position.clone()), highest.clone()

    def check(self, convolution: Convolution, rule: str) -> tuple[int, Counter[str]]:
        """Count the activations that a rule governs, from a convolution's filters down to the image.

        Returns
        -------
        int
            How many.
        Counter of str
            Other activations on the way, which keep their gradients, by name.

        Raises
        ------
        InputError
            If there is no activation that the rule governs.
        """
        guided = Guided(rule)
        # two, for the networks that compare the images of a batch
        inputs = self.inputs(torch.tensor([0, 1])).requires_grad_()
        with guided:
            torch.autograd.grad(self._maps_of(convolution, inputs).sum(), inputs)
        n_guided = guided.n_guided + convolution.is_rectified
        if n_guided == 0:
            others = (
                ", ".join(f"{name} x {count}" for name, count in guided.others.items()) or "no activation"
            )
            raise InputError(
                f"layer {convolution.name!r}: no ReLU or LeakyReLU from its filters down to the image (but: "
                f"{others}), so that nothing can be guided; take another layer or discriminator"
            )
        return n_guided, guided.others

    def _guided_batch(
        self, convolution: Convolution, pairs: Pairs, rule: str, batch: Tensor, turns: list[Tensor]
    ) -> list[tuple[Tensor, Tensor]]:
        inputs = self.inputs(batch).requires_grad_()
        device = inputs.device
        found = []
        with Guided(rule), WindowedConvolutions():
            maps = self._maps_of(convolution, inputs).flatten(2)
            for turn in turns:
                rows = (turn[batch] >= 0).nonzero()[:, 0]
                if not len(rows):
                    break
                numbers = turn[batch[rows]]
                asked = pairs[numbers]
                chosen = maps[rows.to(device), asked.filter.to(device), asked.position.to(device)]
                (gradient,) = torch.autograd.grad(chosen.sum(), inputs, retain_graph=True)
                found.append((numbers, gradient[rows.to(device)].float().cpu().contiguous()))
        return found

    def _maps_of(self, convolution: Convolution, inputs: Tensor) -> Tensor:
        """Responses (N, C, H, W) to images in [-1, 1]; nothing above them is run."""

        def stop(maps: Tensor) -> NoReturn:
            raise _Reached(maps)

        try:
            with edit(self.network, {convolution.response: stop}):
                self._run(inputs)
        except _Reached as reached:
            return reached.maps
        raise AssertionError(f"{convolution.response} did not run")

    def _run(self, images: Tensor) -> None:
        self.network(self.gan.image_input(images))


class _Reached(BaseException):
    """Ends a run with the maps that were wanted; no network's own `except Exception` stops it."""

    def __init__(self, maps: Tensor) -> None:
        super().__init__()
        self.maps = maps


def _turns(image: Tensor, n_images: int) -> tuple[list[Tensor], Tensor]:
    """Deal pairs to turns in which no image comes twice.

    Returns
    -------
    list of Tensor (N,), int
        For each turn, the number of each image's pair, or -1.
    Tensor (U,), int
        The images that come at all, those with the most pairs first, so that a batch's turns are full.
    """
    counts = image.bincount(minlength=n_images)
    order = image.argsort(stable=True)
    turn = torch.empty_like(image)
    turn[order] = torch.arange(len(image)) - (counts.cumsum(0) - counts)[image[order]]
    turns = []
    for k in range(int(counts.max()) if len(image) else 0):
        numbers = torch.full((n_images,), -1)
        now = (turn == k).nonzero()[:, 0]
        numbers[image[now]] = now
        turns.append(numbers)
    images = counts.argsort(descending=True, stable=True)
    return turns, images[: int((counts > 0).sum())]
