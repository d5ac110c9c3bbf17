"""Guided maps in batches against one captum call each, in turns: ``benchmarks/guided_backprop.py --json``.

The reference is captum's NeuronGuidedBackprop, called once for each (filter, image) and told the position. It
knows ReLU modules only, so both work on a twin of the embedded discriminator whose LeakyReLUs are ReLUs: the
same maps, which are compared too. Ours is what ``python -m dcgan_viz.guided_backprop`` runs.
"""

from __future__ import annotations

import copy
import json
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import click
import torch
from captum.attr import NeuronGuidedBackprop
from torch import Tensor, nn
from tqdm import tqdm

from dcgan_viz.cli import Command
from dcgan_viz.guided_backprop import real_images
from dcgan_viz.guided_backprop.bank import FilterBank, Pairs
from dcgan_viz.guided_backprop.filters import Convolution, choose_convolution, convolutions
from dcgan_viz.models.loading import load


@dataclass(frozen=True)
class Speed:
    """Medians over the turns.

    Parameters
    ----------
    ratio : float
        The reference's seconds divided by ours.
    maps_per_second, reference_maps_per_second : float
    max_difference : float
        Between both's maps, over the largest value of the reference's.
    n_filters, n_images, turns : int
    threads : int
        Of torch.
    """

    ratio: float
    maps_per_second: float
    reference_maps_per_second: float
    max_difference: float
    n_filters: int
    n_images: int
    turns: int
    threads: int


def relu_twin(network: nn.Module) -> nn.Module:
    """A frozen copy with ReLU modules in place of LeakyReLU, none of them in place."""
    twin = copy.deepcopy(network).eval().requires_grad_(False)
    for name, module in list(twin.named_modules()):
        if isinstance(module, nn.LeakyReLU):
            twin.set_submodule(name, nn.ReLU())
    return twin


def measure(n_filters: int, n_images: int, turns: int, *, quiet: bool = False) -> Speed:
    """Time both on all filters in all images.

    Parameters
    ----------
    n_filters, n_images : int
        The first of the last hidden convolution, and of the held-out rooms.
    turns : int
        How often each is timed.
    quiet : bool
        No progress bar.
    """
    gan = load("rooms")
    twin = relu_twin(gan.require_discriminator("the benchmark"))
    gan = replace(gan, discriminator=twin)
    images = real_images(gan, "rooms", n_images, seed=0).images
    example = torch.rand(2, *images.shape[1:], generator=torch.Generator().manual_seed(0)) * 2 - 1
    convolution = choose_convolution(convolutions(twin, example), None)
    bank = FilterBank.of(twin, gan, images)
    pairs = _all_pairs(bank, convolution, n_filters)
    floats = images.float() / 127.5 - 1

    def ours() -> Tensor:
        return bank.all_guided(convolution, pairs, "strict")

    def reference() -> Tensor:
        return _one_by_one(twin, convolution, pairs, floats)

    difference = (ours() - reference()).abs().max() / reference().abs().max()
    seconds: dict[str, list[float]] = {"reference": [], "ours": []}
    for _ in tqdm(range(turns), desc="turns", disable=quiet):
        seconds["reference"].append(_seconds(reference))
        seconds["ours"].append(_seconds(ours))
    each = {name: statistics.median(times) for name, times in seconds.items()}
    return Speed(
        ratio=round(each["reference"] / each["ours"], 2),
        maps_per_second=round(len(pairs) / each["ours"], 1),
        reference_maps_per_second=round(len(pairs) / each["reference"], 1),
        max_difference=float(difference),
        n_filters=n_filters,
        n_images=n_images,
        turns=turns,
        threads=torch.get_num_threads(),
    )


def _all_pairs(bank: FilterBank, convolution: Convolution, n_filters: int) -> Pairs:
    """The first filters in all images, each at its maximal position."""
    position = bank.responses([convolution])[convolution.name].position[:, :n_filters]
    image, index = torch.ones_like(position).nonzero().unbind(dim=1)
    return Pairs(image, index, position.flatten())


def _one_by_one(twin: nn.Module, convolution: Convolution, pairs: Pairs, images: Tensor) -> Tensor:
    guided = NeuronGuidedBackprop(twin, twin.get_submodule(convolution.response))
    width = convolution.shape[2]
    maps = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that hooks are set
        for image, index, position in zip(pairs.image, pairs.filter, pairs.position, strict=True):
            neuron = (int(index), int(position) // width, int(position) % width)
            maps.append(guided.attribute(images[image : image + 1], neuron))
    return torch.cat(maps).detach()


def _seconds(step: Callable[[], Tensor]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


@click.command(cls=Command)
@click.option("--filters", "n_filters", type=click.IntRange(min=1), default=6, show_default=True)
@click.option("--images", "n_images", type=click.IntRange(min=1), default=32, show_default=True)
@click.option(
    "--turns", type=click.IntRange(min=1), default=7, show_default=True, help="Times each is timed."
)
@click.option("--threads", type=click.IntRange(min=1), help="Of torch.  [default: torch's own choice]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def main(n_filters: int, n_images: int, turns: int, threads: int | None, as_json: bool) -> None:
    """Compare the speed of batched guided maps with that of captum called one by one."""
    if threads is not None:
        torch.set_num_threads(threads)
    result = measure(n_filters, n_images, turns, quiet=as_json)
    if as_json:
        click.echo(json.dumps(asdict(result)))
        return
    click.echo(
        f"{result.maps_per_second} maps/s against {result.reference_maps_per_second}: {result.ratio} times "
        f"as fast ({result.threads} threads); they differ by at most {result.max_difference:.1e}"
    )


if __name__ == "__main__":
    main()
