"""Pictures as pages and files hold them, computed apart from the library's own `to_uint8`."""

import base64
import io

import numpy as np
import torch
from PIL import Image


def eight_bits(images: torch.Tensor | np.ndarray) -> np.ndarray:
    """Pixels (..., H, W, C), uint8, of images (..., C, H, W), float32 in [-1, 1]."""
    values = (np.moveaxis(np.asarray(images), -3, -1) + np.float32(1)) * np.float32(127.5)
    return np.rint(values).clip(0, 255).astype(np.uint8)


def decoded(source: str) -> np.ndarray:
    """The pixels (H, W, C), or (H, W) of a grey one, of a picture that is part of a page."""
    with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
        return np.asarray(image)
