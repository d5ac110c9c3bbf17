"""Make a checkpoint to hand on: ``python -m train.export runs/rooms/best --out rooms.safetensors``.

What only a resumed run needs is left out, and weights are halved where the pictures do not show it.
"""

from pathlib import Path

import click
import torch

from dcgan_viz.cli import Command
from dcgan_viz.errors import InputError
from dcgan_viz.models.checkpoint import save_weights
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.loading import load

N_COMPARED = 200
LARGEST_CHANGE = 0.02  # of pixels in [-1, 1]: two and a half steps of an 8-bit image


def export(checkpoint: str | Path, out: Path, seed: int = 0) -> dict[str, float]:
    """Write the averaged generator and the discriminator in half precision.

    Parameters
    ----------
    checkpoint : str or Path
        A snapshot or a run directory.
    out : Path
        The safetensors file.
    seed : int
        Of the samples on which the two precisions are compared.

    Returns
    -------
    dict of str to float
        ``mean_change`` and ``largest_change`` of pixels in [-1, 1], ``largest_logit_change`` of the
        discriminator beside the ``logit_deviation`` over the same images, ``megabytes`` of the file.

    Raises
    ------
    InputError
        If a pixel changes by more than `LARGEST_CHANGE`; nothing is left behind.
    """
    gan = load(checkpoint)
    metadata = {name: value for name, value in gan.provenance.metadata.items() if name != "format"}
    partial = out.with_name(f".{out.stem}.partial.safetensors")
    try:
        averaged = gan.require_generator("an export")
        save_weights(partial, averaged, None, gan.discriminator, metadata, dtype=torch.float16)
        report = _compare(gan, load(partial), seed)
        if report["largest_change"] > LARGEST_CHANGE:
            raise InputError(
                f"{checkpoint}: in half precision a pixel changes by {report['largest_change']:.3f}, "
                f"more than {LARGEST_CHANGE}; hand the snapshot itself on"
            )
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return report | {"megabytes": out.stat().st_size / 1e6}


@torch.inference_mode()
def _compare(gan: Gan, halved: Gan, seed: int) -> dict[str, float]:
    z = gan.sample_z(N_COMPARED, seed)
    images = gan.generate(z)
    change = (halved.generate(z) - images).abs()
    report = {"mean_change": float(change.mean()), "largest_change": float(change.max())}
    if gan.discriminator is not None and halved.discriminator is not None:
        logits, others = gan.discriminator(images), halved.discriminator(images)
        report["largest_logit_change"] = float((others - logits).abs().max())
        report["logit_deviation"] = float(logits.std())
    return report


@click.command(cls=Command)
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def main(checkpoint: Path, out: Path) -> None:
    """Write CHECKPOINT's averaged generator and discriminator in half precision."""
    for name, value in export(checkpoint, out).items():
        click.echo(f"{name} {value:.5f}")


if __name__ == "__main__":
    main()
