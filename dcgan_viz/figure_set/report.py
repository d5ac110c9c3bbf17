"""Make a report: every part drawn and written, then the pages that bind them."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from dcgan_viz.errors import InputError
from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.cover import cover
from dcgan_viz.figure_set.entry import Entry, Status, draw_part, reason_of, write_entry
from dcgan_viz.figure_set.facts import facts_of, run_facts
from dcgan_viz.figure_set.manifest import MANIFEST_NAME, Manifest, hashes
from dcgan_viz.figure_set.part import Part
from dcgan_viz.figure_set.parts import chosen
from dcgan_viz.figure_set.settings import FigureSetSettings
from dcgan_viz.figure_set.site import BOOK_NAME, write_site
from dcgan_viz.figure_set.tables import (
    Repeat,
    checkpoint_lines,
    seeds_record,
    seeds_table,
    side_by_side,
    side_by_side_record,
)
from dcgan_viz.figures.print.document import save_book
from dcgan_viz.figures.spec import Figure
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.output import strict_json, write_result
from dcgan_viz.provenance import ResultProvenance, package_versions

ANALYSIS = "figure_set"


@dataclass(frozen=True)
class Step:
    """A piece of the work, as the progress bar names it."""

    name: str
    do: Callable[[], None]


Progress = Callable[[Sequence[Step]], Iterable[Step]]


@dataclass
class _Making:
    """A report that grows."""

    root: Path
    benches: Sequence[Bench]
    settings: FigureSetSettings
    parts: Sequence[Part[Any]]
    command: str
    entries: list[Entry] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)

    def provenance(self, bench: Bench, seed: int, duration_s: float) -> dict[str, object]:
        """The provenance of a part."""
        made = ResultProvenance.of(bench.gan, command=self.command, seed=seed, duration_s=duration_s)
        noted = strict_json(made.to_json())
        assert isinstance(noted, dict)
        return noted

    def steps(self) -> list[Step]:
        """All of the work, in order."""
        figures = [
            Step(f"{part.title} {bench.label}".strip(), partial(self._draw, part, bench))
            for part in self.parts
            for bench in self.benches
        ]
        again = [
            Step(f"{part.title} {bench.label}, seed {seed}", partial(self._repeat, part, bench, seed))
            for seed in self.settings.seeds[1:]
            for part in self.parts
            for bench in self.benches
            if part.is_repeated and not bench.lack(part.needs)
        ]
        tables = [Step("seeds", self._seeds)] if again else []
        if len(self.benches) > 1 and all(bench.gan.generator is not None for bench in self.benches):
            tables.append(Step("side by side", self._side_by_side))
        return [*figures, *again, *tables, Step("pages", self._pages)]

    def _draw(self, part: Part[Any], bench: Bench) -> None:
        index = self.benches.index(bench) + 1
        directory = f"{part.name}/{index}" if len(self.benches) > 1 else part.name
        seed = self.settings.seeds[0]
        self.entries.append(draw_part(part, bench, seed, self.root, directory, self.provenance))

    def _repeat(self, part: Part[Any], bench: Bench, seed: int) -> None:
        try:
            numbers, reason = part.numbers(part.record(part.run(bench, seed))), ""
        except Exception as error:
            numbers, reason = (), reason_of(error)
        self.repeats.append(Repeat(part.name, bench.label, seed, numbers, reason))

    def _seeds(self) -> None:
        """The table over seeds, the figures' own among them."""
        first = self.settings.seeds[0]
        repeated = {part.name for part in self.parts if part.is_repeated}
        drawn = [entry for entry in self.entries if entry.part in repeated and entry.status == Status.DRAWN]
        repeats = [Repeat(one.part, one.label, first, one.numbers) for one in drawn] + self.repeats
        record = seeds_record(self.settings.seeds, repeats)
        if record["numbers"]:
            seeds = ", ".join(map(str, self.settings.seeds))
            caption = f"Seeds {seeds}. {checkpoint_lines(self.benches)}"
            about = ("seeds", "Seeds", "Would other seeds have given other numbers?")
            self._bind(about, record, seeds_table(record, repeats, caption))

    def _side_by_side(self) -> None:
        """The comparison of the checkpoints; what there is to compare comes first in the report."""
        seed = self.settings.seeds[0]
        record = side_by_side_record(self.benches, self.entries, seed)
        about = ("side_by_side", "Side by side", "What does the same z become in each checkpoint?")
        self._bind(about, record, side_by_side(self.benches, self.entries, seed))
        self.entries.insert(0, self.entries.pop())

    def _bind(self, about: tuple[str, str, str], record: dict[str, Any], figure: Figure) -> None:
        """Write a part that is made of others."""
        started = time.perf_counter()
        directory = self.root / about[0]
        directory.mkdir()
        noted = self.provenance(self.benches[0], self.settings.seeds[0], 0.0)
        pixels = write_entry(directory, about[0], record, noted, figure)
        took = time.perf_counter() - started
        entry = Entry(*about, "", Status.DRAWN, "", about[0], record, (), figure, pixels, took)
        self.entries.append(entry)

    def _pages(self) -> None:
        """report.pdf and index.html."""
        drawn = [entry.figure for entry in self.entries if entry.figure is not None]
        if not drawn:
            reasons = "; ".join(dict.fromkeys(entry.reason for entry in self.entries))
            raise InputError(f"not one figure could be drawn: {reasons}")
        title = f"Figures of {' and '.join(_named(bench) for bench in self.benches)}"
        groups = [facts_of(bench) for bench in self.benches]
        groups.append(run_facts(self.settings.seeds, self.benches[0].images, self.command))
        save_book([cover(title, groups, self.entries), *drawn], self.root / BOOK_NAME, title)
        write_site(self.root, title, groups, self.entries)


def make_report(
    directory: Path,
    benches: Sequence[Bench],
    settings: FigureSetSettings,
    *,
    command: str = "",
    parts: Sequence[Part[Any]] | None = None,
    progress: Progress = iter,
) -> Manifest:
    """Draw the figures of one or more checkpoints and bind them.

    Parameters
    ----------
    directory : Path
        Empty; receives index.html, report.pdf, manifest.json, result.json and a directory a part.
    benches : sequence of Bench
        The checkpoints, at least one; how each was asked for is noted, so that the report can be made again.
    settings : FigureSetSettings
    command : str
        The command line, for the record.
    parts : sequence of Part, optional
        By default those of `dcgan_viz.figure_set.parts` that ``settings.only`` names.
    progress : callable
        Gets the steps and yields them again, showing how far the work is.

    Returns
    -------
    Manifest
        As written. A part that failed is named in it.

    Raises
    ------
    InputError
        If ``settings.only`` names an unknown part, or not one figure could be drawn.
    """
    started = time.perf_counter()
    making = _Making(directory, benches, settings, chosen(settings.only) if parts is None else parts, command)
    for step in progress(making.steps()):
        step.do()
    noted = making.provenance(benches[0], settings.seeds[0], time.perf_counter() - started)
    (directory / MANIFEST_NAME).touch()  # so that result.json lists it, whose hash it holds
    summary = [{"name": one.part, "checkpoint": one.label, "status": one.status} for one in making.entries]
    write_result(directory, ANALYSIS, {"settings": settings.to_json(), "parts": summary}, noted)
    manifest = Manifest(
        command=command,
        settings=settings.to_json(),
        models=tuple(_model_json(bench.model) for bench in benches),
        checkpoints=tuple(checkpoint_json(bench) for bench in benches),
        packages=package_versions(),
        machine=machine(str(benches[0].gan.device)),
        parts=tuple(_part_json(entry, settings.seeds[0]) for entry in making.entries),
        files=hashes(directory),
    )
    manifest.write(directory)
    return manifest


def machine(device: str) -> dict[str, Any]:
    """What the last bits of a number depend on, beside the versions of the packages."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "device": device,
    }


def _named(bench: Bench) -> str:
    return bench.label or checkpoint_label(bench.gan.provenance.path)


def checkpoint_label(checkpoint: str) -> str:
    """A short name for a checkpoint: of a file without its ending, of a snapshot's file its directory's."""
    path = Path(checkpoint)
    if path.stem == "weights" and path.parent.name:
        return path.parent.name
    return path.stem if path.suffix in (".safetensors", ".pth", ".pt") else path.name or checkpoint


def _model_json(model: ModelOptions) -> dict[str, Any]:
    entries = strict_json(asdict(model))
    assert isinstance(entries, dict)
    return entries


def checkpoint_json(bench: Bench) -> dict[str, Any]:
    """One entry of ``checkpoints`` in the manifest."""
    come_from = bench.gan.provenance
    return {
        "label": bench.label,
        "path": come_from.path,
        "sha256": come_from.sha256,
        "files": dict(come_from.files),
        "importer": come_from.importer,
        "assumptions": list(come_from.assumptions),
        "batchnorm": {name: used.to_json() for name, used in bench.gan.batchnorm.items()},
    }


def _part_json(entry: Entry, seed: int) -> dict[str, Any]:
    return {
        "name": entry.part,
        "checkpoint": entry.label,
        "seed": seed,
        "status": str(entry.status),
        "reason": entry.reason,
        "duration_s": round(entry.duration_s, 3),
        "directory": entry.directory,
        "numbers": entry.record,
        "pixels": entry.pixels,
    }
