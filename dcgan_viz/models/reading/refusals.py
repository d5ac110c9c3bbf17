"""Why a file is no checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading.kinds import kind_of, wrong_kind
from dcgan_viz.models.reading.safetensors_file import read_safetensors
from dcgan_viz.models.reading.torch_file import read_torch

_READERS: Mapping[str, Callable[[Path], object]] = {
    "torch": read_torch,
    "torch-legacy": read_torch,
    "safetensors": read_safetensors,
}


def refusal(path: Path) -> InputError:
    """Return the error for a file in which no importer found a network.

    Parameters
    ----------
    path : Path
        A file or directory.

    Returns
    -------
    InputError
        One line: what it is or what is wrong with it, and the way out.
    """
    reader = _READERS.get(kind_of(path))
    if reader is None:
        return wrong_kind(path)
    try:
        content = reader(path)
    except InputError as error:
        return error
    found = content[1] if isinstance(content, tuple) and len(content) == 2 else content
    names = ", ".join(map(repr, list(found)[:3])) if isinstance(found, dict) else type(found).__name__
    return InputError(
        f"{path}: no importer knows a network in it (it holds {names[:200] or 'nothing'}); "
        "give the state_dict() of a generator or discriminator (docs/checkpoints.md)"
    )
