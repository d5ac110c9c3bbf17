"""From the word in a link to networks: embedded ones, runs below the roots, uploads, the server's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from apps.shell.roots import Roots
from apps.shell.startup import Startup, startup
from apps.shell.uploads import HASH_DIGITS, uploads
from dcgan_viz.errors import InputError
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.models.checkpoint import sha256_of
from dcgan_viz.models.loading import embedded

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan

GIVEN = "given"
RUN, UPLOAD = "run:", "upload:"

_RUN = re.compile(r"run:(?P<name>.+)@(?P<step>[0-9]{1,12})")
_UPLOAD = re.compile(
    rf"upload:(?P<first>[0-9a-f]{{{HASH_DIGITS}}})(\+(?P<second>[0-9a-f]{{{HASH_DIGITS}}}))?"
)


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that may be opened.

    Attributes
    ----------
    reference : str
        As a link says it.
    options : ModelOptions
        What opens it.
    label : str
        What a person calls it.
    files : tuple of (str, str)
        SHA-256 of each file and what results call it: an upload by its own name, wherever it is kept. Empty
        for networks of the command line.
    """

    reference: str
    options: ModelOptions
    label: str
    files: tuple[tuple[str, str], ...] = ()

    @property
    def is_upload(self) -> bool:
        """Whether it was uploaded in this session."""
        return self.reference.startswith(UPLOAD)

    @property
    def may_be_run(self) -> bool:
        """Whether its path may be that of a training run: one below the roots, or of the command line."""
        return self.reference == GIVEN or self.reference.startswith(RUN)

    @property
    def content(self) -> str:
        """Equal for equal files that are read alike, and different for others."""
        return "+".join(f"{digest}{Path(name).suffix.lower()}" for digest, name in self.files) or GIVEN

    @property
    def shown_options(self) -> ModelOptions:
        """What opens it where its owner has it: an upload by the names of its files."""
        if not self.is_upload:
            return self.options
        first, *second = [name for _, name in self.files]
        other = Path(second[0]) if second else None
        return replace(self.options, checkpoint=first, discriminator_checkpoint=other)

    def named(self, gan: Gan) -> Gan:
        """The same networks with the provenance of these files, whoever opened equal ones before."""
        if not self.files:
            return gan
        mine, names = copy(gan), dict(self.files)
        files = {names[digest]: digest for digest in gan.provenance.files.values()}
        mine.provenance = replace(gan.provenance, path=self.files[0][1], files=files)
        return mine


def roots() -> Roots:
    """The directories of this server that hold runs."""
    return Roots(startup().runs)


def checkpoint(reference: str, arch: str = "") -> Checkpoint:
    """Find what a reference stands for.

    Parameters
    ----------
    reference : str
        The name of an embedded checkpoint, ``run:NAME@STEP``, ``upload:HASH`` (with ``+HASH`` for a
        discriminator of its own) or ``given``. No other word and no path opens anything.
    arch : str
        For an upload: what its file does not say, as ``--arch`` has it.

    Raises
    ------
    InputError
        If there is no such checkpoint, or it may not be opened here.
    """
    if reference in embedded():
        path = embedded()[reference]
        return Checkpoint(reference, ModelOptions(checkpoint=reference), reference, _files(path))
    if reference == GIVEN and (model := startup().model) is not None:
        return Checkpoint(reference, model, given_label(startup()))
    if match := _RUN.fullmatch(reference):
        step = int(match["step"])
        path = roots().run(match["name"]).weights(step)
        label = f"{match['name']} at step {step:,}"
        return Checkpoint(reference, ModelOptions(checkpoint=_as_path(path)), label, _files(path))
    if match := _UPLOAD.fullmatch(reference):
        return _uploaded(reference, [match["first"], match["second"]], arch)
    raise InputError(
        f"checkpoint {reference!r}: not known here; choose one in the sidebar, or upload the file"
    )


def _uploaded(reference: str, digests: Sequence[str | None], arch: str) -> Checkpoint:
    files = []
    for digest in filter(None, digests):
        if digest not in uploads().files:
            raise InputError(
                f"this view is of an uploaded file (sha256 {digest}...), which stayed in the session it was "
                "uploaded in; upload the same file in the sidebar to see it"
            )
        files.append(uploads().files[digest])
    second = files[1].path if len(files) > 1 else None
    options = ModelOptions(
        checkpoint=_as_path(files[0].path), discriminator_checkpoint=second, arch=arch or None
    )
    label = " and ".join(file.name for file in files)
    return Checkpoint(reference, options, label, tuple((file.sha256, file.name) for file in files))


def given_label(started: Startup) -> str:
    """The networks of the command line, in few words."""
    model = started.model or ModelOptions()
    places = [place for place in (model.generator, model.discriminator) if place]
    return " and ".join(places) or Path(model.checkpoint).resolve().name


def content_of(file: Path) -> str:
    """SHA-256 of a file, which is read again only where its size or time have changed."""
    return _digest(file, file.stat().st_mtime_ns, file.stat().st_size)


def _files(path: Path) -> tuple[tuple[str, str], ...]:
    return ((content_of(path), _as_path(path)),)


@lru_cache(maxsize=512)
def _digest(file: Path, changed_ns: int, size: int) -> str:
    return sha256_of(file)


def _as_path(path: Path) -> str:
    return str(path.absolute())
