from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from dcgan_viz.data.datasets import load_images
from dcgan_viz.errors import InputError
from train import data
from train.data import load_data
from train.settings import Settings


@pytest.mark.parametrize("count", [7, 9])
def test_rooms_are_those_of_the_data_set(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(data, "_ROOMS_AT_ONCE", 3)
    loaded = load_data(Settings(data="rooms", data_count=count, batch_size=2, seed=4), quiet=True)
    expected = load_images("rooms", 64, count, seed=0)  # the seed of a run changes the training only
    assert torch.equal(loaded.images, expected.images)
    assert loaded.images.stride() == expected.images.stride()
    assert (loaded.name, loaded.skipped) == (expected.name, expected.skipped)


def test_what_is_left_out_is_named_and_counted(
    tmp_path: Path, settings: Callable[..., Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    for i in range(3):
        Image.new("RGB", (40, 30), (i, 0, 0)).save(tmp_path / f"{i}.png")
    (tmp_path / "torn.png").write_bytes((tmp_path / "0.png").read_bytes()[:40])
    loaded = load_data(settings(data=f"folder:{tmp_path}", batch_size=2), quiet=True)
    assert loaded.images.shape == (3, 3, 28, 28)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "torn.png" in lines[0]
    assert "1 files left out, 3 images used" in lines[1]


def test_too_few_for_a_step_is_refused(settings: Callable[..., Settings]) -> None:
    with pytest.raises(InputError, match="48 images, fewer than --batch-size 49"):
        load_data(settings(batch_size=49), quiet=True)
    with pytest.raises(InputError, match=r"--num-epochs 1: 48 images in batches of 16 .* --d-steps 4"):
        load_data(settings(num_epochs=1, d_steps=4), quiet=True)
    assert len(load_data(settings(num_epochs=1, d_steps=3), quiet=True).images) == 48
