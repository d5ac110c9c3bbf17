"""From tensors' value range to pixels: the edge where images become uint8 (N, H, W, 3)."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dcgan_viz.figures.spec import Pixels

Floats = NDArray[np.float32]

_DIMMED = 0.18
_OUTLINE = (224, 40, 125)


def _to_bytes(values: NDArray[np.floating]) -> Pixels:
    """Round (N, C, H, W) on the scale 0 to 255 to (N, H, W, 3); a single channel is shown grey."""
    if values.ndim != 4 or values.shape[1] not in (1, 3):
        raise ValueError(f"images: shape {values.shape}; (N, C, H, W) with 1 or 3 channels is needed")
    pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)  # (N, H, W, C)
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:3], 3)))


def to_pixels(images: Floats) -> Pixels:
    """Turn images as a generator gives them into pixels.

    Parameters
    ----------
    images
        (N, C, H, W), float32 in [-1, 1], 1 or 3 channels; values outside are clipped.

    Returns
    -------
    ndarray
        uint8 (N, H, W, 3).
    """
    return _to_bytes((np.asarray(images, dtype=np.float64) + 1) * 127.5)


def difference_pixels(before: Floats, after: Floats, gain: float = 1.0) -> Pixels:
    """Signed difference on neutral grey: what became lighter is lighter, what became darker is darker.

    Parameters
    ----------
    before, after
        Images (N, C, H, W), float32 in [-1, 1].
    gain
        Factor on the difference in pixel values; 1 shows a change of 10 grey levels as 10 grey levels.

    Returns
    -------
    ndarray
        uint8 (N, H, W, 3); grey 128 where nothing changed.
    """
    change = (np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)) * 127.5
    return _to_bytes(128 + gain * change)


def flagged_pixels(images: Floats, mask: NDArray[np.floating]) -> Pixels:
    """Pictures in which all but the flagged positions of a layer is dark.

    Parameters
    ----------
    images
        (N, C, H, W), float32 in [-1, 1].
    mask
        (N, h, w), 1 where a position is flagged, 0 elsewhere; each covers its share of the picture.

    Returns
    -------
    ndarray
        uint8 (N, H, W, 3).
    """
    height, width = images.shape[2:]
    rows = np.arange(height) * mask.shape[1] // height
    columns = np.arange(width) * mask.shape[2] // width
    light = np.where(mask[:, rows][:, :, columns] > 0, 1.0, _DIMMED)[:, None]
    return _to_bytes((np.asarray(images, dtype=np.float64) + 1) * 127.5 * light)


def outlined_pixels(pixels: Pixels, boxes: Iterable[tuple[float, float, float, float]]) -> Pixels:
    """A copy of one picture with the outlines of boxes, a pixel wide.

    Parameters
    ----------
    pixels
        uint8 (H, W, 3), or (H, W, 1), which becomes colour.
    boxes
        x0, y0, x1, y1 in pixels, end-exclusive.
    """
    marked = np.array(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))
    height, width = marked.shape[:2]
    for x0, y0, x1, y1 in boxes:
        left, right = int(max(x0, 0)), int(min(math.ceil(x1), width)) - 1
        top, bottom = int(max(y0, 0)), int(min(math.ceil(y1), height)) - 1
        marked[[top, bottom], left : right + 1] = _OUTLINE
        marked[top : bottom + 1, [left, right]] = _OUTLINE
    return marked
