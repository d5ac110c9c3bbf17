"""What the walk figure reads of `latent_walk`'s result.json, with its numbers untouched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcgan_viz.figures.reading import value
from dcgan_viz.figures.spec import Value

Values = tuple[Value, ...]


def _values(numbers: Sequence[float | None]) -> Values:
    return tuple(value(number) for number in numbers)


@dataclass(frozen=True)
class StepsView:
    """The steps in one space; `replay` is empty where no training images are known."""

    name: str
    steps: Values
    waypoints_mean: Value
    pair: int
    step: int
    share: Value
    replay: Values
    replay_share: Value

    @classmethod
    def from_json(cls, name: str, entry: Mapping[str, Any]) -> StepsView:
        """Read `step_distance`, or its `features`."""
        largest, replay = entry["largest"], entry.get("replay") or {}
        return cls(
            name=name,
            steps=_values(entry["steps"]),
            waypoints_mean=value(entry["waypoints_mean"]),
            pair=int(largest["pair"]),
            step=int(largest["step"]),
            share=value(largest["share_of_waypoint_distance"]),
            replay=_values(replay.get("steps") or ()),
            replay_share=value(replay.get("max_share_of_waypoint_distance")),
        )


@dataclass(frozen=True)
class BandView:
    """A number of each frame, with the quantiles of what it is compared with, where there is such."""

    frames: Values
    low: Value = None
    median: Value = None
    high: Value = None

    @classmethod
    def from_json(cls, frames: Sequence[float | None], other: Mapping[str, Any] | None) -> BandView:
        """Read frames, and a mapping with `q05`, `median` and `q95`."""
        ends = (value((other or {}).get(name)) for name in ("q05", "median", "q95"))
        return cls(_values(frames), *ends)


@dataclass(frozen=True)
class EventView:
    """An object that appears or vanishes in a step, with its share of the picture after it."""

    object: str
    kind: str
    pair: int
    step: int
    after: Value

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> EventView:
        """Read one entry of `events`."""
        return cls(
            entry["object"], entry["kind"], int(entry["pair"]), int(entry["step"]), value(entry["after"])
        )


@dataclass(frozen=True)
class WalkView:
    """A whole result.json of `latent_walk`, as far as the figure shows it.

    Attributes
    ----------
    n_waypoints, n_steps, n_pairs
        Waypoints, steps from one to the next, and pairs of them.
    interpolation
        "linear" or "spherical".
    finding
        What the steps say, in a sentence.
    steps
        By space, the one that says most first.
    nearest, logit
        `None` where they are left out.
    very_close_share
        Share of frames that are nearer to a training image than 95 % of the held-out images.
    norms
        Of z, with the prior's quantiles.
    prior_note
        What the norms mean.
    areas
        Share of each frame by object; empty without a judge.
    counts
        By object, how often it appears and vanishes.
    events
        In the order of the walk.
    judge
        Who says so; a `reason` where nobody does.
    real_images
        Numbers and sources of the real images, where there are some.
    left_out
        What is missing, and why.
    provenance
        The `provenance` of result.json.
    """

    n_waypoints: int
    n_steps: int
    n_pairs: int
    interpolation: str
    finding: str
    steps: tuple[StepsView, ...]
    nearest: BandView | None
    very_close_share: Value
    logit: BandView | None
    norms: BandView
    prior_note: str
    areas: dict[str, Values]
    counts: Mapping[str, Mapping[str, int]]
    events: tuple[EventView, ...]
    judge: Mapping[str, Any]
    real_images: Mapping[str, Any] | None
    left_out: Mapping[str, str]
    provenance: Mapping[str, Any] | None = None

    @classmethod
    def from_json(cls, result: Mapping[str, Any]) -> WalkView:
        """Read a result.json, or the mapping it is written from."""
        distance, near, logit = (result[name] for name in ("step_distance", "nearest_training", "logit"))
        prior, objects = result["prior"], result["objects"]
        steps = [StepsView.from_json("features", distance["features"])] if distance.get("features") else []
        quantiles = {"q05": prior["low"], "median": prior["median"], "q95": prior["high"]}
        return cls(
            n_waypoints=int(result["n_waypoints"]),
            n_steps=int(result["n_steps"]),
            n_pairs=int(result["n_pairs"]),
            interpolation=result["interpolation"],
            finding=result["finding"],
            steps=(*steps, StepsView.from_json("pixels", distance)),
            nearest=BandView.from_json(near["distances"], near["held_out"]) if near else None,
            very_close_share=value(near["very_close_share"]) if near else None,
            logit=BandView.from_json(logit["frames"], logit["held_out"]) if logit else None,
            norms=BandView.from_json(prior["norms"], quantiles),
            prior_note=str(prior.get("note") or ""),
            areas={name: _values(shares) for name, shares in objects["areas"].items()},
            counts=objects["counts"],
            events=tuple(EventView.from_json(entry) for entry in objects["events"]),
            judge=objects["judge"],
            real_images=result.get("real_images"),
            left_out=result["left_out"],
            provenance=result.get("provenance"),
        )

    @property
    def seen_areas(self) -> dict[str, Values]:
        """The areas of objects that some frame shows at all."""
        return {name: shares for name, shares in self.areas.items() if any(shares)}

    @property
    def positions(self) -> tuple[float, ...]:
        """Place of each frame, in waypoints."""
        return tuple(frame / self.n_steps for frame in range(self.n_pairs * self.n_steps + 1))
