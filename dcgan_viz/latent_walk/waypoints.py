"""The z that a walk goes by: drawn from the prior, or given."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan

N_WAYPOINTS = 9  # of figure 4 of the paper
_MAX_BYTES = 2**30


def drawn_waypoints(gan: Gan, n: int, seed: int, indices: Sequence[int] | None = None) -> Tensor:
    """Waypoints from the prior: z (N, nz), on the CPU.

    Parameters
    ----------
    gan : Gan
    n : int
        How many, where ``indices`` does not say which.
    seed : int
        Number k is that of image k of the command ``sample`` with this seed.
    indices : sequence of int, optional
        Which numbers.
    """
    if indices is None:
        return gan.sample_z(n, seed).cpu()
    _check_indices(indices)
    return gan.sample_z(max(indices) + 1, seed).cpu()[list(indices)]


def read_waypoints(path: Path, nz: int, n: int, indices: Sequence[int] | None = None) -> Tensor:
    """Waypoints from a file: z (N, nz), float32.

    Parameters
    ----------
    path : Path
        An .npz file with an array ``z`` (M, nz), as the command ``sample`` writes it.
    nz : int
        Size of z that the generator takes.
    n : int
        How many at most, from the first on, where ``indices`` does not say which.
    indices : sequence of int, optional
        Which rows, in which order.

    Raises
    ------
    InputError
        If the file holds no such array, or an index is beyond its end.
    """
    array = _read(path)
    if array.ndim == 4 and array.shape[2:] == (1, 1):
        array = array[:, :, 0, 0]
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise InputError(
            f"{path}: its z is {array.dtype} of shape {array.shape}, not numbers (N, {nz}); "
            "give a row a waypoint"
        )
    if array.shape[1] != nz:
        raise InputError(
            f"{path}: z of {array.shape[1]} numbers, and this generator takes {nz}; give z that belong to it"
        )
    rows = list(range(min(n, len(array)))) if indices is None else list(indices)
    _check_indices(rows)
    if beyond := [row for row in rows if row >= len(array)]:
        raise InputError(f"index {beyond[0]}: {path} has z 0 to {len(array) - 1}; choose among them")
    chosen = torch.from_numpy(array[rows].astype(np.float32))
    if not chosen.isfinite().all():
        raise InputError(f"{path}: z holds values that are no numbers; leave those rows out with --indices")
    return chosen


def _check_indices(indices: Sequence[int]) -> None:
    if negative := [index for index in indices if index < 0]:
        raise InputError(f"index {negative[0]}: negative; z are numbered from 0")


def _read(path: Path) -> np.ndarray:
    way_out = "give an .npz file with an array z, such as the arrays.npz of the command sample"
    try:
        if not zipfile.is_zipfile(path):
            wrong = "not an .npz file" if path.is_file() else "no such file"
            raise InputError(f"{path}: {wrong}; {way_out}")
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        if "z.npy" not in sizes:
            there = ", ".join(name.removesuffix(".npy") for name in sorted(sizes)) or "nothing"
            raise InputError(f"{path}: holds {there}, but no array z; {way_out}")
        if sizes["z.npy"] > _MAX_BYTES:
            raise InputError(f"{path}: its z has more than {_MAX_BYTES >> 30} GiB; keep the rows of the walk")
        with np.load(path, allow_pickle=False) as arrays:
            found = arrays["z"]
        if not isinstance(found, np.ndarray):
            raise InputError(f"{path}: its z is no array; {way_out}")
        return found
    except InputError:
        raise
    except (OSError, ValueError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path}: cannot be read ({' '.join(str(error).split())[:120]}); {way_out}"
        ) from error
