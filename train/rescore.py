"""Score the snapshots of a run again: ``python -m train.rescore runs/rooms``."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from tqdm import tqdm

from dcgan_viz.cli import Command
from dcgan_viz.errors import InputError
from dcgan_viz.models.loading import load
from train import lock, snapshots
from train.data import load_data
from train.evaluation import choose_score
from train.run import saved_settings


@dataclass(frozen=True)
class Row:
    """What is known about one snapshot.

    Parameters
    ----------
    snapshot : str
        Name of its directory.
    images_seen : int
        Real images the run had shown by then.
    scores : dict of str to float
        Name to value, lower is better; the one that decides comes first.
    problem : str
        Why it could not be scored; empty where it was.
    best : bool
        Whether ``best`` points to it now.
    """

    snapshot: str
    images_seen: int
    scores: dict[str, float]
    problem: str
    best: bool


def rescore(run: Path, *, quiet: bool = False) -> list[Row]:
    """Score every snapshot with the score that training would use now, and let ``best`` follow it.

    For a run that began before its score could be had, as rooms without the annotator. The values go to the
    snapshots' manifests; weights are only read.

    Parameters
    ----------
    run : Path
        The run directory.
    quiet : bool
        No progress bar.

    Returns
    -------
    list of Row
        Oldest first.

    Raises
    ------
    InputError
        If there is no run, no snapshot, or a trainer at work in it.
    """
    settings = saved_settings(run)
    found = snapshots.newest_first(run)[::-1]
    if not found:
        raise InputError(f"{run}: no snapshot to score; train on with --resume until there is one")
    problems: dict[Path, str] = {}
    with lock.held(run):
        score = choose_score(settings, lambda: load_data(settings, quiet=quiet).images)
        for snapshot in tqdm(found, desc=score.name, disable=quiet, delay=2):
            problem = snapshots.damage(snapshot, but_for=snapshots.RESUME_NAME)
            if problem is None:
                snapshots.record_score(snapshot, score.name, score.of(load(snapshot), settings))
            else:
                problems[snapshot] = problem
        best = snapshots.choose_best(run, score.name, but_for=problems)
    return [
        Row(
            snapshot.name,
            int(snapshot.name.removeprefix("step_")) * settings.images_per_step,
            snapshots.scores_of(snapshot),
            problems.get(snapshot, ""),
            snapshot == best,
        )
        for snapshot in found
    ]


def table(rows: Collection[Row]) -> Iterator[str]:
    """Lay rows out in columns, a line each."""
    names = list(dict.fromkeys(name for row in rows for name in row.scores))
    yield "  ".join([f"{'snapshot':13}", f"{'images_seen':>11}", *names])
    for row in rows:
        cells = [
            f"{row.scores[name]:{len(name)}.3f}" if name in row.scores else " " * len(name) for name in names
        ]
        remark = row.problem or ("best" if row.best else "")
        yield "  ".join([f"{row.snapshot:13}", f"{row.images_seen:>11}", *cells, remark]).rstrip()


@click.command(cls=Command)
@click.argument("run", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--quiet", is_flag=True, help="No progress.")
def main(run: Path, as_json: bool, quiet: bool) -> None:
    """Score the snapshots of RUN again, and point `best` at the winner."""
    rows = rescore(run, quiet=quiet)
    if as_json:
        click.echo(json.dumps({"run": str(run), "snapshots": [asdict(row) for row in rows]}))
    else:
        for line in table(rows):
            click.echo(line)


if __name__ == "__main__":
    main()
