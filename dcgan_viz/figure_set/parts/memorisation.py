"""Samples beside the training images that are nearest to them (section 4.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.part import Need, Number, Part, json_fields
from dcgan_viz.figures import Figure
from dcgan_viz.figures.memorization import SPACES, memorization_figure
from dcgan_viz.figures.memorization_view import MemorizationView
from dcgan_viz.memorization.analysis import N_SAMPLES, memorization
from dcgan_viz.memorization.command import ANALYSIS, pictures, write_arrays
from dcgan_viz.memorization.result import MemorizationResult


class Memorisation(Part[MemorizationResult]):
    """Whether samples are nearer to training images than held-out real ones are."""

    name = "memorization"
    analysis = ANALYSIS
    title = "Memorisation"
    about = "Does the generator repeat its training images?"
    needs = frozenset({Need.GENERATOR, Need.IMAGES})
    is_repeated = True

    def run(self, bench: Bench, seed: int) -> MemorizationResult:
        """Look for the nearest training images."""
        real = bench.real_images(seed)
        assert real is not None
        return memorization(bench.gan, real, N_SAMPLES, seed)

    def record(self, result: MemorizationResult) -> dict[str, Any]:
        """What `memorization` writes."""
        return json_fields(result.to_json())

    def figure(self, result: MemorizationResult, record: dict[str, Any]) -> Figure:
        """Pairs of pictures, and the distributions of their distances."""
        return memorization_figure(MemorizationView.from_json(record), pictures(result))

    def numbers(self, record: dict[str, Any]) -> tuple[Number, ...]:
        """Median distance to the nearest training image, of samples and of held-out images; duplicates."""
        space = record["spaces"][-1]
        return (
            Number(
                f"median distance to the nearest training image, in {SPACES[space]}",
                record["samples"][space]["median"],
                record["held_out"][space]["median"],
                digits=3,
            ),
            Number("duplicates among the samples", float(record["n_duplicates"]), digits=0),
        )

    def write(self, result: MemorizationResult, directory: Path) -> None:
        """Write the z and all distances."""
        write_arrays(directory, result)
