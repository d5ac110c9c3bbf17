"""Generators whose relation to their training images is known, because they hold their pictures in a list."""

import torch
from torch import nn
from torch.nn import functional as F

from dcgan_viz.data.datasets import to_float
from dcgan_viz.data.held_out import RealImages
from dcgan_viz.data.rooms import render_split
from dcgan_viz.models.gan import Gan, Prior
from tests.models.strangers import Judging

SIZE = 32
NZ = 3


def rooms(split: str, count: int, start: int = 0) -> torch.Tensor:
    images, _ = render_split(split, count, start=start, image_size=SIZE)
    return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()


def real(n_training: int = 200, n_held_out: int = 60, **changes: object) -> RealImages:
    found = RealImages(rooms("train", n_training), rooms("held_out", n_held_out), "rooms", "other rooms")
    return RealImages(**{**vars(found), **changes})


class FromAList(nn.Module):
    """Draws the picture whose number the first number of z says, with a little of its own by the second."""

    def __init__(self, images: torch.Tensor, noise: float = 0.0) -> None:
        super().__init__()
        self.images = to_float(images) if images.dtype == torch.uint8 else images
        self.noise = noise

    def numbers(self, z: torch.Tensor) -> torch.Tensor:
        return ((z[:, 0] + 1) / 2 * len(self.images)).long().clamp(0, len(self.images) - 1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        pictures = self.images[self.numbers(z)]
        grain = torch.sin(1e3 * z[:, 1:2] * torch.arange(pictures[0].numel())).view_as(pictures)
        return (pictures + self.noise * grain).clamp(-1, 1)


def gan_of(images: torch.Tensor, noise: float = 0.0, discriminator: bool = True) -> Gan:
    """A GAN that draws these pictures, uint8 or float, with a discriminator that has seen nothing."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = Judging().eval() if discriminator else None
    return Gan(FromAList(images, noise).eval(), network, Prior("uniform", NZ))


def blurred(images: torch.Tensor) -> torch.Tensor:
    """Pictures (N, C, H, W), uint8, without their detail, float32 in [-1, 1]."""
    return F.avg_pool2d(to_float(images), 5, stride=1, padding=2, count_include_pad=False)
