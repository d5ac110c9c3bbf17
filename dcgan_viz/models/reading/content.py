"""What a file of tensors holds, whichever of the two kinds it is."""

from __future__ import annotations

from pathlib import Path

from dcgan_viz.models.reading.kinds import kind_of
from dcgan_viz.models.reading.safetensors_file import read_safetensors
from dcgan_viz.models.reading.torch_file import read_torch


def read_content(path: Path) -> object:
    """Open a safetensors file, or one that torch.save wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    object
        A mapping of names to tensors, or what `read_torch` gives.

    Raises
    ------
    InputError
        If it is another kind of file, damaged, or needs to run code.
    """
    return read_safetensors(path)[1] if kind_of(path) == "safetensors" else read_torch(path)
