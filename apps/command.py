"""``dcgan-viz dashboard``: the dashboard's server, with what it needs to know given on the command line."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from pathlib import Path
from threading import Thread
from typing import Any

import click

from apps.shell.startup import Startup, from_options, startup_options
from dcgan_viz.cli import Command, resolved_device
from dcgan_viz.errors import InputError
from dcgan_viz.model_options import ModelOptions

ENTRY = Path(__file__).with_name("dashboard.py")

_STREAMLIT_OPTION = re.compile(r"--[a-zA-Z]+(\.[a-zA-Z]+)+(=.*)?")


@click.command(cls=Command, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the server. [default: 8501]")
@click.option("--address", help="Where to listen; 0.0.0.0 for other machines, too. [default: localhost]")
@click.option("--headless", is_flag=True, help="Do not open a browser.")
@startup_options
@click.pass_context
def main(
    context: click.Context,
    /,
    port: int | None,
    address: str | None,
    headless: bool,
    runs: tuple[Path, ...],
    device: str,
    linger: float,
    images: str | None,
    **model: Any,
) -> None:
    """Open the dashboard in a browser.

    Whoever opens it may use the embedded checkpoint, runs below --runs, their own uploads, and the networks
    that are named here. Options of Streamlit may be added, as in --server.headless true.
    """
    own = _streamlit_options(context.args)
    chosen = {"--server.port": port, "--server.address": address, "--server.headless": headless or None}
    for flag, value in chosen.items():
        if value is not None:
            own += [flag, str(value).lower()]
    started = from_options(runs, device, linger, images, **model)
    resolved_device(device)
    if images is not None:
        _see(images)
    if started.model is not None:  # what cannot be opened is said here, not in everybody's browser
        started.model.load("cpu")
    else:
        Thread(target=_warm, daemon=True).start()
    _serve(own, _arguments(started, model))


def _serve(options: list[str], arguments: list[str]) -> None:
    """Run Streamlit in this process until somebody ends it."""
    try:
        from streamlit.web import cli
    except ImportError as error:
        raise InputError(
            "dashboard: Streamlit is not installed; install it with: pip install 'dcgan_viz[app]'"
        ) from error
    sys.exit(cli.main(["run", str(ENTRY), *options, "--", *arguments], standalone_mode=False))


def _see(images: str) -> None:
    """See that there are such images, before anybody asks for them."""
    from dcgan_viz.data.datasets import load_images

    load_images(images, image_size=32, count=2)


def _warm() -> None:
    """Have ready what the first visitor needs: torch takes longer to import than the server to start."""
    from dcgan_viz.models.loading import load
    from dcgan_viz.sample import sample

    sample(load(), 2, seed=0)


def _streamlit_options(words: list[str]) -> list[str]:
    """Options of the form ``--section.name value``; anything else is a mistake."""
    is_value = False
    for word in words:
        if _STREAMLIT_OPTION.fullmatch(word):
            is_value = "=" not in word
        elif is_value and not word.startswith("-"):
            is_value = False
        else:
            raise click.UsageError(f"No such option or argument: {word}")
    return list(words)


def _arguments(started: Startup, model: dict[str, Any]) -> list[str]:
    """The options of the script, as it parses them again."""
    arguments = [word for directory in started.runs for word in ("--runs", str(directory))]
    arguments += ["--device", started.device, "--linger", str(started.linger_s)]
    arguments += [f"--images={started.images}"] if started.images else []
    for one in fields(ModelOptions):
        if (value := model[one.name]) is not None:
            arguments.append(f"--{one.name.replace('_', '-')}={value}")
    return arguments
