"""The figure of `guided_backprop`: the paper's figure 5, each filter beside one that learnt nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dcgan_viz.figures.guided_panels import selectivity_panel, similarity_panel
from dcgan_viz.figures.guided_view import FilterView, GuidedView
from dcgan_viz.figures.images import Floats, to_pixels
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.figures.spec import (
    GRID_COLUMNS,
    Figure,
    ImageGrid,
    ImageRow,
    Interval,
    Panel,
    Pixels,
    Placed,
    Role,
    Value,
)
from dcgan_viz.figures.wording import count, interval, number, shape

LEAST_WIDTH_IN = 12.0
_PANELS_A_ROW = 4
_FEW_IMAGES = 8  # in a row: two rows fit beside each other
_BRIGHTEST = 0.99  # of a map's pixels; what is beyond is clipped


@dataclass(frozen=True, eq=False)
class FilterPictures:
    """The pictures of one filter.

    Attributes
    ----------
    images
        The images with its largest responses, (T, C, H, W), float32 in [-1, 1].
    maps, random_maps
        Guided maps (T, C, H, W) of the trained network and of the random one, in any unit.
    cropped
        Whether the images are cut to the receptive fields, which then are not drawn.
    """

    images: Floats
    maps: Floats
    random_maps: Floats
    cropped: bool = False


def map_pixels(maps: Floats) -> Pixels:
    """Guided maps as pictures: each by its own contrast, what is 0 in middle grey.

    Parameters
    ----------
    maps
        (N, C, H, W), of any scale.

    Returns
    -------
    ndarray
        uint8 (N, H, W, 3); a map of zeros is all grey.
    """
    strength = np.abs(maps).max(axis=1).reshape(len(maps), -1)  # (N, H W)
    scale = np.array([np.quantile(one[one > 0], _BRIGHTEST) if one.any() else 1.0 for one in strength])
    return to_pixels((maps / scale.reshape(-1, 1, 1, 1)).astype(np.float32))


def _lines(name: str, ratio: Value, ends: Interval) -> str:
    """A class with its ratio, and the interval on a line of its own."""
    return f"{name} {number(ratio, 1)}\n{interval(ends, 1)}".rstrip()


def _answer(one: FilterView) -> str:
    """What stands beside a filter's images."""
    found = one.selectivity.get(one.answers_to)
    if found is None:
        return "no class in particular" if one.selectivity else ""
    return _lines(one.answers_to, found.ratio, found.ci95)


def _rows(view: GuidedView, one: FilterView, pictures: FilterPictures, *, first: bool) -> list[ImageRow]:
    name = f"filter {one.index}"
    if one.dead:
        nothing = np.zeros((0, *pictures.images.shape[2:], 3), np.uint8)
        return [
            ImageRow(nothing, name, f"dead: answers to none of {view.n_images:,} images", gap_above=not first)
        ]
    answer = one.selectivity.get(one.answers_to)
    boxes = tuple((box,) for box in one.boxes) if not pictures.cropped else ()
    return [
        ImageRow(
            to_pixels(pictures.images),
            name,
            _answer(one),
            boxes=boxes,
            role=Role.OURS,
            gap_above=not first,
        ),
        ImageRow(map_pixels(pictures.maps), "guided map", "trained"),
        ImageRow(
            map_pixels(pictures.random_maps),
            "random",
            "" if answer is None else _lines(one.answers_to, answer.random_ratio, answer.random_ci95),
            role=Role.CONTROL,
        ),
    ]


def filter_grid(view: GuidedView, one: FilterView, pictures: FilterPictures) -> ImageGrid:
    """The rows of one filter by themselves: its images, its guided maps, and those of the random network."""
    return ImageGrid(tuple(_rows(view, one, pictures, first=True)))


def _grids(view: GuidedView, pictures: Mapping[int, FilterPictures]) -> list[ImageGrid]:
    """Filters in two columns, the left one the longer; in one where their rows are long."""
    is_long = max(one.n_top for one in view.filters) > _FEW_IMAGES
    half = len(view.filters) if is_long else -(-len(view.filters) // 2)
    return [
        ImageGrid(
            tuple(
                row
                for k, one in enumerate(view.filters[start : start + half])
                for row in _rows(view, one, pictures[one.index], first=k == 0)
            )
        )
        for start in range(0, len(view.filters), half)
    ]


def _placed(grids: list[ImageGrid], selective: list[Panel], alike: list[Panel]) -> tuple[Placed, ...]:
    """Pictures above, side by side, a single filter's beside a panel; below, panels in full rows."""
    if len(grids) == 1 and grids[0].columns <= _FEW_IMAGES and alike:
        placed = [Placed(grids[0], 0, 0, 1, 7), Placed(alike[0], 0, 7, 1, 5)]
        return (*placed, *(Placed(one, row) for row, one in enumerate(selective, start=1)))
    span = GRID_COLUMNS // len(grids)
    placed = [Placed(grid, 0, k * span, 1, span) for k, grid in enumerate(grids)]
    panels, row = [*selective], 1
    while panels or alike:
        some, panels = panels[:_PANELS_A_ROW], panels[_PANELS_A_ROW:]
        width = GRID_COLUMNS // max(1, len(some))
        if not panels and len(some) <= _PANELS_A_ROW - 2:  # room for a panel of twice the width
            width = GRID_COLUMNS // (len(some) + 2)
            some, alike = [*some, *alike], []
        for k, panel in enumerate(some):
            rest = GRID_COLUMNS - k * width if k == len(some) - 1 else width
            placed.append(Placed(panel, row, k * width, 1, rest))
        row += 1
    return tuple(placed)


def _subtitle(view: GuidedView) -> str:
    if all(one.dead for one in view.filters):
        return f"Nothing: of {view.images}, none makes these filters respond."
    text = (
        f"Of {view.images}, those with the largest responses of each filter; below, guided maps of the "
        "position that responds most, and those of a randomly initialised network."
    )
    mine = [one for one in view.similarity if one.layer == view.layer and one.cosine is not None]
    if not mine:
        return text
    chance = "" if mine[0].other_image is None else f" (another image: {number(mine[0].other_image)})"
    return f"{text} Trained and random maps of the same position: cosine {number(mine[0].cosine)}{chance}."


def _measured(view: GuidedView) -> str:
    """What the numbers beside the filters mean."""
    if not view.has_classes:
        return (
            "What the filters answer to is not measured: the classes of these images' pixels are not known."
        )
    counts = {one.n_measured for one in view.filters if one.selectivity}
    n_measured = f"up to {max(counts)}" if len(counts) > 1 else str(*counts)
    return (
        "Numbers: share of guided energy inside a class's mask over the class's share of the area, in the "
        f"{n_measured} images with the largest responses, 95 % intervals over images; random: the mean of "
        "filters of the random network, in the same images."
    )


def _caption(view: GuidedView, pictures: Mapping[int, FilterPictures]) -> str:
    dead = f"; {view.n_dead} of them dead" if view.n_dead else "; none of them dead"
    parts = [
        f"Layer {view.layer} ({shape(view.shape)}{dead}).",
        f"Rule {view.rule}, on {count(view.n_guided, 'activation')}.",
    ]
    if view.unguided:
        others = ", ".join(f"{name} ({count})" for name, count in view.unguided.items())
        parts.append(f"Without a rule, and therefore with their plain gradient: {others}.")
    if not all(one.dead for one in view.filters):
        parts += [_measured(view), "Each map by its own contrast."]
    if any(not picture.any() for one in pictures.values() for picture in one.random_maps):
        parts.append("All grey: the random filter does not respond.")
    if view.statistics:
        words = "; ".join(f"{name}: {text}" for name, text in view.statistics.items())
        parts.append(f"BatchNorm of the discriminators, {words}.")
    if view.captum_difference is not None:
        far = f"{view.captum_difference:.0e} of the largest value" if view.captum_difference else "0"
        parts.append(
            f"captum made {count(view.captum_maps, 'map')} again, with a largest difference of {far}."
        )
    # the generator's BatchNorm, which the line would name too, has no part in this
    made = {name: value for name, value in (view.provenance or {}).items() if name != "batchnorm"}
    return " ".join([*parts, provenance_line(made)]).strip()


def guided_figure(view: GuidedView, pictures: Mapping[int, FilterPictures]) -> Figure:
    """Compose the figure of `guided_backprop`.

    Parameters
    ----------
    view
        The numbers, read from result.json.
    pictures
        By the filters' numbers.

    Returns
    -------
    Figure
        Per filter the images with the largest responses, trained and random guided maps below one another,
        and what it answers to; then a panel a filter with every class, and how alike both networks' maps are,
        layer by layer.
    """
    selective: list[Panel] = [selectivity_panel(one) for one in view.filters if one.selectivity]
    return Figure(
        title=f"What the filters of {view.layer} answer to",
        subtitle=_subtitle(view),
        panels=_placed(
            _grids(view, pictures), selective, [similarity_panel(view)] if view.similarity else []
        ),
        caption=_caption(view, pictures),
        least_width_in=LEAST_WIDTH_IN,
    )
