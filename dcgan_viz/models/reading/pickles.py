"""Pickle streams, followed without running them.

`scan` walks over the opcodes of one stream with a stack of stand-ins: it calls nothing, imports nothing and
allocates nothing that the stream asks for. What comes through holds plain values and dense tensors alone, and
every tensor lies inside a storage whose size is known; torch.load is asked only after that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading.machine import Machine
from dcgan_viz.models.reading.names import Storage


@dataclass(frozen=True)
class Scan:
    """What a stream holds."""

    value: object
    """The top object where it is a number, a text, a list or a tuple of these; a stand-in otherwise."""
    storages: Mapping[str, Storage]
    """The storages that its tensors lie in, by key."""


def scan(path: Path, stream: BinaryIO, max_tensor_bytes: int) -> Scan:
    """Follow one pickle stream of a torch.save file to its end, without running it.

    Parameters
    ----------
    path : Path
        The file, for messages.
    stream : BinaryIO
        At the stream's first byte; afterwards behind its last.
    max_tensor_bytes : int
        How many bytes all its tensors may have together.

    Returns
    -------
    Scan
        Its storages, and its value where that is plain.

    Raises
    ------
    InputError
        If it needs anything that is not on the short list of harmless names, breaks pickle's rules, claims
        tensors that its storages cannot hold, or has no end within `MAX_OPCODES`.
    """
    machine = Machine(path, max_tensor_bytes)
    value = machine.run(stream)
    if machine.beyond_torch:
        raise InputError(
            f"{path}: pickled with {machine.beyond_torch}, which torch.load(weights_only=True) does not "
            "open; save its state_dict() with torch.save's own settings"
        )
    return Scan(value, machine.storages)


def refuse_pickle(path: Path, stream: BinaryIO) -> NoReturn:
    """Refuse a pickle that torch.save did not write, naming the first class that it needs.

    Parameters
    ----------
    path : Path
        The file, for messages.
    stream : BinaryIO
        At the stream's first byte.

    Raises
    ------
    InputError
        Always.
    """
    Machine(path, 0).run(stream)
    raise InputError(
        f"{path}: a plain pickle, which can run code when opened; save a state_dict() with torch.save "
        "instead (docs/checkpoints.md)"
    )
