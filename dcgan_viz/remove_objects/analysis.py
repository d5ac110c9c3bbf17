"""Find the features that draw a target, and take them away (section 6.3.1 of the paper), with evidence."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import torch
from torch import Tensor

from dcgan_viz.data.box import Box, Boxes, boxes_from_mask
from dcgan_viz.data.rooms import CLASSES, TARGETLESS_START, render_split
from dcgan_viz.data.segmenter import SEGMENTER_SIZE, Segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import Layer
from dcgan_viz.remove_objects import methods
from dcgan_viz.remove_objects.experiment import Experiment
from dcgan_viz.remove_objects.measure import has_target
from dcgan_viz.remove_objects.result import DosePoint, MethodResult, RemovalResult, SweepPoint
from dcgan_viz.remove_objects.settings import RemovalSettings

Step = Callable[[], None]
Progress = Callable[[Sequence[Step]], Iterable[Step]]
N_REAL = 2000  # held-out rooms among which those without the target are looked for
PLAIN_SHARE = 0.02  # of an image's pixels, from which on a target is shown in figures


def annotate(gan: Gan, annotator: Segmenter, settings: RemovalSettings, seed: int) -> Boxes:
    """Let the annotator draw boxes around a target, as the paper's authors did by hand.

    Parameters
    ----------
    gan : Gan
        Of 64 px in colour.
    annotator : Segmenter
    settings : RemovalSettings
        ``target``, ``n_annotated`` and ``max_boxes`` are used.
    seed : int
        Of the samples.

    Returns
    -------
    Boxes
        Around the target in the first samples that show it.

    Raises
    ------
    InputError
        If none of the samples shows the target, or the generator's images are of another kind.
    """
    z, _ = split_z(gan, settings, seed)
    classes = annotator.predict(gan.generate(z)).numpy()
    by_image: dict[int, tuple[Box, ...]] = {}
    for image, seen in enumerate(classes):
        left = settings.max_boxes - sum(len(boxes) for boxes in by_image.values())
        boxes = boxes_from_mask(seen == CLASSES.index(settings.target))
        if boxes and len(boxes) <= left:  # all of an image's boxes or none: what is outside has to be outside
            by_image[image] = boxes
    if not by_image:
        raise InputError(
            f"target {settings.target!r}: the annotator found none in {settings.n_annotated} samples; "
            "ask for more samples, or draw boxes yourself (--boxes)"
        )
    return Boxes(settings.target, gan.image_size, by_image)


def split_z(gan: Gan, settings: RemovalSettings, seed: int) -> tuple[Tensor, Tensor]:
    """The z (M, nz) of the samples that are annotated, and the fresh ones (N, nz)."""
    z = gan.sample_z(settings.n_annotated + settings.n_fresh, seed)
    return z[: settings.n_annotated], z[settings.n_annotated :]


def remove_objects(
    gan: Gan,
    boxes: Boxes,
    judge: Segmenter,
    settings: RemovalSettings,
    seed: int,
    *,
    boxes_source: str = "annotator",
    progress: Progress = iter,
) -> RemovalResult:
    """Remove a target by both methods and measure what that did.

    Parameters
    ----------
    gan : Gan
        Of 64 px in colour: the judge knows rooms only.
    boxes : Boxes
        Around the target in the first ``settings.n_annotated`` samples of this seed.
    judge : Segmenter
        Measures; it has had no part in the boxes.
    settings : RemovalSettings
    seed : int
        Of the samples, the negatives, the control's draws and the bootstrap.
    boxes_source : str
        Where the boxes are from, for the record.
    progress : callable
        Gets the steps and yields them again, showing how far the work is.

    Returns
    -------
    RemovalResult

    Raises
    ------
    InputError
        If a layer is unknown, or no sample shows the target.

    References
    ----------
    Radford, Metz and Chintala (2015), arXiv 1511.06434, section 6.3.1. A judge that had no part in choosing,
    and a control of the same size, are what GAN Dissection (Bau et al. 2018, arXiv 1811.10597) lacks.
    """
    z_annotated, z = split_z(gan, settings, seed)
    bench = Experiment(gan, judge, settings.target, boxes, z_annotated, z, seed)
    drop_layer = bench.layer(settings.layer or "penultimate")
    local_layer = bench.layer(settings.layer or "second-highest")
    present = has_target(bench.before, settings.target)
    if not present.any():
        raise InputError(
            f"target {settings.target!r}: the judge finds none in {len(z)} samples; nothing to remove"
        )
    real = judge.features(real_rooms_without(settings.target))

    found: list[tuple[MethodResult, Tensor]] = []
    dose: list[DosePoint] = []
    layers: list[SweepPoint] = []
    steps: list[Step] = [
        lambda: found.append(methods.drop(bench, settings, drop_layer, real)),
        lambda: dose.extend(methods.dose(bench, settings, drop_layer)),
        lambda: found.append(methods.local(bench, settings, local_layer, real)),
    ]

    def sweep(layer: Layer) -> None:
        layers.extend(methods.sweep(bench, settings, layer))

    steps += [partial(sweep, layer) for layer in bench.hidden]
    for step in progress(steps):
        step()

    plain = bench.before.areas[:, CLASSES.index(settings.target)] >= PLAIN_SHARE * SEGMENTER_SIZE**2
    return RemovalResult(
        target=settings.target,
        boxes=boxes,
        boxes_source=boxes_source,
        n_annotated=settings.n_annotated,
        n_fresh=settings.n_fresh,
        target_share=float(present.float().mean()),
        methods=tuple(result for result, _ in found),
        dose=tuple(dose),
        layers=tuple(layers),
        judge={"name": judge.role, **judge.metadata},
        z=z,
        untouched=bench.untouched,
        edited={result.name: images for result, images in found},
        shown=torch.from_numpy(plain if plain.any() else present.numpy()).nonzero()[:, 0],
    )


def real_rooms_without(target: str) -> Tensor:
    """Held-out rooms that do not show the target at all: images (N, 3, 64, 64), float32 in [-1, 1]."""
    images, masks = render_split("held_out", N_REAL, start=TARGETLESS_START, image_size=SEGMENTER_SIZE)
    without = ~(masks == CLASSES.index(target)).any(axis=(1, 2))
    return torch.from_numpy(images[without]).permute(0, 3, 1, 2).float() / 127.5 - 1
