"""manifest.json: all that a report was made from, and the hash of every file in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dcgan_viz.errors import InputError
from dcgan_viz.models.checkpoint import sha256_of
from dcgan_viz.output import dump_json, strict_json

MANIFEST_NAME = "manifest.json"
FORMAT = "dcgan_viz.figure_set"
VERSION = 1

_HEAD = ("format", "version", "sha256")

# Fields that are lists of entries, and what is read of an entry.
_ENTRIES = {
    "models": set[str](),
    "checkpoints": {"label", "path", "sha256", "batchnorm"},
    "parts": {"name", "checkpoint", "seed", "status", "reason", "directory", "numbers", "pixels"},
}


@dataclass(frozen=True)
class Manifest:
    """What a report was made from and what is in it.

    Attributes
    ----------
    command : str
        The command line.
    settings : dict
        Of `FigureSetSettings`.
    models : tuple of dict
        Options that named the networks, one entry a checkpoint.
    checkpoints : tuple of dict
        What they held: ``label``, ``path``, ``sha256``, ``files`` with their hashes, ``importer``,
        ``batchnorm``, ``assumptions``.
    packages : dict of str to str
        Versions.
    machine : dict
        What the last bits of a number depend on.
    parts : tuple of dict
        A part each: ``name``, ``checkpoint``, ``seed``, ``status``, ``reason``, ``duration_s``,
        ``directory``, ``numbers`` (its result.json without provenance), ``pixels`` (hash of the PNG's decoded
        pixels).
    files : dict of str to str
        SHA-256 of every file of the report but this one.
    """

    command: str
    settings: dict[str, Any]
    models: tuple[dict[str, Any], ...]
    checkpoints: tuple[dict[str, Any], ...]
    packages: dict[str, str]
    machine: dict[str, Any]
    parts: tuple[dict[str, Any], ...]
    files: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON types, headed by format and version, with a checksum of them all."""
        entries = strict_json({one.name: getattr(self, one.name) for one in fields(self)})
        assert isinstance(entries, dict)
        return {"format": FORMAT, "version": VERSION, **entries, "sha256": _checksum(entries)}

    def write(self, directory: Path) -> None:
        """Write manifest.json."""
        text = dump_json(self.to_json(), indent=2) + "\n"
        (directory / MANIFEST_NAME).write_text(text, encoding="utf-8")

    @property
    def seed(self) -> int:
        """Seed of the figures."""
        seeds = self.settings.get("seeds") or [0]
        return int(seeds[0])

    @classmethod
    def read(cls, directory: Path) -> tuple[Manifest, bool]:
        """Read manifest.json.

        Parameters
        ----------
        directory : Path
            A report.

        Returns
        -------
        (Manifest, bool)
            The manifest, and whether its checksum is that of its contents.

        Raises
        ------
        InputError
            If there is none, or it is not of this format and version.
        """
        path = directory / MANIFEST_NAME
        try:
            entries = json.loads(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError) as error:
            raise InputError(
                f"{directory}: no report ({MANIFEST_NAME} is missing); give the directory with index.html"
            ) from error
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}: not JSON ({error}); draw the figures again") from error
        return cls._checked(path, entries)

    @classmethod
    def _checked(cls, path: Path, entries: object) -> tuple[Manifest, bool]:
        if not isinstance(entries, dict) or entries.get("format") != FORMAT:
            raise InputError(f"{path}: not of the format {FORMAT}; give a report's own manifest")
        if entries.get("version") != VERSION:
            raise InputError(
                f"{path}: version {entries.get('version')!r}, this one reads {VERSION}; "
                "use the version that wrote it"
            )
        known = [one.name for one in fields(cls)]
        if odd := sorted(set(entries) ^ {*known, *_HEAD}):
            raise InputError(f"{path}: {odd[0]} is missing or unknown; draw the figures again")
        body: dict[str, Any] = {name: entries[name] for name in known}
        for name, value in body.items():
            if not _is_sound(name, value):
                raise InputError(f"{path}: {name} is not as this version writes it; draw the figures again")
        lists = {name: tuple(body[name]) for name in _ENTRIES}
        return cls(**{**body, **lists}), entries["sha256"] == _checksum(body)


def _is_sound(name: str, value: object) -> bool:
    """Whether a field of the manifest has the shape that is relied on."""
    if name in _ENTRIES:
        return isinstance(value, list) and all(
            isinstance(entry, dict) and _ENTRIES[name] <= set(entry) for entry in value
        )
    return isinstance(value, str if name == "command" else dict)


def hashes(directory: Path) -> dict[str, str]:
    """SHA-256 of every file in a report but its manifest, by its path in there."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    named = {path.relative_to(directory).as_posix(): path for path in files}
    return {name: sha256_of(path) for name, path in named.items() if name != MANIFEST_NAME}


def _checksum(entries: Mapping[str, Any]) -> str:
    return hashlib.sha256(dump_json(entries).encode()).hexdigest()
