"""Arithmetic on z, and the turn: two figures of one analysis (section 6.3.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.part import Number, Part, json_fields
from dcgan_viz.figures import ArithmeticView, Figure, arithmetic_figure, turn_figure
from dcgan_viz.vector_arithmetic.analysis import vector_arithmetic
from dcgan_viz.vector_arithmetic.command import ANALYSIS, figure_images, write_arrays
from dcgan_viz.vector_arithmetic.result import ArithmeticResult
from dcgan_viz.vector_arithmetic.settings import ArithmeticSettings


class _Sum(Part[ArithmeticResult]):
    """What both figures share: the analysis, which is done once."""

    analysis = ANALYSIS

    def run(self, bench: Bench, seed: int) -> ArithmeticResult:
        """Let the annotator choose and the judge measure; without them, the first samples are summed."""
        chosen, is_judged = bench.settings, bench.has_judge
        settings = (
            ArithmeticSettings(target=chosen.target, judge="rooms") if is_judged
            else ArithmeticSettings(judge="auto" if chosen.judge == "auto" else "none")
        )  # fmt: skip
        return bench.once((ANALYSIS, seed), lambda: vector_arithmetic(bench.gan, settings, seed))

    def record(self, result: ArithmeticResult) -> dict[str, Any]:
        """What `vector_arithmetic` writes."""
        return json_fields(result.to_json())


class Arithmetic(_Sum):
    """Means of exemplars added and subtracted, with neighbours and the control in pixels."""

    name = "arithmetic"
    title = "Vector arithmetic"
    is_repeated = True
    about = "Can what pictures show be added and subtracted in z?"

    def figure(self, result: ArithmeticResult, record: dict[str, Any]) -> Figure:
        """The sum, its neighbours, and what the judge says of all cases."""
        return arithmetic_figure(ArithmeticView.from_json(record), figure_images(result))

    def numbers(self, record: dict[str, Any]) -> tuple[Number, ...]:
        """Share of the cases in which the sum shows what it should, and of random exemplars."""
        if record["success_rate"] is None:
            return ()
        what = f"{record['recipe']['target']} arithmetic succeeds, share of the cases"
        return (Number(what, record["success_rate"], record["success_rate_control"]),)

    def write(self, result: ArithmeticResult, directory: Path) -> None:
        """Write the recipe, the z and the pictures."""
        write_arrays(directory, result)


class Turn(_Sum):
    """An axis between two concepts, walked along on fresh z."""

    name = "turn"
    title = "Turn"
    is_repeated = True
    about = "Does an axis in z move an object through the picture?"

    def figure(self, result: ArithmeticResult, record: dict[str, Any]) -> Figure:
        """The strips, and how far the object follows."""
        return turn_figure(ArithmeticView.from_json(record), figure_images(result))

    def numbers(self, record: dict[str, Any]) -> tuple[Number, ...]:
        """Correlation of the position on the axis with the object's centre, and along random axes."""
        turn = record["turn"]
        if turn is None or turn.get("spearman_mean") is None:
            return ()
        what = "turn: Spearman of position and centre, mean of the walks"
        return (Number(what, turn["spearman_mean"], turn["control"]["spearman_mean"]),)
