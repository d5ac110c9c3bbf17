"""What filters of the discriminator answer to, by guided backpropagation (section 6.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.part import Need, Number, Part, json_fields
from dcgan_viz.figures import Figure
from dcgan_viz.figures.guided import guided_figure
from dcgan_viz.figures.guided_view import GuidedView
from dcgan_viz.guided_backprop.analysis import guided_backprop
from dcgan_viz.guided_backprop.command import ANALYSIS, pictures, write_arrays
from dcgan_viz.guided_backprop.real_images import real_images
from dcgan_viz.guided_backprop.result import GuidedResult
from dcgan_viz.guided_backprop.settings import GuidedSettings


class Filters(Part[GuidedResult]):
    """The first filters of D's last convolution, beside those of a random network."""

    name = "filters"
    analysis = ANALYSIS
    title = "Filters"
    about = "What do filters of the discriminator answer to, that those of a random network do not?"
    needs = frozenset({Need.DISCRIMINATOR, Need.IMAGES})
    is_repeated = True

    def run(self, bench: Bench, seed: int) -> GuidedResult:
        """Look for the images with the largest responses, and at what in them makes the filters respond."""
        real = real_images(bench.gan, bench.settings.real.images, None, seed)
        return guided_backprop(bench.gan, real, GuidedSettings(), seed)

    def record(self, result: GuidedResult) -> dict[str, Any]:
        """What `guided_backprop` writes."""
        return json_fields(result.to_json())

    def figure(self, result: GuidedResult, record: dict[str, Any]) -> Figure:
        """Images and guided maps, trained and random."""
        return guided_figure(GuidedView.from_json(record), pictures(result))

    def numbers(self, record: dict[str, Any]) -> tuple[Number, ...]:
        """How strongly each filter prefers the class that it answers to."""
        found = []
        for one in record["filters"]:
            if (best := one["answers_to"]) is not None:
                entry = one["selectivity"][best]
                what = f"filter {one['index']}: guided energy on {best} over its share of the area"
                found.append(Number(what, entry["ratio"], entry["random"]["ratio"], digits=1))
        return tuple(found)

    def write(self, result: GuidedResult, directory: Path) -> None:
        """Write the images and maps shown."""
        write_arrays(directory, result)
