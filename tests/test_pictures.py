"""The helper that others are compared with, by the definition of the range."""

import base64
import io

import numpy as np
from PIL import Image

from tests.pictures import decoded, eight_bits


def test_each_byte_is_the_nearest_level() -> None:
    images = np.random.default_rng(0).uniform(-1.2, 1.2, (5, 3, 8, 9)).astype(np.float32)
    images[0, 0, 0, :3] = -1, 0, 1
    levels = np.arange(256) / 127.5 - 1  # -1 is 0 and 1 is 255
    found = eight_bits(images)
    assert found.shape == (5, 8, 9, 3)
    assert found[0, 0, :3, 0].tolist() == [0, 128, 255]  # of two levels that are as near, the even one
    wanted = np.abs(images.astype(np.float64)[..., None] - levels).min(axis=-1)
    mine = np.abs(images.astype(np.float64) - np.moveaxis(levels[found], -1, 1))
    np.testing.assert_allclose(mine, wanted, rtol=0, atol=1e-6)


def test_a_picture_is_read_from_its_address() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (4, 5, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    address = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    np.testing.assert_array_equal(decoded(address), pixels)
