"""A walk through the latent space, and its audit: two figures of one analysis (section 6.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.part import Number, Part, json_fields
from dcgan_viz.figures import Figure
from dcgan_viz.figures.walk import audit_figure, strips_figure
from dcgan_viz.figures.walk_panels import SPACES
from dcgan_viz.figures.walk_view import WalkView
from dcgan_viz.latent_walk.analysis import latent_walk
from dcgan_viz.latent_walk.command import ANALYSIS, pictures, write_animation, write_arrays
from dcgan_viz.latent_walk.result import WalkResult
from dcgan_viz.latent_walk.settings import WalkSettings
from dcgan_viz.latent_walk.waypoints import N_WAYPOINTS, drawn_waypoints

FRAMES_A_SECOND = 10.0


class _Walked(Part[WalkResult]):
    """What both figures share: the walk, gone once. Without real images or judge, less is measured."""

    analysis = ANALYSIS

    def run(self, bench: Bench, seed: int) -> WalkResult:
        """Walk by as many z as the paper's figure."""
        return bench.once(
            (ANALYSIS, seed),
            lambda: latent_walk(
                bench.gan,
                drawn_waypoints(bench.gan, N_WAYPOINTS, seed),
                WalkSettings(),
                seed,
                real=bench.real_images(seed),
                judge=bench.judge(),
            ),
        )

    def record(self, result: WalkResult) -> dict[str, Any]:
        """What `latent_walk` writes."""
        return json_fields(result.to_json())


class Walk(_Walked):
    """The pictures on the way from z to z."""

    name = "walk"
    title = "Latent walk"
    about = "Does the generator move smoothly between pictures?"
    moving = "walk.webp"

    def figure(self, result: WalkResult, record: dict[str, Any]) -> Figure:
        """A strip a pair of waypoints, and that with the largest step above its nearest training images."""
        return strips_figure(WalkView.from_json(record), pictures(result))

    def write(self, result: WalkResult, directory: Path) -> None:
        """Write the z, and the walk as a moving picture."""
        write_arrays(directory, result)
        write_animation(directory / self.moving, result, FRAMES_A_SECOND)


class WalkAudit(_Walked):
    """What changes along the way."""

    name = "walk_audit"
    title = "Latent walk, measured"
    about = "Or does it jump from one picture that it knows to the next?"
    is_repeated = True

    def figure(self, result: WalkResult, record: dict[str, Any]) -> Figure:
        """Steps, likeness to training images, logit, norm of z, objects."""
        return audit_figure(WalkView.from_json(record))

    def numbers(self, record: dict[str, Any]) -> tuple[Number, ...]:
        """The largest step, beside that of a walk over training images."""
        space, steps = "pixels", record["step_distance"]
        if steps["features"] is not None:
            space, steps = "features", steps["features"]
        replay = steps["replay"] or {}
        return (
            Number(
                f"largest step of the walk, share of the distance between its waypoints, in {SPACES[space]}",
                steps["largest"]["share_of_waypoint_distance"],
                replay.get("max_share_of_waypoint_distance"),
            ),
        )
