"""What the filters' figure reads of `guided_backprop`'s result.json, with its numbers untouched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcgan_viz.figures.reading import interval, value
from dcgan_viz.figures.spec import Box, Interval, Value


@dataclass(frozen=True)
class ClassView:
    """One class under one filter: share of guided energy over share of area, and the random network's."""

    ratio: Value
    ci95: Interval
    random_ratio: Value
    random_ci95: Interval

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> ClassView:
        """Read one entry of `selectivity`."""
        random = entry.get("random") or {}
        return cls(
            value(entry.get("ratio")),
            interval(entry.get("ci95")),
            value(random.get("ratio")),
            interval(random.get("ci95")),
        )


@dataclass(frozen=True)
class FilterView:
    """One filter. `boxes` are what its positions see of the top images."""

    index: int
    dead: bool
    n_top: int
    n_measured: int
    selectivity: dict[str, ClassView]
    answers_to: str
    boxes: tuple[Box, ...]

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> FilterView:
        """Read one entry of `filters`."""
        boxes = [
            (float(x0), float(y0), float(x1), float(y1))
            for x0, y0, x1, y1 in entry.get("receptive_fields") or ()
        ]
        return cls(
            index=int(entry["index"]),
            dead=bool(entry["dead"]),
            n_top=len(entry["top"]),
            n_measured=int(entry.get("n_measured") or 0),
            selectivity={
                name: ClassView.from_json(one) for name, one in (entry.get("selectivity") or {}).items()
            },
            answers_to=str(entry.get("answers_to") or ""),
            boxes=tuple(boxes),
        )


@dataclass(frozen=True)
class SimilarityView:
    """Cosine of trained and random guided maps at one layer, and its level of chance."""

    layer: str
    n_pairs: int
    cosine: Value
    cosine_ci95: Interval
    other_image: Value

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> SimilarityView:
        """Read one entry of `similarity_trained_random`."""
        return cls(
            layer=str(entry["layer"]),
            n_pairs=int(entry.get("n_pairs") or 0),
            cosine=value(entry.get("cosine")),
            cosine_ci95=interval(entry.get("cosine_ci95")),
            other_image=value(entry.get("other_image")),
        )


@dataclass(frozen=True)
class GuidedView:
    """A whole result.json of `guided_backprop`, as far as the figure shows it.

    captum has made `captum_maps` of its maps again; they differ by at most `captum_difference` of the largest
    value.
    """

    layer: str
    shape: tuple[int, ...]
    rule: str
    n_images: int
    images: str
    n_guided: int
    unguided: dict[str, int]
    filters: tuple[FilterView, ...]
    n_dead: int
    similarity: tuple[SimilarityView, ...]
    statistics: dict[str, str]
    captum_maps: int = 0
    captum_difference: Value = None
    provenance: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Check that there is a filter."""
        if not self.filters:
            raise ValueError("filters: a figure of filters needs at least one")

    @classmethod
    def from_json(cls, result: Mapping[str, Any]) -> GuidedView:
        """Read a result.json, or the mapping it is written from."""
        return cls(
            layer=str(result["layer"]),
            shape=tuple(result.get("layer_shape") or ()),
            rule=str(result["rule"]),
            n_images=int(result["n_images"]),
            images=str(result.get("images") or ""),
            n_guided=int(result["n_guided"]),
            unguided=dict(result.get("unguided") or {}),
            filters=tuple(FilterView.from_json(entry) for entry in result["filters"]),
            n_dead=len(result.get("dead_filters") or ()),
            similarity=tuple(
                SimilarityView.from_json(entry) for entry in result.get("similarity_trained_random") or ()
            ),
            statistics=dict(result.get("statistics") or {}),
            captum_maps=int((result.get("captum") or {}).get("n_maps") or 0),
            captum_difference=value((result.get("captum") or {}).get("map_difference")),
            provenance=result.get("provenance"),
        )

    @property
    def has_classes(self) -> bool:
        """Whether anything is known about what the filters answer to."""
        return any(one.selectivity for one in self.filters)
