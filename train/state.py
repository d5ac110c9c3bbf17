"""Everything that changes while a run goes on, and that a resumed run needs."""

from __future__ import annotations

import copy
import io
from pathlib import Path

import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

from dcgan_viz.models.checkpoint import write_whole
from dcgan_viz.models.networks import Discriminator, Generator
from train.devices import torch_memory_format
from train.settings import Settings

SUMS = ("loss_d", "loss_g", "logit_real", "logit_fake")


class TrainingState:
    """Networks, optimisers, the random state of z, and the sums of the log interval that is under way.

    Parameters
    ----------
    settings : Settings
        Resolved ones.
    channels : int
        Colour channels of the data.

    Attributes
    ----------
    step : int
        Generator steps taken.
    sums : torch.Tensor
        (4,) on the device: what `SUMS` names, added up since the last log line.
    n_summed : int
        Steps in those sums.
    """

    def __init__(self, settings: Settings, channels: int) -> None:
        device = torch.device(settings.device)
        layout = torch_memory_format(settings.memory_format)
        architecture = settings.architecture(channels)
        generator = Generator(architecture, settings.derived_seed("generator"))
        discriminator = Discriminator(architecture, settings.derived_seed("discriminator"))
        self.generator = generator.to(device).to(memory_format=layout)
        self.discriminator = discriminator.to(device).to(memory_format=layout)
        self.generator_ema = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self.optimizer_g = _adam(self.generator, settings.lr_g, settings.beta1)
        self.optimizer_d = _adam(self.discriminator, settings.lr_d, settings.beta1)
        self.random = torch.Generator(device).manual_seed(settings.derived_seed("z"))
        self.step = 0
        self.sums = torch.zeros(len(SUMS), device=device)
        self.n_summed = 0
        self._instance_noise = settings.instance_noise
        self._average = get_ema_multi_avg_fn(settings.ema_decay)

    def update_ema(self) -> None:
        """Let the averaged generator follow the trained one by a step; weights only."""
        self._average(list(self.generator_ema.parameters()), list(self.generator.parameters()), None)

    def noisy(self, images: torch.Tensor) -> torch.Tensor:
        """Add the instance noise to images (N, C, H, W); the images themselves where there is none."""
        if self._instance_noise == 0:
            return images
        noise = torch.empty_like(images, dtype=torch.float32).normal_(generator=self.random)
        return images + self._instance_noise * noise

    def read_sums(self) -> dict[str, float]:
        """Return the means over the log interval and begin the next; waits for the device."""
        means = (self.sums / self.n_summed).tolist()
        self.sums.zero_()
        self.n_summed = 0
        return dict(zip(SUMS, means, strict=True))

    def is_finite(self) -> bool:
        """Say whether all losses of the log interval and all weights are numbers; waits for the device."""
        tensors = [self.sums, *self.generator.parameters(), *self.discriminator.parameters()]
        return bool(torch.stack([tensor.isfinite().all() for tensor in tensors]).all())

    def save(self, path: Path) -> None:
        """Write the state to one file that `torch.load(weights_only=True)` opens."""
        content = {name: getattr(self, name).state_dict() for name in self._STATEFUL}
        content |= {name: getattr(self, name) for name in self._PLAIN}
        content["random"] = self.random.get_state()
        buffer = io.BytesIO()  # torch.save on a path turns a full disk into a RuntimeError
        torch.save(content, buffer)
        write_whole(path, buffer.getvalue())

    def load(self, path: Path) -> None:
        """Take up the state that `save` wrote."""
        content = torch.load(path, map_location="cpu", weights_only=True)
        for name in self._STATEFUL:
            getattr(self, name).load_state_dict(content[name])
        self.step, self.n_summed = content["step"], content["n_summed"]
        self.sums.copy_(content["sums"])
        self.random.set_state(content["random"])

    _STATEFUL = ("generator", "discriminator", "generator_ema", "optimizer_g", "optimizer_d")
    _PLAIN = ("step", "sums", "n_summed")


def _adam(module: torch.nn.Module, lr: float, beta1: float) -> torch.optim.Adam:
    return torch.optim.Adam(module.parameters(), lr=lr, betas=(beta1, 0.999), fused=True)
