"""The steps between boxes and pictures, each by itself: learn the probes, choose samples, edit them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan_viz.data.box import Boxes
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import Layer
from dcgan_viz.remove_objects.edits import Drop
from dcgan_viz.remove_objects.experiment import Experiment
from dcgan_viz.remove_objects.judges import Judge
from dcgan_viz.remove_objects.probe import Probe, go_on
from dcgan_viz.remove_objects.samples import check_generator, split_z
from dcgan_viz.remove_objects.settings import METHODS, RemovalSettings
from dcgan_viz.remove_objects.stage import Stage

PLAIN_SHARE = 0.02  # of an image's pixels, from which on a target is shown in figures


@dataclass(frozen=True)
class Lesson:
    """What the boxes have taught.

    Attributes
    ----------
    judge : Judge
    layers : dict of str to Layer
        Where each method edits, by its name.
    probes : dict of str to Probe
        By method.
    """

    judge: Judge
    layers: dict[str, Layer]
    probes: dict[str, Probe]


@dataclass(frozen=True)
class Edited:
    """Pictures of some z with an edit.

    Attributes
    ----------
    images : Tensor (N, C, H, W)
        In [-1, 1].
    mask : Tensor (N, H', W') or None
        Where ``local`` filled its layer; ``drop`` changes all positions.
    n_maps : int
        Maps that were changed.
    """

    images: Tensor
    mask: Tensor | None
    n_maps: int


def bench_of(
    gan: Gan,
    boxes: Boxes,
    judge: Judge,
    settings: RemovalSettings,
    seed: int,
    tick: Callable[[], None] = go_on,
    lesson: Lesson | None = None,
) -> Experiment:
    """The bench on which `remove_objects` works, for those who take single steps.

    The arguments are those of `remove_objects`; of a ``lesson`` it takes the probes.

    Raises
    ------
    InputError
        If the generator cannot be edited so that pictures compare.
    """
    check_generator(gan)
    z_annotated, z = split_z(gan, settings, seed)
    bench = Experiment(
        gan, judge, settings.target, boxes, z_annotated, z, seed, strength=settings.strength, tick=tick
    )
    if not bench.hidden:
        raise InputError(
            f"checkpoint {gan.provenance.path}: no convolution of its generator reads maps to edit; "
            "give a convolutional one"
        )
    if lesson is not None:
        bench.keep_probes(lesson.layers.values(), lesson.probes.values())
    return bench


def edit_layers(bench: Experiment, settings: RemovalSettings) -> dict[str, Layer]:
    """Where each method edits, by its name.

    Raises
    ------
    InputError
        If there is no such layer, or it has fewer maps than are to be dropped.
    """
    second = "second-highest" if len(bench.hidden) > 1 else "penultimate"
    layers = {
        "drop": bench.layer(settings.layer or "penultimate"),
        "local": bench.layer(settings.layer or second),
    }
    count = layers["drop"].shape[0]
    if "drop" in settings.methods and (settings.n_maps or 0) > count:
        raise InputError(f"n_maps {settings.n_maps}: layer {layers['drop'].name} has {count} maps")
    return layers


def learn(bench: Experiment, settings: RemovalSettings) -> Lesson:
    """Fit the probes of both methods, as `remove_objects` does.

    Parameters
    ----------
    bench : Experiment
        See `bench_of`.
    settings : RemovalSettings

    Raises
    ------
    InputError
        If the boxes are too few, or leave nothing outside.
    """
    layers = edit_layers(bench, settings)
    return Lesson(bench.judge, layers, {name: bench.probe(layers[name]) for name in METHODS})


def edited(stage: Stage, probe: Probe, settings: RemovalSettings, method: str) -> Edited:
    """Edit pictures as `remove_objects` does.

    Parameters
    ----------
    stage : Stage
        Some z at the layer of the method.
    probe : Probe
        Of that layer.
    settings : RemovalSettings
        ``strength``, ``fill`` and ``n_maps`` are used.
    method : {"drop", "local"}
    """
    if method == "drop":
        drop = Drop.of(probe, settings.n_maps)
        return Edited(stage.dropped(drop, settings.strength), None, len(drop.maps))
    mask = settings.fill.mask(probe, stage.activations)
    images = stage.filled(settings.fill, mask, settings.strength)
    return Edited(images, mask, stage.activations.shape[1])


def shown_samples(bench: Experiment, settings: RemovalSettings, layer: Layer) -> Tensor:
    """Numbers (K,) of the fresh samples that show the target plainly, for figures.

    Parameters
    ----------
    bench : Experiment
    settings : RemovalSettings
    layer : Layer
        Whose probe says where the target is if there is no judge.
    """
    if bench.measures_areas:
        plain = bench.before.shows(bench.target, PLAIN_SHARE)
        plain = plain if plain.any() else bench.before.shows(bench.target)
    else:
        mask = settings.fill.mask(bench.probe(layer), bench.activations(layer))
        plain = mask.flatten(1).any(dim=1).cpu()
        plain = plain if plain.any() else torch.ones_like(plain)
    return plain.nonzero()[:, 0]
