"""The run directory: begun once, gone on with as often as it takes."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.checkpoint import write_whole
from train import lock, snapshots, stats
from train.devices import machine
from train.settings import Settings

CONFIG_NAME = "config.json"

# What config.json holds beside the settings.
_DATA_SET = "data_set"
_MACHINE = "machine"

_OWN = (CONFIG_NAME, stats.NAME, snapshots.DIRECTORY, "latest", "best")


def check_free(out: Path, *, force: bool = False) -> None:
    """Make sure that a run may begin in a directory; nothing is written.

    Parameters
    ----------
    out : Path
        Has to be empty or absent.
    force : bool
        A run may be there, to be deleted, and other files, which stay.

    Raises
    ------
    InputError
        If there is something in the way.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: a file, not a directory; give another --out")
    names = {entry.name for entry in out.iterdir()} - {lock.NAME} if out.exists() else set()
    if not names:
        return
    if not force:
        raise InputError(
            f"{out}: not empty; go on with --resume, replace the run with --force, or give another --out"
        )
    if names.intersection(_OWN):
        try:
            saved_settings(out)
        except InputError as error:
            raise InputError(
                f"{out}: not empty, and what is in it is no run ({error}); give another --out"
            ) from error


def begin(out: Path, settings: Settings) -> None:
    """Make a run directory, where `check_free` had no objection; the run that was there is deleted."""
    for name in _OWN:
        _delete(out / name)
    out.mkdir(parents=True, exist_ok=True)
    _write_config(out, settings.to_json())


def discard(out: Path) -> None:
    """Delete a run that came to nothing, and its directory unless something else is in it."""
    for name in (*_OWN, lock.NAME):
        _delete(out / name)
    if not any(out.iterdir()):
        out.rmdir()


def saved_settings(out: Path) -> Settings:
    """Read the settings of a run.

    Parameters
    ----------
    out : Path
        The run directory.

    Raises
    ------
    InputError
        If there is no run, or one that this version cannot read.
    """
    config = _read_config(out)
    for name in (_DATA_SET, _MACHINE):
        config.pop(name, None)
    try:
        return Settings.from_json(config)
    except (InputError, TypeError) as error:
        raise InputError(f"{out / CONFIG_NAME}: {error}; begin a new run in another --out") from error


def reopen(out: Path, asked: Settings, explicit: Collection[str], *, save: bool = True) -> Settings:
    """Take up the settings of a run.

    Parameters
    ----------
    out : Path
        The run directory.
    asked : Settings
        Resolved ones from the command line.
    explicit : collection of str
        Names of the settings that the person gave; they have to agree with the run's. ``num_epochs`` may be
        higher.
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
    settings = saved_settings(out)
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
                f"--num-epochs {asked.num_epochs}: the run in {out} has {settings.num_epochs}; "
                "it can only be raised"
            )
        settings = Settings.from_json({**settings.to_json(), "num_epochs": asked.num_epochs})
        if save:
            _write_config(out, {**_read_config(out), "num_epochs": asked.num_epochs})
    return settings


def note_origin(out: Path, images: torch.Tensor, warn: Callable[[str], None]) -> None:
    """Note on which images and machine a run began; refuse to go on with other images.

    Parameters
    ----------
    out : Path
        The run directory.
    images : torch.Tensor
        Training images (N, C, H, W), uint8, on the CPU.
    warn : callable
        Takes one line if the machine is another, since the last bits will be others too.

    Raises
    ------
    InputError
        If the run began with other images.
    """
    config = _read_config(out)
    digest = hashlib.sha256(images.contiguous().numpy().tobytes()).hexdigest()
    found = {"n_images": len(images), "channels": images.shape[1], "sha256": digest}
    begun = config.setdefault(_DATA_SET, found)
    if begun != found:
        raise InputError(
            f"{config['data']}: not the images that the run in {out} began with ({len(images)} now, "
            f"{begun['n_images']} then); restore them, or begin a new run"
        )
    here, there = machine(), config.setdefault(_MACHINE, machine())
    if changes := [
        f"{key} {there.get(key)} then, {here[key]} now" for key in here if here[key] != there.get(key)
    ]:
        warn(f"not the machine that the run began on ({'; '.join(changes)}): the last bits will differ")
    _write_config(out, config)


def _read_config(out: Path) -> dict[str, Any]:
    path = out / CONFIG_NAME
    try:
        config = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"{out}: no run ({CONFIG_NAME} is missing); give a directory that training wrote, or leave "
            "--resume out to begin one"
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
