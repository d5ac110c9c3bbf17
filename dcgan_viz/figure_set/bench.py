"""What the parts of a set share: a loaded checkpoint, and whatever more than one of them needs."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar, cast

from dcgan_viz.data.segmenter import SEGMENTER_SIZE, Segmenter, load_segmenter
from dcgan_viz.figure_set.part import Need
from dcgan_viz.figure_set.settings import FigureSetSettings
from dcgan_viz.models.gan import Gan
from dcgan_viz.remove_objects.judges import draws_rooms

T = TypeVar("T")

LOG_NAME = "stats.jsonl"


class Bench:
    """A checkpoint and what has been loaded or computed for it so far.

    Parameters
    ----------
    gan : Gan
    checkpoint : str
        As it was asked for: a name or a path.
    settings : FigureSetSettings
    label : str
        Names the checkpoint where there are several.
    """

    def __init__(self, gan: Gan, checkpoint: str, settings: FigureSetSettings, label: str = "") -> None:
        self.gan, self.settings, self.label = gan, settings, label
        self.run = run_directory(Path(checkpoint))
        self._known: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what ``make`` returned when it was first asked for under this key."""
        if key not in self._known:
            self._known[key] = make()
        return cast(T, self._known[key])

    def segmenter(self, role: str) -> Segmenter:
        """Give the annotator or the judge of rooms."""
        return self.once(("segmenter", role), lambda: load_segmenter(role, self.gan.device))

    @property
    def images(self) -> str | None:
        """Name of the real images to compare with, if there are any."""
        return self.settings.images or ("rooms" if draws_rooms(self.gan) else None)

    def lack(self, needs: frozenset[Need]) -> str:
        """Say what of the needs is not there and why, in a line; nothing where all is."""
        missing = {
            Need.GENERATOR: self._no_network("generator", self.gan.generator),
            Need.DISCRIMINATOR: self._no_network("discriminator", self.gan.discriminator),
            Need.JUDGE: self._no_judge(),
            Need.IMAGES: "" if self.images else "give real images with --images (folder:DIR, mnist:DIR, ...)",
            Need.RUN: "" if self.run else "the checkpoint is no run of the trainer; give the run's directory",
        }
        return "; ".join(f"needs {need}: {missing[need]}" for need in Need if need in needs and missing[need])

    def _no_network(self, name: str, network: object) -> str:
        return "" if network is not None else f"{self.gan.provenance.path} holds none"

    def _no_judge(self) -> str:
        if not draws_rooms(self.gan):
            return f"{self.gan.provenance.path} does not say that it draws rooms"
        if (self.gan.channels, self.gan.image_size) != (3, SEGMENTER_SIZE):
            return f"it knows rooms of 3x{SEGMENTER_SIZE}x{SEGMENTER_SIZE} only"
        return ""


def run_directory(checkpoint: Path) -> Path | None:
    """Find the training run that a checkpoint is, or is a snapshot of.

    Parameters
    ----------
    checkpoint : Path
        A run directory, a snapshot in it, or a snapshot's file.

    Returns
    -------
    Path or None
    """
    if not checkpoint.exists():
        return None
    for directory in (checkpoint, *checkpoint.resolve().parents[:3]):
        if (directory / LOG_NAME).is_file() and (directory / "snapshots").is_dir():
            return directory
    return None
