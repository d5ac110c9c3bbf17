"""What the same z became over a training run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from dcgan_viz.data.training_log import SNAPSHOTS_NAME
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan

N_SNAPSHOTS = 8
N_SAMPLES = 8


@dataclass(frozen=True)
class SnapshotSamples:
    """The samples of one snapshot.

    Attributes
    ----------
    step, images_seen : int
        How far the run was.
    scores : dict of str to float
        As the snapshot has them; lower is better.
    change : float or None
        Mean absolute difference of pixels in [-1, 1] from the snapshot before; None for the first.
    images : Tensor (N, C, H, W), float32 in [-1, 1]
    """

    step: int
    images_seen: int
    scores: dict[str, float]
    change: float | None
    images: Tensor

    def to_json(self) -> dict[str, object]:
        """One entry of ``snapshots``."""
        return {
            "step": self.step,
            "images_seen": self.images_seen,
            "scores": self.scores,
            "change": self.change,
        }


@dataclass(frozen=True)
class RunSamples:
    """Samples of several snapshots of a run, from the same z.

    Attributes
    ----------
    snapshots : tuple of SnapshotSamples
        Oldest first.
    n_snapshots : int
        How many the run has.
    skipped : tuple of (int, str)
        Step of a snapshot that could not be opened, and why.
    z : Tensor (N, nz)
    """

    snapshots: tuple[SnapshotSamples, ...]
    n_snapshots: int
    skipped: tuple[tuple[int, str], ...]
    z: Tensor

    def to_json(self) -> dict[str, object]:
        """The fields of result.json."""
        return {
            "n_samples": len(self.z),
            "n_snapshots": self.n_snapshots,
            "snapshots": [one.to_json() for one in self.snapshots],
            "skipped": [{"step": step, "reason": reason} for step, reason in self.skipped],
        }


def snapshot_steps(run: Path) -> list[int]:
    """Steps of the snapshots in a run directory, in order."""
    names = (path.name.removeprefix("step_") for path in (run / SNAPSHOTS_NAME).glob("step_*"))
    return sorted(int(name) for name in names if name.isdecimal())


def spread(steps: Sequence[int], n: int = N_SNAPSHOTS) -> list[int]:
    """Choose steps, the first and the last among them, closer together early on, where most changes.

    Examples
    --------
    >>> spread([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], n=4)
    [1, 2, 5, 12]
    """
    if len(steps) <= n:
        return list(steps)
    places = np.geomspace(1, len(steps), n).round().astype(int) - 1
    for k in range(1, n):  # rounding may have put two into one place
        places[k] = max(places[k], places[k - 1] + 1)
    return [steps[place] for place in places]


def run_samples(
    steps: Sequence[int],
    load: Callable[[int], Gan],
    seed: int,
    n_samples: int = N_SAMPLES,
    *,
    progress: Callable[[Sequence[int]], Iterable[int]] = iter,
) -> RunSamples:
    """Draw the same z at several steps of a run.

    Parameters
    ----------
    steps : sequence of int
        Of all snapshots, in order; `spread` chooses among them.
    load : callable
        Opens the snapshot of a step.
    seed : int
        Of z.
    n_samples : int
    progress : callable
        Given the steps that are chosen, yields them; for a progress bar.

    Returns
    -------
    RunSamples
        Without the snapshots that could not be opened, which are named.

    Raises
    ------
    InputError
        If none could.
    """
    found: list[SnapshotSamples] = []
    skipped: list[tuple[int, str]] = []
    z: Tensor | None = None
    for step in progress(spread(steps)):
        try:
            gan = load(step)
            gan.require_generator("samples over snapshots")
        except InputError as error:
            skipped.append((step, str(error)))
            continue
        z = gan.sample_z(n_samples, seed).cpu()
        images = gan.generate(z)
        noted = gan.provenance.metadata
        change = float((images - found[-1].images).abs().mean()) if found else None
        scores = {str(name): float(value) for name, value in (noted.get("scores") or {}).items()}
        found.append(SnapshotSamples(step, int(noted.get("images_seen") or 0), scores, change, images))
    if z is None:
        reasons = "; ".join(reason for _, reason in skipped) or "it has none"
        raise InputError(f"not one snapshot could be opened ({reasons}); give a run that training wrote")
    return RunSamples(tuple(found), len(steps), tuple(skipped), z)
