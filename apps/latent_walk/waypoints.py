"""Where a walk goes: the picked samples, or random ones."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import torch

from apps.shell import fields as shared
from apps.shell.bench import Bench
from apps.shell.field import choice, flag, number, whole
from apps.shell.pictures import picked
from dcgan_viz.latent_walk.command import words_of
from dcgan_viz.latent_walk.settings import INTERPOLATIONS, WalkSettings
from dcgan_viz.latent_walk.waypoints import N_WAYPOINTS, drawn_waypoints

MOST_STEPS, MOST_FPS = 30, 30

FROM = choice("walk_from", "picks", ("picks", "random"))
COUNT = whole("walk_waypoints", N_WAYPOINTS, 2, shared.MOST_PICKS)
INTERPOLATION = choice("walk_interpolation", WalkSettings.interpolation, INTERPOLATIONS)
STEPS = whole("walk_steps", WalkSettings.n_steps, 1, MOST_STEPS)
LOOP = flag("walk_loop")
FPS = number("walk_fps", 10.0, 1.0, MOST_FPS)
FRAME = whole("walk_frame", 0, 0, shared.MOST_PICKS * MOST_STEPS)
STARTED = flag("walk_measured", True)

Z_FILE = "waypoints.npz"


@dataclass(frozen=True)
class Route:
    """A walk before it is taken.

    Attributes
    ----------
    waypoints : torch.Tensor (N, nz)
    names : tuple of str
        Of the waypoints, for a person.
    settings : WalkSettings
    options : tuple of str
        The same on the command line; where they name `Z_FILE`, that has to be taken along.
    """

    waypoints: torch.Tensor
    names: tuple[str, ...]
    settings: WalkSettings
    options: tuple[str, ...]

    @property
    def needs_file(self) -> bool:
        """Whether the command line cannot say the waypoints by their numbers."""
        return Z_FILE in self.options

    def z_file(self) -> bytes:
        """The waypoints as ``--z`` reads them."""
        buffer = io.BytesIO()
        np.savez(buffer, z=self.waypoints.numpy())
        return buffer.getvalue()


def route(bench: Bench) -> Route:
    """What the controls and the picks say."""
    settings = WalkSettings(INTERPOLATION.get(), STEPS.get(), LOOP.get())
    if uses_picks(bench):
        waypoints = picked(bench).z
        names = tuple(f"sample {one.number} of seed {one.seed}" for one in bench.picks)
        indices: tuple[int, ...] = tuple(one.number for one in bench.picks)
        is_plain = bench.truncation == 1 and {one.seed for one in bench.picks} == {bench.seed}
    else:
        count = COUNT.get()
        waypoints = drawn_waypoints(bench.gan, count, bench.seed) * bench.truncation
        names = tuple(f"sample {number} of seed {bench.seed}" for number in range(count))
        indices = ()
        is_plain = bench.truncation == 1
    if is_plain:
        options = words_of(settings, len(waypoints), indices=indices)
    else:  # of a file, the default takes as many as there are, up to its number
        options = words_of(settings, max(len(waypoints), N_WAYPOINTS), z_file=Z_FILE)
    return Route(waypoints, names, settings, tuple(options))


def uses_picks(bench: Bench) -> bool:
    """Whether the walk goes by the picked samples; it takes two."""
    return FROM.get() == "picks" and len(bench.picks) >= 2
