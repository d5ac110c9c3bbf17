"""Whether the segmenters of rooms have a say on a GAN: only where it draws rooms, and as they know them."""

from dataclasses import replace

import pytest

from dcgan_viz.data.room_gans import check_fits_segmenters, draws_rooms, fits_segmenters, segmenters_know
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.loading import load


def of_rooms(gan: Gan) -> Gan:
    """The same networks, said to have been trained on rooms."""
    return replace(gan, provenance=replace(gan.provenance, metadata={"data": "rooms"}))


def test_the_embedded_gan_draws_rooms_as_the_segmenters_know_them() -> None:
    gan = load()
    assert draws_rooms(gan)
    assert fits_segmenters(gan)
    assert segmenters_know(gan)
    other = replace(gan, provenance=replace(gan.provenance, metadata={}))
    assert fits_segmenters(other)
    assert not draws_rooms(other)
    assert not segmenters_know(other)


def test_rooms_of_another_size_are_not_theirs(tiny_gan: Gan) -> None:
    small = of_rooms(tiny_gan)
    assert draws_rooms(small)
    assert not fits_segmenters(small)
    assert not segmenters_know(small)
    with pytest.raises(InputError, match=r"draws 3x32x32, but the judge knows .* 3x64x64 only; do without$"):
        check_fits_segmenters(small, "judge", "do without")
    check_fits_segmenters(load(), "judge", "do without")
