"""How many pictures a page may hold: a link, a control or an upload may ask for any number of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dcgan_viz.errors import InputError

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan

MOST_BYTES = 200_000_000  # a page's pictures as float32: a thousand of 128 px
MOST_REAL_BYTES = 400_000_000  # real images as uint8: 2,000 of 256 px


def most(gan: Gan) -> int:
    """How many pictures of a GAN a page may hold."""
    return MOST_BYTES // (4 * _numbers(gan))


def check(gan: Gan, n: int, things: str, way_out: str = "ask for {most} at most") -> None:
    """See to it that pictures fit.

    Parameters
    ----------
    gan : Gan
        That draws them.
    n : int
        How many.
    things : str
        What they are, in words: "samples".
    way_out : str
        What to do instead; may say ``{most}``.

    Raises
    ------
    InputError
        If they do not.
    """
    if n > most(gan):
        raise InputError(_sentence(gan, n, things, 4, MOST_BYTES, way_out.format(most=most(gan))))


def check_real(gan: Gan, n: int) -> None:
    """See to it that real images of the size of a GAN's fit.

    Raises
    ------
    InputError
        If they do not.
    """
    if n * _numbers(gan) > MOST_REAL_BYTES:
        way_out = "compare networks of smaller pictures, or use the command line"
        raise InputError(_sentence(gan, n, "real images", 1, MOST_REAL_BYTES, way_out))


def _numbers(gan: Gan) -> int:
    return gan.channels * gan.image_size**2


def _sentence(gan: Gan, n: int, things: str, width: int, limit: int, way_out: str) -> str:
    size = n * _numbers(gan) * width
    return (
        f"{n:,} {things} of {gan.image_size} px: {size // 10**6:,} MB, more than the {limit // 10**6} MB "
        f"that a page may hold; {way_out}"
    )
