import dataclasses
import math

import numpy as np
import pytest

from dcgan_viz.data.box import Box, Boxes, boxes_from_mask, boxes_to_mask
from dcgan_viz.errors import InputError


@pytest.mark.parametrize(
    "edges",
    [(5, 0, 5, 4), (5, 0, 4, 4), (0, 4, 4, 4), (0, 5, 4, 4), (math.nan, 0, 4, 4), (0, 0, math.inf, 4)],
)
def test_boxes_hold_area(edges):
    with pytest.raises(InputError, match=r"box \(.*\): (holds no area|not finite); give"):
        Box(*edges)


def test_boxes_are_frozen():
    box = Box(0, 0, 4, 8)
    with pytest.raises(dataclasses.FrozenInstanceError):
        box.x0 = 2  # type: ignore[misc]
    assert box.area == 32
    assert box == Box(0.0, 0.0, 4.0, 8.0)


def test_boxes_by_image():
    boxes = Boxes("bed", 32, {9: (Box(0, 0, 4, 4),), 4: (), 2: (Box(1, 1, 2, 2), Box(3, 3, 32, 32))})
    assert boxes.images == (2, 9)
    assert len(boxes) == 3
    assert list(boxes) == [(2, Box(1, 1, 2, 2)), (2, Box(3, 3, 32, 32)), (9, Box(0, 0, 4, 4))]


@pytest.mark.parametrize("by_image", [{}, {3: ()}])
def test_no_box_at_all(by_image):
    with pytest.raises(InputError, match="boxes of 'rug': no box at all; draw at least one"):
        Boxes("rug", 64, by_image)


@pytest.mark.parametrize("edges", [(-1, 0, 4, 4), (0, -0.5, 4, 4), (0, 0, 64.5, 4), (60, 60, 64, 65)])
def test_boxes_outside_the_image(edges):
    box = Box(*edges)
    with pytest.raises(InputError) as caught:
        Boxes("window", 64, {7: (Box(0, 0, 4, 4), box)})
    assert str(caught.value) == (
        f"box {box} of image 7: outside the image, 64x64 px; give x0, y0, x1, y1 within it"
    )


def test_negative_image():
    with pytest.raises(InputError, match="image -1: negative"):
        Boxes("window", 64, {-1: (Box(0, 0, 4, 4),)})


def random_boxes(random, image_size, step, n):
    """Boxes whose edges are multiples of ``step`` px."""
    found = []
    for _ in range(n):
        x = np.sort(random.choice(int(image_size / step) + 1, 2, replace=False)) * step
        y = np.sort(random.choice(int(image_size / step) + 1, 2, replace=False)) * step
        found.append(Box(x[0], y[0], x[1], y[1]))
    return found


@pytest.mark.parametrize(("height", "width"), [(4, 4), (8, 8), (64, 64), (1, 1), (16, 4)])
@pytest.mark.parametrize("n", [0, 1, 3, 8])
def test_coverage_is_that_of_painted_quarter_pixels(height, width, n):
    boxes = random_boxes(np.random.default_rng(n), 64, 0.25, n)
    painted = np.zeros((256, 256))
    for box in boxes:
        x0, y0, x1, y1 = (int(4 * edge) for edge in box.edges)
        painted[y0:y1, x0:x1] = 1
    expected = painted.reshape(height, 256 // height, width, 256 // width).mean((1, 3))
    assert np.allclose(boxes_to_mask(boxes, height, width, 64), expected, atol=1e-6)


@pytest.mark.parametrize(("height", "width"), [(7, 5), (3, 28)])
def test_coverage_on_a_grid_that_cuts_pixels(height, width):
    boxes = random_boxes(np.random.default_rng(0), 64, 1.0, 3)[:1]
    (x0, y0, x1, y1) = boxes[0].edges
    mask = boxes_to_mask(boxes, height, width, 64)
    for row in range(height):
        for column in range(width):
            top, left, tall, wide = row * 64 / height, column * 64 / width, 64 / height, 64 / width
            across = max(0.0, min(x1, left + wide) - max(x0, left)) / wide
            down = max(0.0, min(y1, top + tall) - max(y0, top)) / tall
            assert mask[row, column] == pytest.approx(across * down, abs=1e-6)


def test_coverage_counts_overlaps_once_and_whole_images_as_one():
    mask = boxes_to_mask([Box(0, 0, 64, 64), Box(3, 3, 50, 60)], 13, 9, 64)
    assert mask.dtype == np.float32
    assert (mask == 1).all()


def test_masks_of_a_series():
    boxes = Boxes("bed", 8, {5: (Box(0, 0, 4, 4),), 1: (Box(4, 4, 8, 8), Box(0, 4, 4, 8))})
    assert boxes.masks(2, 2).tolist() == [[[0, 0], [1, 1]], [[1, 0], [0, 0]]]


def flood(mask, minimum_area):
    """Pieces found by walking from pixel to pixel, corners included."""
    left = set(zip(*np.nonzero(mask), strict=True))
    found = set()
    while left:
        piece, open_pixels = set(), [left.pop()]
        while open_pixels:
            y, x = open_pixels.pop()
            piece.add((y, x))
            near = {(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            open_pixels += near
        if len(piece) >= minimum_area:
            ys, xs = zip(*piece, strict=True)
            found.add((min(xs), min(ys), max(xs) + 1, max(ys) + 1))
    return found


@pytest.mark.parametrize("share", [0.05, 0.2, 0.35])
@pytest.mark.parametrize("minimum_area", [1, 3, 16])
def test_pieces_are_those_of_a_flood(share, minimum_area):
    mask = np.random.default_rng(1).random((40, 30)) < share
    assert {box.edges for box in boxes_from_mask(mask, minimum_area)} == flood(mask, minimum_area)


def test_pieces_come_largest_first():
    mask = np.zeros((32, 32), np.uint8)
    mask[20:30, 20:30] = 7
    mask[0:4, 10:14] = 1
    mask[0:4, 0:4] = 1
    mask[10:14, 0:12] = 1
    mask[31, 0] = 1
    expected = [(20, 20, 30, 30), (0, 10, 12, 14), (0, 0, 4, 4), (10, 0, 14, 4)]
    assert [box.edges for box in boxes_from_mask(mask)] == expected


def test_an_empty_mask_has_no_boxes():
    assert boxes_from_mask(np.zeros((8, 8), bool)) == ()


def test_boxes_survive_the_way_through_a_mask():
    boxes = (Box(2, 20, 30, 44), Box(40, 3, 60, 20))
    assert boxes_from_mask(boxes_to_mask(boxes, 64, 64, 64)) == boxes
