"""The run directory: begun once, gone on with as often as it takes."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.checkpoint import write_whole
from train import snapshots, stats
from train.settings import Settings

CONFIG_NAME = "config.json"

_DATA_SET = "data_set"  # the one key of config.json that is no setting
_OWN = (CONFIG_NAME, stats.NAME, snapshots.DIRECTORY, "latest", "best")


def begin(out: Path, settings: Settings, *, force: bool = False) -> None:
    """Make a run directory.

    Parameters
    ----------
    out : Path
        Has to be empty or absent.
    settings : Settings
        Resolved ones, saved as ``config.json``.
    force : bool
        Delete the run that is there; other files stay.

    Raises
    ------
    InputError
        If there is something and ``force`` is not given.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: a file, not a directory; give another --out")
    if out.is_dir() and any(out.iterdir()):
        if not force:
            raise InputError(
                f"{out}: not empty; go on with --resume, replace the run with --force, or give another --out"
            )
        for name in _OWN:
            _delete(out / name)
    out.mkdir(parents=True, exist_ok=True)
    _write_config(out, settings.to_json())


def reopen(out: Path, asked: Settings, explicit: Collection[str], *, save: bool = True) -> Settings:
    """Take up the settings of a run.

    Parameters
    ----------
    out : Path
        The run directory.
    asked : Settings
        Resolved ones from the command line.
    explicit : collection of str
        Names of the settings that the person gave; they have to agree with the run's. ``num_epochs`` may be higher.
    save : bool
        Write a higher ``num_epochs`` to ``config.json``.

    Returns
    -------
    Settings
        The run's.

    Raises
    ------
    InputError
        If there is no run, or a setting contradicts it.
    """
    config = _read_config(out)
    config.pop(_DATA_SET, None)
    try:
        settings = Settings.from_json(config)
    except (InputError, TypeError) as error:
        raise InputError(f"{out / CONFIG_NAME}: {error}; begin a new run in another --out") from error
    for name in sorted(set(explicit) - {"num_epochs"}):
        here, there = getattr(asked, name), getattr(settings, name)
        if here != there:
            flag = name.replace("_", "-")
            raise InputError(
                f"--{flag} {here}: the run in {out} has {there}; leave --{flag} out, or begin a new run"
            )
    if "num_epochs" in explicit and asked.num_epochs != settings.num_epochs:
        if asked.num_epochs < settings.num_epochs:
            raise InputError(
                f"--num-epochs {asked.num_epochs}: the run in {out} has {settings.num_epochs}; it can only be raised"
            )
        settings = Settings.from_json({**settings.to_json(), "num_epochs": asked.num_epochs})
        if save:
            _write_config(out, {**_read_config(out), "num_epochs": asked.num_epochs})
    return settings


def check_data_set(out: Path, images: torch.Tensor) -> None:
    """Note which images a run has seen first, and refuse to go on with others.

    Parameters
    ----------
    out : Path
        The run directory.
    images : torch.Tensor
        Training images (N, C, H, W), uint8, on the CPU.

    Raises
    ------
    InputError
        If the run began with other images.
    """
    digest = hashlib.sha256(images.contiguous().numpy().tobytes()).hexdigest()
    found = {"n_images": len(images), "channels": images.shape[1], "sha256": digest}
    config = _read_config(out)
    begun = config.setdefault(_DATA_SET, found)
    if begun != found:
        raise InputError(
            f"{config['data']}: not the images that the run in {out} began with ({found['n_images']} now, "
            f"{begun['n_images']} then); restore them, or begin a new run"
        )
    _write_config(out, config)


def _read_config(out: Path) -> dict[str, Any]:
    path = out / CONFIG_NAME
    try:
        config = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(
            f"{out}: no run to resume ({CONFIG_NAME} is missing); leave --resume out to begin one"
        ) from error
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}); begin a new run in another --out") from error
    if not isinstance(config, dict):
        raise InputError(f"{path}: not a JSON object; begin a new run in another --out")
    return config


def _write_config(out: Path, config: dict[str, Any]) -> None:
    write_whole(out / CONFIG_NAME, (json.dumps(config, indent=2) + "\n").encode())


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
