"""The z of an analysis: those that are annotated, and fresh ones; and whether a generator keeps to them."""

import torch
from torch import Tensor

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.remove_objects.settings import RemovalSettings

N_TRIED = 4  # z that are drawn twice


def check_generator(gan: Gan) -> None:
    """Check that the same z gives the same picture every time, whatever is drawn beside it.

    Raises
    ------
    InputError
        If there is no generator, its BatchNorm layers use the statistics of the batch, or it draws noise of
        its own: a picture before and after an edit cannot be compared then.
    """
    gan.require_generator("remove_objects")
    if gan.batchnorm["generator"].mode == "batch":
        raise InputError(
            f"checkpoint {gan.provenance.path}: BatchNorm uses the statistics of the batch, so that a "
            "picture depends on its neighbours, edited or not; calibrate it (--batchnorm calibrated)"
        )
    z = gan.sample_z(N_TRIED, seed=0)
    if not torch.allclose(gan.generate(z), gan.generate(z), atol=1e-3):
        raise InputError(
            f"checkpoint {gan.provenance.path}: its generator draws noise of its own, so that pictures of "
            "the same z differ with no edit at all; give one without"
        )


def split_z(gan: Gan, settings: RemovalSettings, seed: int) -> tuple[Tensor, Tensor]:
    """The z (M, nz) of the samples that are annotated, and the fresh ones (N, nz)."""
    z = gan.sample_z(settings.n_annotated + settings.n_fresh, seed)
    return z[: settings.n_annotated], z[settings.n_annotated :]
