"""Two small networks that say what every pixel of a room shows.

The *annotator* may choose: it proposes boxes and scores snapshots. The *judge* only measures. So that
one cannot share the other's mistakes they differ in architecture, seed and half of the training rooms.
Both were trained on blurred and noisy rooms as well, since a GAN's samples are.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.errors import InputError

ASSETS = Path(__file__).resolve().parents[1] / "assets"
ROLES = ("annotator", "judge")
SEGMENTER_SIZE = 64  # px; both networks were trained at this size


def _conv(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class AnnotatorNet(nn.Module):
    """A U-Net (Ronneberger et al. 2015, arXiv 1505.04597): four scales, max-pooling, skip concatenation."""

    feature_size = 96

    def __init__(self) -> None:
        super().__init__()
        widths = (16, 32, 64, 96)
        self.down = nn.ModuleList(
            nn.Sequential(_conv(inputs, outputs), _conv(outputs, outputs))
            for inputs, outputs in zip((3, *widths[:-1]), widths, strict=True)
        )
        self.up = nn.ModuleList(
            _conv(low + high, high) for low, high in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.head = nn.Conv2d(widths[0], len(CLASSES), 1)

    def encode(self, images: Tensor) -> list[Tensor]:
        """Feature maps at 64, 32, 16 and 8 px, finest first."""
        scales: list[Tensor] = []
        for k, block in enumerate(self.down):
            images = block(F.max_pool2d(images, 2) if k else images)
            scales.append(images)
        return scales

    def forward(self, images: Tensor) -> Tensor:
        """Class logits (N, 9, H, W) of images (N, 3, H, W) in [-1, 1]."""
        *skips, x = self.encode(images)
        for block, skip in zip(self.up, reversed(skips), strict=True):
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), skip], dim=1))
        return self.head(x)


class JudgeNet(nn.Module):
    """A strided, dilated encoder whose coarse sums flow back by bilinear steps; no pooling, no concatenation.

    After the feature pyramid of Lin et al. (2017, arXiv 1612.03144): 1x1 laterals, summed top down.
    """

    feature_size = 96

    def __init__(self) -> None:
        super().__init__()
        self.stem = _conv(3, 16)
        self.at_half = nn.Sequential(_conv(16, 32, stride=2), _conv(32, 32))
        self.at_quarter = nn.Sequential(_conv(32, 64, stride=2), _conv(64, 64), _conv(64, 64))
        self.at_eighth = nn.Sequential(_conv(64, 96, stride=2), _conv(96, 96, dilation=2), _conv(96, 96))
        self.laterals = nn.ModuleList(nn.Conv2d(width, 24, 1) for width in (96, 64, 32, 16))
        self.smooth = nn.ModuleList(_conv(24, 24) for _ in range(3))
        self.head = nn.Conv2d(24, len(CLASSES), 1)

    def encode(self, images: Tensor) -> list[Tensor]:
        """Feature maps at 64, 32, 16 and 8 px, finest first."""
        scales = [self.stem(images)]
        for block in (self.at_half, self.at_quarter, self.at_eighth):
            scales.append(block(scales[-1]))
        return scales

    def forward(self, images: Tensor) -> Tensor:
        """Class logits (N, 9, H, W) of images (N, 3, H, W) in [-1, 1]."""
        scales = self.encode(images)[::-1]
        x = self.laterals[0](scales[0])
        for scale, lateral, smooth in zip(scales[1:], list(self.laterals)[1:], self.smooth, strict=True):
            x = smooth(F.interpolate(x, scale_factor=2.0, mode="bilinear") + lateral(scale))
        return self.head(x)


NETWORKS: dict[str, type[AnnotatorNet] | type[JudgeNet]] = {"annotator": AnnotatorNet, "judge": JudgeNet}


@dataclass(frozen=True)
class Segmenter:
    """A trained segmenter, ready to look at images.

    Attributes
    ----------
    role : {"annotator", "judge"}
    network : nn.Module
        In eval mode, float32.
    metadata : dict
        Seed, data and held-out scores, from the file's header.
    """

    role: str
    network: AnnotatorNet | JudgeNet
    metadata: dict

    @torch.inference_mode()
    def predict(self, images: Tensor, batch_size: int = 125) -> Tensor:
        """The class of every pixel.

        Parameters
        ----------
        images : Tensor (N, 3, 64, 64), float32 in [-1, 1]
        batch_size : int

        Returns
        -------
        Tensor (N, 64, 64), uint8
            Indices into `dcgan_viz.data.rooms.CLASSES`, on the CPU.
        """
        return self._over(images, batch_size, lambda batch: self.network(batch).argmax(1).to(torch.uint8))

    @torch.inference_mode()
    def features(self, images: Tensor, batch_size: int = 125) -> Tensor:
        """What the network knows of each image as a whole: its coarsest maps, averaged over positions.

        Parameters
        ----------
        images : Tensor (N, 3, 64, 64), float32 in [-1, 1]
        batch_size : int

        Returns
        -------
        Tensor (N, 96), float32, on the CPU
        """
        return self._over(images, batch_size, lambda batch: self.network.encode(batch)[-1].mean(dim=(2, 3)))

    def _over(self, images: Tensor, batch_size: int, look: Callable[[Tensor], Tensor]) -> Tensor:
        self._check(images)
        device = next(self.network.parameters()).device
        batches = [part.to(device, memory_format=torch.channels_last) for part in images.split(batch_size)]
        return torch.cat([look(batch).cpu() for batch in batches])

    def _check(self, images: Tensor) -> None:
        wanted = (3, SEGMENTER_SIZE, SEGMENTER_SIZE)
        if images.ndim != 4 or tuple(images.shape[1:]) != wanted:
            raise InputError(
                f"{self.role}: images of shape {tuple(images.shape)}, but it knows rooms of {wanted} only; "
                "give a checkpoint of rooms, 64 px in colour"
            )


def load_segmenter(role: str, device: str | torch.device = "cpu", path: Path | None = None) -> Segmenter:
    """Load the annotator or the judge.

    Parameters
    ----------
    role : {"annotator", "judge"}
    device : str or torch.device
    path : Path, optional
        A file that ``python -m train.segmenter`` wrote; by default the embedded one.

    Raises
    ------
    InputError
        If there is no such role, or the file is missing, damaged or another role's.
    """
    if role not in NETWORKS:
        raise InputError(f"segmenter {role!r}: there is none of that name; choose from {', '.join(ROLES)}")
    path = path or ASSETS / f"{role}.safetensors"
    if not path.is_file():
        raise InputError(f"{path}: no such segmenter; train one with python -m train.segmenter --role {role}")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = json.loads((file.metadata() or {}).get("dcgan_viz", "{}"))
        tensors = load_file(path)
    except (SafetensorError, ValueError) as error:
        raise InputError(f"{path}: truncated, or not a safetensors file ({error}); train it again") from error
    if metadata.get("role") != role:
        raise InputError(
            f"{path}: holds a {metadata.get('role')!r}, not the {role}; give the {role}'s own file"
        )
    network = NETWORKS[role]()
    state = {
        name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()
    }
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        what = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: does not fit the {role}'s network ({what}); train it again") from error
    network.requires_grad_(False).eval().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Segmenter(role, network, metadata)
