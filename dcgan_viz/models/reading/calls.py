"""The functions that a state dict's pickle may call: what each would make of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from dcgan_viz.models.reading.files import damaged
from dcgan_viz.models.reading.names import MAX_DIMENSIONS, REBUILD, Stand, is_count

if TYPE_CHECKING:
    from dcgan_viz.models.reading.machine import Machine

Arguments = tuple[object, ...]


def _rebuild_tensor(machine: Machine, arguments: Arguments) -> Stand:
    if len(arguments) != 4:
        raise damaged(machine.path, "a tensor with too many or too few facts")
    return machine.tensor(arguments)


def _rebuild_tensor_v2(machine: Machine, arguments: Arguments) -> Stand:
    if not 6 <= len(arguments) <= 7 or type(arguments[4]) is not bool or arguments[6:] not in ((), (None,)):
        raise damaged(machine.path, "a tensor with too many or too few facts")
    return machine.tensor(arguments)


def _rebuild_tensor_v3(machine: Machine, arguments: Arguments) -> Stand:
    if not 7 <= len(arguments) <= 8 or type(arguments[4]) is not bool or arguments[7:] not in ((), (None,)):
        raise damaged(machine.path, "a tensor with too many or too few facts")
    if not isinstance(arguments[6], torch.dtype):
        raise damaged(machine.path, "a tensor of no type")
    return machine.tensor(arguments, arguments[6])


def _rebuild_parameter(machine: Machine, arguments: Arguments) -> Stand:
    if len(arguments) != 3 or arguments[0] != Stand("tensor") or type(arguments[1]) is not bool:
        raise damaged(machine.path, "a parameter without a tensor")
    return Stand("tensor")


def _ordered_dict(machine: Machine, arguments: Arguments) -> Stand:
    pairs = arguments[0] if arguments else []
    if len(arguments) > 1 or type(pairs) is not list:
        raise damaged(machine.path, "an OrderedDict of no pairs")
    for pair in pairs:  # as Python 2 wrote it
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise damaged(machine.path, "an OrderedDict of no pairs")
        machine.check_keys([pair[0]])
    return Stand("ordered dict")


def _counter(machine: Machine, arguments: Arguments) -> Stand:
    if arguments not in ((), (Stand("dict"),)):
        raise damaged(machine.path, "a Counter of no counts")
    return Stand("counter dict")


def _set(machine: Machine, arguments: Arguments) -> Stand:
    items = arguments[0] if len(arguments) == 1 else None
    if type(items) is not list:
        raise damaged(machine.path, "a set of no list")
    machine.check_keys(items)
    return Stand("set")


def _encode(machine: Machine, arguments: Arguments) -> Stand:
    if len(arguments) != 2 or type(arguments[0]) is not str or arguments[1] not in ("latin1", "latin-1"):
        raise damaged(machine.path, "bytes in a strange encoding")
    machine.spend(len(arguments[0]))
    return Stand("bytes")


def _size(machine: Machine, arguments: Arguments) -> tuple[object, ...]:
    numbers = arguments[0] if len(arguments) == 1 else None
    if (
        not isinstance(numbers, tuple | list)
        or len(numbers) > MAX_DIMENSIONS
        or not all(map(is_count, numbers))
    ):
        raise damaged(machine.path, "a torch.Size of no numbers")
    return tuple(numbers)


def _device(machine: Machine, arguments: Arguments) -> Stand:
    if not 1 <= len(arguments) <= 2 or type(arguments[0]) is not str or not all(map(is_count, arguments[1:])):
        raise damaged(machine.path, "a device without a name")
    return Stand("device")


CALLS: dict[str, Callable[[Machine, Arguments], object]] = {
    f"{REBUILD}tensor": _rebuild_tensor,
    f"{REBUILD}tensor_v2": _rebuild_tensor_v2,
    f"{REBUILD}tensor_v3": _rebuild_tensor_v3,
    f"{REBUILD}parameter": _rebuild_parameter,
    "collections.OrderedDict": _ordered_dict,
    "collections.Counter": _counter,
    "builtins.set": _set,
    "_codecs.encode": _encode,
    "torch.Size": _size,
    "torch.device": _device,
}
"""What a state dict's pickle may call, and what comes of it."""
