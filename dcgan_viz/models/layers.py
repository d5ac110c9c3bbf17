"""A network's layers: which there are, what they hold, and how to look at them or change them.

Layers are named as ``named_modules()`` names them. A module that runs more than once has a name a call
(``relu``, ``relu#2``), and what a convolution reads without any module having returned it, after a functional
activation or an addition, is named by its reader (``conv3:input``).

A hidden layer is what a convolution reads: dropping a map there drops what that convolution sees of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.hooks import Place, ThreadHooks
from dcgan_viz.models.receptive_field import receptive_fields
from dcgan_viz.models.trace import CONVOLUTIONS, Call, State, run_of

Edit = Callable[[Tensor], Tensor]
RULES = {
    "penultimate": "the last hidden convolution's activations",
    "second-highest": "the activations one convolution below the penultimate layer",
}


@dataclass(frozen=True)
class Layer:
    """One layer of a network.

    Attributes
    ----------
    name : str
        As in ``named_modules()``, perhaps with the number of the call, or ``:input``.
    kind : str
        Class of the module.
    shape : tuple of int
        Of what it returns for one input: (C, H, W), or (units,).
    rule : str
        How it was chosen: "named", or the rule's name.
    role : str
        Its place in the network, such as "convolution 2 of 5" or "penultimate"; "" for all in between.
    network : str
        "generator" or "discriminator"; "" where only one is looked at.
    receptive_field : (int, int) or None
        Height and width in pixels of the image, clipped to it: what one position of a discriminator's layer
        sees, and what one position of a generator's layer reaches. None where it was not asked for.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    rule: str = "named"
    role: str = ""
    network: str = ""
    receptive_field: tuple[int, int] | None = None


def layers(gan: Gan) -> list[Layer]:
    """Every layer of a Gan's networks, in the order in which they run, the generator's first.

    Parameters
    ----------
    gan : Gan
        Left as it is.

    Examples
    --------
    >>> import dcgan_viz
    >>> [(layer.name, layer.shape, layer.receptive_field) for layer in layers(dcgan_viz.load("rooms"))][-3:]
    [('main.9', (512, 4, 4), (46, 46)), ('main.10', (512, 4, 4), (46, 46)), ('main.11', (1, 1, 1), (64, 64))]
    """
    found: list[Layer] = []
    if gan.generator is not None:
        found += _listed(gan.generator, gan.z_input(gan.sample_z(2, seed=0)), "generator")
    if gan.discriminator is not None:
        images = torch.zeros(2, gan.channels, gan.image_size, gan.image_size, device=gan.device)
        found += _listed(gan.discriminator, images, "discriminator")
    return found


def trace(network: nn.Module, example: Tensor) -> list[Layer]:
    """All modules without modules of their own that return maps (N, C, H, W), in the order in which they run.

    Parameters
    ----------
    network : nn.Module
        Left as it is; run once, in eval mode.
    example : Tensor
        An input of it.
    """
    return [_layer(call) for call in run_of(network, example) if call.is_leaf and call.is_map]


def hidden_layers(network: nn.Module, example: Tensor) -> list[Layer]:
    """What each convolution reads, save the network's own input, lowest (nearest to the input) first.

    At the end of a discriminator with a linear layer, what that one reads.

    Parameters
    ----------
    network : nn.Module
        A generator or a discriminator.
    example : Tensor
        An input of it.
    """
    return _hidden(run_of(network, example))


def resolve_layer(network: nn.Module, example: Tensor, wanted: str) -> Layer:
    """Find a layer by name or by rule.

    Parameters
    ----------
    network : nn.Module
    example : Tensor
        An input of it.
    wanted : str
        A name, or one of ``RULES``.

    Raises
    ------
    InputError
        If there is no such layer, or it returns no maps.
    """
    run = run_of(network, example)
    hidden = _hidden(run)
    position = {"penultimate": -1, "second-highest": -2}.get(wanted)
    if position is not None and len(hidden) >= -position:
        return replace(hidden[position], rule=wanted)
    for layer in [*hidden, *(_layer(call) for call in run if call.is_map)]:
        if layer.name == wanted:
            return layer
    known = ", ".join(f"{layer.name} ({_shape(layer.shape)})" for layer in hidden)
    raise InputError(
        f"layer {wanted!r}: there is none of that name; choose {', '.join(RULES)}, or one of {known}"
    )


@contextmanager
def record(network: nn.Module, names: Sequence[str]) -> Iterator[dict[str, Tensor]]:
    """Keep what layers return, as long as the context lasts.

    Other threads that run the network meanwhile are not seen.

    Parameters
    ----------
    network : nn.Module
        Left as it was, also after an error.
    names : sequence of str
        Layers; ``NAME`` is a module's first call in a run, ``NAME#2`` its second.

    Yields
    ------
    dict of str to Tensor
        Filled by each run of the network: copies, which no later layer that works in place can change,
        connected to the graph where gradients are on.

    Raises
    ------
    InputError
        As `edit`.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv2d(1, 2, 1), nn.ReLU(inplace=True))
    >>> with record(network, ["0"]) as seen:
    ...     _ = network(torch.zeros(3, 1, 4, 4))
    >>> tuple(seen["0"].shape)
    (3, 2, 4, 4)
    """
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Edit:
        def kept(x: Tensor) -> Tensor:
            seen[name] = x
            return x.clone()

        return kept

    with edit(network, {name: keep(name) for name in names}):
        yield seen


@contextmanager
def edit(network: nn.Module, edits: Mapping[str, Edit]) -> Iterator[None]:
    """Replace what layers return by a function of it, as long as the context lasts.

    Other threads that run the network meanwhile get it unedited.

    Parameters
    ----------
    network : nn.Module
        Left as it was, also after an error.
    edits : mapping of layer name to function
        Each function gets a copy of the activations and returns as many. ``NAME`` is a module's first call in
        a run of the network, ``NAME#2`` its second, ``NAME:input`` what it reads.

    Raises
    ------
    InputError
        If there is no such layer, or it returns no tensor; at the end also if the network ran without it.
    """
    modules = dict(network.named_modules())
    reached: set[Place] = set()
    with ThreadHooks(network) as hooks:
        for name, change in edits.items():
            place = Place.parse(name)
            if place.module not in modules:
                raise InputError(f"layer {name!r}: there is none of that name; inspect lists the layers")
            _put(hooks, modules[place.module], place, change, reached)
        yield
    missed = [name for name in edits if Place.parse(name) not in reached]
    if missed and hooks.completed:
        raise InputError(
            f"layer {missed[0]!r}: the network ran without it; inspect lists the layers that run"
        )


def _put(hooks: ThreadHooks, module: nn.Module, place: Place, change: Edit, reached: set[Place]) -> None:
    def changed(x: Any) -> Tensor:
        if not isinstance(x, Tensor):
            raise InputError(f"layer '{place}': it holds a {type(x).__name__}, not a tensor; take another")
        reached.add(place)
        return change(x.clone())

    def begin(call: int, inputs: tuple[Any, ...]) -> Any:
        return (changed(inputs[0] if inputs else None), *inputs[1:]) if call == place.call else None

    def end(call: int, _inputs: tuple[Any, ...], output: Any) -> Any:
        return changed(output) if call == place.call else None

    if place.is_input:
        hooks.before(module, begin)
    else:
        hooks.after(module, end)


def _listed(network: nn.Module, example: Tensor, kind: str) -> list[Layer]:
    run = run_of(network, example)
    leaves = [_layer(call) for call in run if call.is_leaf and call.shape]
    hidden = _hidden(run)
    roles = _roles(run, hidden)
    named = {layer.name for layer in leaves}
    all_layers = leaves + [layer for layer in hidden if layer.name not in named]
    fields = receptive_fields(network, example, [layer.name for layer in all_layers], kind)
    return [
        replace(layer, role=roles.get(layer.name, ""), network=kind, receptive_field=fields.get(layer.name))
        for layer in all_layers
    ]


def _roles(run: list[Call], hidden: list[Layer]) -> dict[str, str]:
    convolutions = [str(call.place) for call in run if isinstance(call.module, CONVOLUTIONS)]
    count = len(convolutions)
    roles = {name: f"convolution {k} of {count}" for k, name in enumerate(convolutions, 1)}
    roles |= {layer.name: f"hidden {k} of {len(hidden)}" for k, layer in enumerate(hidden, 1)}
    return roles | {layer.name: rule for rule, layer in zip(RULES, reversed(hidden), strict=False)}


def _hidden(run: list[Call]) -> list[Layer]:
    network_input = run[-1].reads
    found: dict[str, Layer] = {}
    for k, call in enumerate(run):
        if isinstance(call.module, nn.Linear) and (maps := [c for c in run[:k] if c.is_leaf and c.is_map]):
            layer = _layer(maps[-1])
        elif isinstance(call.module, CONVOLUTIONS) and not _is_part_of(call.reads, network_input):
            layer = _read_by(call, run[:k])
        else:
            continue
        found.setdefault(layer.name, layer)
    return list(found.values())


def _read_by(reader: Call, before: list[Call]) -> Layer:
    """The layer whose output a convolution reads; modules with modules of their own come second."""
    same = [
        call
        for call in before
        if call.returns is not None and reader.reads is not None and call.returns.is_same(reader.reads)
    ]
    leaves = [call for call in same if call.is_leaf]
    if same:
        return _layer((leaves or same)[-1])
    if reader.reads is None:
        raise InputError(
            f"layer '{reader.place}': it gets its input as a keyword, by which it cannot be looked at; "
            "call it as layer(x)"
        )
    return Layer(
        str(replace(reader.place, is_input=True)),
        _kind(reader.module),
        tuple(reader.reads.tensor.shape[1:]),
    )


def _is_part_of(reads: State | None, network_input: State | None) -> bool:
    """Whether a module reads the network's input, perhaps in another shape."""
    if reads is None or network_input is None:
        return False
    return reads.tensor.untyped_storage().data_ptr() == network_input.tensor.untyped_storage().data_ptr()


def _layer(call: Call) -> Layer:
    return Layer(str(call.place), _kind(call.module), call.shape[1:])


def _kind(module: nn.Module) -> str:
    return type(module).__name__.removeprefix("Parametrized")  # which torch puts in front


def _shape(shape: tuple[int, ...]) -> str:
    return f"{shape[0]}@{'x'.join(map(str, shape[1:]))}"
