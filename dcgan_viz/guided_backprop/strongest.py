"""Every filter of a layer at one glance: where it responds most of all."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan_viz.guided_backprop.crops import cropped
from dcgan_viz.guided_backprop.look import Look
from dcgan_viz.guided_backprop.result import Peak
from dcgan_viz.models.receptive_field import Box, boxes_seen, receptive_fields


@dataclass(frozen=True)
class Strongest:
    """The largest response of one filter among all images.

    Attributes
    ----------
    index : int
        Of the filter.
    peak : Peak or None
        None of a dead one.
    """

    index: int
    peak: Peak | None


@dataclass(frozen=True)
class Overview:
    """A layer's filters.

    Attributes
    ----------
    layer : str
        By its resolved name.
    filters : tuple of Strongest
        All of them, by number.
    pictures : Tensor (C, channels, h, w), uint8
        What the position sees of that image, or the whole image where that cannot be followed; of a dead
        filter nothing but 0.
    n_images : int
        That were looked through.
    source : str
        Where they are from.
    """

    layer: str
    filters: tuple[Strongest, ...]
    pictures: Tensor
    n_images: int
    source: str


def overview(look: Look) -> Overview:
    """Show where each filter of the chosen layer responds most.

    Parameters
    ----------
    look : Look
        After `Look.respond`. The pictures are the first ones of `guided_backprop` for the same filters.
    """
    convolution = look.convolution
    dead = set(look.dead(convolution))
    found = []
    for index in range(convolution.shape[0]):
        peak = None
        if index not in dead:
            pairs = look.peaks(convolution, index, 1)
            response = look.responses[convolution.name].highest[pairs.image, pairs.filter]
            y, x = look.positions(pairs)[0].tolist()
            peak = Peak(int(pairs.image[0]), float(response[0]), y, x)
        found.append(Strongest(index, peak))
    return Overview(convolution.name, tuple(found), _pictures(look, found), len(look.real), look.real.source)


def _pictures(look: Look, found: list[Strongest]) -> Tensor:
    peaks = [one.peak for one in found if one.peak is not None]
    images = look.real.images[[peak.image for peak in peaks]]
    places = torch.tensor([[peak.y, peak.x] for peak in peaks]).reshape(-1, 2)
    boxes, size = _fields(look, places)
    if size is not None and len(boxes) == len(peaks) > 0:
        images = cropped(images, tuple(boxes), size)
    pictures = torch.zeros(len(found), *images.shape[1:], dtype=torch.uint8)
    pictures[[one.index for one in found if one.peak is not None]] = images
    return pictures


def _fields(look: Look, places: Tensor) -> tuple[list[Box], tuple[int, int] | None]:
    """What positions (P, 2) see, and the size of a field that no border cuts."""
    name = look.convolution.response
    with torch.inference_mode(False), torch.enable_grad():
        boxes = boxes_seen(look.trained.network, look.example, name, places)
        size = receptive_fields(look.trained.network, look.example, [name], "discriminator").get(name)
    return boxes, size
