"""Training speed against a plain step, in turns in one process: ``benchmarks/train_throughput.py --json``.

The reference does what github.com/pytorch/examples, dcgan/main.py does in a step: float32 in contiguous
layout, sigmoid and binary cross entropy, a forward and a backward each for real and generated images, all of
the discriminator's gradients computed in the generator's step too, Adam without fusion, five losses and means
read by the host, and images turned into floats on the host. Ours is the step of ``python -m train`` with its
settings for this device. Both train networks of the same shape on the same images; the averaged generator,
which the reference lacks, is part of ours.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise

import click
import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from dcgan_viz.cli import Command
from train.settings import Settings
from train.state import TrainingState
from train.step import Step

N_IMAGES = 2_048  # that are held; what they show does not matter to the clock


@dataclass(frozen=True)
class Throughput:
    """Medians over the turns.

    Parameters
    ----------
    ratio : float
        Ours divided by the reference.
    images_per_second, reference_images_per_second : float
        Real images a second.
    turns, steps_per_turn : int
        How often each was timed, and over how many steps.
    threads : int
        Of torch on the CPU.
    device_name : str
        The processor.
    settings : dict
        Ours, resolved.
    """

    ratio: float
    images_per_second: float
    reference_images_per_second: float
    turns: int
    steps_per_turn: int
    threads: int
    device_name: str
    settings: dict[str, object]


class ReferenceStep:
    """The plain step, on networks of its own.

    Parameters
    ----------
    settings : Settings
        Sizes, rates and device are taken from them.
    images : torch.Tensor
        (N, 3, 64, 64), uint8, on the CPU.
    """

    def __init__(self, settings: Settings, images: torch.Tensor) -> None:
        self.device = torch.device(settings.device)
        self.batch_size, self.size_z = settings.batch_size, settings.channels_noise
        self.images = images
        self.netG = generator(self.size_z, settings.width).apply(initialise).to(self.device)
        self.netD = discriminator(settings.width).apply(initialise).to(self.device)
        betas = (settings.beta1, 0.999)
        self.optimizerG = torch.optim.Adam(self.netG.parameters(), settings.lr_g, betas, fused=False)
        self.optimizerD = torch.optim.Adam(self.netD.parameters(), settings.lr_d, betas, fused=False)
        self.criterion = nn.BCELoss()
        self.means: tuple[float, ...] = ()

    def __call__(self) -> None:
        """Take one step; afterwards ``means`` holds loss_D, loss_G, D(x) and D(G(z)) before and after."""
        real = self._next_batch().to(self.device)
        label = torch.full((self.batch_size,), 1.0, device=self.device)

        self.netD.zero_grad()
        output = self.netD(real).flatten()
        loss_real = self.criterion(output, label)
        loss_real.backward()
        mean_real = output.mean().item()
        fake = self.netG(torch.randn(self.batch_size, self.size_z, 1, 1, device=self.device))
        output = self.netD(fake.detach()).flatten()
        loss_fake = self.criterion(output, label.fill_(0.0))
        loss_fake.backward()
        mean_fake = output.mean().item()
        self.optimizerD.step()

        self.netG.zero_grad()
        output = self.netD(fake).flatten()
        loss_g = self.criterion(output, label.fill_(1.0))
        loss_g.backward()
        mean_fake_after = output.mean().item()
        self.optimizerG.step()
        self.means = ((loss_real + loss_fake).item(), loss_g.item(), mean_real, mean_fake, mean_fake_after)

    def _next_batch(self) -> torch.Tensor:
        indices = torch.randint(len(self.images), (self.batch_size,))
        batch = [self.images[i].float().div(255).sub(0.5).div(0.5) for i in indices]
        return torch.stack(batch)  # (N, 3, 64, 64) in [-1, 1]


def generator(size_z: int, width: int) -> nn.Sequential:
    """Build the example's generator for 64 px."""
    maps = [size_z, 8 * width, 4 * width, 2 * width, width]
    layers: list[nn.Module] = []
    for i, (n_in, n_out) in enumerate(pairwise(maps)):
        stride, padding = (1, 0) if i == 0 else (2, 1)
        layers += [
            nn.ConvTranspose2d(n_in, n_out, 4, stride, padding, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(True),
        ]
    return nn.Sequential(*layers, nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False), nn.Tanh())


def discriminator(width: int) -> nn.Sequential:
    """Build the example's discriminator for 64 px, which ends in a sigmoid."""
    layers: list[nn.Module] = [nn.Conv2d(3, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
    for factor in (1, 2, 4):
        layers += [
            nn.Conv2d(factor * width, 2 * factor * width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(2 * factor * width),
            nn.LeakyReLU(0.2, inplace=True),
        ]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 0, bias=False), nn.Sigmoid())


def initialise(layer: nn.Module) -> None:
    """Draw a layer's weights as the example does."""
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(layer.weight, 0.0, 0.02)
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1.0, 0.02)


def measure(settings: Settings, turns: int, steps: int, *, quiet: bool = False) -> Throughput:
    """Time both steps in turns.

    Parameters
    ----------
    settings : Settings
        Resolved ones, for 64 px.
    turns : int
        How often each is timed.
    steps : int
        Steps in a turn.
    quiet : bool
        No progress bar.
    """
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (N_IMAGES, 3, settings.image_size, settings.image_size), np.uint8)
    images = torch.from_numpy(pixels)
    ours = Step(settings, TrainingState(settings, channels=3), images.to(settings.device))
    reference = ReferenceStep(settings, images)
    seconds: dict[str, list[float]] = {"reference": [], "ours": []}
    for step in (reference, ours):
        _seconds(step, 2, settings.device)  # what is chosen and allocated once
    for _ in tqdm(range(turns), desc="turns", disable=quiet):
        seconds["reference"].append(_seconds(reference, steps, settings.device))
        seconds["ours"].append(_seconds(ours, steps, settings.device))
    speed = {name: steps * settings.batch_size / statistics.median(times) for name, times in seconds.items()}
    return Throughput(
        ratio=round(speed["ours"] / speed["reference"], 3),
        images_per_second=round(speed["ours"], 1),
        reference_images_per_second=round(speed["reference"], 1),
        turns=turns,
        steps_per_turn=steps,
        threads=torch.get_num_threads(),
        device_name=_device_name(settings.device),
        settings=settings.to_json(),
    )


def _seconds(step: Callable[[], None], n: int, device: str) -> float:
    _wait_for(device)
    started = time.perf_counter()
    for _ in range(n):
        step()
    _wait_for(device)
    return time.perf_counter() - started


def _wait_for(device: str) -> None:
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


def _device_name(device: str) -> str:
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU with {torch.backends.cpu.get_cpu_capability()}"


@click.command(cls=Command)
@click.option("--batch-size", type=click.IntRange(min=2), default=128, show_default=True)
@click.option("--width", type=click.IntRange(min=1), default=64, show_default=True)
@click.option(
    "--turns", type=click.IntRange(min=1), default=9, show_default=True, help="Times each is timed."
)
@click.option("--steps", type=click.IntRange(min=1), default=3, show_default=True, help="Steps in a turn.")
@click.option(
    "--threads", type=click.IntRange(min=1), help="Of torch on the CPU.  [default: torch's own choice]"
)
@click.option(
    "--device", default="auto", show_default=True, help="cpu, cuda, ...; auto takes a GPU if there is one."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def main(
    batch_size: int, width: int, turns: int, steps: int, threads: int | None, device: str, as_json: bool
) -> None:
    """Compare the speed of training with that of a plain step, at 64 px."""
    if threads is not None:
        torch.set_num_threads(threads)
    settings = Settings(batch_size=batch_size, width=width, device=device).resolved()
    result = measure(settings, turns, steps, quiet=as_json)
    if as_json:
        click.echo(json.dumps(asdict(result)))
        return
    click.echo(
        f"{result.images_per_second} images/s against {result.reference_images_per_second}: "
        f"{result.ratio} times as fast ({settings.precision}, {settings.memory_format}, "
        f"{result.threads} threads, {result.device_name})"
    )


if __name__ == "__main__":
    main()
