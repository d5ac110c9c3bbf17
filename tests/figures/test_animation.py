"""Animations, read back by the libraries that know their formats."""

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from dcgan_viz.errors import InputError
from dcgan_viz.figures.animation import enlarged, save_animation

FRAMES = np.zeros((5, 32, 32, 3), np.uint8)
for _k in range(5):
    FRAMES[_k, :, 6 * _k : 6 * _k + 6] = (200, 40 * _k, 0)
    FRAMES[_k, :16, :, 2] = 255


def read_images(path):
    with Image.open(path) as image:
        frames = []
        for k in range(getattr(image, "n_frames", 1)):
            image.seek(k)
            frames.append(np.asarray(image.convert("RGB")))
        return np.stack(frames), image.info


@pytest.mark.parametrize(("kind", "tolerance"), [("webp", 0), ("gif", 40)])
def test_gif_and_webp_hold_every_frame_and_play_for_ever(tmp_path, kind, tolerance):
    path = tmp_path / f"walk.{kind}"
    save_animation(FRAMES, path, fps=10)
    frames, info = read_images(path)
    assert frames.shape == (5, 256, 256, 3)
    difference = np.abs(frames[:, 4::8, 4::8].astype(int) - FRAMES)
    assert difference.max() <= tolerance
    assert (info["duration"], info["loop"]) == (100, 0)


def test_mp4_holds_every_frame_at_its_rate(tmp_path):
    path = tmp_path / "walk.mp4"
    save_animation(FRAMES, path, fps=5)
    reader = imageio_ffmpeg.read_frames(str(path))
    about = next(reader)
    assert (about["size"], about["fps"], about["codec"]) == ((256, 256), 5.0, "h264")
    frames = np.stack([np.frombuffer(frame, np.uint8).reshape(256, 256, 3) for frame in reader])
    assert len(frames) == 5
    # the middle of each pixel, as far as H.264 keeps colours
    assert np.abs(frames[:, 4::8, 4::8].astype(int) - FRAMES).mean() < 12


@pytest.mark.parametrize("kind", ["gif", "webp", "mp4"])
def test_the_same_frames_give_the_same_bytes(tmp_path, kind):
    paths = [tmp_path / f"{name}.{kind}" for name in "ab"]
    for path in paths:
        save_animation(FRAMES, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("size", "expected"),
    [((32, 32), 256), ((28, 28), 280), ((64, 64), 256), ((300, 300), 300), ((301, 301), 602)],
)
def test_pixels_are_enlarged_to_whole_squares_with_even_sides(size, expected):
    frames = np.random.default_rng(0).integers(0, 256, (2, *size, 3), dtype=np.uint8)
    large = enlarged(frames)
    assert large.shape[1:3] == (expected, expected)
    scale = expected // size[0]
    assert np.array_equal(large[:, ::scale, ::scale], frames)
    assert np.array_equal(large[:, scale - 1 :: scale, scale - 1 :: scale], frames)


def test_a_machine_without_ffmpeg_is_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "none"))
    monkeypatch.setattr("imageio_ffmpeg._io.get_ffmpeg_exe", none)
    with pytest.raises(InputError, match=r"walk\.mp4: imageio-ffmpeg has no ffmpeg .* write gif or webp"):
        save_animation(FRAMES, tmp_path / "walk.mp4")


def none():
    raise RuntimeError("No ffmpeg exe could be found.")


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ValueError, match="gif, webp, mp4"):
        save_animation(FRAMES, tmp_path / "walk.avi")
