"""What the memorisation figure reads of `memorization`'s result.json, with its numbers untouched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcgan_viz.figures.reading import interval, value
from dcgan_viz.figures.spec import Interval, Value


@dataclass(frozen=True)
class ShownView:
    """One picture of the figure: its rank by distance, its number, and that of its nearest in each space."""

    rank: str
    image: int
    distance: dict[str, Value]
    nearest: dict[str, int]

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> ShownView:
        """Read one entry of `shown`."""
        distance = {str(name): value(one) for name, one in entry["distance"].items()}
        return cls(entry["rank"], int(entry["image"]), distance, dict(entry["nearest"]))


@dataclass(frozen=True)
class SideView:
    """Samples or held-out images: distances to the nearest training image in each space.

    `quantiles` holds pairs of (share, distance), rising.
    """

    n_images: int
    medians: dict[str, Value]
    quantiles: dict[str, tuple[tuple[float, Value], ...]]
    shown: tuple[ShownView, ...]

    @classmethod
    def from_json(cls, entry: Mapping[str, Any], spaces: tuple[str, ...]) -> SideView:
        """Read `samples` or `held_out`."""
        quantiles = {
            name: tuple((float(one["share"]), value(one["distance"])) for one in entry[name]["quantiles"])
            for name in spaces
        }
        return cls(
            n_images=int(entry["n_images"]),
            medians={name: value(entry[name]["median"]) for name in spaces},
            quantiles=quantiles,
            shown=tuple(ShownView.from_json(one) for one in entry["shown"]),
        )


@dataclass(frozen=True)
class ShareView:
    """A share beside what chance makes it."""

    value: Value
    chance: Value
    ci95: Interval

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> ShareView:
        """Read one entry of `two_sample`'s."""
        return cls(value(entry["value"]), value(entry["chance"]), interval(entry["ci95"]))


@dataclass(frozen=True)
class MemorizationView:
    """A whole result.json of `memorization`, as far as the figure shows it.

    Attributes
    ----------
    spaces
        "pixels", and "features" where there are some.
    samples, held_out
        The two sides.
    two_sample
        By space and by name of the share.
    verdict
        `word` and `sentence`.
    n_duplicates
        Nearly identical pairs among the samples.
    duplicates
        By space: `threshold`, `n_pairs` and `n_held_out_pairs`.
    real_images
        Numbers and sources of the real images.
    left_out
        Why there are no features; empty where there are.
    provenance
        The `provenance` of result.json.
    """

    spaces: tuple[str, ...]
    samples: SideView
    held_out: SideView
    two_sample: dict[str, dict[str, ShareView]]
    verdict: Mapping[str, Any]
    n_duplicates: int
    duplicates: Mapping[str, Mapping[str, Any]]
    real_images: Mapping[str, Any]
    left_out: str = ""
    provenance: Mapping[str, Any] | None = None

    @classmethod
    def from_json(cls, result: Mapping[str, Any]) -> MemorizationView:
        """Read a result.json, or the mapping it is written from."""
        spaces = tuple(result["spaces"])
        return cls(
            spaces=spaces,
            samples=SideView.from_json(result["samples"], spaces),
            held_out=SideView.from_json(result["held_out"], spaces),
            two_sample={
                space: {name: ShareView.from_json(one) for name, one in shares.items()}
                for space, shares in result["two_sample"].items()
            },
            verdict=result["verdict"],
            n_duplicates=int(result["n_duplicates"]),
            duplicates=result["duplicates"],
            real_images=result["real_images"],
            left_out=str(result.get("left_out") or ""),
            provenance=result.get("provenance"),
        )
