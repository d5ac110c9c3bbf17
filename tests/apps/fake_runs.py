"""Run directories as training writes them, and broken ones."""

import json
import math
import shutil
from pathlib import Path


def lines(first: int, last: int) -> list[dict[str, float]]:
    return [
        {
            "step": step, "images_seen": 8 * step, "epoch": step / 10, "loss_d": 1 + math.sin(step),
            "loss_g": 2 + math.cos(step), "logit_real": 1 + step / 10, "logit_fake": -1 - step / 20,
            "images_per_second": 4.0,
        }
        for step in range(first, last + 1)
    ]  # fmt: skip


def write_lines(run: Path, first: int, last: int, torn: str = "") -> None:
    """Go on with a diary; ``torn`` is what is half written."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / "stats.jsonl").open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines(first, last))
        file.write(torn)


def add_snapshot(run: Path, step: int, weights: Path) -> Path:
    place = run / "snapshots" / f"step_{step:08d}"
    place.mkdir(parents=True)
    shutil.copy(weights, place / "weights.safetensors")
    (place / "manifest.json").write_text(json.dumps({"step": step, "scores": {}, "sha256": {}}))
    return place
