"""What the command line that started the dashboard gave."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import click

from dcgan_viz.errors import InputError
from dcgan_viz.model_options import ModelOptions, model_options

DEFAULT_RUNS = Path("runs")
LINGER_S = 60.0
_STREAMLIT_KEEPS_S = 120  # a session whose connection broke


@dataclass(frozen=True)
class Startup:
    """The options that whoever starts the server gives; nobody who uses it can change them.

    Attributes
    ----------
    model : ModelOptions or None
        Networks of one's own, where any were named.
    runs : tuple of Path
        Directories whose training runs may be opened.
    device : str
        Where the networks run until a person chooses otherwise.
    linger_s : float
        Seconds for which a person's work, uploads and reports wait for a connection that broke.
    images : str or None
        Real images for networks that do not draw rooms, as ``--images`` of the commands has them.
    """

    model: ModelOptions | None = None
    runs: tuple[Path, ...] = (DEFAULT_RUNS,)
    device: str = "auto"
    linger_s: float = LINGER_S
    images: str | None = None


def startup_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a click command the options of a `Startup`."""
    device = click.option(
        "--device", default="auto", show_default=True, metavar="auto|cpu|cuda[:N]|mps",
        help="Where the networks run; auto takes a GPU where there is one.",
    )  # fmt: skip
    runs = click.option(
        "--runs", multiple=True, type=click.Path(file_okay=False, path_type=Path), default=[DEFAULT_RUNS],
        show_default=True, help="Directory whose training runs may be opened. May be given several times.",
    )  # fmt: skip
    linger = click.option(
        "--linger", type=click.FloatRange(0, _STREAMLIT_KEEPS_S), default=LINGER_S, show_default=True,
        metavar="SECONDS", help="How long work, uploads and reports wait for a connection that broke.",
    )  # fmt: skip
    images = click.option(
        "--images", default=None, metavar="DATA",
        help="Real images beside networks that do not draw rooms: DIR or folder:DIR, mnist:DIR, cifar10:DIR.",
    )  # fmt: skip
    for option in reversed(model_options()):
        command = option(command)
    return runs(images(linger(device(command))))


def from_options(
    runs: tuple[Path, ...], device: str, linger: float, images: str | None, **model: Any
) -> Startup:
    """Make a `Startup` of the values of `startup_options`."""
    chosen = ModelOptions(**{one.name: model[one.name] for one in fields(ModelOptions)})
    return Startup(None if chosen == ModelOptions() else chosen, tuple(runs), device, linger, images)


def startup() -> Startup:
    """The options of this server.

    Raises
    ------
    InputError
        If they were not understood.
    """
    return _parsed(tuple(sys.argv[1:]))


@lru_cache(maxsize=8)
def _parsed(arguments: tuple[str, ...]) -> Startup:
    command = click.Command("dashboard", callback=from_options)
    command = startup_options(command)  # type: ignore[assignment]
    try:
        found: Startup = command.main(list(arguments), "dashboard", standalone_mode=False)
    except click.UsageError as error:
        raise InputError(
            f"the command line that started the dashboard: {error.format_message()} "
            "Start it with other options (dcgan-viz dashboard --help)."
        ) from error
    return found
