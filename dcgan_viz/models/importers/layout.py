"""Which layer follows which: read from the shapes of weights, as a row from z to an image or back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers.arch import Window
from dcgan_viz.models.importers.norms import Modules, place_norms
from dcgan_viz.models.importers.strangers import OWN_CLASS
from dcgan_viz.models.importers.weighted import COLOURS, Shapes, Weighted, natural, rows, side_of

_ROLES = ("generator", "discriminator")
_MAX_WEIGHTS = 40
_MAX_ORDERS = 50
_SAYS_TRANSPOSED = re.compile(r"deconv|conv_?t|t_?conv|transp|up_?conv")


@dataclass(frozen=True)
class Layout:
    """The layers of a generator or a discriminator in the order in which they run.

    Attributes
    ----------
    role : str
        "generator" or "discriminator".
    weights : tuple of Weighted
    norms : mapping of str to str
        Name of a weighted layer -> name of the normalisation that follows it.
    side : int
        Side in px of the maps between the linear layer and the convolutions; 1 without a linear layer.
    """

    role: str
    weights: tuple[Weighted, ...]
    norms: Mapping[str, str]
    side: int

    @property
    def convolutions(self) -> tuple[Weighted, ...]:
        """The weighted layers that are convolutions."""
        return tuple(weight for weight in self.weights if weight.kernel)

    @property
    def linear(self) -> bool:
        """Whether a linear layer stands between z, or the logit, and the maps."""
        return len(self.convolutions) < len(self.weights)

    @property
    def channels(self) -> int:
        """Colour channels of the images."""
        convolutions = self.convolutions
        return convolutions[-1].n_out if self.role == "generator" else convolutions[0].n_in


def lay_out(source: str, modules: Modules, windows: tuple[Window, ...] = ()) -> Layout:
    """Find the row that a network's parameters form.

    Parameters
    ----------
    source : str
        Where the parameters come from, for messages.
    modules : mapping
        As in `parameters.Parameters`.
    windows : tuple of Window
        What a person says about a generator's convolutions, which tells the ordinary ones; else empty.

    Raises
    ------
    InputError
        If they form none, or more than a row, or one that is neither a generator's nor a discriminator's.
    """
    shapes = {
        name: tuple(own["weight"].shape)
        for name, own in modules.items()
        if "weight" in own and own["weight"].ndim > 1
    }
    _check_kinds(source, modules, shapes)
    # torch.save keeps the order of registration; safetensors sorts by name and leaves the numbers' order.
    order = list(modules)
    if order == sorted(order):
        order.sort(key=natural)
    weighted = [name for name in order if name in shapes]
    refusal = None
    for role, row in _candidates(weighted, shapes):
        try:
            return _complete(source, modules, order, role, row, windows)
        except InputError as error:
            refusal = refusal or error
    raise refusal or InputError(f"{source}: {_why_not(weighted, shapes)}; {OWN_CLASS}")


def _check_kinds(source: str, modules: Modules, shapes: Shapes) -> None:
    if not shapes:
        raise InputError(f"{source}: no weights of a network in it; give a network's state_dict")
    if len(shapes) > _MAX_WEIGHTS:
        raise InputError(f"{source}: {len(shapes)} layers with weights, which is no DCGAN; {OWN_CLASS}")
    for name, shape in shapes.items():
        if len(shape) not in (2, 4):
            raise InputError(
                f"{source}: {name}.weight {shape}: neither a 2-d convolution nor linear; {OWN_CLASS}"
            )
        if len(shape) == 4 and shape[2] != shape[3]:
            raise InputError(f"{source}: {name}.weight {shape}: its kernel is not square; {OWN_CLASS}")
        if stray := sorted(set(modules[name]) - {"weight", "bias"}):
            raise InputError(f"{source}: {name}.{stray[0]} beside a weight {shape}; {OWN_CLASS}")
    if all(len(shape) == 2 for shape in shapes.values()):
        raise InputError(
            f"{source}: linear layers only, a fully connected network, which is no DCGAN; {OWN_CLASS}"
        )


def _candidates(order: Sequence[str], shapes: Shapes) -> Iterator[tuple[str, list[Weighted]]]:
    """Rows in the order of the file or of the numbers in names, and only where there is none in any other."""
    sorted_names = sorted(order, key=natural)
    for names in (order, sorted_names):
        for role in _ROLES:
            found = list(rows(role, names, shapes))
            if found:
                yield role, min(found, key=lambda row: sum(weight.kind == "ordinary" for weight in row))
                return
    for role in _ROLES:
        for row in islice(rows(role, sorted_names, shapes, any_order=True), _MAX_ORDERS):
            yield role, row


def _complete(
    source: str,
    modules: Modules,
    order: Sequence[str],
    role: str,
    row: list[Weighted],
    windows: tuple[Window, ...],
) -> Layout:
    if role == "generator":
        row = _told(row, windows) if windows else _settled(source, row)
    for weight in row:
        bias = modules[weight.name].get("bias")
        if bias is not None and tuple(bias.shape) != (weight.n_out,):
            shape = tuple(modules[weight.name]["weight"].shape)
            if weight.kind == "transposed" and tuple(bias.shape) == shape[:1]:
                raise InputError(
                    f"{source}: {weight.name}, by its bias {tuple(bias.shape)}, is an ordinary convolution; "
                    f"what enlarges the maps is not in the file; {OWN_CLASS}"
                )
            raise InputError(
                f"{source}: {weight.name}.bias {tuple(bias.shape)} contradicts {weight.name}.weight {shape}, "
                f"which gives {weight.n_out}; save it again"
            )
    norms = place_norms(source, modules, row, order)
    return Layout(role, tuple(row), norms, _side(role, row))


def _told(row: list[Weighted], windows: tuple[Window, ...]) -> list[Weighted]:
    """Let a person decide what square weights are."""
    names = [weight.name for weight in row if weight.kernel]
    ordinary = {name for name, window in zip(names, windows, strict=False) if window.ordinary}
    return [
        replace(weight, kind="ordinary" if weight.name in ordinary else "transposed")
        if weight.is_square
        else weight
        for weight in row
    ]


def _settled(source: str, row: list[Weighted]) -> list[Weighted]:
    """Decide what square weights are, which fit a transposed and an ordinary convolution alike."""
    inner = [weight for weight in row[1:] if weight.kernel]
    clear = [weight for weight in inner if not weight.is_square]
    enlarging = {weight.kernel for weight in clear if weight.kind == "transposed"}
    if not enlarging and any(weight.kind == "ordinary" for weight in clear):
        raise InputError(
            f"{source}: a generator of ordinary convolutions ({inner[-1].name}); what enlarges the maps "
            f"between them is not in the file; {OWN_CLASS}"
        )
    settled = {}
    names_tell = any(_SAYS_TRANSPOSED.search(weight.name.lower()) for weight in clear)
    for weight in inner:
        # A kernel like the others' enlarges like the others; one of odd size may as well refine.
        if not weight.is_square or not enlarging or weight.kernel in enlarging or weight.kernel % 2 == 0:
            continue
        name = weight.name.lower()
        if not names_tell or "conv" not in name:
            raise InputError(
                f"{source}: {weight.name}.weight, {weight.n_in} maps to {weight.n_out}: a transposed or an "
                "ordinary convolution? say it with --arch 'g=kernel/stride/padding,...', where c3/1/1 is an "
                "ordinary one"
            )
        settled[weight.name] = "transposed" if _SAYS_TRANSPOSED.search(name) else "ordinary"
    return [replace(weight, kind=settled.get(weight.name, weight.kind)) for weight in row]


def _side(role: str, row: Sequence[Weighted]) -> int:
    for before, after in pairwise(row):
        if bool(before.kernel) != bool(after.kernel):
            maps, units = (after.n_in, before.n_out) if role == "generator" else (before.n_out, after.n_in)
            return side_of(units, maps)
    return 1


def _why_not(order: Sequence[str], shapes: Shapes) -> str:
    """What a network is that is no generator and no discriminator."""
    row = next(rows("discriminator", order, shapes, any_ends=True), None)
    if row is not None:
        first, last = row[0], row[-1]
        if first.n_in in COLOURS and last.kernel and last.n_out in COLOURS:
            return f"from images to {last.n_out} maps ({last.name}): no generator and no discriminator"
        if first.n_in in COLOURS:
            return (
                f"{last.name} gives {last.n_out} numbers, as a classifier or a segmenter does, where a "
                "discriminator gives one"
            )
        if last.n_out == 1:
            return (
                f"{first.name} reads {first.n_in} channels, where images have 1 or 3: perhaps conditional: "
                "it needs labels"
            )
    row = next(rows("generator", order, shapes, any_ends=True), None)
    if row is not None and row[-1].kernel:
        return f"{row[-1].name} draws {row[-1].n_out} channels, where images have 1 or 3"
    return _break(order, shapes)


def _break(order: Sequence[str], shapes: Shapes) -> str:
    """Name the first two layers that do not follow each other, in the role that comes furthest."""
    furthest: list[Weighted] = []
    for role in _ROLES:
        for length in range(len(order), len(furthest), -1):
            row = next(rows(role, order[:length], shapes, any_ends=True), None)
            if row is not None:
                furthest = row
                break
    if not furthest or len(furthest) == len(order):
        return f"neither a generator's nor a discriminator's layers ({', '.join(order[:4])}, ...)"
    before, after = furthest[-1], order[len(furthest)]
    return (
        f"{before.name}.weight {shapes[before.name]} gives {before.n_out}, which {after}.weight "
        f"{shapes[after]} does not take: contradictory shapes, or branches or residual connections, "
        "which are not in a file"
    )
