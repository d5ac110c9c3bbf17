"""How the run went that a checkpoint is from: its curves, and the same z over its snapshots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dcgan_viz.data.training_log import read_training_log
from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.part import Need, Number, Part, json_fields
from dcgan_viz.figures.spec import Figure
from dcgan_viz.figures.training import snapshots_figure, training_figure
from dcgan_viz.snapshot_samples import RunSamples, run_samples, snapshot_steps
from dcgan_viz.training_curves import TrainingCurves, training_curves


class Training(Part[TrainingCurves]):
    """Losses, logits and scores."""

    name = "training"
    analysis = "training_curves"
    title = "Training curves"
    about = "Did D and G keep each other in balance, and which snapshot is best?"
    needs = frozenset({Need.RUN})

    def run(self, bench: Bench, seed: int) -> TrainingCurves:
        """Read the run's diary."""
        assert bench.run is not None
        return training_curves(read_training_log(bench.run))

    def record(self, result: TrainingCurves) -> dict[str, Any]:
        """The points of all curves."""
        return json_fields(result.to_json())

    def figure(self, result: TrainingCurves, record: dict[str, Any]) -> Figure:
        """A panel each for losses, logits and every score; no seed has a part in them."""
        return training_figure({**record, "provenance": {**record["provenance"], "seed": None}})

    def numbers(self, record: dict[str, Any]) -> tuple[Number, ...]:
        """The best of each score."""
        return tuple(
            Number(f"{name} at its best, step {entry['best']['step']}", entry["best"]["value"], digits=3)
            for name, entry in record["scores"].items()
        )


class Snapshots(Part[RunSamples]):
    """The same z at each snapshot."""

    name = "snapshots"
    analysis = "snapshot_samples"
    title = "Samples over snapshots"
    about = "When did the generator learn what it draws?"
    needs = frozenset({Need.GENERATOR, Need.RUN})

    def run(self, bench: Bench, seed: int) -> RunSamples:
        """Open snapshots of the run as the checkpoint itself was opened."""
        run = bench.run
        assert run is not None
        device = str(bench.gan.device)
        return run_samples(
            snapshot_steps(run),
            lambda step: replace(bench.model, checkpoint=str(run), step=str(step)).load(device),
            seed,
            progress=bench.progress,
        )

    def record(self, result: RunSamples) -> dict[str, Any]:
        """The snapshots with their scores."""
        return json_fields(result.to_json())

    def figure(self, result: RunSamples, record: dict[str, Any]) -> Figure:
        """A row a snapshot."""
        return snapshots_figure(record, [one.images.numpy() for one in result.snapshots])

    def write(self, result: RunSamples, directory: Path) -> None:
        """Write arrays.npz with the z."""
        np.savez(directory / "arrays.npz", z=result.z.numpy())
