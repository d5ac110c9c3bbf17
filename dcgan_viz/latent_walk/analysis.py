"""Walk from z to z, and look for the jumps of a generator that repeats training images (section 6.1)."""

import numpy as np
from torch import Tensor

from dcgan_viz.data.datasets import to_float
from dcgan_viz.data.held_out import RealImages
from dcgan_viz.data.neighbours import Progress, Space, nearest, spaces, why_no_features
from dcgan_viz.data.room_gans import check_fits_segmenters, segmenters_know
from dcgan_viz.data.rooms import OBJECTS
from dcgan_viz.data.segmenter import SEGMENTER_SIZE, load_segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.latent_walk.interpolation import frames_between
from dcgan_viz.latent_walk.likeness import Likeness
from dcgan_viz.latent_walk.objects import ObjectAudit, find_events
from dcgan_viz.latent_walk.prior_audit import audit_prior
from dcgan_viz.latent_walk.result import Logits, WalkResult
from dcgan_viz.latent_walk.settings import WalkSettings
from dcgan_viz.latent_walk.steps import measure_steps
from dcgan_viz.models.gan import Gan
from dcgan_viz.remove_objects.judges import Judge, NoJudge, RoomsJudge
from dcgan_viz.remove_objects.measure import Judged

JUDGES = ("auto", "rooms", "none")
MOST_FRAMES = 5000  # all of their features are in memory together


def judge_for(gan: Gan, wanted: str = "auto") -> Judge:
    """Find who is to say which objects a frame shows.

    Parameters
    ----------
    gan : Gan
    wanted : {"auto", "rooms", "none"}
        "auto" takes the segmenter of rooms where the GAN was trained on them.

    Raises
    ------
    InputError
        If the segmenter of rooms is asked for, and the images are not of 64 px in colour.
    """
    if wanted not in JUDGES:
        raise InputError(f"judge {wanted!r}: not known; choose from {', '.join(JUDGES)}")
    if wanted == "rooms":
        check_fits_segmenters(gan, "judge", "leave out --judge rooms")
    if wanted == "none":
        return NoJudge("no judge was asked for")
    if wanted == "auto" and not segmenters_know(gan):
        return NoJudge(f"the judge knows rooms of {SEGMENTER_SIZE} px only")
    return RoomsJudge(load_segmenter("judge", gan.device))


def walked(gan: Gan, waypoints: Tensor, settings: WalkSettings) -> tuple[Tensor, Tensor]:
    """The z (F, nz) and the frames (F, C, H, W) of a walk, before anything of it is measured.

    Parameters
    ----------
    gan : Gan
        With a generator.
    waypoints : Tensor (N, nz)
        At least two.
    settings : WalkSettings

    Raises
    ------
    InputError
        If the waypoints do not fit, are too many, or the generator's images depend on their batch.
    """
    gan.require_generator("latent_walk")
    _check(gan, waypoints, None)
    z = frames_between(waypoints.cpu(), settings)
    if len(z) > MOST_FRAMES:
        raise InputError(
            f"{len(z)} frames: more than {MOST_FRAMES}; take fewer waypoints or fewer steps between them"
        )
    return z, gan.generate(z)


def latent_walk(
    gan: Gan,
    waypoints: Tensor,
    settings: WalkSettings,
    seed: int,
    *,
    real: RealImages | None = None,
    judge: Judge | None = None,
    progress: Progress = iter,
) -> WalkResult:
    """Walk from waypoint to waypoint, and measure what changes on the way.

    Parameters
    ----------
    gan : Gan
        With a generator; what needs a discriminator is left out where there is none.
    waypoints : Tensor (N, nz)
        At least two.
    settings : WalkSettings
    seed : int
        Of the draws that the prior's norms are taken from.
    real : RealImages, optional
        Training images that frames are compared with, and held-out ones as the control.
    judge : Judge, optional
        Says which objects there are; see `judge_for`.
    progress : callable
        Gets the batches of training images and yields them again, showing how far the work is.

    Returns
    -------
    WalkResult

    Raises
    ------
    InputError
        If the waypoints do not fit, the generator's images depend on their batch, or the real images are of
        another size.

    References
    ----------
    Radford, Metz and Chintala (2015), arXiv 1511.06434, section 6.1: "sharp transitions" would be a sign of
    memorisation. The control is the walk that memorisation would give: each frame's nearest training image.
    """
    gan.require_generator("latent_walk")
    _check(gan, waypoints, real)
    z, frames = walked(gan, waypoints, settings)
    assert gan.prior is not None
    within = spaces(gan)
    vectors = {space.name: space.look(frames) for space in within}
    likeness = None
    if real is not None and "features" in vectors:
        likeness = _likeness(vectors["features"], within[-1], real, settings.n_steps, progress)
    replayed = _replayed(likeness, real, within)
    why = why_no_features(gan)
    return WalkResult(
        settings=settings,
        waypoints=waypoints.cpu(),
        z=z,
        frames=frames,
        steps=measure_steps(vectors, settings.n_steps, replayed),
        prior=audit_prior(z, gan.prior, settings, seed),
        objects=_objects(judge or NoJudge("no judge was given"), frames, settings.n_steps),
        logits=None if why else _logits(gan, frames, real),
        likeness=likeness,
        real=real,
        left_out=_left_out(why, real),
    )


def _check(gan: Gan, waypoints: Tensor, real: RealImages | None) -> None:
    assert gan.prior is not None
    if waypoints.ndim != 2 or waypoints.shape[1] != gan.prior.size:
        raise InputError(
            f"waypoints {tuple(waypoints.shape)}: this generator takes z of {gan.prior.size} numbers; "
            "give a row a waypoint"
        )
    if gan.batchnorm["generator"].mode == "batch":
        raise InputError(
            f"checkpoint {gan.provenance.path}: BatchNorm uses the statistics of the batch, so that a frame "
            "depends on its neighbours; calibrate it (--batchnorm calibrated)"
        )
    expected = (gan.channels, gan.image_size, gan.image_size)
    for images in (real.training, real.held_out) if real is not None else ():
        if images.shape[1:] != expected:
            raise InputError(
                f"real images of {'x'.join(map(str, images.shape[1:]))}: the generator draws "
                f"{'x'.join(map(str, expected))}; load them in that size"
            )


def _likeness(
    vectors: np.ndarray, space: Space, real: RealImages, n_steps: int, progress: Progress
) -> Likeness:
    queries = np.concatenate([vectors, space.look(to_float(real.held_out))])
    found = nearest({space.name: queries}, real.training, (space,), progress)[space.name]
    return Likeness(space.name, len(real.training), found[: len(vectors)], found[len(vectors) :], n_steps)


def _replayed(
    likeness: Likeness | None, real: RealImages | None, within: tuple[Space, ...]
) -> dict[str, np.ndarray] | None:
    """Vectors (F, D) of each frame's nearest training image, by space."""
    if likeness is None or real is None:
        return None
    images, place = np.unique(likeness.frames.index, return_inverse=True)
    chosen = to_float(real.training[images])
    return {space.name: space.look(chosen)[place] for space in within}


def _logits(gan: Gan, frames: Tensor, real: RealImages | None) -> Logits:
    held_out = gan.discriminate(to_float(real.held_out)).numpy() if real is not None else None
    return Logits(gan.discriminate(frames).numpy(), held_out)


def _objects(judge: Judge, frames: Tensor, n_steps: int) -> ObjectAudit:
    known = [name for name in OBJECTS if name in judge.classes]
    if not known:
        return ObjectAudit(judge.to_json())
    seen = Judged.of(judge, frames)
    areas = {name: seen.area(name) / seen.classes[0].numel() for name in known}
    return ObjectAudit(judge.to_json(), areas, find_events(areas, n_steps))


def _left_out(why: str, real: RealImages | None) -> dict[str, str]:
    """What is missing without the discriminator's features, or without real images."""
    if why:
        return dict.fromkeys(("step_distance.features", "logit", "nearest_training"), why)
    if real is None:
        return {"nearest_training": "no training images are known; give them with --images"}
    return {}
