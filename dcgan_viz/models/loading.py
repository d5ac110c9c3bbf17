"""`load`: one door for every checkpoint that an importer understands."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors import SafetensorError
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.batchnorm import Progress, parse_batchnorm, with_batchnorm
from dcgan_viz.models.checkpoint import HEADER_KEY, sha256_of
from dcgan_viz.models.forms import first_z_size
from dcgan_viz.models.gan import Gan, Provenance
from dcgan_viz.models.importers import Imported, Importer, Request
from dcgan_viz.models.importers.registry import importers
from dcgan_viz.models.importers.user_module import module_from_path
from dcgan_viz.models.prior import Prior
from dcgan_viz.models.reading import refusal
from dcgan_viz.models.statistics import OF_THE_BATCH, Statistics

_ASSETS = Path(__file__).resolve().parents[1] / "assets"


@dataclass(frozen=True)
class ModuleSource:
    """A network of a class of one's own.

    Parameters
    ----------
    place : str
        ``package.module:Class``; importing it runs its code.
    arguments : Mapping
        Keyword arguments of the class.
    weights : Path or None
        Its state dict.
    """

    place: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    weights: Path | None = None


def load(
    checkpoint: str | os.PathLike[str] = "rooms",
    device: torch.device | str = "cpu",
    *,
    discriminator: str | os.PathLike[str] | None = None,
    step: str | int | None = None,
    arch: str | None = None,
    prior: str | None = None,
    batchnorm: str | None = None,
    progress: Progress = iter,
) -> Gan:
    """Open a checkpoint; docs/checkpoints.md has the formats.

    Nothing in a file is ever executed.

    Parameters
    ----------
    checkpoint : str or path
        Name of an embedded one, a file, or a directory. A string that is a name is never a path: write
        ``./rooms`` for that.
    device : torch.device or str
        Where the networks are wanted.
    discriminator : path, optional
        A second file, which holds the discriminator.
    step : str or int, optional
        Of a run: "latest", "best" or a number.
    arch : str, optional
        What a file does not say about its architecture: a preset, or strides and paddings.
    prior : str, optional
        "uniform" or "normal", perhaps with a size ("normal:64"), instead of what the importer assumes.
    batchnorm : str, optional
        "running", "batch", or "calibrated" (over the prior; "calibrated:N:SEED" says how). By default as the
        file has them; a generator without running statistics is calibrated.
    progress : callable
        Given the batches of a calibration, yields them.

    Returns
    -------
    Gan
        Networks in eval mode and float32; the provenance says which importer read what, and what it assumed.

    Raises
    ------
    InputError
        If there is no such checkpoint, or no importer understands it, in one line.

    Examples
    --------
    >>> load("rooms").image_size
    64
    """
    path = _located(checkpoint)
    second = None if discriminator is None else _located(discriminator)
    request = Request(path, second, None if step is None else str(step), arch)
    importer = _importer_of(request)
    imported = importer.read(request)
    digests = {str(file): sha256_of(file) for file in imported.files}
    main = str(imported.files[0])
    # Several files are one checkpoint, and none of them may change unnoticed.
    digest = digests[main] if len(digests) == 1 else _joined(digests.values())
    where = main if len(digests) == 1 else str(path)
    provenance = Provenance(where, digest, importer.name, imported.metadata, files=digests)
    return _finished(imported, provenance, prior, batchnorm, device, progress)


def load_modules(
    generator: ModuleSource | None = None,
    discriminator: ModuleSource | None = None,
    device: torch.device | str = "cpu",
    *,
    prior: str | None = None,
    batchnorm: str | None = None,
    progress: Progress = iter,
) -> Gan:
    """Build a Gan from classes of one's own; importing them runs their code.

    Parameters
    ----------
    generator, discriminator : ModuleSource, optional
        At least one of them.
    device, prior, batchnorm, progress
        As for `load`. Without a prior it is normal, as large as the first layer says.

    Raises
    ------
    InputError
        If a class cannot be had, its weights do not fit, or it is no generator or discriminator.
    """
    networks, files = {}, []
    for role, source in {"generator": generator, "discriminator": discriminator}.items():
        if source is not None:
            networks[role] = module_from_path(source.place, source.arguments, source.weights).float().eval()
            files += [source.weights] if source.weights is not None else []
    size = first_z_size(networks["generator"]) if "generator" in networks else None
    places = [source.place for source in (generator, discriminator) if source is not None]
    imported = Imported(
        networks.get("generator"),
        networks.get("discriminator"),
        Prior("normal", size) if size else None,
        tuple(files),
        prior_from="since the class does not say it, as large as its first layer takes",
    )
    own = Provenance.of_modules(*networks.values())
    provenance = Provenance(
        " and ".join(places),
        own.sha256,
        "nn.Module",
        files={str(file): sha256_of(file) for file in files},
    )
    return _finished(imported, provenance, prior, batchnorm, device, progress)


def embedded() -> dict[str, Path]:
    """The checkpoints that come with the package, by name."""
    return {asset.stem: asset for asset in sorted(_ASSETS.glob("*.safetensors")) if _is_checkpoint(asset)}


def _located(checkpoint: str | os.PathLike[str]) -> Path:
    if isinstance(checkpoint, str) and (asset := embedded().get(checkpoint)):  # a Path is no name
        return asset
    names = ", ".join(embedded()) or "none"
    if not os.fspath(checkpoint):  # Path would make the current directory of it
        raise InputError(f"checkpoint '': an empty path; give a file, or one of the embedded ones: {names}")
    path = Path(checkpoint)
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"{checkpoint}: no such file, nor an embedded checkpoint; the embedded ones are: {names}"
        ) from None
    except (OSError, ValueError) as error:  # a ValueError of the system is a NUL in the path
        why = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{checkpoint}: cannot be read ({why}); check the path") from error
    return path


def _importer_of(request: Request) -> Importer:
    for importer in importers():
        if importer.recognises(request):
            return importer
    if request.path.is_dir():
        raise InputError(
            f"{request.path}: neither a snapshot nor a run with one, nor a release that an importer knows; "
            "give a directory that training wrote, or a file (docs/checkpoints.md)"
        )
    raise refusal(request.path)


def _finished(
    imported: Imported,
    provenance: Provenance,
    prior: str | None,
    batchnorm: str | None,
    device: torch.device | str,
    progress: Progress,
) -> Gan:
    networks = {"generator": imported.generator, "discriminator": imported.discriminator}
    clauses = list(imported.assumptions)
    if imported.prior is not None and imported.prior_from and prior is None:
        clauses.append(f"prior {imported.prior.kind} of size {imported.prior.size}, {imported.prior_from}")
    found = {
        name: Statistics.found_in(network, imported.batchnorm.get(name, ""))
        for name, network in networks.items()
        if network is not None
    }
    if "discriminator" in found and found["discriminator"].mode == "batch":
        clauses.append(OF_THE_BATCH)
    gan = Gan(
        imported.generator,
        imported.discriminator,
        _chosen_prior(prior, imported.prior, imported.generator),
        replace(provenance, assumptions=tuple(clauses)),
        image_size=imported.image_size if imported.generator is None else 0,
        batchnorm=found,
    ).to(device)
    if batchnorm is not None:
        return with_batchnorm(gan, *parse_batchnorm(batchnorm), progress=progress)
    if gan.generator is not None and gan.batchnorm["generator"].mode == "batch":
        return _said(with_batchnorm(gan, "calibrated", progress=progress))
    return gan


def _said(calibrated: Gan) -> Gan:
    """The same Gan, whose provenance says that its generator was calibrated for want of statistics."""
    clause = f"generator: no running statistics; {calibrated.batchnorm['generator']}"
    provenance = calibrated.provenance
    calibrated.provenance = replace(provenance, assumptions=(*provenance.assumptions, clause))
    return calibrated


def _chosen_prior(wanted: str | None, found: Prior | None, generator: nn.Module | None) -> Prior | None:
    if wanted is None:
        return found
    if generator is None:
        raise InputError(f"prior {wanted!r}: there is no generator to feed; leave it out")
    kind, _, size = wanted.partition(":")
    if size and not re.fullmatch(r"[0-9]{1,18}", size):
        raise InputError(f"prior {wanted!r}: {size!r} is no size; write it as in normal:100")
    if not size and found is None:
        raise InputError(f"prior {wanted!r}: the generator does not say how large z is; write {kind}:SIZE")
    return Prior(kind, int(size) if size else found.size if found else 0)  # type: ignore[arg-type]


def _joined(digests: Iterable[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _is_checkpoint(path: Path) -> bool:
    # The segmenters lie beside the checkpoints and have a header of their own.
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            return "architecture" in json.loads((file.metadata() or {}).get(HEADER_KEY, "{}"))
    except SafetensorError:
        return True  # whoever opens it hears what is wrong
