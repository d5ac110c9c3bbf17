"""``dcgan-viz`` and ``python -m dcgan_viz``: the tree of commands."""

import click

from dcgan_viz import __version__
from dcgan_viz.cli import LazyGroup

COMMANDS = {
    "dashboard": ("apps.command:main", "Open the dashboard in a browser."),
    "figure-set": (
        "dcgan_viz.figure_set.command:main",
        "Draw all figures of a checkpoint and bind them into a report.",
    ),
    "guided-backprop": (
        "dcgan_viz.guided_backprop.command:main",
        "Show what the discriminator's filters answer to (paper, section 6.2).",
    ),
    "inspect": (
        "dcgan_viz.inspect:main",
        "Say what a checkpoint holds: architecture, layers, prior, BatchNorm.",
    ),
    "latent-walk": (
        "dcgan_viz.latent_walk.command:main",
        "Walk through the latent space, and look for jumps on the way (section 6.1).",
    ),
    "memorization": (
        "dcgan_viz.memorization.command:main",
        "Find the training images nearest to samples, beside held-out ones (section 4.1).",
    ),
    "remove-objects": (
        "dcgan_viz.remove_objects.command:main",
        "Find the features that draw a target, and drop them (paper, section 6.3.1).",
    ),
    "sample": ("dcgan_viz.sample:main", "Draw images from a checkpoint."),
    "train": ("train.__main__:main", "Train a DCGAN."),
    "vector-arithmetic": (
        "dcgan_viz.vector_arithmetic.command:main",
        "Add and subtract concepts in z, and turn one into another (section 6.3.2).",
    ),
}


@click.group(cls=LazyGroup, lazy_commands=COMMANDS, invoke_without_command=True)
@click.version_option(__version__, prog_name="dcgan-viz")
@click.pass_context
def main(context: click.Context) -> None:
    """Look inside DCGANs: the experiments of Radford et al. (2016), each with its control."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


if __name__ == "__main__":
    main()
