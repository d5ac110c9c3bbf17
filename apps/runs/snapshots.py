"""A snapshot's pictures, and the figures of a whole run to take home."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.runs.story import Story
from apps.shell import budget
from apps.shell.cache import PICTURES
from apps.shell.checkpoints import content_of
from apps.shell.downloads import Folder, filled, folder
from apps.shell.field import asked
from apps.shell.pictures import pngs
from apps.shell.roots import Run
from apps.shell.turns import turn
from apps.shell.work import result
from dcgan_viz.cli import resolved_device
from dcgan_viz.errors import InputError
from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.entry import Status, draw_part
from dcgan_viz.figure_set.parts import chosen
from dcgan_viz.figure_set.settings import FigureSetSettings
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.output import strict_json
from dcgan_viz.provenance import ResultProvenance
from dcgan_viz.sample import sample


@dataclass(frozen=True)
class Drawn:
    """The samples of a snapshot.

    Attributes
    ----------
    pngs : tuple of bytes
        A picture a sample.
    logits : tuple of float
        As its discriminator has them; empty where there is none.
    images_seen : int
    scores : tuple of (str, float)
        Lower is better.
    """

    pngs: tuple[bytes, ...]
    logits: tuple[float, ...]
    images_seen: int
    scores: tuple[tuple[str, float], ...]


def drawn(run: Run, step: int, n: int, seed: int, truncation: float, device: str) -> Drawn:
    """What `dcgan_viz.sample.sample` draws from a snapshot.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    path = run.weights(step)
    try:
        device = resolved_device(device)
        key = ("snapshot", content_of(path), n, seed, truncation, device)
        return PICTURES.get(key, lambda: _drawn(path, n, seed, truncation, device))
    except InputError as error:
        raise InputError(str(error).replace(str(run.path), run.name)) from error


def _drawn(path: Path, n: int, seed: int, truncation: float, device: str) -> Drawn:
    with turn():
        gan = ModelOptions(checkpoint=str(path)).load(device)
        budget.check(gan, n, "samples")
        found = sample(gan, n, seed, truncation)
    noted = gan.provenance.metadata
    scores = tuple((str(name), float(value)) for name, value in (noted.get("scores") or {}).items())
    logits = () if found.logits is None else tuple(found.logits.tolist())
    return Drawn(tuple(pngs(found.images)), logits, int(noted.get("images_seen") or 0), scores)


def curves_folder(story: Story, seed: int, device: str) -> Folder | None:
    """The figure of a run's training; None where there is no snapshot or no line yet."""
    run, steps = story.run, story.run.steps()
    if not steps or story.curves is None:
        return None
    key = ("runs.training", run, steps[-1], _changed(run), story.written_s, seed, device)
    return folder(key, part_writer(run, steps[-1], "training", seed, device))


def series_of(run: Run, step: int, seed: int, device: str) -> Folder | None:
    """The figure of the same z at every snapshot, or None while the page offers to draw it."""
    key = (run, _changed(run), seed, device)
    return result(
        "runs.series",
        key,
        "Opening the snapshots",
        lambda job: filled(part_writer(run, step, "snapshots", seed, device, progress=job.progress)),
        started=asked("run_series", (run.name, _changed(run), seed)),
        button="Draw the figure of all snapshots",
    )


def part_writer(
    run: Run,
    step: int,
    name: str,
    seed: int,
    device: str,
    progress: Callable[[Sequence[Any]], Iterable[Any]] = iter,
) -> Callable[[Path], None]:
    """What writes one part of a figure set, ``training`` or ``snapshots``, into a folder of its name.

    Parameters
    ----------
    run : Run
    step : int
        Of the snapshot that stands for the run.
    name : str
        Of the part.
    seed : int
        Of z.
    device : str
        As for ``--device``.
    progress : callable
        Given the snapshots, yields them.
    """

    def write(directory: Path) -> None:
        run.check_inside()
        model = ModelOptions(checkpoint=str(run.weights(step)))
        settings = FigureSetSettings((name,), (seed,))
        bench = Bench(model.load(resolved_device(device)), model, settings, progress=progress)
        (part,) = chosen((name,))
        entry = draw_part(part, bench, seed, directory, name, provenance)
        if entry.status != Status.DRAWN:
            raise InputError(f"{part.title}: {entry.reason}".replace(str(run.path), run.name))

    def provenance(bench: Bench, seed: int, duration_s: float) -> dict[str, object]:
        made = ResultProvenance.of(
            bench.gan, command=command(run, step, seed), seed=seed, duration_s=duration_s
        )
        noted = strict_json(made.to_json())
        assert isinstance(noted, dict)
        return noted

    return write


def _changed(run: Run) -> tuple[tuple[int, int], ...]:
    """Each snapshot, and when it was written; training may delete one at any time."""
    found = []
    for step in run.steps():
        with suppress(FileNotFoundError):
            found.append((step, run.snapshot(step).lstat().st_mtime_ns))
    return tuple(found)


def command(run: Run, step: int, seed: int) -> str:
    """The command line that draws the figures of a run."""
    from shlex import join

    words = ["dcgan-viz", "figure-set", "--only", "training,snapshots", "--seed", str(seed)]
    return join([*words, "--checkpoint", str(run.weights(step).parent)])
