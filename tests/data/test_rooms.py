"""Rooms: the same bytes everywhere, honest masks, splits that never meet."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from dcgan_viz.data.room_raycast import draw
from dcgan_viz.data.room_scene import Block, Draws, draw_scene
from dcgan_viz.data.rooms import CLASSES, Rooms, render, render_split, split_index
from dcgan_viz.errors import InputError

# Of rooms 0 to 15 of seed 0, drawn once on x86-64; another machine, process or version must repeat it.
GOLDEN_SHA256 = "169764cea6f807c661a7cde45d61d4887732317f07b1ce5552275a2318b5020c"


def digest(image_size: int = 64) -> str:
    total = hashlib.sha256()
    for index in range(16):
        for part in render(0, index, image_size):
            total.update(part.tobytes())
    return total.hexdigest()


def test_bytes_are_the_recorded_ones():
    assert digest() == GOLDEN_SHA256


def test_another_process_draws_the_same_bytes():
    code = "from tests.data.test_rooms import digest; print(digest(32))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(32)


def test_workers_do_not_change_the_result():
    images, masks = render_split("held_out", 1100, image_size=28, workers=2, start=3)
    alone, alone_masks = render_split("held_out", 1100, image_size=28, workers=1, start=3)
    assert np.array_equal(images, alone)
    assert np.array_equal(masks, alone_masks)
    image, mask = Rooms("held_out", 5, image_size=28, start=3)[4]
    assert np.array_equal(images[4], image)
    assert np.array_equal(masks[4], mask)


def test_splits_never_share_an_index():
    train = {split_index("train", k) for k in range(9000)}
    held_out = {split_index("held_out", k) for k in range(1000)}
    assert len(train) == 9000
    assert len(held_out) == 1000
    assert train.isdisjoint(held_out)
    assert train | held_out == set(range(10000))


@pytest.mark.parametrize("size", [28, 32, 64, 128])
def test_every_size_shows_the_same_room(size):
    image, mask = render(0, 5, size)
    assert image.shape == (size, size, 3)
    assert mask.shape == (size, size)
    shares = np.bincount(mask.ravel(), minlength=9) / mask.size
    reference = np.bincount(render(0, 5, 128)[1].ravel(), minlength=9) / 128**2
    assert np.abs(shares - reference).max() < 0.03


def test_every_class_exists_and_a_third_of_the_rooms_has_no_window():
    _, masks = render_split("train", 1500, workers=1, image_size=32)
    present = np.stack([(masks == k).any(axis=(1, 2)) for k in range(len(CLASSES))], axis=1).mean(axis=0)
    assert present.min() > 0.2
    assert 0.30 <= 1 - present[CLASSES.index("window")] <= 0.40


def test_mask_and_image_tell_the_same_room():
    """A window's glass is bluish-bright: its mean luminance must beat that of the wall around it."""
    images, masks = render_split("train", 200, workers=1)
    window, wall = masks == CLASSES.index("window"), masks == CLASSES.index("wall")
    assert images[window].mean() > images[wall].mean() + 10


def project(scene, point, size):
    """Pixel of a world point by the textbook pinhole: rotate, divide by depth, scale."""
    camera = scene.camera
    x, y, z = point[0] - camera.x, point[1] - camera.y, point[2] - camera.z
    right = x * camera.yaw_cos - z * camera.yaw_sin
    ahead = x * camera.yaw_sin + z * camera.yaw_cos
    column = (right / ahead / camera.tangent + 1) * size / 2
    row = ((-y / ahead - camera.lens_shift) / camera.tangent + 1) * size / 2
    return column, row


def test_bed_lies_where_its_corners_project():
    """The bed's mask is bounded by the projections of its blocks' corners (seen whole and unoccluded)."""
    checked = 0
    for index in range(200):
        scene = draw_scene(0, index)
        if not scene.blocks or scene.lamp is not None:
            continue
        mask = render(0, index, 128)[1] == CLASSES.index("bed")
        corners = [
            project(scene, (x, y, z), 128)
            for b in scene.blocks
            for x in (b.x0, b.x1)
            for y in (b.y0, b.y1)
            for z in (b.z0, b.z1)
        ]
        columns, rows = np.array(corners).T
        if columns.min() < 0 or columns.max() > 128 or rows.max() > 128:
            continue
        ys, xs = np.nonzero(mask)
        assert abs(xs.min() - columns.min()) < 1.5
        assert abs(xs.max() + 1 - columns.max()) < 1.5
        assert abs(ys.min() - rows.min()) < 1.5
        assert abs(ys.max() + 1 - rows.max()) < 1.5
        checked += 1
    assert checked >= 5


def test_a_lamp_hides_what_is_behind_it():
    hidden = 0
    for index in range(400):
        scene = draw_scene(0, index)
        if scene.lamp is None or not scene.blocks:
            continue
        bare = replace(scene, lamp=None)
        from dcgan_viz.data.room_raycast import draw

        with_lamp, without = draw(scene, 64)[1], draw(bare, 64)[1]
        changed = with_lamp != without
        if not changed.any():
            continue  # out of sight
        assert (with_lamp[changed] == CLASSES.index("lamp")).mean() > 0.95  # ties among sub-pixels apart
        hidden += int((without[changed] == CLASSES.index("bed")).sum())
    assert hidden > 0


def test_light_falls_off_from_a_lit_lamp():
    scene = next(
        s for s in (draw_scene(0, k) for k in range(100)) if s.lamp and s.lamp.lit and s.lamp.hanging
    )
    assert scene.lamp is not None
    dark = replace(scene, lamp=replace(scene.lamp, lit=0.0))
    gain = draw(scene, 64)[0].astype(int).sum(2) - draw(dark, 64)[0].astype(int).sum(2)
    ceiling = draw(scene, 64)[1] == CLASSES.index("ceiling")
    column, row = project(scene, (scene.lamp.x, scene.height, scene.lamp.z), 64)
    rows, columns = np.nonzero(ceiling)
    distance = np.hypot(rows - row, columns - column)
    near, far = distance < np.quantile(distance, 0.2), distance > np.quantile(distance, 0.8)
    assert gain[rows[near], columns[near]].mean() > 1.5 * gain[rows[far], columns[far]].mean() > 0


def test_draws_are_uniform_and_distinct():
    values = np.array([Draws(3, k).uniform() for k in range(4000)])
    assert len(set(values.tolist())) == 4000
    assert abs(values.mean() - 0.5) < 0.02
    assert abs(values.std() - 12**-0.5) < 0.02


def test_blocks_stand_inside_the_room():
    for index in range(300):
        scene = draw_scene(1, index)
        for block in scene.blocks:
            assert isinstance(block, Block)
            assert -scene.width / 2 - 1e-9 <= block.x0 < block.x1 <= scene.width / 2 + 1e-9
            assert 0 <= block.y0 < block.y1 < scene.height
            assert block.z0 < block.z1 <= scene.depth + 1e-9


def test_bad_requests_are_one_line():
    with pytest.raises(InputError, match="choose from train, held_out"):
        render_split("test", 4)
    with pytest.raises(InputError, match="at least 1"):
        Rooms("train", 0)
    with pytest.raises(IndexError):
        Rooms("train", 3)[3]
