"""One filter: its largest responses, guided maps beside the control's, and what it answers to."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan_viz.guided_backprop.bank import FilterBank, Pairs
from dcgan_viz.guided_backprop.filters import N_FILTERS
from dcgan_viz.guided_backprop.look import Look
from dcgan_viz.guided_backprop.result import Filter, Peak
from dcgan_viz.guided_backprop.selectivity import ClassSelectivity, Shares, selectivity
from dcgan_viz.models.receptive_field import Box, boxes_seen


def portrait(look: Look, index: int) -> Filter:
    """Show a filter of the chosen layer.

    Parameters
    ----------
    look : Look
        After its other steps.
    index : int
    """
    settings = look.settings
    key = (look.convolution.name, index, settings.rule, settings.n_top, settings.n_measured, look.seed)
    return look.known.get(("portrait", *key), lambda: _portrait(look, index))


def _portrait(look: Look, index: int) -> Filter:
    n_top = look.settings.n_top
    nothing = Filter.silent(index, torch.empty(0, *look.real.images.shape[1:]))
    if index in look.dead(look.convolution):
        return nothing
    n_each = n_top if look.real.masks is None else max(n_top, look.settings.n_measured)
    pairs = look.peaks(look.convolution, index, n_each)
    highest = look.responses[look.convolution.name].highest[pairs.image, pairs.filter]
    trained = _Seen.by(look.trained, look, pairs, highest)
    if not trained.maps.any():  # all that lies between it and the images is shut
        return nothing
    top = trained[torch.arange(min(n_top, len(pairs)))]
    control = _Seen.by(look.control, look, *look.control.at_own_peaks(look.convolution, top.pairs))
    measured = {} if look.real.masks is None else _selectivity(look, trained)
    return Filter(
        index=index,
        dead=False,
        n_measured=min(look.settings.n_measured, len(pairs)) if measured else 0,
        top=_peaks(look, top),
        control=_peaks(look, control),
        selectivity=measured,
        maps=top.maps,
        control_maps=control.maps,
        boxes=_boxes(look, top),
        control_boxes=_boxes(look, control),
    )


@dataclass(frozen=True)
class _Seen:
    """Filters in images, by one network: where, how strong the response, and the guided maps."""

    pairs: Pairs
    highest: Tensor
    maps: Tensor

    @classmethod
    def by(cls, bank: FilterBank, look: Look, pairs: Pairs, highest: Tensor) -> _Seen:
        """Make the maps."""
        maps = bank.all_guided(look.convolution, pairs, look.settings.rule)
        if look.convolution.is_rectified:
            maps[highest <= 0] = 0  # where a filter does not respond there is nothing to show
        return cls(pairs, highest, maps)

    def __getitem__(self, rows: Tensor) -> _Seen:
        return _Seen(self.pairs[rows], self.highest[rows], self.maps[rows])


def _selectivity(look: Look, trained: _Seen) -> dict[str, ClassSelectivity]:
    """By the maps of one filter, and by those of several of the control's in the same images."""
    assert look.real.masks is not None
    images = trained.pairs.image[: look.settings.n_measured]
    masks, classes = look.real.masks[images], look.real.classes
    several = min(N_FILTERS, look.convolution.shape[0])
    rows, index = torch.ones(len(images), several).nonzero().unbind(dim=1)
    beside = Pairs(images[rows], index, torch.zeros_like(rows))
    control = _Seen.by(look.control, look, *look.control.at_own_peaks(look.convolution, beside))
    return selectivity(
        Shares.of(trained.maps[: len(images)], masks, len(classes)),
        Shares.of(control.maps, masks[rows], len(classes)).averaged(several),
        classes,
        look.seed,
    )


def _boxes(look: Look, seen: _Seen) -> tuple[Box, ...]:
    network, name = look.trained.network, look.convolution.response
    return tuple(boxes_seen(network, look.example, name, look.positions(seen.pairs)))


def _peaks(look: Look, seen: _Seen) -> tuple[Peak, ...]:
    positions = look.positions(seen.pairs).tolist()
    rows = zip(seen.pairs.image.tolist(), seen.highest.tolist(), positions, strict=True)
    return tuple(Peak(image, response, y, x) for image, response, (y, x) in rows)
