"""The images of a run."""

from __future__ import annotations

import torch
from tqdm import tqdm

from dcgan_viz.data.datasets import ImageData, load_images
from dcgan_viz.data.rooms import render_split
from dcgan_viz.errors import InputError
from train.messages import bar_interval_s, speaker, warn
from train.settings import Settings

DATA_SEED = 0  # --seed changes the training, never the data set

_ROOMS_AT_ONCE = 500


def load_data(settings: Settings, *, quiet: bool = False) -> ImageData:
    """Load the whole data set, as bytes, and check that there is enough of it.

    Parameters
    ----------
    settings : Settings
        Resolved ones.
    quiet : bool
        Show warnings only.

    Returns
    -------
    ImageData
        Images (N, C, H, W), uint8, on the CPU.

    Raises
    ------
    InputError
        If the data cannot be used, or are too few for a step.
    """
    if settings.data == "rooms" and settings.data_count is not None:
        data = _draw_rooms(settings.data_count, settings.image_size, quiet)
    else:
        speaker(quiet)(f"loading {settings.data}")
        data = load_images(
            settings.data, settings.image_size, settings.data_count, DATA_SEED, progress=not quiet
        )
    for file, reason in data.skipped:
        warn(f"{file}: {reason}; left out")
    if data.skipped:
        warn(f"{settings.data}: {len(data.skipped)} files left out, {len(data.images)} images used")
    n_images = len(data.images)
    if n_images < settings.batch_size:
        raise InputError(
            f"{settings.data}: {n_images} images, fewer than --batch-size {settings.batch_size}; "
            "give more images, or a smaller batch"
        )
    if settings.n_steps(n_images) == 0:
        raise InputError(
            f"--num-epochs {settings.num_epochs}: {n_images} images in batches of {settings.batch_size} are "
            f"less than one step of --d-steps {settings.d_steps}; raise --num-epochs"
        )
    return data


def _draw_rooms(count: int, image_size: int, quiet: bool) -> ImageData:
    # What load_images gives, bit for bit, but with a bar, and in this process: Ctrl-C stays one line.
    images = torch.empty(count, 3, image_size, image_size, dtype=torch.uint8)
    with tqdm(
        total=count, desc="drawing rooms", unit="img", delay=2, disable=quiet, mininterval=bar_interval_s()
    ) as bar:
        for start in range(0, count, _ROOMS_AT_ONCE):
            n = min(_ROOMS_AT_ONCE, count - start)
            some, _ = render_split("train", n, seed=DATA_SEED, start=start, image_size=image_size)
            images[start : start + n] = torch.from_numpy(some).permute(0, 3, 1, 2)
            bar.update(n)
    return ImageData(images, "rooms")
