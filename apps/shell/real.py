"""Real images, read once for all networks that are compared with the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from apps.shell import budget
from apps.shell.cache import REAL
from dcgan_viz.data.room_gans import draws_rooms

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan

T = TypeVar("T")

Key = tuple[str, int, int, str | None, int]


def key_of(kind: str, gan: Gan, spec: str | None, seed: int) -> Key:
    """All that real images depend on.

    Parameters
    ----------
    kind : str
        What they are there for; different for different selections of the same data.
    gan : Gan
        Says size and channels, and whether rooms are meant where nothing is said.
    spec : str or None
        As for ``--images``.
    seed : int
        Which ones, of data that hold more; rooms are always the same.
    """
    rooms = spec == "rooms" or (spec is None and draws_rooms(gan))
    return kind, gan.image_size, gan.channels, "rooms" if rooms else spec, 0 if rooms else seed


def loaded(key: Key, gan: Gan, n: int, load: Callable[[], T]) -> T:
    """The images of a key, loaded where they are not there.

    Parameters
    ----------
    key : tuple
        See `key_of`.
    gan : Gan
    n : int
        How many there are at most.
    load : callable

    Raises
    ------
    InputError
        If they are more than memory holds.
    """
    budget.check_real(gan, n)
    return REAL.get(key, load)
