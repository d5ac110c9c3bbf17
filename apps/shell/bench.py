"""What a page looks at: the networks, the seed, and the picked samples."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from apps.shell import fields as shared
from apps.shell import page
from apps.shell.checkpoints import Checkpoint
from apps.shell.fields import Pick
from apps.shell.startup import startup
from dcgan_viz.data.room_gans import draws_rooms
from dcgan_viz.errors import InputError
from dcgan_viz.model_options import ModelOptions

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan

_CURRENT = "dcgan_viz.current"


@dataclass(frozen=True)
class Bench:
    """The networks that the sidebar chose, and what else every page shares.

    Attributes
    ----------
    checkpoint : Checkpoint
    gan : Gan
        Its networks are shared by all sessions; library functions leave them as they were.
    key : str
        Equal for equal networks: what a cache goes by instead of ``gan``.
    options : ModelOptions
        What opens them where their owner has them, BatchNorm and prior of the sidebar included.
    device : str
        As for ``--device``.
    seed : int
        Of the sidebar.
    truncation : float
        Factor on every z, up to 1.
    """

    checkpoint: Checkpoint
    gan: Gan
    key: str
    options: ModelOptions
    device: str
    seed: int
    truncation: float

    @property
    def images(self) -> str | None:
        """What ``--images`` has to say; None for a GAN of rooms, and where no images are known."""
        return None if draws_rooms(self.gan) else startup().images

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The picked samples, in the order of picking."""
        return shared.PICKS.get()

    def require(self, role: str) -> None:
        """Go on only where there is a network.

        Parameters
        ----------
        role : {"generator", "discriminator"}

        Raises
        ------
        InputError
            If there is none of that role; the page then is that sentence.
        """
        if getattr(self.gan, role) is None:
            raise InputError(
                f"{self.checkpoint.label}: it holds no {role}, which this page needs; choose another "
                "checkpoint, or upload one that does"
            )

    def command(self, name: str, *more: str, seed: bool = True) -> str:
        """The command line that repeats what a page shows, to be pasted into a shell.

        Parameters
        ----------
        name : str
            Of the command, ``sample`` for one.
        more : str
            Its own options.
        seed : bool
            Whether it takes the seed of the sidebar.
        """
        words = ["dcgan-viz", name, *more]
        if seed:
            words += ["--seed", str(self.seed)]
        if self.device != "auto":
            words += ["--device", self.device]
        for one in fields(ModelOptions):
            value = getattr(self.options, one.name)
            if value != one.default:
                words += [f"--{one.name.replace('_', '-')}", str(value)]
        return shlex.join(words)


def look(bench: Bench | InputError | Callable[[], None]) -> None:
    """Note what the pages of this session look at from now on.

    Parameters
    ----------
    bench : Bench, InputError or callable
        Or why they cannot; or what shows how far it is from being open.
    """
    st.session_state[_CURRENT] = bench


def current() -> Bench:
    """What the page looks at.

    Raises
    ------
    InputError
        If the sidebar's checkpoint cannot be opened; the page then is that sentence.
    page.Waiting
        If it is being opened; the page then shows how far that is.
    """
    bench: Any = st.session_state.get(_CURRENT)
    if callable(bench):
        bench()
        raise page.Waiting
    if isinstance(bench, InputError):
        raise InputError(str(bench))
    return cast(Bench, bench)
