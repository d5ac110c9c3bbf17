"""Find the features that draw a target, and take them away (section 6.3.1 of the paper), with evidence."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor

from dcgan_viz.data.box import Box, Boxes, boxes_from_mask
from dcgan_viz.data.room_gans import draws_rooms
from dcgan_viz.data.rooms import CLASSES
from dcgan_viz.data.segmenter import Segmenter, load_segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import Layer
from dcgan_viz.remove_objects import methods
from dcgan_viz.remove_objects.experiment import Experiment
from dcgan_viz.remove_objects.judges import Judge, NoJudge, RoomsJudge, check_rooms
from dcgan_viz.remove_objects.lesson import Lesson, bench_of, edit_layers, shown_samples
from dcgan_viz.remove_objects.makeshift import makeshift_judge
from dcgan_viz.remove_objects.probe import go_on
from dcgan_viz.remove_objects.result import DosePoint, MethodResult, RemovalResult, SweepPoint
from dcgan_viz.remove_objects.samples import check_generator, split_z
from dcgan_viz.remove_objects.settings import RemovalSettings

__all__ = ["annotate", "judge_for", "remove_objects", "split_z"]

Step = Callable[[], None]
Progress = Callable[[Sequence[Step]], Iterable[Step]]


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
        If none of the samples shows the target, it is no class of the rooms, or the generator's images are
        of another kind.
    """
    check_generator(gan)
    check_rooms(gan, settings.target, "annotator")
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


def judge_for(gan: Gan, boxes: Boxes, settings: RemovalSettings, seed: int) -> Judge:
    """Find who is to measure how much of the target is left.

    Parameters
    ----------
    gan : Gan
    boxes : Boxes
        On the first ``settings.n_annotated`` samples of this seed.
    settings : RemovalSettings
        ``judge`` "rooms" asks for the segmenter of rooms, "discriminator" for a judge that is fitted on the
        discriminator's features and half of the boxed images, "none" for nobody; "auto" for the first where
        the GAN was trained on rooms and the target is one of their classes, else for the second.
    seed : int

    Returns
    -------
    Judge
        `NoJudge` where the discriminator's features do not tell the boxes apart, or there is none.

    Raises
    ------
    InputError
        If the rooms' judge is asked for and cannot look for the target in this GAN's images, or the
        discriminator's and there is no discriminator.
    """
    check_generator(gan)
    wanted = settings.judge
    if wanted == "auto":
        wanted = "rooms" if draws_rooms(gan) and settings.target in CLASSES else "discriminator"
    elif wanted == "discriminator":
        gan.require_discriminator("--judge discriminator")
    if wanted == "rooms":
        check_rooms(gan, settings.target, "judge")
        return RoomsJudge(load_segmenter("judge", gan.device))
    if wanted == "none":
        return NoJudge("no judge was asked for")
    z, _ = split_z(gan, settings, seed)
    return makeshift_judge(gan, gan.generate(z), boxes, seed)


def remove_objects(
    gan: Gan,
    boxes: Boxes,
    judge: Judge,
    settings: RemovalSettings,
    seed: int,
    *,
    boxes_source: str = "annotator",
    progress: Progress = iter,
    tick: Callable[[], None] = go_on,
    lesson: Lesson | None = None,
) -> RemovalResult:
    """Remove a target by both methods, or the one that the settings name, and measure what that did.

    Parameters
    ----------
    gan : Gan
        Any generator of square images with layers of maps.
    boxes : Boxes
        Around the target in the first ``settings.n_annotated`` samples of this seed.
    judge : Judge
        Measures; it has had no part in the probe. See `judge_for`.
    settings : RemovalSettings
    seed : int
        Of the samples, the negatives, the control's draws and the bootstrap.
    boxes_source : str
        Where the boxes are from, for the record.
    progress : callable
        Gets the steps and yields them again, showing how far the work is.
    tick : callable
        Called often within the steps; may raise to stop. See `dcgan_viz.remove_objects.experiment`, and
        `dcgan_viz.remove_objects.effort` for how often.
    lesson : Lesson, optional
        What `learn` made of the same boxes, where somebody has waited for it already.

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
    bench = bench_of(gan, boxes, judge, settings, seed, tick, lesson)
    layers = edit_layers(bench, settings)
    if bench.measures_areas and not bench.before.shows(settings.target).any():
        raise InputError(
            f"target {settings.target!r}: the judge finds none in {len(bench.z)} samples; nothing to remove"
        )
    done = _run(bench, settings, layers, progress)
    return RemovalResult(
        target=settings.target,
        boxes=boxes,
        boxes_source=boxes_source,
        n_annotated=settings.n_annotated,
        n_fresh=settings.n_fresh,
        target_share=bench.target_share,
        methods=tuple(result for result, _ in done.found),
        dose=tuple(done.dose),
        layers=tuple(done.layers),
        judge=judge.to_json(),
        z=bench.z,
        untouched=bench.untouched,
        edited={result.name: images for result, images in done.found},
        shown=shown_samples(bench, settings, layers["local"]),
        edit=settings.edit_json(),
    )


@dataclass
class _Done:
    """What the steps of an analysis have found so far."""

    found: list[tuple[MethodResult, Tensor]] = field(default_factory=list)
    dose: list[DosePoint] = field(default_factory=list)
    layers: list[SweepPoint] = field(default_factory=list)


def _run(
    bench: Experiment, settings: RemovalSettings, layers: Mapping[str, Layer], progress: Progress
) -> _Done:
    """The methods, the dose curve and the sweep over layers, a step each."""
    done = _Done()

    def sweep(layer: Layer) -> None:
        done.layers.extend(methods.sweep(bench, settings, layer))

    steps: list[Step] = []
    if "drop" in settings.methods:
        steps.append(lambda: done.found.append(methods.drop(bench, settings, layers["drop"])))
        if not settings.quick:
            steps.append(lambda: done.dose.extend(methods.dose(bench, settings, layers["drop"])))
    if "local" in settings.methods:
        steps.append(lambda: done.found.append(methods.local(bench, settings, layers["local"])))
    if not settings.quick:
        steps += [partial(sweep, layer) for layer in bench.hidden]
    for step in progress(steps):
        step()
    return done
