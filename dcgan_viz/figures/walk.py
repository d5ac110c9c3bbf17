"""The figure of `latent_walk`: strips as in the paper's figure 4, and what happens on the way in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dcgan_viz.figures.images import Floats, to_pixels
from dcgan_viz.figures.provenance import provenance_line
from dcgan_viz.figures.spec import GRID_COLUMNS, Figure, ImageGrid, ImageRow, LinePanel, Panel, Placed, Role
from dcgan_viz.figures.walk_panels import (
    card,
    logit_panel,
    nearest_panel,
    norm_panel,
    object_panels,
    step_panel,
)
from dcgan_viz.figures.walk_view import WalkView

TITLE = "A walk through the latent space"
MOST_PICTURES = 11  # in a strip
MOST_STRIPS = 10
ARROW = "\N{RIGHTWARDS ARROW}"
_IN_A_ROW = 3
_PLURAL = {"appears": "appear", "vanishes": "vanish"}


@dataclass(frozen=True, eq=False)
class WalkImages:
    """The pictures of the figure.

    Attributes
    ----------
    frames
        All of the walk, (F, C, H, W), float32 in [-1, 1].
    nearest
        The training image nearest to each frame of the pair with the largest step, in its order; or `None`.
    """

    frames: Floats
    nearest: Floats | None = None


def _shown(n_steps: int) -> list[int]:
    """Frames of a pair that a strip shows: both waypoints, and even places between."""
    count = min(n_steps + 1, MOST_PICTURES)
    return [round(index * n_steps / (count - 1)) for index in range(count)]


def _column_labels(columns: list[int]) -> tuple[str, ...]:
    between = [str(frame) for frame in columns[1:-1]]
    return ("waypoint", *between, "waypoint")


def _pair_name(view: WalkView, pair: int) -> str:
    return f"{pair} {ARROW} {(pair + 1) % view.n_waypoints}"


def _events(view: WalkView, pair: int) -> str:
    """What appears and vanishes in a pair."""
    parts = []
    for kind in _PLURAL:
        names = dict.fromkeys(
            event.object for event in view.events if (event.pair, event.kind) == (pair, kind)
        )
        if names:
            parts.append(f"{', '.join(names)} {kind if len(names) == 1 else _PLURAL[kind]}")
    return "; ".join(parts)


def _strips(view: WalkView, frames: Floats) -> ImageGrid:
    columns, rows = _shown(view.n_steps), []
    height, width = frames.shape[2:]
    whole = ((0.0, 0.0, float(width), float(height)),)
    largest = view.steps[0]
    for pair in range(min(view.n_pairs, MOST_STRIPS)):
        jump = {largest.step, largest.step + 1} if pair == largest.pair else set()
        framed = jump if jump <= set(columns) else set()
        rows.append(
            ImageRow(
                to_pixels(frames[[pair * view.n_steps + column for column in columns]]),
                _pair_name(view, pair),
                _events(view, pair),
                tuple(whole if column in framed else () for column in columns),
                Role.TARGET if jump else Role.OURS,
            )
        )
    note = f"Between waypoints frames 1 to {view.n_steps - 1}; the largest step of all is framed."
    if view.n_pairs > MOST_STRIPS:
        note += f" The first {MOST_STRIPS} of {view.n_pairs} pairs; all frames are in the animation."
    return ImageGrid(tuple(rows), "", _column_labels(columns), note)


def _replay(view: WalkView, images: WalkImages) -> ImageGrid | None:
    """The pair with the largest step above its nearest training images."""
    if images.nearest is None:
        return None
    pair, columns = view.steps[0].pair, _shown(view.n_steps)
    frames = images.frames[[pair * view.n_steps + column for column in columns]]
    return ImageGrid(
        (
            ImageRow(to_pixels(frames), _pair_name(view, pair), "frames", role=Role.TARGET),
            ImageRow(
                to_pixels(images.nearest[columns]), "replay", "nearest training images", role=Role.CONTROL
            ),
        ),
        "The strip with the largest step, and the training images nearest to its frames in D's features",
    )


def curves(view: WalkView) -> tuple[LinePanel, ...]:
    """All that is measured of each frame or step, as curves over the walk: the steps first, objects last."""
    return (*_panels(view), *object_panels(view))


def _panels(view: WalkView) -> list[LinePanel]:
    panels: list[LinePanel] = [step_panel(view, steps) for steps in view.steps]
    if view.nearest is not None:
        panels.append(nearest_panel(view, view.nearest))
    if view.logit is not None:
        panels.append(logit_panel(view, view.logit))
    return [*panels, norm_panel(view)]


def _placed(panels: Sequence[Panel], first: int) -> list[Placed]:
    """Set panels in rows of three, the last of which may be wider."""
    placed = []
    for row, start in enumerate(range(0, len(panels), _IN_A_ROW), start=first):
        some = panels[start : start + _IN_A_ROW]
        width = GRID_COLUMNS // len(some)
        placed += [Placed(panel, row, index * width, 1, width) for index, panel in enumerate(some)]
    return placed


def _caption(view: WalkView) -> str:
    waypoints = (
        f"{view.n_waypoints} waypoints, {view.n_pairs} pairs, {view.n_steps} steps each, {view.interpolation}"
    )
    parts = [f"{waypoints}. Distances are root mean square differences."]
    if view.real_images:
        real = view.real_images
        parts.append(f"Training images: {real['training_source']}. Held-out: {real['held_out_source']}.")
    if view.judge.get("reason"):
        parts.append(f"Nobody looked for objects: {view.judge['reason']}.")
    else:
        parts.append(
            "Objects by the judge of rooms: one is there from 1 % of the picture on, gone below 0.25 %."
        )
        unseen = [name for name in view.areas if name not in view.seen_areas]
        parts.append(f"Seen in no frame: {', '.join(unseen)}." if unseen else "")
    for reason in dict.fromkeys(view.left_out.values()):
        what = ", ".join(name for name, why in view.left_out.items() if why == reason)
        parts.append(f"Left out ({what}): {reason}.")
    return " ".join(part for part in (*parts, provenance_line(view.provenance)) if part)


def walk_figure(view: WalkView, images: WalkImages) -> Figure:
    """Compose the figure of `latent_walk`.

    Parameters
    ----------
    view
        The numbers, read from result.json.
    images
        All frames, and the nearest training images of one strip.

    Returns
    -------
    Figure
        A strip a pair; the strip with the largest step above its nearest training images; curves along the
        way of the steps, the likeness to training images, the logit, the norm of z, and of each object.
    """
    strips = _pictures(view, images)
    return _figure(view, TITLE, (*strips, *_curves(view, len(strips))))


def strips_figure(view: WalkView, images: WalkImages) -> Figure:
    """Compose the pictures of `walk_figure` alone."""
    return _figure(view, TITLE, _pictures(view, images), 9.0)


def audit_figure(view: WalkView) -> Figure:
    """Compose what was measured along the way, without the pictures."""
    return _figure(view, "What changes along the walk", _curves(view, 0))


def _pictures(view: WalkView, images: WalkImages) -> tuple[Placed, ...]:
    grids = (_strips(view, images.frames), _replay(view, images))
    return tuple(Placed(grid, row) for row, grid in enumerate(grids) if grid is not None)


def _curves(view: WalkView, row: int) -> tuple[Placed, ...]:
    placed = _placed([*_panels(view), card(view)], row)
    numbers = placed.pop()  # the screen, which keeps the order, sets the card on a line of its own
    return (*placed, *_placed(list(object_panels(view)), numbers.row + 1), numbers)


def _figure(view: WalkView, title: str, placed: tuple[Placed, ...], least_width_in: float = 12.0) -> Figure:
    return Figure(title, placed, view.finding, _caption(view), least_width_in)
