"""What the parts of a set share: a loaded checkpoint, and whatever more than one of them needs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from dcgan_viz.data.held_out import RealImages
from dcgan_viz.data.room_gans import draws_rooms, fits_segmenters
from dcgan_viz.data.segmenter import SEGMENTER_SIZE, Segmenter, load_segmenter
from dcgan_viz.data.training_log import run_directory
from dcgan_viz.errors import InputError
from dcgan_viz.figure_set.part import Need
from dcgan_viz.figure_set.settings import FigureSetSettings
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.loading import embedded
from dcgan_viz.remove_objects.judges import Judge, NoJudge, RoomsJudge

T = TypeVar("T")


class Bench:
    """A checkpoint and what has been loaded or computed for it so far.

    Parameters
    ----------
    gan : Gan
    model : ModelOptions
        How it was asked for.
    settings : FigureSetSettings
    label : str
        Names the checkpoint where there are several.
    progress : callable
        Given what a part goes through one by one, yields it.
    """

    def __init__(
        self,
        gan: Gan,
        model: ModelOptions,
        settings: FigureSetSettings,
        label: str = "",
        progress: Callable[[Sequence[Any]], Iterable[Any]] = iter,
    ) -> None:
        self.gan, self.model, self.settings, self.label = gan, model, settings, label
        self.progress = progress
        is_run = not (model.has_classes or model.checkpoint in embedded())
        self.run = run_directory(Path(model.checkpoint)) if is_run else None
        self._known: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what ``make`` returned, or raise what it raised, when first asked for under this key."""
        if key not in self._known:
            try:
                self._known[key] = make()
            except InputError as error:
                self._known[key] = error
        if isinstance(found := self._known[key], InputError):
            raise found
        return cast(T, found)

    def segmenter(self, role: str) -> Segmenter:
        """Give the annotator or the judge of rooms."""
        return self.once(("segmenter", role), lambda: load_segmenter(role, self.gan.device))

    @property
    def images(self) -> str | None:
        """Name of the real images to compare with, if there are any."""
        return self.settings.real.images or ("rooms" if draws_rooms(self.gan) else None)

    def real_images(self, seed: int) -> RealImages | None:
        """Give training images and held-out ones, where there are any."""
        # A seed draws from a folder or splits it; the rooms to compare with are always the same.
        key = 0 if self.images == "rooms" and self.settings.real.held_out is None else seed
        return self.once(("real images", key), lambda: self.settings.real.load(self.gan, seed))

    @property
    def has_judge(self) -> bool:
        """Whether the segmenters of rooms choose and measure."""
        return not self._no_judge()

    def judge(self) -> Judge:
        """Give the judge of rooms, or one that says why there is none."""
        if why := self._no_judge():
            return NoJudge(why)
        return self.once("judge", lambda: RoomsJudge(self.segmenter("judge")))

    def lack(self, needs: frozenset[Need]) -> str:
        """Say what of the needs is not there and why, in a line; nothing where all is."""
        missing = {
            Need.GENERATOR: self._no_network("generator", self.gan.generator),
            Need.DISCRIMINATOR: self._no_network("discriminator", self.gan.discriminator),
            Need.JUDGE: self._no_judge(),
            Need.IMAGES: "" if self.images else "give real images with --images (folder:DIR, mnist:DIR, ...)",
            Need.RUN: "" if self.run else "the checkpoint is no run of the trainer; give the run's directory",
        }
        lacking = {need: why for need, why in missing.items() if need in needs and why}
        networks = [need for need in (Need.GENERATOR, Need.DISCRIMINATOR) if need in lacking]
        # Where a network is missing, no option would help, and the rest need not be said.
        return "; ".join(f"needs {need}: {lacking[need]}" for need in networks or lacking)

    def _no_network(self, name: str, network: object) -> str:
        return "" if network is not None else f"{self.gan.provenance.path} holds none"

    def _no_judge(self) -> str:
        if self.settings.judge == "none":
            return "no judge was asked for"
        if self.settings.judge == "auto" and not draws_rooms(self.gan):
            return "the GAN does not say that it was trained on rooms (--judge rooms, if it was)"
        if not fits_segmenters(self.gan):
            return f"it knows rooms of {SEGMENTER_SIZE} px in colour only"
        return ""
