"""Latent walk: from sample to sample through z, frame by frame, and what changes on the way."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st
import torch

from apps.latent_walk.audit import animations_of, frames_of, key_of, measured
from apps.latent_walk.player import player
from apps.latent_walk.waypoints import (
    COUNT,
    FPS,
    FRAME,
    FROM,
    INTERPOLATION,
    LOOP,
    MOST_FPS,
    MOST_STEPS,
    STEPS,
    Z_FILE,
    Route,
    route,
    uses_picks,
)  # fmt: skip
from apps.shell import controls, page
from apps.shell.bench import Bench, current
from apps.shell.downloads import Download, Folder, downloads, folder, provenance
from apps.shell.markdown import escaped
from apps.shell.timed import Timed
from dcgan_viz.cli import exact
from dcgan_viz.figures.animation import ANIMATIONS
from dcgan_viz.latent_walk.command import ANALYSIS, write
from dcgan_viz.latent_walk.result import WalkResult
from dcgan_viz.output import write_result

_WAYS = {"linear": "line", "spherical": "arc"}
COUNTS = (2, 3, 5, 9, 16, 24)
_LEFT_OUT = {
    "step_distance.features": "steps in D's features",
    "logit": "D's logit",
    "nearest_training": "nearest training images",
}


def show() -> None:
    """Draw the page."""
    page.title(
        "Latent walk",
        "From sample to sample in small steps. A generator that only knew its training images would jump.",
    )
    bench = current()
    bench.require("generator")
    _controls(bench)
    way = route(bench)
    frames = frames_of(bench, way)
    stage, below = st.container(), st.container()
    with below:
        found = measured(bench, way)
    with stage:
        _stage(frames, way, None if found is None else found.result)
    with below:
        if found is not None:
            _notes(found.result)
        _downloads(bench, way, found, animations_of(bench, way, frames))


def _controls(bench: Bench) -> None:
    n = len(bench.picks)
    names = {"picks": f"{n} picked samples" if n >= 2 else "picked samples", "random": "random"}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        shown = FROM.get() if n >= 2 else "random"  # what is walked; picks to come find the choice kept
        controls.pills(FROM, "Waypoints", tuple(names), names.__getitem__, shown=shown)
        if not uses_picks(bench):
            controls.select(COUNT, "How many", sorted({*COUNTS, COUNT.get()}), width=96)
        controls.pills(
            INTERPOLATION, "Between them", tuple(_WAYS), _WAYS.__getitem__,
            help="On a straight line, as in the paper, or on an arc around the origin, which keeps |z|.",
        )  # fmt: skip
        with st.container(width=150):
            controls.slider(STEPS, "Steps a pair", 1, MOST_STEPS, 1)
        with st.container(width=150):
            controls.slider(FPS, "Frames a second", 1.0, float(MOST_FPS), 1.0, format="%g")
        controls.toggle(LOOP, "Loop", help="Go back to the first waypoint.")
    if FROM.get() == "picks" and n < 2:
        st.caption(
            f"{COUNT.get()} random samples of seed {bench.seed}. Pick two or more on the page Samples to "
            "walk from one to the next, in the order of picking."
        )


@page.fragment()
def _stage(frames: torch.Tensor, way: Route, result: WalkResult | None) -> None:
    # Another key for another kind of data: what reaches a component while the browser still fetches its
    # script is lost, and a short walk is measured in that time.
    key = "walk.player" if result is None else "walk.player.measured"
    player(key, frames, way, result, FPS.get(), FRAME.get(), FRAME.set)


def _notes(result: WalkResult) -> None:
    """What a curve does not say by itself."""
    if result.prior.note:
        st.caption(escaped(result.prior.note.replace("--interpolation spherical", "an arc")))
    for reason in dict.fromkeys(result.left_out.values()):
        what = [name for name, why in result.left_out.items() if why == reason]
        st.caption(escaped(f"Left out ({', '.join(_LEFT_OUT.get(name, name) for name in what)}): {reason}."))
    if "reason" in result.objects.judge:
        reason = str(result.objects.judge["reason"])
        st.caption(escaped(f"Nobody looked for objects: {reason}."))


def _downloads(
    bench: Bench, way: Route, found: Timed[WalkResult] | None, moving: dict[str, bytes] | None
) -> None:
    stem = f"walk_seed_{bench.seed}"
    images = ["--images", bench.images] if bench.images else []
    kinds = [word for kind in ANIMATIONS for word in ("--animation", kind)]
    fps = [] if FPS.get() == 10 else ["--fps", exact(FPS.get())]
    command = bench.command("latent-walk", *way.options, *images, *kinds, *fps)
    files: list[Download] = []
    if moving is not None:
        files += [
            Download("Animation", f"{stem}.{kind}", partial(moving.__getitem__, f"walk.{kind}"))
            for kind in ("gif", "mp4", "webp")
        ]
    if found is not None:
        key = ("walk", key_of(bench, way), command)
        figures = folder(key, partial(_write, bench, command, found))
        files += [
            figures.download("Figure", f"{stem}.{kind}", f"figure.{kind}") for kind in ("png", "svg", "pdf")
        ]
        files.append(figures.download("Record", f"{stem}.json", "result.json"))
        if moving is not None:
            whole = folder((*key, "all"), partial(_write_all, bench, command, found, figures, moving))
            files.append(Download("Everything", f"{stem}.zip", whole.archive))
    if way.needs_file:
        files.append(Download("Waypoints", Z_FILE, way.z_file))
    downloads("walk", files, command)


def _write(bench: Bench, command: str, found: Timed[WalkResult], directory: Path) -> None:
    write(directory, found.result, provenance(bench, command, found.duration_s))


def _write_all(
    bench: Bench,
    command: str,
    found: Timed[WalkResult],
    figures: Folder,
    moving: dict[str, bytes],
    directory: Path,
) -> None:
    """What the command writes; result.json, which lists the files, last."""
    for name, content in (figures.files() | moving).items():
        (directory / name).write_bytes(content)
    noted = provenance(bench, command, found.duration_s)
    write_result(directory, ANALYSIS, found.result.to_json(), noted)


if __name__ == "__main__":
    show()
