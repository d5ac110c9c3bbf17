"""The command `python -m train`."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import click
from click.core import ParameterSource

from dcgan_viz.cli import Command
from dcgan_viz.models.networks import Family
from dcgan_viz.models.prior import PriorKind
from train import run
from train.devices import Precision
from train.session import begin, go_on
from train.settings import Settings

_FIELDS = {field.name: field for field in fields(Settings)}


def _setting(name: str, help_text: str, kind: Any = None) -> Any:
    default = _FIELDS[name].default
    return click.option(
        f"--{name.replace('_', '-')}",
        type=kind or (type(default) if default is not None else int),
        default=default,
        show_default=default is not None,
        help=help_text,
    )


@click.command(cls=Command)
@_setting("data", "rooms, mnist:DIR (idx files), cifar10:DIR (as torchvision stores it) or folder:DIR.")
@_setting("data_count", "Images to hold.  [default: 50000 for rooms, else all]")
@_setting("num_epochs", "Passes over the data.")
@_setting("batch_size", "Real images per discriminator step.")
@_setting("channels_noise", "Size of z.")
@_setting("lr_g", "Learning rate of the generator.")
@_setting("lr_d", "Learning rate of the discriminator.")
@_setting("beta1", "First decay of Adam.")
@_setting("image_size", "Side of the images in px: 28, 32, 64 or 128.")
@_setting("width", "Feature maps of the layers next to the image.")
@_setting("family", "Layers of the networks.", click.Choice(get_args(Family)))
@_setting("prior", "Distribution over z.", click.Choice(get_args(PriorKind)))
@_setting("d_steps", "Discriminator steps per generator step.")
@_setting("instance_noise", "Noise on what the discriminator sees, in units of [-1, 1].")
@_setting("seed", "Of weights, order and z.")
@_setting("device", "cpu, cuda, ...; auto takes a GPU where there is one.")
@_setting("precision", "bf16 is autocast; auto asks the device.", click.Choice(get_args(Precision)))
@_setting("ema_half_life_images", "Images after which an old generator counts half in the average.")
@_setting("snapshot_interval_images", "Images between snapshots.")
@_setting("log_interval_steps", "Steps between lines of stats.jsonl.")
@click.option("--out", type=click.Path(path_type=Path), help="Run directory.  [required, but for --dry-run]")
@click.option("--resume", is_flag=True, help="Go on with the run in --out; its settings hold.")
@click.option("--force", is_flag=True, help="Delete the run in --out first.")
@click.option("--dry-run", is_flag=True, help="Print the resolved settings and stop.")
@click.option("--quiet", is_flag=True, help="Warnings only.")
@click.pass_context
def main(
    context: click.Context,
    /,
    out: Path | None,
    resume: bool,
    force: bool,
    dry_run: bool,
    quiet: bool,
    **values: Any,
) -> None:
    """Train a DCGAN, with the settings of the paper unless told otherwise."""
    if resume and force:
        raise click.UsageError("--resume goes on with a run and --force deletes it: give one of them")
    if out is None and (resume or not dry_run):
        raise click.UsageError("Missing option '--out'.")
    asked = Settings(**values).resolved()
    given = {name for name in values if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if dry_run:
        settings = run.reopen(out, asked, given, save=False) if resume and out is not None else asked
        click.echo(json.dumps(settings.to_json(), indent=2))
        return
    assert out is not None
    if resume:
        go_on(out, asked, given, quiet=quiet)
    else:
        begin(out, asked, force=force, quiet=quiet)


if __name__ == "__main__":
    main()
