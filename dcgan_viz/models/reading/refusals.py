"""Why a file is no checkpoint."""

from __future__ import annotations

from pathlib import Path

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading.content import read_content
from dcgan_viz.models.reading.kinds import kind_of, wrong_kind


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
    if kind_of(path) not in ("torch", "torch-legacy", "safetensors"):
        return wrong_kind(path)
    try:
        found = read_content(path)
    except InputError as error:
        return error
    names = ", ".join(map(repr, list(found)[:3])) if isinstance(found, dict) else type(found).__name__
    return InputError(
        f"{path}: no importer knows a network in it (it holds {names[:200] or 'nothing'}); "
        "give the state_dict() of a generator or discriminator (docs/checkpoints.md)"
    )
