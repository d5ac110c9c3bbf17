"""The line under a figure that says what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

HASH_DIGITS = 12


def provenance_line(provenance: Mapping[str, Any] | None) -> str:
    """Write seed, checkpoint with its hash, and BatchNorm mode as one line.

    Parameters
    ----------
    provenance
        The `provenance` of a result.json; fields that are missing are left out.

    Returns
    -------
    str

    Examples
    --------
    >>> checkpoint = {"path": "runs/a/rooms.safetensors", "sha256": "0123456789abcdef"}
    >>> provenance_line({"seed": 0, "checkpoint": checkpoint})
    'Seed 0. Checkpoint a/rooms.safetensors, sha256 0123456789ab.'
    """
    if not provenance:
        return ""
    checkpoint = provenance.get("checkpoint") or {}
    path, digest, importer = checkpoint.get("path"), checkpoint.get("sha256"), provenance.get("importer")
    words = [
        "/".join(PurePath(str(path)).parts[-2:]) if path else "",
        f"sha256 {str(digest)[:HASH_DIGITS]}" if digest else "",
        f"read by {importer}" if importer else "",
    ]
    parts = [f"Seed {provenance['seed']}."] if provenance.get("seed") is not None else []
    if any(words):
        parts.append(f"Checkpoint {', '.join(word for word in words if word)}.")
    if words := (provenance.get("batchnorm") or {}).get("generator", {}).get("words"):
        parts.append(f"BatchNorm: {words}.")
    return " ".join(parts)
