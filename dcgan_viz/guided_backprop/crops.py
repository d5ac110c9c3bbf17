"""Pictures cut to what a position sees."""

import torch
from torch import Tensor

from dcgan_viz.models.receptive_field import Box


def cropped(pictures: Tensor, boxes: tuple[Box, ...], size: tuple[int, int]) -> Tensor:
    """Cut pictures to windows of one size around boxes.

    A box that the image's border cuts short gets a window that begins or ends at that border, so that all
    pictures stay full and of one size.

    Parameters
    ----------
    pictures : Tensor (N, C, H, W)
    boxes : tuple of (x0, y0, x1, y1)
        One for each picture, in its pixels, none larger than the window.
    size : (int, int)
        Height and width of the windows.

    Returns
    -------
    Tensor (N, C, h, w)

    Examples
    --------
    >>> picture = torch.arange(16).reshape(1, 1, 4, 4)
    >>> cropped(picture, ((2, 0, 4, 1),), (2, 2)).tolist()
    [[[[2, 3], [6, 7]]]]
    """
    height, width = size
    if not boxes:
        return pictures[:, :, :height, :width]
    windows = []
    for picture, (x0, y0, _, _) in zip(pictures, boxes, strict=True):
        y = min(y0, pictures.shape[2] - height)
        x = min(x0, pictures.shape[3] - width)
        windows.append(picture[:, y : y + height, x : x + width])
    return torch.stack(windows)
