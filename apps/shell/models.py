"""Open networks, shared by all sessions that look at the same ones, and never changed by any."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import TYPE_CHECKING

from apps.shell.cache import Cache
from apps.shell.checkpoints import Checkpoint
from dcgan_viz.cli import resolved_device
from dcgan_viz.errors import InputError
from dcgan_viz.model_options import ModelOptions

if TYPE_CHECKING:
    from dcgan_viz.models.batchnorm import Progress
    from dcgan_viz.models.gan import Gan

_OPEN = Cache(2**29, spares_newest=True)


def options_of(checkpoint: Checkpoint, batchnorm: str, prior: str, *, shown: bool = False) -> ModelOptions:
    """What opens a checkpoint with other BatchNorm statistics or another prior than its own ("file").

    With ``shown`` it is opened where its owner has it, and not where the server keeps it.
    """
    own = checkpoint.shown_options if shown else checkpoint.options
    return replace(
        own,
        batchnorm=own.batchnorm if batchnorm == "file" else batchnorm,
        prior=own.prior if prior == "file" else prior,
    )


def key_of(checkpoint: Checkpoint, batchnorm: str, prior: str, device: str) -> str:
    """Equal for equal networks: by the content of the files, not by their place."""
    options = options_of(checkpoint, batchnorm, prior)
    if checkpoint.files:
        options = replace(options, checkpoint="", discriminator_checkpoint=None)
    return repr((checkpoint.content, astuple(options), device))


def is_open(checkpoint: Checkpoint, batchnorm: str, prior: str, device: str) -> bool:
    """Whether a checkpoint is among those that are open."""
    return _OPEN.find(key_of(checkpoint, batchnorm, prior, resolved_device(device)))[0]


def takes_long(checkpoint: Checkpoint, batchnorm: str) -> bool:
    """Whether to open it may be more than a moment's work: a calibration, or a file of anybody's."""
    return batchnorm == "calibrated" or checkpoint.is_upload


def opened(
    checkpoint: Checkpoint,
    batchnorm: str = "file",
    prior: str = "file",
    device: str = "auto",
    progress: Progress = iter,
) -> Gan:
    """Open a checkpoint, or take it from among those that are open.

    Parameters
    ----------
    checkpoint : Checkpoint
    batchnorm : str
        "file", "running", "calibrated" or "batch".
    prior : str
        "file", "uniform" or "normal".
    device : str
        As for ``--device``.
    progress : callable
        Given the batches of a calibration, yields them.

    Returns
    -------
    Gan
        Its networks are shared with other sessions: to be run through the library alone, which leaves them as
        they were. Its provenance names the files of this checkpoint.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    device = resolved_device(device)
    options = options_of(checkpoint, batchnorm, prior)
    try:
        key = key_of(checkpoint, batchnorm, prior, device)
        return checkpoint.named(_OPEN.get(key, lambda: options.load(device, progress)))
    except InputError as error:  # an upload lies under a name that says nothing to its owner
        shown, text = checkpoint.shown_options, str(error)
        for name in ("checkpoint", "discriminator_checkpoint"):
            text = text.replace(str(getattr(options, name)), str(getattr(shown, name)))
        raise InputError(text) from error
