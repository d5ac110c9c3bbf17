"""What rooms are to a GAN: whether it draws them, and whether the segmenters of rooms can look at them."""

from dcgan_viz.data.segmenter import SEGMENTER_SIZE
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan


def draws_rooms(gan: Gan) -> bool:
    """Whether a GAN says of itself that it was trained on rooms."""
    return gan.provenance.metadata.get("data") == "rooms"


def fits_segmenters(gan: Gan) -> bool:
    """Whether a GAN's images, of rooms or not, are of the size and colour that the segmenters know."""
    return (gan.channels, gan.image_size) == (3, SEGMENTER_SIZE)


def segmenters_know(gan: Gan) -> bool:
    """Whether a GAN draws rooms as the segmenters know them; then they have a say without being asked for."""
    return draws_rooms(gan) and fits_segmenters(gan)


def check_fits_segmenters(gan: Gan, who: str, way_out: str) -> None:
    """Check that a segmenter of rooms can look at a GAN's images.

    Parameters
    ----------
    gan : Gan
    who : str
        The segmenter, in a word: "judge".
    way_out : str
        What to do instead.

    Raises
    ------
    InputError
        If the images are not of 64 px in colour.
    """
    if not fits_segmenters(gan):
        raise InputError(
            f"checkpoint {gan.provenance.path}: draws {gan.channels}x{gan.image_size}x{gan.image_size}, but "
            f"the {who} knows rooms of 3x{SEGMENTER_SIZE}x{SEGMENTER_SIZE} only; {way_out}"
        )
