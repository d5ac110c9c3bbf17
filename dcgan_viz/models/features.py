"""What a discriminator makes of images, as one vector each."""

import torch
from torch import Tensor
from torch.nn import functional as F

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan, even_parts
from dcgan_viz.models.layers import Layer, hidden_layers, record
from dcgan_viz.models.modes import evaluating

SIDE = 4  # cells on a side, to which every layer is pooled


def feature_layers(gan: Gan) -> list[Layer]:
    """The layers whose activations are a discriminator's features, the one nearest to the image first.

    Parameters
    ----------
    gan : Gan
        With a discriminator; left as it is.

    Returns
    -------
    list of Layer
        Empty where no hidden layer has maps.

    Raises
    ------
    InputError
        If there is no discriminator.
    """
    network = gan.require_discriminator("taking its features")
    example = torch.zeros(2, gan.channels, gan.image_size, gan.image_size, device=gan.device)
    return hidden_layers(network, gan.image_input(example))


@torch.inference_mode()
def discriminator_features(gan: Gan, images: Tensor, batch_size: int | None = None) -> Tensor:
    """The features of all of a discriminator's hidden layers, as section 5 of the paper takes them.

    Each layer's activations are max-pooled to a grid of 4 x 4 (maps that are smaller stay as they are),
    flattened in the order (map, row, column), and joined, the layer nearest to the image first. With
    BatchNorm statistics of the batch, an image's features depend on the others of its batch, too.

    Parameters
    ----------
    gan : Gan
        With a discriminator; left as it is.
    images : Tensor
        (N, C, H, W) in [-1, 1], on any device.
    batch_size : int, optional
        How many to run through the discriminator at once, at most; the default is that of `Gan.generate`.

    Returns
    -------
    Tensor
        (N, F), float32, on the CPU; F is 16 times the number of maps where all have at least 4 x 4 positions.

    Raises
    ------
    InputError
        If there is no discriminator, none of its hidden layers has maps, or a single image is given where
        BatchNorm needs a batch.

    References
    ----------
    Radford, Metz and Chintala (2015), arXiv 1511.06434, section 5.1: "maxpooling each layers representation
    to produce a 4 x 4 spatial grid".

    Examples
    --------
    >>> import dcgan_viz
    >>> tuple(discriminator_features(dcgan_viz.load("rooms"), torch.zeros(2, 3, 64, 64)).shape)
    (2, 15360)
    """
    network = gan.require_discriminator("taking its features")
    names = [layer.name for layer in feature_layers(gan)]
    if not names:
        raise InputError(
            f"discriminator {type(network).__name__}: none of its hidden layers has maps, its features; "
            "give one with at least two convolutions"
        )
    if len(images) == 1 and gan.batchnorm["discriminator"].mode == "batch":
        raise InputError(
            "1 image: BatchNorm with the statistics of the batch needs at least 2; "
            "give more, or calibrate on real images (--calibrate-on)"
        )
    parts = []
    for part in even_parts(images, batch_size or gan.discriminator_batch):
        with evaluating(network), record(network, names) as seen:
            network(gan.image_input(part.to(gan.device)))
        parts.append(torch.cat([_pooled(seen[name]).float().cpu() for name in names], dim=1))
    return torch.cat(parts)


def _pooled(maps: Tensor) -> Tensor:
    """Maps (N, K, H, W), max-pooled to at most 4 x 4 and flattened: (N, K * 16)."""
    height, width = (min(SIDE, side) for side in maps.shape[2:])
    return F.adaptive_max_pool2d(maps, (height, width)).flatten(1)
