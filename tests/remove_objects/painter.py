"""A generator whose features are known, and a judge that cannot err on its pictures."""

from typing import cast

import torch
from torch import nn

from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.data.segmenter import JudgeNet, Segmenter
from dcgan_viz.models.gan import Gan, Prior, Provenance
from dcgan_viz.remove_objects.judges import RoomsJudge

WALL, WINDOW, BED = (CLASSES.index(name) for name in ("wall", "window", "bed"))
WINDOW_MAP, BED_MAP, N_MAPS = 3, 5, 8


class Painter(nn.Module):
    """z places a window in the upper half; every second picture has a bed below, the others two."""

    def __init__(self):
        super().__init__()
        self.features = nn.Identity()
        self.paint = nn.ConvTranspose2d(N_MAPS, 3, 4, stride=4, bias=True)
        with torch.no_grad():
            for parameter in self.paint.parameters():
                parameter.zero_()
            self.paint.weight[WINDOW_MAP, 2] = 1.0  # blue
            self.paint.weight[BED_MAP, 0] = 1.0  # red

    def forward(self, z):
        maps = torch.zeros(len(z), N_MAPS, 16, 16)
        noise = torch.sin(
            torch.arange(N_MAPS * 256).reshape(N_MAPS, 16, 16) * (1 + z[:, 2, None, None, None])
        )
        maps += 0.1 * noise.abs()
        maps[:, [WINDOW_MAP, BED_MAP]] = 0
        for n, (a, b, c) in enumerate(z[:, :3].tolist()):
            if c > -0.5:  # a quarter of the pictures has no window
                y, x = int((a + 1) * 2.4), int((b + 1) * 6)
                maps[n, WINDOW_MAP, y : y + 4, x : x + 4] = 1
            maps[n, BED_MAP, 11:15, 2:9] = 1
        return torch.tanh(3 * self.paint(self.features(maps)))


class ColourJudge(nn.Module):
    """Blue is window, red is bed, all else is wall."""

    def forward(self, images):
        logits = torch.full((len(images), len(CLASSES), *images.shape[2:]), -9.0)
        logits[:, WALL] = 0.5
        logits[:, WINDOW] = images[:, 2]
        logits[:, BED] = images[:, 0]
        return logits

    def encode(self, images):
        return [nn.functional.avg_pool2d(images, 16)]

    def parameters(self, recurse=True):
        return iter([nn.Parameter(torch.zeros(1))])


def painter_gan():
    provenance = Provenance("painter", "", "test")
    return Gan(Painter().eval(), None, Prior("uniform", 4), provenance, 64, 3, (-1.0, 1.0))


def colour_segmenter():
    return Segmenter("judge", cast(JudgeNet, ColourJudge()), {})


def colour_judge():
    return RoomsJudge(colour_segmenter())
