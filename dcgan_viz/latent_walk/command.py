"""The command ``latent-walk``."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np
from torch import Tensor

from dcgan_viz.cli import Command, CommonOptions, common_options
from dcgan_viz.data.datasets import to_float
from dcgan_viz.figures import save_figure, to_pixels
from dcgan_viz.figures.animation import ANIMATIONS, save_animation
from dcgan_viz.figures.walk import WalkImages, walk_figure
from dcgan_viz.figures.walk_view import WalkView
from dcgan_viz.image_options import ImageOptions, image_options
from dcgan_viz.latent_walk.analysis import JUDGES, judge_for, latent_walk
from dcgan_viz.latent_walk.result import WalkResult
from dcgan_viz.latent_walk.settings import INTERPOLATIONS, WalkSettings
from dcgan_viz.latent_walk.waypoints import N_WAYPOINTS, drawn_waypoints, read_waypoints
from dcgan_viz.models.gan import Gan
from dcgan_viz.output import strict_json, write_result

ANALYSIS = "latent_walk"


def _indices(context: click.Context, parameter: click.Parameter, value: str | None) -> list[int] | None:
    if value is None:
        return None
    try:
        return [int(part) for part in value.split(",")]
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no list of numbers such as 0,3,7.") from error


@click.command(cls=Command)
@click.option(
    "--waypoints",
    type=click.IntRange(2, 1000),
    default=N_WAYPOINTS,
    show_default=True,
    help="How many z to go by, from the prior or from --z, in their order.",
)
@click.option(
    "--z",
    "z_file",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE.npz",
    help="z of your own: an array z (N, nz), as in the arrays.npz that sample writes.",
)
@click.option(
    "--indices",
    default=None,
    metavar="I,J,...",
    callback=_indices,
    help="Which z to go by: rows of --z, or images of the command sample with the same seed.",
)
@click.option(
    "--interpolation",
    type=click.Choice(INTERPOLATIONS),
    default=WalkSettings.interpolation,
    show_default=True,
    help="On straight lines, as in the paper, or on arcs around the origin.",
)
@click.option(
    "--steps",
    type=click.IntRange(1, 1000),
    default=WalkSettings.n_steps,
    show_default=True,
    help="Steps from one waypoint to the next.",
)
@click.option("--loop", is_flag=True, help="Go back to the first waypoint.")
@click.option(
    "--animation",
    "animations",
    type=click.Choice(ANIMATIONS),
    multiple=True,
    help="Write the walk as a moving picture, too; may be given several times.",
)
@click.option(
    "--fps",
    type=click.FloatRange(1, 50),
    default=10.0,
    show_default=True,
    help="Frames a second of the animation.",
)
@click.option(
    "--judge",
    type=click.Choice(JUDGES),
    default="auto",
    show_default=True,
    help="Who says where objects appear: the segmenter of rooms, or nobody; auto takes the first where the "
    "GAN draws rooms.",
)
@image_options
@common_options
def main(
    common: CommonOptions,
    real: ImageOptions,
    waypoints: int,
    z_file: Path | None,
    indices: Sequence[int] | None,
    interpolation: str,
    steps: int,
    loop: bool,
    animations: Sequence[str],
    fps: float,
    judge: str,
) -> None:
    """Walk through the latent space, and look for jumps on the way.

    OUT/latent_walk receives the figure (PNG, SVG, PDF, HTML), result.json, arrays.npz with the z of all
    frames, and walk.gif, walk.webp or walk.mp4 where asked for.
    """
    settings = WalkSettings(interpolation, steps, loop)
    with common.output(ANALYSIS) as directory:
        gan = common.load()
        z = _waypoints(common, gan, waypoints, z_file, indices)
        chosen = judge_for(gan, judge)
        result = latent_walk(
            gan,
            z,
            settings,
            common.seed,
            real=real.load(gan, common.seed, progress=not common.quiet),
            judge=chosen,
            progress=lambda batches: common.progress(batches, "looking for neighbours"),
        )
        for kind in dict.fromkeys(animations):
            write_animation(directory / f"walk.{kind}", result, fps)
        record = write(directory, result, common.provenance(gan).to_json())
    common.emit(record, _summary(result, common.out / ANALYSIS))


def words_of(
    settings: WalkSettings, n: int = N_WAYPOINTS, *, indices: Sequence[int] = (), z_file: str = ""
) -> list[str]:
    """The options that say some settings, and which waypoints.

    Parameters
    ----------
    settings : WalkSettings
    n : int
        How many waypoints, where ``indices`` does not say which.
    indices : sequence of int
        Numbers of the z, if not the first are meant.
    z_file : str
        Where they are from, if not from the prior.

    Examples
    --------
    >>> words_of(WalkSettings(loop=True), indices=(3, 1))
    ['--indices', '3,1', '--loop']
    """
    words = ["--z", z_file] if z_file else []
    if indices:
        words += ["--indices", ",".join(map(str, indices))]
    elif n != N_WAYPOINTS:
        words += ["--waypoints", str(n)]
    if settings.interpolation != WalkSettings.interpolation:
        words += ["--interpolation", settings.interpolation]
    if settings.n_steps != WalkSettings.n_steps:
        words += ["--steps", str(settings.n_steps)]
    return [*words, "--loop"] if settings.loop else words


def _waypoints(
    common: CommonOptions, gan: Gan, n: int, z_file: Path | None, indices: Sequence[int] | None
) -> Tensor:
    gan.require_generator(ANALYSIS)
    assert gan.prior is not None
    if z_file is None:
        return drawn_waypoints(gan, n, common.seed, indices)
    return read_waypoints(z_file, gan.prior.size, n, indices)


def write(directory: Path, result: WalkResult, provenance: Mapping[str, object]) -> dict[str, object]:
    """Write figure, arrays and result.json into a directory, and return the record."""
    fields = strict_json({**result.to_json(), "provenance": provenance})
    assert isinstance(fields, dict)
    save_figure(walk_figure(WalkView.from_json(fields), pictures(result)), directory)
    write_arrays(directory, result)
    return write_result(directory, ANALYSIS, result.to_json(), provenance)


def write_arrays(directory: Path, result: WalkResult) -> None:
    """Write arrays.npz with the z of all frames."""
    np.savez_compressed(
        directory / "arrays.npz", allow_pickle=False, z=result.z.numpy(), waypoints=result.waypoints.numpy()
    )


def pictures(result: WalkResult) -> WalkImages:
    """The pictures that the figure shows."""
    frames = result.frames.numpy()
    if result.likeness is None or result.real is None:
        return WalkImages(frames)
    n_steps = result.settings.n_steps
    pair = result.steps["features"].largest // n_steps
    images = result.likeness.frames.index[pair * n_steps : (pair + 1) * n_steps + 1]
    return WalkImages(frames, to_float(result.real.training[images]).numpy())


def write_animation(path: Path, result: WalkResult, fps: float) -> None:
    """Write all frames as a moving picture; see `write_frames`."""
    write_frames(path, result.frames, fps, loop=result.settings.loop)


def write_frames(path: Path, frames: Tensor, fps: float, *, loop: bool) -> None:
    """Write frames (F, C, H, W) as a moving picture; of a loop without the last, which is the first again."""
    pixels = to_pixels(frames.numpy())
    save_animation(pixels[:-1] if loop else pixels, path, fps=fps)


def _summary(result: WalkResult, directory: Path) -> list[str]:
    events = result.objects.events
    lines = [result.finding, result.prior.note]
    if result.objects.areas:
        listed = "; ".join(f"{one.name} {one.kind} in {one.pair}:{one.step}" for one in events) or "none"
        lines.append(f"objects (pair:step): {listed}")
    lines += [f"without {what}: {why}" for what, why in result.left_out.items()]
    return [*filter(None, lines), f"figure: {directory / 'figure.png'}"]


if __name__ == "__main__":
    main()
