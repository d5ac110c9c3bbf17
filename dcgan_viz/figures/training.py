"""The figures of a training run: its curves, and what the same z became over its snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dcgan_viz.figures.images import Floats, to_pixels
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.figures.reading import value
from dcgan_viz.figures.spec import (
    GRID_COLUMNS,
    Curve,
    Figure,
    ImageGrid,
    ImageRow,
    LinePanel,
    Placed,
    Reference,
    Role,
)
from dcgan_viz.figures.wording import MISSING, significant

SCORE_LABEL = "score, lower is better"
"""What panels of scores have at their vertical axis, and no others."""

_THOUSAND = 1000
_CHANCE_LOSS = 1.39  # 2 ln 2: of a D that says 0.5 to everything
_LOSSES = (("loss_d", "D, on real and generated", Role.PAPER), ("loss_g", "G", Role.OURS))
_LOGITS = (("logit_real", "of real images", Role.REAL), ("logit_fake", "of generated ones", Role.OURS))


def training_figure(record: Mapping[str, Any]) -> Figure:
    """Draw losses, logits and scores of a run.

    Parameters
    ----------
    record
        The fields of `training_curves`' result.json, with its ``provenance``.

    Returns
    -------
    Figure
    """
    curves = record["curves"]
    panels = [
        panel
        for panel in (
            _curves("Losses", "loss", curves, _LOSSES, (Reference(_CHANCE_LOSS, "D cannot tell"),)),
            _curves("What D says", "mean logit", curves, _LOGITS, (Reference(0.0, "undecided"),)),
            *(_score(name, entry) for name, entry in record["scores"].items()),
        )
        if panel.curves
    ]
    epochs = value(record.get("epochs"))
    long = f"{record['images_seen']:,} images" + ("" if epochs is None else f", {epochs:.1f} epochs")
    points = max((len(points) for points in curves.values()), default=0)
    in_a_row = 3 if len(panels) == 3 else min(2, len(panels))
    span = GRID_COLUMNS // max(1, in_a_row)
    return Figure(
        "How training went",
        tuple(
            Placed(panel, index // in_a_row, span * (index % in_a_row), column_span=span)
            for index, panel in enumerate(panels)
        ),
        f"{long}. {_best(record['scores'])}".strip(),
        f"{record['n_lines']:,} lines of stats.jsonl, put together into {points} points a curve: their "
        f"mean, and as a band the least and the largest. {provenance_line(record.get('provenance'))}",
        least_width_in=12.0 if in_a_row == 3 else 9.0,
    )


def _curves(
    title: str,
    y_label: str,
    curves: Mapping[str, Any],
    named: Sequence[tuple[str, str, Role]],
    references: tuple[Reference, ...],
) -> LinePanel:
    there = [entry for entry in named if curves.get(entry[0])]
    return LinePanel(
        title,
        "images seen, thousands",
        y_label,
        tuple(
            Curve(
                label,
                role,
                tuple(point["images_seen"] / _THOUSAND for point in curves[name]),
                tuple(point["mean"] for point in curves[name]),
                tuple(point["low"] for point in curves[name]),
                tuple(point["high"] for point in curves[name]),
                marks="line",
            )
            for name, label, role in there
        ),
        references,
        from_zero=all(point["low"] >= 0 for name, _, _ in there for point in curves[name]),
    )


def _score(name: str, entry: Mapping[str, Any]) -> LinePanel:
    points = entry["points"]
    curve = Curve(
        "each snapshot",
        Role.OURS,
        tuple(point["images_seen"] / _THOUSAND for point in points),
        tuple(point["value"] for point in points),
    )
    best = Reference(float(f"{entry['best']['value']:.3g}"), f"best, step {entry['best']['step']:,}")
    return LinePanel(score_name(name), "images seen, thousands", SCORE_LABEL, (curve,), (best,))


def score_name(name: str) -> str:
    """A score as a heading has it.

    Examples
    --------
    >>> score_name("frechet_annotator")
    'Fréchet annotator'
    """
    return name.replace("_", " ").replace("frechet", "Fréchet").capitalize()


def _best(scores: Mapping[str, Any]) -> str:
    """What the first score says of the run, the one that decides which snapshot is best."""
    if not scores:
        return ""
    name, entry = next(iter(scores.items()))
    first, best = entry["points"][0], entry["best"]
    return (
        f"{score_name(name)}: {significant(first['value'])} at step {first['step']:,}, "
        f"{significant(best['value'])} at its best, step {best['step']:,}."
    )


def snapshots_figure(record: Mapping[str, Any], pictures: Sequence[Floats]) -> Figure:
    """Draw the same z at several snapshots, a row each.

    Parameters
    ----------
    record
        The fields of `run_samples`' result.json, with its ``provenance``.
    pictures
        Images (N, C, H, W), float32 in [-1, 1], for each of its snapshots.

    Returns
    -------
    Figure
    """
    rows = tuple(
        ImageRow(to_pixels(images), f"{one['images_seen'] / _THOUSAND:,.0f}k images", _snapshot_detail(one))
        for one, images in zip(record["snapshots"], pictures, strict=True)
    )
    shown, there = len(rows), record["n_snapshots"]
    which = f"{shown} of {there} snapshots" if shown < there else f"All {there} snapshots"
    skipped = "".join(f" Step {one['step']} left out: {one['reason']}." for one in record["skipped"])
    return Figure(
        "The same z over training",
        (Placed(ImageGrid(rows), 0),),
        "A column is one z, a row one snapshot of the averaged generator.",
        f"{which}, {record['n_samples']} z; change: mean absolute difference of pixels in [-1, 1] from the "
        f"row above.{skipped} {provenance_line(record.get('provenance'))}",
    )


def _snapshot_detail(one: Mapping[str, Any]) -> str:
    change = value(one["change"])
    score = next(iter(one["scores"].values()), None)
    lines = [f"step {one['step']:,}", "" if score is None else f"score {significant(score)}"]
    lines.append("" if change is None else f"change {change:.3f}")
    return "\n".join(line for line in lines if line) or MISSING
