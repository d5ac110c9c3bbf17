"""Runs small enough that a test spends its time on what it tests."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.train.runs import make_evaluation_cheap
from train import evaluation
from train.settings import Settings


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 images of noise, 28 px."""
    path = tmp_path_factory.mktemp("images")
    pixels = np.random.default_rng(0).integers(0, 256, (48, 28, 28, 3), dtype=np.uint8)
    for i, image in enumerate(pixels):
        Image.fromarray(image).save(path / f"{i:02}.png")
    return path


@pytest.fixture(scope="session")
def settings(folder: Path) -> Callable[..., Settings]:
    """Settings of a run of 12 steps over `folder`, with a snapshot every 4 steps; each can be changed."""

    def make(**changes: object) -> Settings:
        tiny: dict[str, object] = {
            "data": f"folder:{folder}",
            "num_epochs": 4,
            "batch_size": 16,
            "channels_noise": 8,
            "image_size": 28,
            "width": 2,
            "seed": 5,
            "device": "cpu",
            "precision": "fp32",
            "ema_half_life_images": 100.0,
            "snapshot_interval_images": 64,
            "log_interval_steps": 3,
        }
        return Settings(**(tiny | changes)).resolved()  # type: ignore[arg-type]

    return make


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def cheap_evaluation() -> Iterator[None]:
    """BatchNorm statistics and scores from fewer images, for the rest of a file of tests."""
    with pytest.MonkeyPatch.context() as patch:
        make_evaluation_cheap(partial(patch.setattr, evaluation))
        yield
