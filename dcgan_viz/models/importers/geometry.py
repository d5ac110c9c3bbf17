"""Strides and paddings, which a state dict does not hold, from kernel sizes and what has to come out.

A row of convolutions is tried in three manners that people write DCGANs in. Each departure from a manner's
plain choice costs something, and so does an image size that few use; the cheapest way that ends in a square
image (for a discriminator: in one number) is taken if no other comes near it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers.arch import Window, row

MAX_SIDE = 1024  # px; more is no DCGAN, and would only fill the memory
MAX_NUMBERS = 2**24  # of one layer for one image: 64 maps of 512 px, or 16 of 1024
MARGIN = 1.0  # a way that costs less than this more than the cheapest is a rival

_MAX_COST = 3.0
_TRUSTED_COST = 2.0  # what costs more is proposed, not taken
_STRETCH = 1.5  # how much more two networks may cost for one image size than each for its own
_KEPT = 8  # ways to one size that are followed
_SIZES = {16: 3.0, 28: 0.0, 32: 0.0, 48: 0.5, 64: 0.0, 96: 0.5, 128: 0.0, 192: 2.0, 256: 0.5, 512: 3.0}
_MANNERS = {"padded": 0.0, "unpadded": 1.5, "odd keeps": 1.0}

_Priced = tuple[Window, float]


@dataclass(frozen=True)
class Row:
    """A row of convolutions as far as a file describes it.

    Attributes
    ----------
    role : str
        "generator" or "discriminator".
    kernels : tuple of int
        Sides of the kernels in px, in the order in which they run.
    ordinary : tuple of bool
        Which are ordinary convolutions; the others are transposed.
    side : int
        Side of the maps at the end away from the image: what a linear layer there makes or takes, else 1.
    linear : bool
        Whether there is such a linear layer.
    channels : int
        Colour channels of the images.
    maps : tuple of int
        That each convolution gives.
    """

    role: str
    kernels: tuple[int, ...]
    ordinary: tuple[bool, ...]
    side: int
    linear: bool
    channels: int
    maps: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """One way to move over the maps.

    Attributes
    ----------
    windows : tuple of Window
    image_size : int
        Side of the images in px.
    cost : float
        How far it is from what people usually write.
    widest : int
        Numbers in the largest layer for one image; 0 where it was not looked for.
    """

    windows: tuple[Window, ...]
    image_size: int
    cost: float = 0.0
    widest: int = 0


def plans(row_: Row) -> list[Plan]:
    """All usual ways for one row, the most usual first.

    Parameters
    ----------
    row_ : Row
    """
    best: dict[tuple[tuple[Window, ...], int], Plan] = {}
    for manner, price in _MANNERS.items():
        if manner == "odd keeps" and not _mixed(row_):
            continue
        for plan in _in_manner(row_, manner):
            cost = plan.cost + price + _size_cost(plan.image_size, row_.channels)
            priced = replace(plan, cost=cost, widest=_widest(row_, plan))
            known = best.get((plan.windows, plan.image_size))
            is_usual = priced.cost <= _MAX_COST and priced.widest <= MAX_NUMBERS
            if is_usual and (known is None or priced.cost < known.cost):
                best[plan.windows, plan.image_size] = priced
    return sorted(best.values(), key=lambda plan: plan.cost)


def given(source: str, row_: Row, windows: tuple[Window, ...]) -> list[Plan]:
    """The plans that follow windows that a person gave.

    Raises
    ------
    InputError
        If they do not fit the kernels, or do not lead to an image or from one to a single number.
    """
    key = row_.role[0]
    if tuple(window.kernel for window in windows) != row_.kernels:
        kernels = ", ".join(map(str, row_.kernels))
        raise InputError(
            f"{source}: --arch {key}={row(windows)} does not fit its kernels, which are {kernels}"
        )
    if row_.role == "generator":
        of_kind = tuple(map(_of_kind, windows, row_.ordinary))
        if of_kind != windows:
            raise InputError(
                f"{source}: --arch g={row(windows)}: by the weights' shapes it is {row(of_kind)}; write it so"
            )
        sides = _sides(row_, windows, row_.side)
        if min(sides) >= 1 and max(sides) <= MAX_SIDE:
            return _narrow(source, row_, [Plan(windows, sides[-1])])
        raise InputError(f"{source}: --arch g={row(windows)} gives maps of {_arrows(sides)} px; correct it")
    fitting = [size for size in range(1, MAX_SIDE + 1) if _leads_down(row_, windows, size)]
    if not fitting:
        raise InputError(
            f"{source}: --arch d={row(windows)} takes no image to {row_.side}x{row_.side} maps; correct it"
        )
    return _narrow(source, row_, [Plan(windows, size, _size_cost(size, row_.channels)) for size in fitting])


def _widest(row_: Row, plan: Plan) -> int:
    start = row_.side if row_.role == "generator" else plan.image_size
    sides = _sides(row_, plan.windows, start)[1:]
    return max(maps * side**2 for maps, side in zip(row_.maps, sides, strict=True))


def _narrow(source: str, row_: Row, found: list[Plan]) -> list[Plan]:
    """Those of some plans whose layers are no wider than may be.

    Raises
    ------
    InputError
        If none is.
    """
    found = [replace(plan, widest=_widest(row_, plan)) for plan in found]
    kept = [plan for plan in found if plan.widest <= MAX_NUMBERS]
    if not kept:
        least = min(plan.widest for plan in found)
        raise InputError(
            f"{source}: a layer of {least:,} numbers an image, more than the {MAX_NUMBERS:,} that are read; "
            f"check --arch {row_.role[0]}={row(found[0].windows)}, or give a class of your own"
        )
    return kept


def choose(sources: Sequence[str], options: Sequence[list[Plan]], rows: Sequence[Row]) -> list[Plan]:
    """Take one plan a network, with one image size for all.

    Parameters
    ----------
    sources : sequence of str
        Where the networks come from, for messages.
    options : sequence of list of Plan
        The plans of each.
    rows : sequence of Row
        What they are for.

    Returns
    -------
    list of Plan
        One a network.

    Raises
    ------
    InputError
        If there is none, or several that are about as usual: with what to write for each.
    """
    for source, found, row_ in zip(sources, options, rows, strict=True):
        if not found:
            raise InputError(_no_way(source, row_))
    together = [
        list(chosen) for chosen in product(*options) if len({plan.image_size for plan in chosen}) == 1
    ]
    together.sort(key=_cost)
    if not together or _cost(together[0]) > _cost([found[0] for found in options]) + _STRETCH:
        sizes = " and ".join(
            f"{row_.role} {found[0].image_size} px" for row_, found in zip(rows, options, strict=True)
        )
        raise InputError(
            f"{sources[0]}: the networks do not agree on an image size ({sizes}); give two of one "
            "training, or their strides: --arch 'g=kernel/stride/padding,...;d=...'"
        )
    rivals: dict[tuple[tuple[Window, ...], ...], list[Plan]] = {}
    for chosen in together:
        if _cost(chosen) < _cost(together[0]) + MARGIN:
            rivals.setdefault(tuple(plan.windows for plan in chosen), chosen)
    mirrored = [chosen for chosen in rivals.values() if _is_mirror(chosen)]
    if len(mirrored) == 1:
        return mirrored[0]
    if len(rivals) > 1 or any(plan.cost > _TRUSTED_COST for plan in together[0]):
        choices = " or ".join(_arch(chosen, rows) for chosen in list(rivals.values())[:6])
        raise InputError(
            f"{sources[0]}: strides are not in a state dict, and its kernels do not tell them; "
            f"choose with --arch {choices}"
        )
    return together[0]


def _cost(chosen: Sequence[Plan]) -> float:
    return sum(plan.cost for plan in chosen)


def _of_kind(window: Window, ordinary: bool) -> Window:
    return replace(window, ordinary=ordinary)


def _is_mirror(chosen: Sequence[Plan]) -> bool:
    """Whether the discriminator goes back the way that the generator came."""
    if len(chosen) < 2:
        return False
    up, down = (tuple(replace(window, output_padding=0) for window in plan.windows) for plan in chosen)
    return up == down[::-1]


def _arch(chosen: Sequence[Plan], rows: Sequence[Row]) -> str:
    text = ";".join(f"{r.role[0]}={row(plan.windows)}" for r, plan in zip(rows, chosen, strict=True))
    return f"'{text}' ({chosen[0].image_size} px)"


def _no_way(source: str, row_: Row) -> str:
    kernels = ", ".join(map(str, row_.kernels))
    way_out = f"give them: --arch '{row_.role[0]}=kernel/stride/padding,...', one a convolution"
    if row_.role == "generator":
        way = f"from {row_.side} px through kernels {kernels} to images of a usual size"
    else:
        way = f"from images of a usual size through kernels {kernels} to {row_.side} px"
        if not row_.linear:
            way += " (what gives a map, as a segmenter does, is no discriminator here)"
    return f"{source}: no usual strides lead {way}; {way_out}"


def _size_cost(size: int, channels: int) -> float:
    if size == 28 and channels != 1:  # the size of MNIST and its kin, which are grey
        return 2.0
    return _SIZES.get(size, 3.0)


def _in_manner(row_: Row, manner: str) -> Iterator[Plan]:
    if row_.role == "generator":
        for size, ways in _followed(row_, manner, row_.side).items():
            if size in _SIZES:
                yield from (Plan(windows, size, cost) for windows, cost in ways)
        return
    for size in _SIZES:
        for windows, cost in _followed(row_, manner, size).get(row_.side, []):
            yield Plan(windows, size, cost)


def _followed(row_: Row, manner: str, start: int) -> dict[int, list[tuple[tuple[Window, ...], float]]]:
    """Side after the last convolution -> the cheapest ways there."""
    reached: dict[int, list[tuple[tuple[Window, ...], float]]] = {start: [((), 0.0)]}
    for index in range(len(row_.kernels)):
        after: dict[int, list[tuple[tuple[Window, ...], float]]] = {}
        for side, ways in reached.items():
            for window, price in _windows(row_, manner, index, side):
                grown = _after(row_, window, index, side)
                if 1 <= grown <= MAX_SIDE:
                    ahead = [((*windows, window), cost + price) for windows, cost in ways]
                    after.setdefault(grown, []).extend(way for way in ahead if way[1] <= _MAX_COST)
        reached = {side: sorted(ways, key=lambda way: way[1])[:_KEPT] for side, ways in after.items()}
    return reached


def _after(row_: Row, window: Window, index: int, side: int) -> int:
    if row_.ordinary[index]:
        return window.reduced(side) if side + 2 * window.padding >= window.kernel else 0
    return window.enlarged(side)


def _sides(row_: Row, windows: Sequence[Window], start: int) -> list[int]:
    sides = [start]
    for index, window in enumerate(windows):
        sides.append(_after(row_, window, index, sides[-1]) if sides[-1] >= 1 else 0)
    return sides


def _leads_down(row_: Row, windows: Sequence[Window], size: int) -> bool:
    sides = _sides(row_, windows, size)
    return sides[-1] == row_.side and min(sides) >= 1


def _arrows(sides: Sequence[int]) -> str:
    return " -> ".join(map(str, sides))


def _windows(row_: Row, manner: str, index: int, side: int) -> Iterator[_Priced]:
    kernel = row_.kernels[index]
    ordinary = row_.ordinary[index]
    if row_.role == "generator" and ordinary:  # it refines what the others have enlarged
        if kernel % 2:
            yield Window(kernel, 1, kernel // 2, ordinary=True), 0.0
        return
    if row_.role == "discriminator" and side == kernel and index == len(row_.kernels) - 1 and row_.side == 1:
        yield Window(kernel, 1, 0), 0.0
    elif row_.role == "generator" and index == 0 and side == 1:
        yield Window(kernel, 1, 0), 0.0  # no stride plays a part in a map of one pixel
        if manner == "padded" and kernel >= 4 and kernel % 2 == 0:
            yield Window(kernel, 2, kernel // 2 - 1), 3.0
    elif kernel == 1:
        yield from _pointwise(row_, index)
    elif manner == "unpadded":
        yield Window(kernel, 1, 0), 0.5
        yield Window(kernel, 2, 0), 0.0
    elif manner == "odd keeps" and kernel % 2:
        yield Window(kernel, 1, kernel // 2), 0.0
    else:
        found = _padded_up(row_, index) if row_.role == "generator" else _padded_down(row_, index, side)
        yield from islice(found, 1) if manner == "odd keeps" else found


def _pointwise(row_: Row, index: int) -> Iterator[_Priced]:
    # A last 1x1 with padding 2 cuts 32 px down to MNIST's 28: the shortest change to pytorch/examples' code.
    if row_.role == "generator" and index == len(row_.kernels) - 1:
        grey = row_.channels == 1
        yield Window(1, 1, 2), 0.0 if grey else 2.0
        yield Window(1, 1, 0), 2.5 if grey else 0.0
    else:
        yield Window(1, 1, 0), 0.0


def _mixed(row_: Row) -> bool:
    """Whether kernels of both kinds work on maps; the one that makes or ends at one pixel does not count."""
    if row_.linear:
        kernels = row_.kernels
    else:
        kernels = row_.kernels[1:] if row_.role == "generator" else row_.kernels[:-1]
    return len({kernel % 2 for kernel in kernels}) > 1


def _padded_up(row_: Row, index: int) -> Iterator[_Priced]:
    kernel, half = row_.kernels[index], row_.kernels[index] // 2
    if kernel % 2 == 0:
        yield Window(kernel, 2, half - 1), 0.0
        yield Window(kernel, 2, half + 1), 3.0
        yield Window(kernel, 1, half - 1), 3.0
        yield Window(kernel, 1, half), 3.0
        if kernel == 8:
            yield Window(kernel, 4, 2), 1.0
    else:
        # Between kernels of 4, one of 3 is there to make 7 of 4, on the way to MNIST's 28 px.
        yield Window(kernel, 2, half, 1), (3.0 if kernel == 3 else 0.5) if _mixed(row_) else 0.0
        yield Window(kernel, 2, half), 1.0
        # From 7 px, TensorFlow's tutorial and its translations take one step of stride 1 first.
        yield Window(kernel, 1, half), 1.0 if kernel == 5 and row_.linear and index == 0 else 2.0
    yield Window(kernel, 1, 0), 2.0
    if kernel > 2:
        yield Window(kernel, 2, 0), 2.0


def _padded_down(row_: Row, index: int, side: int) -> Iterator[_Priced]:
    kernel, half = row_.kernels[index], row_.kernels[index] // 2
    last = index == len(row_.kernels) - 1 and row_.side == 1
    if kernel % 2 == 0:
        # The last one ends at one pixel, as pytorch/examples' does when its images are made 28 px: from 3.
        price = 0.0 if not last or row_.linear else 1.0 if (kernel, side) == (4, 3) else 2.0
        yield Window(kernel, 2, half - 1), price
        yield Window(kernel, 1, half - 1), 3.0
    else:
        n_odd = sum(other % 2 for other in row_.kernels)
        # Of 7 px it makes 4, and between even kernels it is there for that; elsewhere sides halve evenly.
        price = 0.25 if _mixed(row_) == (side % 2 == 0) else 0.0
        yield Window(kernel, 2, half), price + (1.0 if _mixed(row_) and n_odd > 1 else 0.0)
        yield Window(kernel, 1, half), 2.0
    if side != kernel or not last:
        yield Window(kernel, 1, 0), 2.0
        if kernel > 2:
            yield Window(kernel, 2, 0), 2.0
