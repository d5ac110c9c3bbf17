"""Removing a target, with the control that makes it evidence (section 6.3.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.part import Need, Number, Part, json_fields
from dcgan_viz.figures import Figure
from dcgan_viz.remove_objects import RemovalResult, RemovalSettings, annotate, remove_objects
from dcgan_viz.remove_objects.command import figure_of, write_arrays


class Removal(Part[RemovalResult]):
    """The features that draw a target are dropped; the judge measures what is left, and of a control."""

    name = "removal"
    analysis = "remove_objects"
    title = "Removal"
    about = "Which features draw a target, and what is left without them?"
    needs = frozenset({Need.GENERATOR, Need.JUDGE})
    is_repeated = True

    def run(self, bench: Bench, seed: int) -> RemovalResult:
        """Annotate, drop, measure."""
        settings = RemovalSettings(target=bench.settings.target)
        boxes = annotate(bench.gan, bench.segmenter("annotator"), settings, seed)
        return remove_objects(bench.gan, boxes, bench.judge(), settings, seed)

    def record(self, result: RemovalResult) -> dict[str, Any]:
        """What `remove_objects` writes."""
        return json_fields(result.to_json())

    def figure(self, result: RemovalResult, record: dict[str, Any]) -> Figure:
        """Pictures with and without, and the causal card."""
        return figure_of(result, record)

    def numbers(self, record: dict[str, Any]) -> tuple[Number, ...]:
        """Area left by each method, and by its control."""
        return tuple(
            Number(
                f"{record['target']} area left by {method['name']}",
                method["target_area_ratio"],
                method["control"]["target_area_ratio"],
            )
            for method in record["methods"]
        )

    def write(self, result: RemovalResult, directory: Path) -> None:
        """Write the boxes, and the z and pictures shown."""
        write_arrays(directory, result)
