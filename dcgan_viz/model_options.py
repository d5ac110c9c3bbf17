"""The options by which every command is told which networks to open."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dcgan_viz.errors import InputError

if TYPE_CHECKING:
    from dcgan_viz.models.batchnorm import Progress
    from dcgan_viz.models.gan import Gan
    from dcgan_viz.models.loading import ModuleSource

T = TypeVar("T")

SECTION = "Networks"
_N_REAL = 2560  # images of a calibration, as many as z


class NetworkOption(click.Option):
    """An option that the help lists under "Networks"."""

    section = SECTION


class _FilePath(click.Path):
    """A path that can be one; click itself would stumble over a NUL, and take no name for a directory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not os.fspath(value) or "\0" in os.fspath(value):
            self.fail(f"{value!r} is no path", param, ctx)
        return super().convert(value, param, ctx)


@dataclass(frozen=True)
class ModelOptions:
    """Which networks a command works on.

    Attributes
    ----------
    checkpoint : str
        Name of an embedded one, a file, or a directory.
    discriminator_checkpoint : Path or None
        A second file, which holds the discriminator.
    step : str or None
        Of a run: "latest", "best" or a number.
    arch : str or None
        What a file does not say about its architecture.
    prior : str or None
        "uniform" or "normal", perhaps with a size.
    batchnorm : str or None
        "running", "batch", or "calibrated", perhaps with n and seed.
    calibrate_on : str or None
        Real images for the discriminator's BatchNorm, as `dcgan_viz.data.datasets.load_images` names them.
    generator, discriminator : str or None
        ``package.module:Class``, instead of a checkpoint.
    generator_args, discriminator_args : str or None
        Their keyword arguments, a JSON object.
    weights, discriminator_weights : Path or None
        Their state dicts.
    """

    checkpoint: str = "rooms"
    discriminator_checkpoint: Path | None = None
    step: str | None = None
    arch: str | None = None
    prior: str | None = None
    batchnorm: str | None = None
    calibrate_on: str | None = None
    generator: str | None = None
    generator_args: str | None = None
    weights: Path | None = None
    discriminator: str | None = None
    discriminator_args: str | None = None
    discriminator_weights: Path | None = None

    @property
    def has_classes(self) -> bool:
        """Whether they name classes of one's own, whose code is run."""
        return self.generator is not None or self.discriminator is not None

    @classmethod
    def from_json(cls, entries: Mapping[str, Any]) -> ModelOptions:
        """Read the fields as JSON has them, with text for paths.

        Raises
        ------
        InputError
            If an entry is unknown, missing or no text.
        """
        if odd := sorted(set(entries) ^ {one.name for one in fields(cls)}):
            raise InputError(f"networks: {odd[0]} is missing or unknown; use the version that wrote it")
        for name, value in entries.items():
            if not isinstance(value, str | None) or (name == "checkpoint" and value is None):
                raise InputError(f"networks: {name} {value!r} is no text; use the version that wrote it")
        paths = ("discriminator_checkpoint", "weights", "discriminator_weights")
        named = {name: Path(entries[name]) for name in paths if entries[name] is not None}
        return cls(**{**entries, **named})

    def load(self, device: str, progress: Progress = iter) -> Gan:
        """Open them.

        Parameters
        ----------
        device : str
            Where the networks are wanted.
        progress : callable
            Given the batches of a calibration of the generator, yields them.

        Raises
        ------
        InputError
            If they cannot be had, or the options contradict each other.
        """
        self._check()
        gan = (self._built if self.has_classes else self._loaded)(device, progress)
        return gan if self.calibrate_on is None else self._calibrated(gan, self.calibrate_on)

    def _check(self) -> None:
        for place, parts in (
            ("generator", {"--generator-args": self.generator_args, "--weights": self.weights}),
            (
                "discriminator",
                {
                    "--discriminator-args": self.discriminator_args,
                    "--discriminator-weights": self.discriminator_weights,
                },
            ),
        ):
            if getattr(self, place) is None:
                for flag, value in parts.items():
                    if value is not None:
                        raise InputError(
                            f"{flag} {value}: there is no class to use it on; "
                            f"add --{place} package.module:Class, or give the file as --checkpoint"
                        )
        if self.has_classes:
            if self.checkpoint != ModelOptions.checkpoint:
                raise InputError(
                    f"--checkpoint {self.checkpoint}: a checkpoint or a class, not both; for the class's own "
                    "weights use --weights or --discriminator-weights"
                )
            for flag in ("discriminator_checkpoint", "step", "arch"):
                if getattr(self, flag) is not None:
                    name = f"--{flag.replace('_', '-')}"
                    raise InputError(f"{name}: it belongs to a --checkpoint, not to a class; leave it out")

    def _loaded(self, device: str, progress: Progress) -> Gan:
        from dcgan_viz.models.loading import load

        return load(
            self.checkpoint,
            device,
            discriminator=self.discriminator_checkpoint,
            step=self.step,
            arch=self.arch,
            prior=self.prior,
            batchnorm=self.batchnorm,
            progress=progress,
        )

    def _built(self, device: str, progress: Progress) -> Gan:
        from dcgan_viz.models.loading import load_modules

        return load_modules(
            _source(self.generator, self.generator_args, self.weights),
            _source(self.discriminator, self.discriminator_args, self.discriminator_weights),
            device,
            prior=self.prior,
            batchnorm=self.batchnorm,
            progress=progress,
        )

    @staticmethod
    def _calibrated(gan: Gan, spec: str) -> Gan:
        from dcgan_viz.data.datasets import load_images
        from dcgan_viz.models.batchnorm import with_real_images

        data = load_images(spec, gan.image_size, _N_REAL if spec == "rooms" else None, channels=gan.channels)
        return with_real_images(gan, data.images, spec)


def model_options(several: bool = False) -> list[Callable[[Callable[..., T]], Callable[..., T]]]:
    """The click options, in the order of the help; their values make a `ModelOptions`.

    With ``several``, ``--checkpoint`` may be given more than once, and its value is a tuple.
    """
    file = _FilePath(path_type=Path)
    network: Mapping[str, Any] = {"cls": NetworkOption, "default": None}
    return [
        click.option(
            "--checkpoint", cls=NetworkOption, multiple=several, default=("rooms",) if several else "rooms",
            show_default=True, metavar="NAME|PATH",
            help="An embedded checkpoint, a file, a snapshot or a run (docs/checkpoints.md)."
            + (" Several are drawn side by side." if several else ""),
        ),
        click.option(
            "--discriminator-checkpoint", **network, type=file, metavar="FILE",
            help="The discriminator, where it is in a file of its own.",
        ),
        click.option(
            "--step", **network, metavar="latest|best|N", help="Which snapshot of a run. [default: latest]",
        ),
        click.option(
            "--arch", **network, metavar="NAME|GEOMETRY",
            help="What a foreign file does not say: a preset (svhn, imagenet32, faces64), or strides.",
        ),
        click.option(
            "--prior", **network, metavar="uniform|normal[:SIZE]",
            help="Distribution over z, where the file does not say it.",
        ),
        click.option(
            "--batchnorm", **network, metavar="running|batch|calibrated[:N[:SEED]]",
            help="BatchNorm statistics. [default: running; calibrated where the file has none]",
        ),
        click.option(
            "--calibrate-on", **network, metavar="DATA",
            help="Real images to calibrate the discriminator on: rooms, folder:DIR, mnist:DIR, cifar10:DIR.",
        ),
        click.option(
            "--generator", **network, metavar="MODULE:CLASS",
            help="A class of your own instead of a checkpoint; its code is run.",
        ),
        click.option("--generator-args", **network, metavar="JSON", help="Its keyword arguments."),
        click.option("--weights", **network, type=file, metavar="FILE", help="Its state dict."),
        click.option("--discriminator", **network, metavar="MODULE:CLASS", help="Likewise."),
        click.option("--discriminator-args", **network, metavar="JSON", help="Its keyword arguments."),
        click.option(
            "--discriminator-weights", **network, type=file, metavar="FILE", help="Its state dict.",
        ),
    ]  # fmt: skip


def _source(place: str | None, arguments: str | None, weights: Path | None) -> ModuleSource | None:
    from dcgan_viz.models.importers.user_module import arguments_from_json
    from dcgan_viz.models.loading import ModuleSource

    if place is None:
        return None
    return ModuleSource(place, arguments_from_json(arguments) if arguments is not None else {}, weights)
