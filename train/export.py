"""Make a checkpoint to hand on: ``python -m train.export runs/rooms/best --out rooms.safetensors``.

What only a resumed run needs is left out, and weights are halved where the pictures do not show it.
"""

from pathlib import Path

import click
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.checkpoint import load, save_weights

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
        ``mean_change`` and ``largest_change`` of pixels in [-1, 1], ``megabytes`` of the file.

    Raises
    ------
    InputError
        If a pixel changes by more than `LARGEST_CHANGE`; nothing is left behind.
    """
    gan = load(checkpoint)
    metadata = {name: value for name, value in gan.provenance.metadata.items() if name != "format"}
    save_weights(out, gan.generator, None, gan.discriminator, metadata, dtype=torch.float16)
    z = gan.sample_z(N_COMPARED, seed)
    change = (load(out).generate(z) - gan.generate(z)).abs()
    if change.max() > LARGEST_CHANGE:
        out.unlink()
        raise InputError(
            f"{checkpoint}: in half precision a pixel changes by {float(change.max()):.3f}, more than "
            f"{LARGEST_CHANGE}; hand the snapshot itself on"
        )
    return {
        "mean_change": float(change.mean()),
        "largest_change": float(change.max()),
        "megabytes": out.stat().st_size / 1e6,
    }


@click.command()
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def main(checkpoint: Path, out: Path) -> None:
    """Write CHECKPOINT's averaged generator and discriminator in half precision."""
    try:
        for name, value in export(checkpoint, out).items():
            click.echo(f"{name} {value:.5f}")
    except InputError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
