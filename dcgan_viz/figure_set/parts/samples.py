"""A sheet of samples: what the generator draws, none picked out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.part import Part
from dcgan_viz.figures import Figure, sheet_figure, to_pixels
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.sample import SampleResult, sample

N_SAMPLES = 80
COLUMNS = 10


class Samples(Part[SampleResult]):
    """The first samples of a seed, in order."""

    name = "samples"
    analysis = "sample"
    title = "Samples"
    about = "What does the generator draw, when nobody picks?"

    def run(self, bench: Bench, seed: int) -> SampleResult:
        """Draw the first z of this seed."""
        return sample(bench.gan, N_SAMPLES, seed)

    def record(self, result: SampleResult) -> dict[str, Any]:
        """How many, and of which shape."""
        return dict(result.to_json())

    def figure(self, result: SampleResult, record: dict[str, Any]) -> Figure:
        """All of them, in rows."""
        return sheet_figure(
            to_pixels(result.images.numpy()),
            "What the generator draws",
            columns=COLUMNS,
            subtitle="In the order in which z was drawn; none is picked, none left out.",
            caption=f"{record['n_samples']} z from the prior, in rows from the top left. "
            f"{provenance_line(record['provenance'])}",
        )

    def write(self, result: SampleResult, directory: Path) -> None:
        """Write arrays.npz with the z."""
        np.savez(directory / "arrays.npz", z=result.z.numpy())
