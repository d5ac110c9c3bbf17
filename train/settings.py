"""What a run is made of, as one frozen dataclass that is saved beside its results."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args

from dcgan_viz.errors import InputError
from dcgan_viz.models.networks import Architecture, Family
from dcgan_viz.models.prior import Prior, PriorKind
from train.devices import MemoryFormat, Precision, resolve_device, resolve_precision

ROOMS_COUNT = 50_000  # images of the procedural set that are held when no count is given


@dataclass(frozen=True)
class Settings:
    """Everything that decides how a run ends.

    Parameters
    ----------
    data : str
        ``rooms``, ``mnist:DIR``, ``cifar10:DIR`` or ``folder:DIR``.
    data_count : int or None
        How many images to hold; None is 50,000 for rooms and all for the others.
    num_epochs : int
        Passes over the data.
    batch_size : int
        Real images, and as many generated ones, per discriminator step.
    channels_noise : int
        Size of z.
    lr_g, lr_d : float
        Adam's learning rates.
    beta1 : float
        Adam's first decay, in [0, 1).
    image_size : int
        Side in pixels.
    width : int
        Feature maps of the layers next to the image.
    family : {"conv4", "paper5"}
        Layers of both networks.
    prior : {"uniform", "normal"}
        Distribution over z.
    d_steps : int
        Discriminator steps per generator step: the k of Goodfellow et al. (2014), algorithm 1.
    instance_noise : float
        Standard deviation of Gaussian noise on every image the discriminator sees, in units of [-1, 1]
        (Sønderby et al. 2016, arXiv 1610.04490); 0 for the paper's training.
    seed : int
        Of the initial weights, the order of the data and every z.
    device : str
        ``auto`` or what torch calls it.
    precision : {"auto", "fp32", "bf16"}
        ``bf16`` is autocast in both networks; ``auto`` is resolved by the device's abilities.
    memory_format : {"auto", "contiguous", "channels_last"}
        Layout of weights and images.
    ema_half_life_images : float
        Real images after which a generator's share in the average has halved; 0 keeps no memory.
    snapshot_interval_images : int
        Real images between snapshots, rounded to whole steps.
    log_interval_steps : int
        Steps between two lines of ``stats.jsonl``.

    Raises
    ------
    InputError
        If a value is not possible.
    """

    data: str = "rooms"
    data_count: int | None = None
    num_epochs: int = 25
    batch_size: int = 128
    channels_noise: int = 100
    lr_g: float = 2e-4
    lr_d: float = 2e-4
    beta1: float = 0.5
    image_size: int = 64
    width: int = 64
    family: Family = "conv4"
    prior: PriorKind = "uniform"
    d_steps: int = 1
    instance_noise: float = 0.0
    seed: int = 0
    device: str = "auto"
    precision: Precision = "auto"
    memory_format: MemoryFormat = "auto"
    ema_half_life_images: float = 10_000.0
    snapshot_interval_images: int = 50_000
    log_interval_steps: int = 50

    def __post_init__(self) -> None:
        kind, colon, directory = self.data.partition(":")
        if not (self.data == "rooms" or (kind in ("mnist", "cifar10", "folder") and colon and directory)):
            raise InputError(
                f"data {self.data!r}: not known; use rooms, mnist:DIR, cifar10:DIR or folder:DIR"
            )
        for name in ("num_epochs", "batch_size", "d_steps", "snapshot_interval_images", "log_interval_steps"):
            _at_least(name, getattr(self, name), 1)
        _at_least("batch_size", self.batch_size, 2)  # BatchNorm has no variance over one
        _at_least("data_count", 1 if self.data_count is None else self.data_count, 1)
        _at_least("seed", self.seed, 0)
        _at_least("ema_half_life_images", self.ema_half_life_images, 0)
        _at_least("instance_noise", self.instance_noise, 0)
        for name in ("lr_g", "lr_d"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise InputError(f"{name} {getattr(self, name)}: a learning rate has to be above 0")
        if not 0 <= self.beta1 < 1:
            raise InputError(f"beta1 {self.beta1}: has to be in [0, 1)")
        for name, choices in (("precision", get_args(Precision)), ("memory_format", get_args(MemoryFormat))):
            if getattr(self, name) not in choices:
                raise InputError(
                    f"{name} {getattr(self, name)!r}: not known; use one of {', '.join(choices)}"
                )
        self.architecture(channels=3)
        Prior(self.prior, self.channels_noise)

    @property
    def images_per_step(self) -> int:
        """Real images that one step (d_steps of D, one of G) consumes."""
        return self.batch_size * self.d_steps

    def n_steps(self, n_images: int) -> int:
        """Return the steps of a whole run on that many images; what is left of a batch is not shown."""
        return self.num_epochs * (n_images // self.batch_size) // self.d_steps

    @property
    def snapshot_interval_steps(self) -> int:
        """Steps between snapshots."""
        return max(1, round(self.snapshot_interval_images / self.images_per_step))

    @property
    def ema_decay(self) -> float:
        """Share of the average that survives one step."""
        if self.ema_half_life_images == 0:
            return 0.0
        return 0.5 ** (self.images_per_step / self.ema_half_life_images)

    def architecture(self, channels: int) -> Architecture:
        """Return the networks' architecture for images of that many channels."""
        return Architecture(self.family, self.image_size, channels, self.channels_noise, self.width)

    def derived_seed(self, purpose: str) -> int:
        """Return a seed of its own for each purpose, so that no two random streams are the same."""
        digest = hashlib.sha256(f"{purpose} {self.seed}".encode()).digest()
        return int.from_bytes(digest[:6], "big")

    def resolved(self) -> Settings:
        """Replace every ``auto``, None and relative path by what this machine makes of it."""
        device = resolve_device(self.device)
        precision, memory_format = resolve_precision(device, self.precision, self.memory_format)
        kind, _, directory = self.data.partition(":")
        return replace(
            self,
            data=f"{kind}:{Path(directory).expanduser().resolve()}" if directory else kind,
            data_count=ROOMS_COUNT if self.data_count is None and kind == "rooms" else self.data_count,
            device=device,
            precision=precision,
            memory_format=memory_format,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dictionary that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Settings:
        """Build from what `to_json` gave.

        Raises
        ------
        InputError
            If a key is unknown or a value is not possible.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise InputError(f"settings: unknown key {unknown[0]!r}; written by another version?")
        return cls(**values)


def _at_least(name: str, value: float, minimum: int) -> None:
    if not minimum <= value < math.inf:
        raise InputError(f"{name} {value}: has to be at least {minimum}")
