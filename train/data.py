"""The images of a run."""

from __future__ import annotations

from dcgan_viz.data.datasets import ImageData, load_images
from dcgan_viz.errors import InputError
from train.messages import speaker, warn
from train.settings import Settings

DATA_SEED = 0  # --seed changes the training, never the data set


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
    say = speaker(quiet)
    if settings.data == "rooms":
        say(f"drawing {settings.data_count:,} rooms, some 1,000 a second")
    else:
        say(f"loading {settings.data}")
    data = load_images(
        settings.data, settings.image_size, settings.data_count, DATA_SEED, workers=2, progress=not quiet
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
