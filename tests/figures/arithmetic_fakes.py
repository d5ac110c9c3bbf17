"""Made-up results of `vector_arithmetic`, with pictures to match."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcgan_viz.figures.arithmetic import ArithmeticImages, arithmetic_figure
from dcgan_viz.figures.arithmetic_view import ArithmeticView
from dcgan_viz.figures.spec import Figure
from dcgan_viz.figures.turn import turn_figure

VARIANTS = ("result", "neighbours", "control", "single", "single_control", "pixels")
POSITIONS = [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
BINS = [-1.0, -0.5, 0.0, 0.5, 0.7, 0.8, 0.9, 1.0]
LONG = "a bed with a green blanket & <two> pillows, seen from the door"


def fake_recipe(**changes: Any) -> dict[str, Any]:
    recipe = {
        "seed": 0,
        "sheet_size": 48,
        "concepts": {
            "window": [40, 47, 36],
            "no window": [21, 20, 0],
            "other rooms": [32, 31, 1],
            "bed left": [14, 12, 27, 16],
            "bed right": [28, 30, 4, 32],
        },
        "expression": {"window": "+", "no window": "-", "other rooms": "+"},
        "noise": 0.25,
        "n_neighbours": 8,
        "rescale": False,
    }
    return recipe | changes


def _variant(rng: np.random.Generator) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for name in ("success_rate", "shows_target", "is_room"):
        share = float(rng.uniform(0.1, 0.95))
        entry |= {name: share, f"{name}_ci95": [share - 0.08, share + 0.04]}
    return entry


def fake_moved(rng: np.random.Generator, mean: float, first: float, last: float) -> dict[str, Any]:
    centres = np.linspace(first, last, len(POSITIONS)).tolist()
    return {
        "spearman_mean": mean,
        "spearman_mean_ci95": [mean - 0.06, mean + 0.05],
        "n_cases": 61,
        "n_unseen": 3,
        "spearman_bins": {"edges": BINS, "share": rng.dirichlet(np.ones(len(BINS) - 1)).tolist()},
        "centre_mean": centres,
        "centre_ci95": [[centre - 2, centre + 2] for centre in centres],
    }


def fake_result(**changes: Any) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    cases = {name: _variant(rng) for name in VARIANTS}
    turn = {
        **fake_moved(rng, 0.87, 16.5, 46.2),
        "control": fake_moved(rng, -0.04, 31.0, 32.0),
        "strips": {
            "spearman": [1.0, 0.93, None, -0.2, 0.5],
            "centre": [[float(k + 5 * row) for k in range(9)] for row in range(5)],
        },
        "start": "bed left",
        "end": "bed right",
        "target": "bed",
        "rescale": True,
        "positions": POSITIONS,
        "axis_norm": 4.34,
        "step_norms": [5.6] * 9,
    }
    flags = [True, False, True, True, False, True, True, False]
    result = {
        "analysis": "vector_arithmetic",
        "recipe": fake_recipe(),
        "exemplars_by": "annotator",
        "judge": {"name": "rooms"},
        "success_rate": cases["result"]["success_rate"],
        "success_rate_above_control": 0.504,
        "success_rate_above_control_ci95": [0.41, 0.594],
        "n_cases": 64,
        "norms": {
            "prior": {"p01": 5.16, "p05": 5.33, "p50": 5.77, "p95": 6.19, "p99": 6.35},
            "means": {
                "window": 3.03, "no window": 3.26, "other rooms": 3.48, "bed left": 3.25, "bed right": 2.98,
            },
            "result": 5.353,
            "drawn": 5.353,
            "outside_prior": 0.08,
        },
        "own_sum": {"shows_target": True, "n_neighbours_showing": 7},
        "cases": {
            "target": "window",
            "n_cases": 64,
            "n_sheets": 66,
            "n_exemplars": 3,
            "n_choices": 8,
            "n_control_draws": 4,
            "present_pixels": 16,
            **cases,
            "shown": {"result": flags, "pixels": flags[::-1], "control": [False] * 8},
        },
        "turn": turn,
        "provenance": {
            "seed": 0,
            "checkpoint": {"path": "dcgan_viz/assets/rooms.safetensors", "sha256": "25c740913bfba60e" * 4},
            "importer": "dcgan_viz",
        },
    }  # fmt: skip
    return result | changes


def unjudged(recipe: dict[str, Any], *, reason: str = "the GAN was not trained on rooms") -> dict[str, Any]:
    """Nobody measured anything."""
    turn = fake_result()["turn"]
    for name in ("control", "strips", "spearman_bins", "centre_mean", "centre_ci95"):
        del turn[name]
    turn |= {"spearman_mean": None, "n_cases": 0, "target": ""}
    names = list(recipe["concepts"])
    turn |= {"start": names[0], "end": names[1]}
    norms = fake_result()["norms"] | {"means": {name: 3.0 + k / 10 for k, name in enumerate(names)}}
    return fake_result(
        recipe=recipe, judge={"name": "none", "reason": reason}, cases=None, own_sum=None, turn=turn,
        norms=norms | {"outside_prior": None}, exemplars_by="mine.json", success_rate=None, n_cases=0,
    )  # fmt: skip


def pictures(*shape: int, seed: int = 0) -> np.ndarray:
    """Noise (..., C, H, W) in [-1, 1], so that no two pictures are alike."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def fake_images(result: dict[str, Any], size: int = 64, channels: int = 3) -> ArithmeticImages:
    kind = (channels, size, size)
    concepts, recipe = result["recipe"]["concepts"], result["recipe"]
    has_sum = bool(recipe["expression"])
    fewest = min([len(concepts[name]) for name in recipe["expression"]], default=1)
    shown = ("other", "result", "control", "pixels") if result["cases"] else ()
    return ArithmeticImages(
        exemplars={
            name: pictures(len(some), *kind, seed=k) for k, (name, some) in enumerate(concepts.items())
        },
        means={name: pictures(*kind, seed=100 + k) for k, name in enumerate(concepts)},
        result=pictures(*kind, seed=200) if has_sum else None,
        pixels=pictures(*kind, seed=201) if has_sum else None,
        neighbours=pictures(recipe["n_neighbours"], *kind, seed=202) if has_sum else None,
        single=pictures(fewest, *kind, seed=203) if has_sum else None,
        cases={name: pictures(8, *kind, seed=300 + k) for k, name in enumerate(shown)},
        strips=pictures(5, len(result["turn"]["positions"]), *kind, seed=400) if result["turn"] else None,
    )


def sum_of(result: dict[str, Any], images: ArithmeticImages | None = None) -> Figure:
    return arithmetic_figure(ArithmeticView.from_json(result), images or fake_images(result))


def turn_of(result: dict[str, Any], images: ArithmeticImages | None = None) -> Figure:
    return turn_figure(ArithmeticView.from_json(result), images or fake_images(result))


def many_concepts() -> dict[str, Any]:
    """Seven concepts with long names, one of them of many exemplars, one of a single one."""
    names = [LONG, "b", "with a comma, and more", "d", "e", "f", "g"]
    concepts = {name: list(range(k + 1)) for k, name in enumerate(names)}
    signs = dict(zip(names, "+-+-+-+", strict=True))
    return fake_recipe(concepts=concepts, expression=signs, n_neighbours=5, rescale=True)


def arithmetic_cases() -> dict[str, Figure]:
    """Figures of very different results."""
    ragged = fake_recipe(
        concepts={"smile": [1, 2, 3, 4], "none": [7]}, expression={"smile": "+", "none": "-"}, n_neighbours=2
    )
    single = fake_recipe(concepts={"one": [3], "two": [4]}, expression={"one": "-"}, n_neighbours=1)
    made = {
        "judged": (fake_result(), {}),
        "many": (unjudged(many_concepts()), {"size": 32}),
        "ragged, grey": (unjudged(ragged, reason="no judge was asked for"), {"size": 28, "channels": 1}),
        "a single exemplar": (unjudged(single), {"size": 128}),
    }
    figures = {}
    for name, (result, kind) in made.items():
        figures[f"sum: {name}"] = sum_of(result, fake_images(result, **kind))
        figures[f"turn: {name}"] = turn_of(result, fake_images(result, **kind))
    return figures
