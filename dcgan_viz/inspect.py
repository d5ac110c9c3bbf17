"""What a checkpoint holds: ``python -m dcgan_viz.inspect``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import click
from torch import nn

from dcgan_viz.cli import Command, CommonOptions, common_options
from dcgan_viz.models.batchnorm import BatchDependence, batch_dependence, dependence_warnings
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import Layer, layers
from dcgan_viz.models.statistics import Statistics, batchnorm_layers


@dataclass(frozen=True)
class NetworkFacts:
    """One of the two networks.

    Attributes
    ----------
    kind : str
        Its class.
    n_parameters : int
    n_batchnorm : int
        BatchNorm layers.
    statistics : Statistics
        That these use.
    layers : tuple of Layer
    """

    kind: str
    n_parameters: int
    n_batchnorm: int
    statistics: Statistics
    layers: tuple[Layer, ...]

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return {
            "kind": self.kind,
            "n_parameters": self.n_parameters,
            "n_batchnorm": self.n_batchnorm,
            "statistics": self.statistics.to_json(),
            "layers": [
                {
                    "name": layer.name,
                    "kind": layer.kind,
                    "shape": layer.shape,
                    "receptive_field": layer.receptive_field,
                    "role": layer.role,
                }
                for layer in self.layers
            ],
        }


@dataclass(frozen=True)
class Inspection:
    """All that is known about a Gan before any analysis.

    Attributes
    ----------
    image_size, channels : int
    value_range : (float, float)
        What the networks take for black and white.
    prior : str
        Kind and size; "" without a generator.
    networks : dict of str to NetworkFacts
        "generator", "discriminator", or both.
    dependence : tuple of BatchDependence
        The same z in different batches, for each mode of BatchNorm.
    warnings : tuple of str
    """

    image_size: int
    channels: int
    value_range: tuple[float, float]
    prior: str
    networks: dict[str, NetworkFacts]
    dependence: tuple[BatchDependence, ...]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The fields."""
        return {
            "image_size": self.image_size,
            "channels": self.channels,
            "value_range": self.value_range,
            "prior": self.prior,
            "networks": {name: facts.to_json() for name, facts in self.networks.items()},
            "batch_dependence": [one.to_json() for one in self.dependence],
            "warnings": list(self.warnings),
        }


def inspect(gan: Gan, seed: int) -> Inspection:
    """List a Gan's layers, and try how far its samples depend on their batch.

    Parameters
    ----------
    gan : Gan
        Left as it is.
    seed : int
        Of the z of the batch-dependence check.

    Examples
    --------
    >>> import dcgan_viz
    >>> inspect(dcgan_viz.load("rooms"), seed=0).prior
    'uniform on (-1, 1), 100 numbers'
    """
    found = layers(gan)
    networks = {
        name: _facts(network, gan.batchnorm[name], tuple(layer for layer in found if layer.network == name))
        for name, network in (("generator", gan.generator), ("discriminator", gan.discriminator))
        if network is not None
    }
    dependence = batch_dependence(gan, seed) if gan.generator is not None else []
    words = {"uniform": "uniform on (-1, 1)", "normal": "standard normal"}
    return Inspection(
        image_size=gan.image_size,
        channels=gan.channels,
        value_range=gan.value_range or (-1.0, 1.0),
        prior=f"{words[gan.prior.kind]}, {gan.prior.size} numbers" if gan.prior is not None else "",
        networks=networks,
        dependence=tuple(dependence),
        warnings=tuple(_warnings(gan, dependence)),
    )


def _facts(network: nn.Module, statistics: Statistics, found: tuple[Layer, ...]) -> NetworkFacts:
    count = sum(parameter.numel() for parameter in network.parameters())
    return NetworkFacts(type(network).__name__, count, len(batchnorm_layers(network)), statistics, found)


def _warnings(gan: Gan, dependence: list[BatchDependence]) -> Iterator[str]:
    yield from dependence_warnings(dependence)
    if gan.discriminator is not None and gan.batchnorm["discriminator"].mode == "batch":
        yield (
            "the discriminator has no running statistics, so that a logit depends on the other images of the "
            "batch; give real images with --calibrate-on"
        )


@click.command(cls=Command)
@partial(common_options, writes=False)
def main(common: CommonOptions) -> None:
    """Say what a checkpoint holds: architecture, layers, prior, BatchNorm.

    The batch-dependence check draws the same z in different batches, for each mode of BatchNorm, and says how
    far the pictures differ: 0 where an image depends on its own z alone.
    """
    gan = common.load()
    found = inspect(gan, common.seed)
    record = {
        "analysis": "inspect",
        "provenance": common.provenance(gan).to_json(),
        **found.to_json(),
    }
    common.emit(record, _lines(gan, found))


def _lines(gan: Gan, found: Inspection) -> Iterator[str]:
    colour = "colour" if found.channels == 3 else "grey"
    low, high = found.value_range
    yield f"{gan.provenance.path}, read by {gan.provenance.importer}"
    yield f"sha256  {gan.provenance.sha256}"
    yield f"images  {found.image_size} px, {colour}, values from {low:g} to {high:g}"
    if found.prior:
        yield f"prior   {found.prior}"
    for name, facts in found.networks.items():
        yield ""
        yield f"{name}: {facts.kind}, {facts.n_parameters:,} parameters"
        yield f"BatchNorm: {facts.n_batchnorm} layers, {facts.statistics}"
        direction = "reaches" if name == "generator" else "sees"
        header = ("layer", "kind", "shape", f"{direction} px", "role")
        yield from _table([header, *(_row(layer) for layer in facts.layers)])
    if found.dependence:
        yield ""
        yield "batch dependence: mean absolute difference of pixels in [-1, 1], the same z"
        rows = [
            ("BatchNorm", "two batches of 8", "two batches of 128", "from running"),
            *(
                (
                    one.mode,
                    f"{one.in_small_batch:.4f}",
                    f"{one.in_large_batch:.4f}",
                    "" if one.from_running is None else f"{one.from_running:.4f}",
                )
                for one in found.dependence
            ),
        ]
        yield from _table(rows)
    for sentence in found.warnings:
        yield f"Warning: {sentence}"


def _row(layer: Layer) -> tuple[str, ...]:
    field = layer.receptive_field
    return (
        layer.name,
        layer.kind,
        "x".join(map(str, layer.shape)),
        f"{field[0]}x{field[1]}" if field is not None else "",
        layer.role,
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


if __name__ == "__main__":
    main()
