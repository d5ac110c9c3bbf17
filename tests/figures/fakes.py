"""Made-up results of `remove_objects`, with pictures to match."""

from __future__ import annotations

from typing import Any

import numpy as np

from dcgan_viz.figures.removal import RemovalImages, removal_figure
from dcgan_viz.figures.removal_view import RemovalView
from dcgan_viz.figures.spec import Figure

ROOM_CLASSES = ("wall", "floor", "ceiling", "window", "bed", "lamp", "picture", "door", "rug")
LAYERS = (
    ("main.2", (512, 4, 4)),
    ("main.5", (256, 8, 8)),
    ("main.8", (128, 16, 16)),
    ("main.11", (64, 32, 32)),
)


def _blurred(images, passes=1):
    for _ in range(passes):
        images = (images + np.roll(images, 1, -1) + np.roll(images, -1, -1)) / 3
        images = (images + np.roll(images, 1, -2) + np.roll(images, -1, -2)) / 3
    return images


def _rooms(count, size, rng, with_window):
    """Boxes of colour that look like a blurred room; float32 (N, 3, size, size) in [-1, 1]."""
    out = np.empty((count, 3, size, size))
    unit = size / 64
    for image in out:
        wall, floor = rng.uniform(0.1, 0.6, 3) * (1, 0.9, 0.7), rng.uniform(-0.6, 0.0, 3)
        image[:] = wall[:, None, None] + np.linspace(0.15, -0.15, size)
        image[:, : int(8 * unit)] = 0.85
        image[:, int(44 * unit) :] = floor[:, None, None]
        bed, left = rng.uniform(-0.7, 0.7, 3), int(rng.uniform(4, 24) * unit)
        image[:, int(38 * unit) : int(56 * unit), left : left + int(30 * unit)] = bed[:, None, None]
        x, y = int(rng.uniform(8, 40) * unit), int(rng.uniform(12, 18) * unit)
        if with_window:
            image[:, y : y + int(14 * unit), x : x + int(16 * unit)] = np.array([0.3, 0.7, 0.95])[
                :, None, None
            ]
            image[:, y : y + int(14 * unit), x + int(7 * unit) : x + int(9 * unit)] = 0.9
    return np.clip(_blurred(out) + rng.normal(0, 0.03, out.shape), -1, 1).astype(np.float32)


def fake_images(methods=("local", "drop"), count=8, size=64, channels=3):
    edited = {}
    before = _rooms(count, size, np.random.default_rng(0), True)
    for name in methods:
        after = _rooms(count, size, np.random.default_rng(0), False)
        if name == "drop":
            after = _blurred(0.5 * before + 0.3, 3).astype(np.float32)
        edited[name] = after[:, :channels]
    return RemovalImages(before[:, :channels], edited)


def fake_method(name, rng, *, classes=ROOM_CLASSES, target="window", layer=2, worst=1.3) -> dict[str, Any]:
    others = [one for one in classes if one != target]
    ratio = float(rng.uniform(0.02, 0.08) if name != "drop" else rng.uniform(0.5, worst))
    shares = rng.dirichlet([30.0, *[0.6] * (len(classes) - 1)])
    return {
        "name": name,
        "layer": {"name": LAYERS[layer][0], "shape": list(LAYERS[layer][1]), "rule": "penultimate"},
        "probe": {"auc_heldout": 0.9812, "auc_shuffled": 0.5124, "n_positive": 3121, "n_negative": 3121},
        "n_maps": 71 if name == "drop" else 128,
        "target_area_ratio": ratio,
        "target_area_ratio_ci95": [ratio * 0.85, ratio * 1.18],
        "other_area_ratios": {one: float(rng.normal(1, 0.03 if name != "drop" else 0.3)) for one in others},
        "collateral": 0.067 if name != "drop" else 0.371,
        "collateral_class": others[-1],
        "pixel_change": 0.0614 if name != "drop" else 0.152,
        "became": dict(zip([*others, target], map(float, shares), strict=True)),
        "distance_to_targetless": {
            "edited": float(rng.uniform(4, 9)),
            "untouched": 5.31,
            "real_split": 0.412,
        },
        "control": {
            "n_draws": 10,
            "n_images": 250,
            "target_area_ratio": float(rng.uniform(0.8, 1.0)),
            "target_area_ratio_ci95": [0.78, 1.02],
            "collateral": 0.031,
        },
    }


def _dose(rng, layer, most=128):
    return [
        {
            "method": "drop",
            "layer": layer,
            "n_maps": k,
            "n_images": 250,
            "n_draws": 4,
            "target_area_ratio": float(np.exp(-k / most * 1.2) + 0.02 * rng.normal()),
            "random_target_area_ratio": float(1 - 0.3 * (k / most) ** 2),
            "random_ci95": [float(1 - 0.3 * (k / most) ** 2 - 0.1), float(1 - 0.3 * (k / most) ** 2 + 0.1)],
            "collateral": 0.4 * k / most,
            "random_collateral": 0.3 * k / most,
        }
        for k in range(0, most + 1, most // 8)
    ]


def _sweep(rng, methods):
    return [
        {
            "layer": name,
            "shape": list(sizes),
            "method": method,
            "n_images": 250,
            "n_draws": 4,
            "target_area_ratio": (ratio := float(rng.uniform(0, 1.1))),
            "target_area_ratio_ci95": [ratio * 0.9, ratio * 1.1],
            "collateral": float(rng.uniform(0, 0.6)),
            "control_target_area_ratio": float(rng.uniform(0.6, 1.1)),
        }
        for name, sizes in LAYERS
        for method in methods
    ]


def fake_result(
    seed=0, methods=("local", "drop"), classes=ROOM_CLASSES, target="window", worst=1.3
) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "analysis": "remove_objects",
        "target": target,
        "n_fresh": 1000,
        "target_share": 0.634,
        "annotations": {"n_samples": 150, "n_boxes": 52, "source": "annotator"},
        "methods": [fake_method(name, rng, classes=classes, target=target, worst=worst) for name in methods],
        "dose": _dose(rng, "main.8"),
        "layers": _sweep(rng, methods),
        "judge": {"name": "judge", "seed": 2},
        "provenance": {
            "command": "python -m dcgan_viz.remove_objects --target window",
            "seed": 0,
            "device": "cpu",
            "checkpoint": {
                "path": "dcgan_viz/assets/rooms.safetensors",
                "sha256": "3f5c2b8e9d10aa77" * 4,
            },
            "importer": "safetensors",
            "batchnorm": {"generator": {"mode": "running", "words": "running statistics of training"}},
        },
    }


def awkward_result() -> dict[str, Any]:
    """What may be missing is missing: controls, intervals, points of curves, bars; one has no width."""
    result = fake_result(3)
    for method in result["methods"]:
        method["control"] |= {"target_area_ratio": None, "target_area_ratio_ci95": [None, None]}
        method["target_area_ratio_ci95"] = [method["target_area_ratio"]] * 2
        method["probe"]["auc_shuffled"] = float("nan")
        method["other_area_ratios"]["rug"] = None
        method["distance_to_targetless"]["edited"] = None
    for point in result["dose"]:
        point["random_ci95"] = None
    result["dose"][3]["target_area_ratio"] = None
    for point in result["layers"]:
        point["collateral"] = None if point["method"] == "drop" else 1e-4
        point["target_area_ratio_ci95"] = None
    result["layers"] = result["layers"][:3]
    return result


def fake_focus(inside: float, outside: float) -> dict[str, Any]:
    """An entry of `focus`; a change that keeps to the boxes has no ratio."""

    def change(above: float, below: float) -> dict[str, Any]:
        ratio = above / below if below else None
        ends = [ratio * 0.8, ratio * 1.3] if ratio else [None, None]
        return {"change_inside": above, "change_outside": below, "ratio": ratio, "ratio_ci95": ends}

    control = {"n_draws": 10, **change(0.06, 0.05)}
    return {"n_images": 25, "n_folds": 5, **change(inside, outside), "control": control}


def unjudged_result() -> dict[str, Any]:
    """Nobody measured areas: all that only a judge can say is missing."""
    result = fake_result(5) | {
        "judge": {"name": "none", "reason": "the GAN has no discriminator"}, "dose": [], "target_share": None,
    }  # fmt: skip
    nothing: dict[str, Any] = {
        "target_area_ratio": None, "target_area_ratio_ci95": [None, None], "collateral": None,
        "other_area_ratios": {}, "collateral_class": "", "became": {}, "distance_to_targetless": {},
    }  # fmt: skip
    for method, changes in zip(result["methods"], ((0.3, 0.01), (0.2, 0.15)), strict=True):
        method |= nothing | {"focus": fake_focus(*changes)}
        method["control"] = {"n_draws": 0, "target_area_ratio": None}
    for point in result["layers"]:
        point |= {"target_area_ratio": None, "target_area_ratio_ci95": None, "collateral": None}
        point |= {"control_target_area_ratio": None, "n_images": 0, "n_draws": 0}
        point["focus"] = fake_focus(0.3, 0.02)
    return result


def makeshift_result() -> dict[str, Any]:
    """Judged by the discriminator's features, which know the target alone."""
    result = fake_result(6)
    result["judge"] = {
        "name": "discriminator features", "layer": {"name": "main.4", "shape": [128, 8, 8]}, "n_fitted": 12,
        "n_heldout": 13, "auc_heldout": 0.93, "iou_heldout": 0.5, "false_share_heldout": 0.37,
    }  # fmt: skip
    for method, changes in zip(result["methods"], ((0.3, 0.0), (0.2, 0.15)), strict=True):
        method |= {"collateral": None, "other_area_ratios": {}, "collateral_class": "", "became": {}}
        method |= {"distance_to_targetless": {"n_images": 0}, "focus": fake_focus(*changes)}
        method["control"]["collateral"] = None
    for point in result["layers"]:
        point |= {"collateral": None, "focus": fake_focus(0.3, 0.02)}
    return result


LONG_METHOD = "local, two layers, soft mask"
LONG_CLASSES = ("wall", "floor", "built-in wardrobe door", "chest of drawers with mirror", "lamp & <shade>")


def long_result() -> dict[str, Any]:
    """Long names, three methods, ratios up to 3, a class name that is also markup."""
    methods = (LONG_METHOD, "drop", "ace")
    return fake_result(2, methods, LONG_CLASSES, "built-in wardrobe door", worst=3.0)


def cases() -> dict[str, Figure]:
    """Removal figures of very different results."""
    two_classes = fake_result(1, ("local",), ("wall", "window"))
    bare = fake_result(4, ("drop",)) | {"dose": [], "layers": [], "annotations": None, "provenance": None}
    made = {
        "both methods": (fake_result(), fake_images()),
        "one method, two classes": (two_classes, fake_images(("local",), count=10)),
        "long names": (long_result(), fake_images((LONG_METHOD, "drop"), size=28, channels=1)),
        "holes": (awkward_result(), fake_images(("drop",))),
        "no judge": (unjudged_result(), fake_images(size=28, channels=1)),
        "no judge, one method": (
            unjudged_result() | {"methods": unjudged_result()["methods"][:1]},
            fake_images(("local",), size=32),
        ),
        "makeshift judge": (makeshift_result(), fake_images(size=32)),
        "nothing optional": (bare, fake_images(("drop",), count=2, size=128)),
    }
    return {
        name: removal_figure(RemovalView.from_json(result), images) for name, (result, images) in made.items()
    }
