import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from dcgan_viz.errors import InputError
from train import devices
from train.settings import Settings

# config.json of a run that began before --instance-noise was there.
OLD = {
    "data": "rooms",
    "data_count": 50000,
    "num_epochs": 40,
    "batch_size": 64,
    "channels_noise": 100,
    "lr_g": 0.0002,
    "lr_d": 0.0002,
    "beta1": 0.5,
    "image_size": 64,
    "width": 64,
    "family": "conv4",
    "prior": "uniform",
    "d_steps": 1,
    "seed": 0,
    "device": "cpu",
    "precision": "bf16",
    "memory_format": "channels_last",
    "ema_half_life_images": 10000.0,
    "snapshot_interval_images": 50000,
    "log_interval_steps": 50,
}


def test_defaults_are_those_of_the_paper() -> None:
    # Section 4 of arXiv 1511.06434: batches of 128, Adam with 0.0002 and beta1 0.5, z uniform of 100 numbers.
    settings = Settings()
    assert (settings.batch_size, settings.lr_g, settings.lr_d, settings.beta1) == (128, 2e-4, 2e-4, 0.5)
    assert (settings.prior, settings.channels_noise, settings.image_size) == ("uniform", 100, 64)
    assert (settings.d_steps, settings.instance_noise) == (1, 0.0)


def test_settings_survive_json(settings: Callable[..., Settings]) -> None:
    changed = settings(d_steps=3, instance_noise=0.25, data_count=40)
    assert Settings.from_json(changed.to_json()) == changed


def test_an_older_run_is_still_understood() -> None:
    assert Settings.from_json(OLD).to_json() == {**OLD, "instance_noise": 0.0}
    with pytest.raises(InputError, match="unknown key 'momentum'"):
        Settings.from_json({**OLD, "momentum": 0.9})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data": "imagenet"}, "data 'imagenet': not known; use rooms, mnist:DIR"),
        ({"data": "folder:"}, "data 'folder:'"),
        ({"data": "rooms:here"}, "data 'rooms:here'"),
        ({"num_epochs": 0}, "num_epochs 0: has to be at least 1"),
        ({"batch_size": 1}, "batch_size 1: has to be at least 2"),
        ({"d_steps": 0}, "d_steps 0"),
        ({"data_count": 0}, "data_count 0"),
        ({"seed": -1}, "seed -1"),
        ({"lr_g": 0.0}, "lr_g 0.0: a learning rate has to be above 0"),
        ({"lr_d": math.inf}, "lr_d inf"),
        ({"lr_d": math.nan}, "lr_d nan"),
        ({"beta1": 1.0}, r"beta1 1\.0: has to be in \[0, 1\)"),
        ({"ema_half_life_images": math.nan}, "ema_half_life_images nan"),
        ({"instance_noise": -0.1}, r"instance_noise -0\.1"),
        ({"snapshot_interval_images": 0}, "snapshot_interval_images 0"),
        ({"log_interval_steps": 0}, "log_interval_steps 0"),
        ({"precision": "fp8"}, "precision 'fp8'.*auto, fp32, bf16"),
        ({"memory_format": "nhwc"}, "memory_format 'nhwc'.*channels_last"),
        ({"image_size": 50}, "image_size 50.*28, 32, 64, 128"),
        ({"prior": "cauchy"}, "prior 'cauchy'"),
    ],
)
def test_an_impossible_value_is_named(change: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Settings(**change)


@pytest.mark.parametrize(("batch_size", "d_steps"), [(128, 1), (16, 3)])
def test_the_average_halves_in_its_half_life(batch_size: int, d_steps: int) -> None:
    settings = Settings(batch_size=batch_size, d_steps=d_steps, ema_half_life_images=9_600)
    n_steps = 9_600 / (batch_size * d_steps)
    assert settings.ema_decay**n_steps == pytest.approx(0.5)
    assert Settings(ema_half_life_images=0).ema_decay == 0


def test_steps_are_counted_in_whole_batches() -> None:
    settings = Settings(batch_size=30, d_steps=2, num_epochs=5, snapshot_interval_images=130)
    assert settings.images_per_step == 60
    assert settings.n_steps(n_images=100) == 7  # 3 batches a pass, 15 in all, 2 a step
    assert settings.snapshot_interval_steps == 2
    assert Settings(batch_size=30, snapshot_interval_images=1).snapshot_interval_steps == 1


def test_every_purpose_and_seed_has_a_stream_of_its_own() -> None:
    seeds = [
        Settings(seed=s).derived_seed(p) for s in range(20) for p in ("z", "order", "generator", "score")
    ]
    assert len(set(seeds)) == len(seeds)
    assert seeds == [
        Settings(seed=s).derived_seed(p) for s in range(20) for p in ("z", "order", "generator", "score")
    ]


def test_resolved_leaves_nothing_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/somebody")
    resolved = Settings(device="cpu").resolved()
    assert resolved.data_count == 50_000
    assert "auto" not in resolved.to_json().values()
    assert resolved.resolved() == resolved
    assert Settings(data="folder:photos").resolved().data == f"folder:{tmp_path.resolve()}/photos"
    assert Settings(data="folder:~/photos").resolved().data == "folder:/home/somebody/photos"
    assert Settings(data="mnist:/a/../b").resolved().data == "mnist:/b"
    assert Settings(data="mnist:/b").resolved().data_count is None


@pytest.mark.parametrize(
    ("abilities", "precision"),
    [({"avx512_bf16": True}, "bf16"), ({"amx_bf16": True}, "bf16"), ({"avx2": True}, "fp32"), ({}, "fp32")],
)
def test_precision_follows_the_abilities_of_the_processor(
    monkeypatch: pytest.MonkeyPatch, abilities: dict, precision: str
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: abilities, raising=False)
    assert devices.resolve_precision("cpu", "auto", "auto") == (precision, "channels_last")
    assert devices.resolve_precision("cpu", "fp32", "contiguous") == ("fp32", "contiguous")


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "cpux"])
def test_a_device_that_is_not_there_is_named(device: str) -> None:
    with pytest.raises(
        InputError, match=f"device '{device}': cannot be used here .*use auto or cpu"
    ) as caught:
        Settings(device=device).resolved()
    assert "\n" not in str(caught.value)
