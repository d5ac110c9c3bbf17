"""Moving pictures: GIF and WebP by Pillow, MP4 by the ffmpeg that imageio-ffmpeg brings."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from dcgan_viz.errors import InputError
from dcgan_viz.figures.spec import Pixels

ANIMATIONS = ("gif", "webp", "mp4")
LEAST_SIDE_PX = 256

_UNDATED = ("-fflags", "+bitexact", "-flags:v", "+bitexact")  # nor does the file name ffmpeg's version


def save_animation(frames: Pixels, path: Path, *, fps: float = 10.0) -> None:
    """Write frames as an animation, each pixel enlarged to a square of whole pixels; it plays in a loop.

    Parameters
    ----------
    frames
        uint8 (N, H, W, 3), N at least 1.
    path
        Where to; its ending is one of `ANIMATIONS`.
    fps
        Frames a second; in a GIF, which counts in hundredths, as near as can be.

    Raises
    ------
    ValueError
        If the ending is another.
    InputError
        If there is no ffmpeg for an MP4.
    OSError
        If the file cannot be written.
    """
    kind = path.suffix.removeprefix(".")
    if kind not in ANIMATIONS:
        raise ValueError(f"{path.name}: known animations are {', '.join(ANIMATIONS)}")
    large = enlarged(frames)
    if kind == "mp4":
        _save_mp4(large, path, fps)
        return
    images = [Image.fromarray(frame) for frame in large]
    how = {"lossless": True} if kind == "webp" else {"disposal": 1}
    images[0].save(path, save_all=True, append_images=images[1:], duration=round(1000 / fps), loop=0, **how)


def enlarged(frames: Pixels) -> Pixels:
    """Frames (N, H, W, 3) whose shorter side has at least 256 px, and both an even number of them."""
    height, width = frames.shape[1:3]
    scale = -(-LEAST_SIDE_PX // min(height, width))
    if scale % 2 and (height % 2 or width % 2):
        scale += 1  # H.264 halves the resolution of colours
    return frames.repeat(scale, axis=1).repeat(scale, axis=2)


def _save_mp4(frames: Pixels, path: Path, fps: float) -> None:
    import imageio_ffmpeg

    height, width = frames.shape[1:3]
    writer = imageio_ffmpeg.write_frames(
        str(path), (width, height), fps=fps, macro_block_size=2, ffmpeg_log_level="error",
        output_params=["-crf", "14", *_UNDATED, "-movflags", "+faststart"],
    )  # fmt: skip
    try:
        writer.send(None)  # starts ffmpeg
    except RuntimeError as error:
        raise InputError(
            f"{path.name}: imageio-ffmpeg has no ffmpeg for this machine; install one, or write gif or webp"
        ) from error
    try:
        for frame in frames:
            writer.send(frame.tobytes())
    finally:
        writer.close()
