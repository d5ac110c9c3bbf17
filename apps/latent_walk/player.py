"""The player: frames to scrub through and to play, the nearest training image beside them, curves below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st
import torch

from apps.components import component, sent
from apps.latent_walk.waypoints import Route
from apps.shell.pictures import png
from apps.shell.sheet import data_uri
from dcgan_viz.data.datasets import to_float
from dcgan_viz.figures.screen.blocks import legend
from dcgan_viz.figures.screen.palette import properties, rules
from dcgan_viz.figures.screen.track import HEIGHT, WIDTH, track
from dcgan_viz.figures.spec import LinePanel
from dcgan_viz.figures.walk import curves
from dcgan_viz.figures.walk_view import WalkView
from dcgan_viz.figures.wording import number
from dcgan_viz.latent_walk.result import WalkResult
from dcgan_viz.output import strict_json
from dcgan_viz.sample import to_uint8

COLUMNS = 16
_PLAYER = component("player")


def player(
    key: str,
    frames: torch.Tensor,
    route: Route,
    result: WalkResult | None,
    fps: float,
    frame: int,
    on_frame: Callable[[int], None],
) -> None:
    """Draw it.

    Parameters
    ----------
    key : str
    frames : torch.Tensor (F, C, H, W), in [-1, 1]
    route : Route
    result : WalkResult or None
        None while it is being measured: then there are the frames alone.
    fps : float
        Frames a second.
    frame : int
        What the link says; the player itself goes on from there.
    on_frame : callable
        Called with the number of the frame where a person stopped.
    """
    last = len(frames) - 1
    at, serial = _asked(key, min(frame, last))

    def moved() -> None:
        found = sent(key, "at").get("frame")
        if type(found) is int and 0 <= found <= last:
            on_frame(found)

    data: dict[str, Any] = {
        "film": _film(frames),
        "n_frames": len(frames),
        "n_steps": route.settings.n_steps,
        "size": [frames.shape[3], frames.shape[2]],
        "columns": COLUMNS,
        "names": list(route.names),
        "loop": route.settings.loop,
        "fps": fps,
        "at": at,
        "serial": serial,
        "palette": properties(),
        "rules": rules(),
        "waits": result is None,
        **(_measured(result) if result is not None else {}),
    }
    _PLAYER(key=key, data=data, on_at_change=moved)


def _asked(key: str, frame: int) -> tuple[int, int]:
    """The frame that somebody else than the player asks for, and how often that has happened.

    What the player reports comes back to it through the link; sending it the same pictures again for that
    would make a message of a megabyte of every touch.
    """
    reported = sent(key, "at").get("frame")
    asked: tuple[int, int] = st.session_state.get(f"{key}.asked", (frame, 0))
    if frame not in (reported, asked[0]):
        asked = (frame, asked[1] + 1)
    st.session_state[f"{key}.asked"] = asked
    return asked


def _film(images: torch.Tensor) -> str:
    """All pictures on one sheet, row by row, without borders."""
    pixels = to_uint8(images)
    rows = -(-len(pixels) // COLUMNS)
    padding = np.zeros((rows * COLUMNS - len(pixels), *pixels.shape[1:]), np.uint8)
    sheet = np.concatenate([pixels, padding]).reshape(rows, COLUMNS, *pixels.shape[1:])
    height, width, channels = pixels.shape[1:]
    return data_uri(png(sheet.transpose(0, 2, 1, 3, 4).reshape(rows * height, COLUMNS * width, channels)))


def _measured(result: WalkResult) -> dict[str, Any]:
    fields = strict_json(result.to_json())
    assert isinstance(fields, dict)
    view = WalkView.from_json(fields)
    largest = view.steps[0]
    return {
        "finding": view.finding,
        "near": _nearest(result, view),
        "facts": _facts(view),
        "jump": largest.pair * view.n_steps + largest.step,
        "events": [
            {
                "frame": event.pair * view.n_steps + event.step + 1,
                "kind": event.kind,
                "text": f"{event.object} {event.kind}",
            }
            for event in view.events
        ],
        "charts": [_chart(panel) for panel in curves(view)],
        "chart_size": [WIDTH, HEIGHT],
    }


def _nearest(result: WalkResult, view: WalkView) -> dict[str, Any] | None:
    """The nearest training image of each frame."""
    if result.likeness is None or result.real is None or view.nearest is None:
        return None
    images, place = np.unique(result.likeness.frames.index, return_inverse=True)
    return {
        "film": _film(to_float(result.real.training[images])),
        "place": place.tolist(),
        "image": result.likeness.frames.index.tolist(),
    }


def _facts(view: WalkView) -> list[dict[str, Any]]:
    """What the readout beside the pictures says of each frame."""
    bands = [
        ("Distance to it", view.nearest, "held-out images, median"),
        ("D's logit", view.logit, "held-out images, median"),
        ("|z|", view.norms, "prior, median"),
    ]
    return [
        {
            "name": name,
            "values": [number(value) for value in band.frames],
            "beside": "" if band.median is None else f"{other} {number(band.median)}",
        }
        for name, band, other in bands
        if band is not None
    ]


def _chart(panel: LinePanel) -> dict[str, Any]:
    drawn = track(panel)
    return {
        "title": panel.title,
        "axis": panel.y_label,
        "legend": legend(panel),
        "svg": drawn.svg,
        "span": [drawn.left, drawn.right, drawn.top, drawn.bottom, drawn.low, drawn.high],
        "points": [list(point) for point in drawn.points],
    }
