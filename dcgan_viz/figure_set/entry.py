"""What became of a part: drawn and written, or the reason why not."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from PIL import Image

from dcgan_viz.errors import InputError
from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.part import Number, Part
from dcgan_viz.figures.print import document as paper
from dcgan_viz.figures.spec import Figure
from dcgan_viz.output import write_result

ProvenanceOf = Callable[[Bench, int, float], dict[str, object]]


class Status(StrEnum):
    """How a part ended."""

    DRAWN = "drawn"
    LACKING = "left out"
    FAILED = "failed"


@dataclass(frozen=True, eq=False)
class Entry:
    """A part of the report, for one checkpoint.

    Attributes
    ----------
    part, title, about : str
        Of the `Part`.
    label : str
        Of the checkpoint, where there are several.
    status : Status
    reason : str
        Why it is not drawn, in a line.
    directory : str
        Of its files, relative to the report; empty where it is not drawn.
    record : dict
        The fields of its result.json without provenance.
    numbers : tuple of Number
    figure : Figure or None
    pixels : str
        SHA-256 of the decoded pixels of its PNG.
    duration_s : float
    moving : str
        A moving picture, relative to the report.
    """

    part: str
    title: str
    about: str
    label: str
    status: Status
    reason: str = ""
    directory: str = ""
    record: dict[str, Any] = field(default_factory=dict)
    numbers: tuple[Number, ...] = ()
    figure: Figure | None = None
    pixels: str = ""
    duration_s: float = 0.0
    moving: str = ""


def draw_part(
    part: Part[Any], bench: Bench, seed: int, root: Path, directory: str, provenance: ProvenanceOf
) -> Entry:
    """Do a part's analysis, draw its figure and write its files.

    Parameters
    ----------
    part : Part
    bench : Bench
    seed : int
    root : Path
        Of the report.
    directory : str
        For the part's files, relative to ``root``.
    provenance : callable
        Makes the record of a bench, a seed and the seconds it took.

    Returns
    -------
    Entry
        A part that lacks what it needs or fails is named with the reason, and leaves no file.
    """
    about = (part.name, part.title, part.about, bench.label)
    if lack := bench.lack(part.needs):
        return Entry(*about, Status.LACKING, lack)
    started = time.perf_counter()
    target = root / directory
    try:
        result = part.run(bench, seed)
        fields = part.record(result)
        noted = provenance(bench, seed, time.perf_counter() - started)
        figure = part.figure(result, {**fields, "provenance": noted})
        target.mkdir(parents=True)
        part.write(result, target)
        pixels = write_entry(target, part.analysis, fields, noted, figure)
        numbers = part.numbers(fields)
    except Exception as error:
        shutil.rmtree(target, ignore_errors=True)
        status = Status.LACKING if isinstance(error, InputError) else Status.FAILED
        return Entry(*about, status, reason_of(error), duration_s=time.perf_counter() - started)
    took = time.perf_counter() - started
    moving = f"{directory}/{part.moving}" if part.moving else ""
    return Entry(*about, Status.DRAWN, "", directory, fields, numbers, figure, pixels, took, moving)


def write_entry(
    directory: Path, analysis: str, fields: Mapping[str, Any], provenance: dict[str, object], figure: Figure
) -> str:
    """Write the print forms of a figure, and its result.json.

    Returns
    -------
    str
        SHA-256 of the decoded pixels of the PNG.
    """
    paper.save(figure, directory)
    write_result(directory, analysis, fields, provenance)
    return pixel_hash(directory / "figure.png")


def pixel_hash(path: Path) -> str:
    """SHA-256 of a picture's size and pixels, however its file packs them."""
    with Image.open(path) as picture:
        pixels = picture.convert("RGB")
    digest = hashlib.sha256(f"{pixels.width}x{pixels.height}".encode())
    digest.update(pixels.tobytes())
    return digest.hexdigest()


def reason_of(error: Exception) -> str:
    """What went wrong, in one line; what is no `InputError` is named by its type as well."""
    words = " ".join(str(error).split())
    if isinstance(error, InputError):
        return words
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
