"""Train the annotator or the judge: ``python -m train.segmenter --role judge --out judge.safetensors``."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.transforms.functional import gaussian_blur
from tqdm import tqdm

from dcgan_viz.cli import Command
from dcgan_viz.data.rooms import CLASSES, render_split
from dcgan_viz.data.segmenter import NETWORKS, ROLES

HELD_OUT_COUNT = 1000


@dataclass(frozen=True)
class SegmenterSettings:
    """How a segmenter is trained.

    Attributes
    ----------
    role : {"annotator", "judge"}
    seed : int
        Of the weights, the order and the degradations.
    first_room, room_count : int
        The slice of the training split; the two roles' slices must not meet.
    num_epochs, batch_size : int
    lr : float
        Peak of a one-cycle schedule of AdamW.
    """

    role: str
    seed: int
    first_room: int
    room_count: int
    num_epochs: int
    batch_size: int = 64
    lr: float = 4e-3


def degrade(images: Tensor, generator: torch.Generator) -> Tensor:
    """Blur, noise and shifts of colour, as a GAN's samples have them; a quarter stays as it was.

    Parameters
    ----------
    images : Tensor (N, 3, H, W), float32 in [-1, 1]
    generator : torch.Generator

    Returns
    -------
    Tensor (N, 3, H, W), float32 in [-1, 1]
    """
    out = []
    for group in images.chunk(8):
        draw = torch.rand(4, generator=generator).tolist()
        if draw[0] < 0.25:
            out.append(group)
            continue
        if draw[0] < 0.8:
            group = gaussian_blur(group, 7, 0.3 + 1.2 * draw[1])  # sigma in px
        gain = 1 + 0.15 * torch.randn(len(group), 3, 1, 1, generator=generator)
        shift = 0.08 * torch.randn(len(group), 3, 1, 1, generator=generator)
        noise = 0.12 * draw[2] * torch.randn(group.shape, generator=generator)
        if draw[3] < 0.5:  # noise of a few pixels' extent looks like a generator's mottling
            noise = 1.5 * F.interpolate(noise[:, :, ::2, ::2], scale_factor=2.0, mode="bilinear")
        out.append((group * gain + shift + noise).clamp(-1, 1))
    return torch.cat(out)


def blur_and_noise(images: Tensor) -> Tensor:
    """The fixed degradation of the held-out score: Gaussian blur of 1 px, then noise of 0.1 on [-1, 1]."""
    noise = 0.1 * torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    return (gaussian_blur(images, 7, 1.0) + noise).clamp(-1, 1)


def to_unit(images: np.ndarray) -> Tensor:
    """uint8 (N, H, W, 3) to float32 (N, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.inference_mode()
def class_iou(network: nn.Module, images: Tensor, masks: Tensor) -> dict[str, float]:
    """Intersection over union of each class, pooled over all pixels.

    Parameters
    ----------
    network : nn.Module
        Returns class logits (N, 9, H, W).
    images : Tensor (N, 3, H, W), float32 in [-1, 1]
    masks : Tensor (N, H, W), uint8
    """
    network.eval()
    predicted = torch.cat([network(batch).argmax(1) for batch in images.split(125)])
    pairs = torch.bincount(
        masks.flatten().long() * len(CLASSES) + predicted.flatten(), minlength=len(CLASSES) ** 2
    )
    confusion = pairs.reshape(len(CLASSES), len(CLASSES)).double()  # (true, predicted)
    iou = confusion.diag() / (confusion.sum(0) + confusion.sum(1) - confusion.diag()).clamp(min=1)
    return dict(zip(CLASSES, iou.tolist(), strict=True))


def train_segmenter(settings: SegmenterSettings, workers: int = 2) -> tuple[nn.Module, dict]:
    """Train one segmenter and score it on held-out rooms, as they are and degraded.

    Returns
    -------
    network : nn.Module
        In eval mode.
    scores : dict
        "clean" and "degraded": {class: IoU, "mean": mean IoU}.
    """
    torch.manual_seed(settings.seed)
    generator = torch.Generator().manual_seed(settings.seed)
    raw, raw_masks = render_split("train", settings.room_count, start=settings.first_room, workers=workers)
    images, masks = torch.from_numpy(raw), torch.from_numpy(raw_masks)
    network = NETWORKS[settings.role]().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.lr, weight_decay=1e-4)
    steps = settings.room_count // settings.batch_size * settings.num_epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.lr, total_steps=steps)
    frequency = torch.bincount(masks.flatten().long(), minlength=len(CLASSES)).double()
    weight = (frequency / frequency.sum()).clamp(min=1e-3).pow(-0.35).float()  # rare classes count more
    progress = tqdm(total=steps, desc=settings.role, unit="step")
    network.train()
    for _ in range(settings.num_epochs):
        order = torch.randperm(settings.room_count, generator=generator)
        for rows in order.split(settings.batch_size):
            if len(rows) < settings.batch_size:
                break
            x = degrade(images[rows].permute(0, 3, 1, 2).float() / 127.5 - 1, generator)
            x, y = x.to(memory_format=torch.channels_last), masks[rows].long()
            if torch.rand((), generator=generator) < 0.5:
                x, y = x.flip(3), y.flip(2)
            loss = F.cross_entropy(network(x), y, weight=weight)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            progress.update()
            if progress.n % 50 == 0:
                progress.set_postfix(loss=f"{loss.item():.3f}")
    progress.close()
    held_images, held_masks = render_split("held_out", HELD_OUT_COUNT, workers=workers)
    clean, truth = to_unit(held_images), torch.from_numpy(held_masks)
    scores = {}
    for name, x in (("clean", clean), ("degraded", blur_and_noise(clean))):
        iou = class_iou(network, x, truth)
        scores[name] = {**iou, "mean": sum(iou.values()) / len(iou)}
    return network.eval(), scores


@click.command(cls=Command)
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--seed", type=int, default=None, help="Default 1 for the annotator, 2 for the judge.")
@click.option("--room-count", type=click.IntRange(min=100), default=18000, show_default=True)
@click.option("--num-epochs", type=click.IntRange(min=1), default=6, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def main(role: str, seed: int | None, room_count: int, num_epochs: int, out: Path) -> None:
    """Train a segmenter of rooms and write it, in half precision, with its held-out scores."""
    half = ROLES.index(role)
    settings = SegmenterSettings(
        role, half + 1 if seed is None else seed, half * room_count, room_count, num_epochs
    )
    network, scores = train_segmenter(settings)
    state = {name: (t.half() if t.ndim == 4 else t).contiguous() for name, t in network.state_dict().items()}
    metadata = {
        "role": role,
        "settings": asdict(settings),
        "held_out_iou": scores,
        "held_out_count": HELD_OUT_COUNT,
    }
    partial = out.with_name(out.name + ".partial")
    save_file(state, partial, metadata={"dcgan_viz": json.dumps(metadata)})
    partial.replace(out)
    click.echo(json.dumps(scores, indent=1))


if __name__ == "__main__":
    main()
