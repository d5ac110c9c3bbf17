"""Made-up results of `guided_backprop`, with pictures to match."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcgan_viz.figures.guided import FilterPictures, guided_figure
from dcgan_viz.figures.guided_view import GuidedView
from dcgan_viz.figures.spec import Figure
from tests.figures.fakes import ROOM_CLASSES


def fake_class(rng, ratio: float) -> dict[str, Any]:
    return {
        "ratio": ratio,
        "ci95": [ratio * 0.9, ratio * 1.15],
        "area_share": 0.1,
        "random": {"ratio": float(rng.uniform(0.6, 1.4)), "ci95": [0.5, 1.5]},
    }


def fake_filter(index: int, rng, n_top: int = 6, classes=ROOM_CLASSES) -> dict[str, Any]:
    best = classes[index % len(classes)] if classes else None
    selectivity = {
        name: fake_class(rng, float(rng.uniform(3, 20) if name == best else rng.uniform(0, 2)))
        for name in classes
    }
    return {
        "index": index,
        "dead": False,
        "top": [{"image": 10 * index + k, "response": 5.0 - k, "y": 1, "x": 2} for k in range(n_top)],
        "selectivity": selectivity,
        "answers_to": best,
        "n_measured": 100 if classes else 0,
        "receptive_fields": [[17, 1, 28, 19]] * n_top,
    }


def fake_guided(n_filters: int = 6, classes=ROOM_CLASSES, n_top: int = 6) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        "layer": "main.8",
        "layer_shape": [512, 4, 4],
        "rule": "strict",
        "n_images": 2000,
        "images": "2,000 held-out rooms",
        "n_guided": 4,
        "unguided": {},
        "filters": [fake_filter(3 * k, rng, n_top, classes) for k in range(n_filters)],
        "dead_filters": [],
        "similarity_trained_random": [
            {"layer": f"main.{k}", "n_pairs": 36, "cosine": 0.1 + 0.05 * k, "other_image": 0.03,
             "cosine_ci95": [0.05 * k, 0.12 + 0.05 * k], "own_positions": 0.05}
            for k in (0, 2, 5, 8)
        ],
        "captum": {"n_maps": n_filters, "response_difference": 0.0, "map_difference": 2.4e-7},
        "statistics": {"trained": "running statistics", "random": "calibrated on 1,024 of the images"},
        "provenance": {"seed": 0, "checkpoint": {"path": "assets/rooms.safetensors", "sha256": "ab" * 32}},
    }  # fmt: skip


def fake_pictures(result: dict[str, Any], size: int = 64, channels: int = 3) -> dict[int, FilterPictures]:
    rng = np.random.default_rng(1)

    def drawn(n):
        return rng.uniform(-1, 1, (n, channels, size, size)).astype(np.float32)

    return {
        one["index"]: FilterPictures(
            drawn(len(one["top"])), *(1e-3 * drawn(len(one["top"])) for _ in range(2))
        )
        for one in result["filters"]
    }


def dying() -> dict[str, Any]:
    """One filter is dead, one answers to nothing, one has few images; numbers are missing."""
    result = fake_guided(4)
    dead, vague, rare = result["filters"][:3]
    dead |= {
        "dead": True,
        "top": [],
        "selectivity": {},
        "answers_to": None,
        "n_measured": 0,
        "receptive_fields": [],
    }
    vague["answers_to"] = None
    vague["selectivity"]["rug"] |= {"ratio": None, "ci95": [None, None]}
    rare |= {"top": rare["top"][:2], "receptive_fields": []}
    result |= {"dead_filters": [0, 7, 9], "unguided": {"prelu": 2}, "captum": None}
    result["similarity_trained_random"][-1] |= {
        "cosine": None,
        "cosine_ci95": [None, None],
        "other_image": None,
    }
    return result


def all_dead() -> dict[str, Any]:
    """No filter lives, and so no map of this layer is like another."""
    result = fake_guided(3) | {"captum": None, "dead_filters": [0, 3, 6]}
    nothing = {"dead": True, "top": [], "selectivity": {}, "answers_to": None, "n_measured": 0}
    for one in result["filters"]:
        one |= nothing | {"receptive_fields": []}
    result["similarity_trained_random"][-1] |= {
        "cosine": None,
        "cosine_ci95": [None, None],
        "other_image": None,
    }
    return result


def cases() -> dict[str, Figure]:
    """Figures of very different results."""
    without = fake_guided(5, classes=())
    made = {
        "six filters": (fake_guided(), {}),
        "one filter": (fake_guided(1), {}),
        "one filter, many images": (fake_guided(1, n_top=12), {}),
        "dead ones": (dying(), {}),
        "all dead": (all_dead(), {}),
        "no masks, grey": (without | {"provenance": None}, {"size": 28, "channels": 1}),
        "long words": (
            fake_guided(3, classes=("chest of drawers with mirror", "lamp & <shade>"))
            | {"captum": {"n_maps": 3, "map_difference": 0.0}},
            {"size": 32},
        ),
        "many": (fake_guided(9, n_top=2), {"size": 128}),
    }
    return {
        name: guided_figure(GuidedView.from_json(result), fake_pictures(result, **kind))
        for name, (result, kind) in made.items()
    }
