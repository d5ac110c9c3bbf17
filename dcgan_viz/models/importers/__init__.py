"""Importers: each understands one kind of file, and says what the file leaves open and what it assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from torch import nn

from dcgan_viz.models.prior import Prior


@dataclass(frozen=True)
class Request:
    """What is to be opened.

    Parameters
    ----------
    path : Path
        A file or a directory that exists.
    discriminator_path : Path or None
        A second file, which holds the discriminator.
    step : str or None
        Which of several saved steps: "latest", "best", or a number.
    arch : str or None
        What the file does not say about its architecture, in the importer's words: a preset's name, or the
        geometry of its convolutions.
    """

    path: Path
    discriminator_path: Path | None = None
    step: str | None = None
    arch: str | None = None


@dataclass(frozen=True)
class Imported:
    """Networks as an importer rebuilt them.

    Parameters
    ----------
    generator : nn.Module or None
        In eval mode, float32, on the CPU. BatchNorm layers whose statistics the file lacks have
        ``track_running_stats=False``.
    discriminator : nn.Module or None
        Likewise; returns logits.
    prior : Prior or None
        Distribution over z; None where there is no generator.
    files : tuple of Path
        All that was read, the main file first.
    assumptions : tuple of str
        What the files do not say and was taken for granted, a clause each.
    metadata : Mapping
        What the files say about themselves, as JSON types.
    image_size : int
        Side of the images in pixels, for a discriminator that comes alone; 0: found out by trying.
    prior_from : str
        Why this prior, where the files do not say it: "by preset svhn".
    batchnorm : Mapping of str to str
        For "generator" and "discriminator": where running statistics come from, where the file says so.
    """

    generator: nn.Module | None
    discriminator: nn.Module | None
    prior: Prior | None
    files: tuple[Path, ...]
    assumptions: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    image_size: int = 0
    prior_from: str = ""
    batchnorm: Mapping[str, str] = field(default_factory=dict)


class Importer(Protocol):
    """Opens one kind of checkpoint; another package adds its own by an entry point.

    The entry point, in group ``dcgan_viz.importers``, names an instance, or a class that is instantiated
    without arguments.
    """

    name: str
    """Goes into the provenance of every result."""

    def recognises(self, request: Request) -> bool:
        """Whether this is a file of its kind, from names and first bytes; cheap, and nothing is executed."""
        ...

    def read(self, request: Request) -> Imported:
        """Rebuild the networks, or raise `InputError` with the one line that helps."""
        ...
