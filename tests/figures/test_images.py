import numpy as np
import pytest

from dcgan_viz.figures.images import difference_pixels, flagged_pixels, outlined_pixels, to_pixels


def test_to_pixels_maps_the_value_range_to_bytes_and_moves_the_channels_last():
    images = np.zeros((1, 3, 1, 2), np.float32)
    images[0, :, 0, 0] = -1, 0, 1
    images[0, :, 0, 1] = -3, 0.5, 7  # clipped
    pixels = to_pixels(images)
    assert pixels.dtype == np.uint8
    assert pixels[0, 0, 0].tolist() == [0, 128, 255]
    assert pixels[0, 0, 1].tolist() == [0, 191, 255]


def test_one_channel_is_shown_grey():
    pixels = to_pixels(np.array([[[[-1.0, 1.0]]]], np.float32))
    assert pixels.tolist() == [[[[0, 0, 0], [255, 255, 255]]]]


def test_difference_is_grey_where_nothing_changed_and_signed_where_something_did():
    before = np.zeros((1, 3, 1, 2), np.float32)
    after = before.copy()
    after[0, 0, 0, 1] = 20 / 127.5  # 20 levels lighter in red
    after[0, 2, 0, 1] = -20 / 127.5
    assert difference_pixels(before, after)[0, 0].tolist() == [[128, 128, 128], [148, 128, 108]]
    assert difference_pixels(before, after, gain=2)[0, 0, 1].tolist() == [168, 128, 88]


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 4, 8, 8)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="shape"):
        to_pixels(np.zeros(shape, np.float32))


def test_flagged_positions_stay_and_the_rest_is_dark():
    images = np.full((1, 3, 4, 4), 1.0, np.float32)
    mask = np.zeros((1, 2, 2), np.float32)
    mask[0, 0, 1] = 1
    pixels = flagged_pixels(images, mask)
    assert (pixels[0, :2, 2:] == 255).all()
    pixels[0, :2, 2:] = 0
    assert pixels.max() < 60


def test_outlines_are_a_pixel_wide_and_inside_the_box():
    grey = np.full((8, 8, 1), 100, np.uint8)
    marked = outlined_pixels(grey, [(1, 2, 6, 7)])
    changed = (marked != 100).any(axis=2)
    expected = np.zeros((8, 8), bool)
    expected[2:7, 1:6] = True
    expected[3:6, 2:5] = False
    assert (changed == expected).all()
    assert grey.max() == 100
