"""Numbers of several parts beside one another: of several checkpoints, and of several seeds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.entry import Entry
from dcgan_viz.figure_set.part import Number
from dcgan_viz.figures import to_pixels
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.figures.spec import Figure, ImageGrid, ImageRow, NumberCard, Panel, Placed, Role, Table
from dcgan_viz.figures.wording import number

N_SIDE = 8

_ROLES = (Role.OURS, Role.PAPER, Role.OTHER, Role.TARGET, Role.COLLATERAL)


@dataclass(frozen=True)
class Repeat:
    """A part's numbers for one seed; none where it failed, with the reason."""

    part: str
    label: str
    seed: int
    numbers: tuple[Number, ...]
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """One entry of ``repeats``."""
        return {
            "part": self.part,
            "checkpoint": self.label,
            "seed": self.seed,
            "numbers": [
                {"label": one.label, "value": one.value, "control": one.control} for one in self.numbers
            ],
            "reason": self.reason,
        }


def numbers_card(entries: Sequence[Entry]) -> NumberCard | None:
    """Set the numbers of all parts under one another, a column a checkpoint; None where there is none."""
    labels = list(dict.fromkeys(entry.label for entry in entries if entry.numbers))
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for entry in entries:
        for one in entry.numbers:
            cells = rows.setdefault((entry.part, one.label), {})
            cells[entry.label] = one.words()
    if not rows:
        return None
    table = Table(
        tuple(label or "value (control)" for label in labels),
        tuple((what, tuple(cells.get(label, "") for label in labels)) for (_, what), cells in rows.items()),
        tuple(_role(index) for index in range(len(labels))) if len(labels) > 1 else (),
    )
    title = "Numbers" if labels == [""] else "Numbers, each with its control in brackets"
    return NumberCard(title, table=table)


def _role(index: int) -> Role:
    return _ROLES[index % len(_ROLES)]


def side_by_side_record(benches: Sequence[Bench], entries: Sequence[Entry], seed: int) -> dict[str, Any]:
    """What the comparison of several checkpoints says: their numbers, and whether they share their z."""
    return {
        "checkpoints": [bench.label for bench in benches],
        "same_z": _same_priors(benches),
        "seed": seed,
        "numbers": [
            {
                "part": entry.part,
                "checkpoint": entry.label,
                "label": one.label,
                "value": one.value,
                "control": one.control,
            }
            for entry in entries
            for one in entry.numbers
        ],
    }


def _same_priors(benches: Sequence[Bench]) -> bool:
    """Whether the same seed gives all the same z."""
    return len({bench.gan.prior for bench in benches}) == 1


def side_by_side(benches: Sequence[Bench], entries: Sequence[Entry], seed: int) -> Figure:
    """The same z through several generators, and their numbers.

    Parameters
    ----------
    benches : sequence of Bench
        All with generators.
    entries : sequence of Entry
        Whose numbers are compared.
    seed : int

    Returns
    -------
    Figure
    """
    panels: list[Panel] = []
    sizes = list(dict.fromkeys(bench.gan.image_size for bench in benches))
    for size in sizes:  # a grid holds pictures of one size
        rows = tuple(
            ImageRow(
                to_pixels(bench.gan.generate(bench.gan.sample_z(N_SIDE, seed)).numpy()),
                bench.label,
                role=_role(index),
            )
            for index, bench in enumerate(benches)
            if bench.gan.image_size == size
        )
        panels.append(ImageGrid(rows))
    if (card := numbers_card(entries)) is not None:
        panels.append(card)
    column = "The same z in each column."
    if not _same_priors(benches):
        column = "The same seed in each column, but other z, since the priors differ."
    return Figure(
        "Side by side",
        tuple(Placed(panel, row) for row, panel in enumerate(panels)),
        column,
        f"{N_SIDE} z from the prior, seed {seed}. {checkpoint_lines(benches)}",
    )


def checkpoint_lines(benches: Sequence[Bench]) -> str:
    """Say of all checkpoints what a caption says of one."""
    return " ".join(provenance_line(_checkpoint_of(bench)) for bench in benches)


def _checkpoint_of(bench: Bench) -> dict[str, Any]:
    come_from = bench.gan.provenance
    return {
        "checkpoint": {"path": come_from.path, "sha256": come_from.sha256},
        "batchnorm": {name: used.to_json() for name, used in bench.gan.batchnorm.items()},
    }


def seeds_record(seeds: Sequence[int], repeats: Sequence[Repeat]) -> dict[str, Any]:
    """Numbers by seed, with mean and standard deviation over the seeds that have one."""
    found: dict[tuple[str, str, str], dict[int, Number]] = {}
    for repeat in repeats:
        for one in repeat.numbers:
            found.setdefault((repeat.part, repeat.label, one.label), {})[repeat.seed] = one
    return {
        "seeds": list(seeds),
        "repeats": [repeat.to_json() for repeat in repeats],
        "numbers": [
            {
                "part": part,
                "checkpoint": checkpoint,
                "label": label,
                **_summary([by_seed[seed].value if seed in by_seed else None for seed in seeds]),
                "control": _summary([by_seed[seed].control if seed in by_seed else None for seed in seeds]),
            }
            for (part, checkpoint, label), by_seed in found.items()
        ],
    }


def _summary(values: Sequence[float | None]) -> dict[str, Any]:
    there = [value for value in values if value is not None and math.isfinite(value)]
    return {
        "values": list(values),
        "mean": statistics.fmean(there) if there else None,
        "standard_deviation": statistics.stdev(there) if len(there) > 1 else None,
    }


def seeds_table(record: dict[str, Any], repeats: Sequence[Repeat], caption: str) -> Figure:
    """The figure of `seeds_record`."""
    digits = {one.label: one.digits for repeat in repeats for one in repeat.numbers}
    rows = []
    for entry in record["numbers"]:
        places, control = digits[entry["label"]], entry["control"]
        name = f"{entry['label']} ({entry['checkpoint']})" if entry["checkpoint"] else entry["label"]
        pairs = zip((*entry["values"], entry["mean"]), (*control["values"], control["mean"]), strict=True)
        cells = [Number("", value, beside, places).words() for value, beside in pairs]
        rows.append((name, (*cells, number(entry["standard_deviation"], places + 1))))
    headers = (*(f"seed {seed}" for seed in record["seeds"]), "mean", "standard deviation")
    failed = [f"{one.part}, seed {one.seed}: {one.reason}" for one in repeats if one.reason]
    card = NumberCard("Value (control)", table=Table(headers, tuple(rows)), note="\n".join(failed))
    return Figure(
        "The same numbers from other seeds",
        (Placed(card, 0),),
        "Measured again with other z and other draws of the controls.",
        caption,
    )
