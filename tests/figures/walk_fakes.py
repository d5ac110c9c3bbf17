"""Made-up results of `latent_walk` and `memorization`, with pictures to match."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcgan_viz.figures.memorization import MemorizationImages, memorization_figure
from dcgan_viz.figures.memorization_view import MemorizationView
from dcgan_viz.figures.spec import Figure
from dcgan_viz.figures.walk import WalkImages, walk_figure
from dcgan_viz.figures.walk_view import WalkView

OBJECTS = ("window", "bed", "lamp", "picture", "door", "rug")
QUANTILES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
PROVENANCE = {
    "seed": 0,
    "checkpoint": {"path": "dcgan_viz/assets/rooms.safetensors", "sha256": "3f5c2b8e9d10aa77" * 4},
    "importer": "safetensors",
    "batchnorm": {"generator": {"mode": "running", "words": "running statistics of training"}},
}
REAL = {
    "n_training": 5000,
    "n_held_out": 500,
    "n_shared": 0,
    "training_source": "the first 5,000 rooms of the training split",
    "held_out_source": "500 rooms of the held-out split",
    "is_split": False,
}


def pictures(count, size=64, channels=3, seed=0):
    random = np.random.default_rng(seed)
    return random.uniform(-1, 1, (count, channels, size, size)).astype(np.float32)


def fake_steps(random, pairs, n_steps, replay=True) -> dict[str, Any]:
    steps = random.uniform(0.05, 0.3, pairs * n_steps)
    largest = int(steps.argmax())
    found: dict[str, Any] = {
        "mean": float(steps.mean()),
        "max": float(steps.max()),
        "largest": {
            "pair": largest // n_steps,
            "step": largest % n_steps,
            "share_of_waypoint_distance": 0.4321,
        },
        "waypoints_mean": 0.7123,
        "waypoints": [0.7] * pairs,
        "steps": steps.tolist(),
        "replay": None,
    }
    if replay:
        jumps = np.where(random.random(pairs * n_steps) < 0.6, 0, steps * 2)
        found["replay"] = {"max_share_of_waypoint_distance": 0.9876, "steps": jumps.tolist()}
    return found


def fake_walk(pairs=8, n_steps=10, seed=0) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    frames = pairs * n_steps + 1
    events = [
        {"object": name, "kind": kind, "pair": k % pairs, "step": k % n_steps, "before": 0.0, "after": 0.05}
        for k, (name, kind) in enumerate(zip(OBJECTS, ("appears", "vanishes") * 3, strict=True))
    ]
    return {
        "n_waypoints": pairs + 1,
        "n_steps": n_steps,
        "n_pairs": pairs,
        "interpolation": "linear",
        "loop": False,
        "finding": "The largest of 80 steps covers 0.43 of the distance between its waypoints.",
        "step_distance": {
            **fake_steps(random, pairs, n_steps),
            "features": fake_steps(random, pairs, n_steps),
        },
        "logit": {
            "frames": random.normal(0, 2, frames).tolist(),
            "held_out": {"n_images": 500, "q05": -1.0, "median": 1.5, "q95": 4.0},
        },
        "nearest_training": {
            "distances": random.uniform(0.3, 0.8, frames).tolist(),
            "held_out": {"n_images": 500, "q05": 0.4, "median": 0.6, "q95": 0.8},
            "very_close_share": 0.1234,
        },
        "prior": {
            "norms": random.uniform(4, 6, frames).tolist(),
            "low": 5.1,
            "median": 5.8,
            "high": 6.4,
            "note": "Linear interpolation leaves the prior: 99 % of the prior has |z| from 5.08 to 6.43, "
            "which 56 of 72 frames between waypoints are outside of; --interpolation spherical keeps |z|.",
        },
        "objects": {
            "judge": {"name": "rooms"},
            "areas": {name: random.uniform(0, 0.2, frames).tolist() for name in OBJECTS},
            "counts": {name: {"appears": 1, "vanishes": 12} for name in OBJECTS},
            "events": events,
        },
        "real_images": REAL,
        "left_out": {},
        "provenance": PROVENANCE,
    }


def fake_blind_walk(pairs=2, n_steps=3) -> dict[str, Any]:
    """No discriminator, no training images, no judge."""
    result = fake_walk(pairs, n_steps)
    random = np.random.default_rng(1)
    why = "there is no discriminator"
    result |= {
        "step_distance": {**fake_steps(random, pairs, n_steps, replay=False), "features": None},
        "logit": None,
        "nearest_training": None,
        "objects": {
            "judge": {"name": "none", "reason": "the judge knows rooms of 64 px only"},
            "areas": {},
            "counts": {},
            "events": [],
        },
        "real_images": None,
        "left_out": {"step_distance.features": why, "logit": why, "nearest_training": why},
        "provenance": None,
    }
    return result


def figure_of_walk(result: dict[str, Any], size=64, channels=3) -> Figure:
    frames = pictures(result["n_pairs"] * result["n_steps"] + 1, size, channels)
    has_nearest = result["nearest_training"] is not None
    nearest = pictures(result["n_steps"] + 1, size, channels, seed=1) if has_nearest else None
    return walk_figure(WalkView.from_json(result), WalkImages(frames, nearest))


def fake_side(random, spaces, low) -> dict[str, Any]:
    shown = [
        {
            "rank": rank,
            "image": 10 * k + j,
            "distance": dict.fromkeys(spaces, low + 0.1 * k + 0.011 * j),
            "nearest": dict.fromkeys(spaces, 7 * k + j),
        }
        for k, rank in enumerate(("closest", "median", "farthest"))
        for j in range(4)
    ]
    found: dict[str, Any] = {"n_images": 500, "shown": shown}
    for space in spaces:
        distances = np.sort(random.uniform(low, 2 * low, len(QUANTILES))).tolist()
        found[space] = {
            "median": distances[7],
            "quantiles": [
                {"share": share, "distance": one} for share, one in zip(QUANTILES, distances, strict=True)
            ],
        }
    return found


def fake_memorization(spaces=("pixels", "features"), seed=0) -> dict[str, Any]:
    random = np.random.default_rng(seed)

    def share(chance):
        value = float(random.uniform(0, 1))
        return {"value": value, "chance": chance, "ci95": [0.9 * value, 1.1 * value], "ci99": [0, 1]}

    return {
        "spaces": list(spaces),
        "samples": fake_side(random, spaces, 0.3),
        "held_out": fake_side(random, spaces, 0.25),
        "two_sample": {
            space: {
                "closer": share(0.5),
                "very_close": share(0.05),
                "nearest_is_training": share(0.9091),
            }
            for space in spaces
        },
        "verdict": {
            "word": "farther than held-out",
            "copies": False,
            "sentence": "Samples lie farther from the 5,000 training images looked at than held-out images "
            "do: no sign that the generator repeats them.",
        },
        "n_duplicates": 3,
        "duplicates": {
            "first_pairs": [[0, 1], [0, 2], [1, 2]],
            **{space: {"threshold": 0.1234, "n_pairs": 3, "n_held_out_pairs": 1} for space in spaces},
        },
        "real_images": REAL,
        "left_out": "" if "features" in spaces else "there is no discriminator",
        "provenance": PROVENANCE,
    }


def figure_of_memorization(result: dict[str, Any], size=64, channels=3) -> Figure:
    n = len(result["samples"]["shown"])
    ours, others = pictures(n, size, channels), pictures(n, size, channels, seed=1)
    nearest = {space: pictures(n, size, channels, seed=2) for space in result["spaces"]}
    images = MemorizationImages(ours, others, nearest, nearest)
    return memorization_figure(MemorizationView.from_json(result), images)


def walk_cases() -> dict[str, Figure]:
    """Walk and memorisation figures of very different results."""
    return {
        "walk": figure_of_walk(fake_walk()),
        "walk of many pairs and steps": figure_of_walk(fake_walk(14, 25), size=32),
        "walk, nothing but pictures": figure_of_walk(fake_blind_walk(), size=28, channels=1),
        "walk of one step": figure_of_walk(fake_walk(1, 1), size=128),
        "memorisation": figure_of_memorization(fake_memorization()),
        "memorisation in pixels": figure_of_memorization(fake_memorization(("pixels",)), 28, 1),
    }
