"""What the figures of `vector_arithmetic` read of its result.json, with its numbers untouched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcgan_viz.figures.reading import interval, value
from dcgan_viz.figures.spec import Interval, Value


@dataclass(frozen=True)
class RateView:
    """A share or a mean, and its interval."""

    value: Value
    ci95: Interval

    @classmethod
    def from_json(cls, entry: Mapping[str, Any], name: str) -> RateView:
        """Read a number and its ``_ci95``."""
        return cls(value(entry.get(name)), interval(entry.get(f"{name}_ci95")))


@dataclass(frozen=True)
class VariantView:
    """One entry of `cases`: how often it succeeded, showed the target, was a room."""

    success: RateView
    shows_target: RateView
    is_room: RateView

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> VariantView:
        """Read the entry."""
        return cls(*(RateView.from_json(entry, name) for name in ("success_rate", "shows_target", "is_room")))


@dataclass(frozen=True)
class CasesView:
    """The `cases`: the same sum on many sheets.

    `variants` holds "result", "neighbours", "control", "single", "single_control" and "pixels"; `shown` the
    success of the first cases, under the names of their pictures.
    """

    target: str
    n_cases: int
    n_sheets: int
    n_exemplars: int
    n_choices: int
    n_control_draws: int
    present_pixels: int
    variants: Mapping[str, VariantView]
    above_control: RateView
    shown: Mapping[str, tuple[bool, ...]]

    @classmethod
    def from_json(cls, result: Mapping[str, Any]) -> CasesView | None:
        """Read the `cases` of a result.json; `None` where nobody measured."""
        entry = result.get("cases")
        if not entry:
            return None
        names = ("result", "neighbours", "control", "single", "single_control", "pixels")
        return cls(
            target=entry["target"],
            n_cases=entry["n_cases"],
            n_sheets=entry["n_sheets"],
            n_exemplars=entry["n_exemplars"],
            n_choices=entry["n_choices"],
            n_control_draws=entry["n_control_draws"],
            present_pixels=entry["present_pixels"],
            variants={name: VariantView.from_json(entry[name]) for name in names},
            above_control=RateView.from_json(result, "success_rate_above_control"),
            shown={name: tuple(map(bool, flags)) for name, flags in entry["shown"].items()},
        )


@dataclass(frozen=True)
class NormsView:
    """The `norms`."""

    prior: Mapping[str, float]
    means: Mapping[str, float]
    result: Value
    drawn: Value
    outside_prior: Value

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> NormsView:
        """Read the entry."""
        return cls(
            prior=entry["prior"],
            means=entry["means"],
            result=value(entry.get("result")),
            drawn=value(entry.get("drawn")),
            outside_prior=value(entry.get("outside_prior")),
        )


@dataclass(frozen=True)
class MovedView:
    """How an object moved along an axis: correlations of the walks, and its mean centre by position."""

    spearman: RateView
    n_cases: int
    n_unseen: int
    bin_edges: tuple[float, ...]
    bin_shares: tuple[float, ...]
    centre_mean: tuple[Value, ...]
    centre_ci95: tuple[Interval, ...]

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> MovedView:
        """Read a `turn`, or the `control` in it."""
        return cls(
            spearman=RateView.from_json(entry, "spearman_mean"),
            n_cases=entry["n_cases"],
            n_unseen=entry["n_unseen"],
            bin_edges=tuple(entry["spearman_bins"]["edges"]),
            bin_shares=tuple(entry["spearman_bins"]["share"]),
            centre_mean=tuple(value(number) for number in entry["centre_mean"]),
            centre_ci95=tuple(interval(ends) for ends in entry["centre_ci95"]),
        )


@dataclass(frozen=True)
class TurnView:
    """The `turn`; `moved`, `control` and the numbers of the strips are missing where nobody measured."""

    start: str
    end: str
    target: str
    positions: tuple[float, ...]
    axis_norm: float
    step_norms: tuple[float, ...]
    rescale: bool
    moved: MovedView | None
    control: MovedView | None
    strip_spearman: tuple[Value, ...]
    strip_centres: tuple[tuple[Value, ...], ...]

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> TurnView:
        """Read the entry."""
        measured = "control" in entry
        strips = entry.get("strips") or {}
        return cls(
            start=entry["start"],
            end=entry["end"],
            target=entry["target"],
            positions=tuple(entry["positions"]),
            axis_norm=entry["axis_norm"],
            step_norms=tuple(entry["step_norms"]),
            rescale=entry["rescale"],
            moved=MovedView.from_json(entry) if measured else None,
            control=MovedView.from_json(entry["control"]) if measured else None,
            strip_spearman=tuple(value(number) for number in strips.get("spearman") or ()),
            strip_centres=tuple(tuple(value(number) for number in row) for row in strips.get("centre") or ()),
        )


@dataclass(frozen=True)
class ArithmeticView:
    """A whole result.json of `vector_arithmetic`, as far as the figures show it.

    Attributes
    ----------
    expression, concepts
        Signs and exemplars' numbers by name.
    seed, sheet_size, noise, rescale
        Of the recipe.
    exemplars_by
        Who chose the exemplars.
    no_judge
        Why nobody measured; "" where somebody did.
    own_shows, own_neighbours
        Whether the judge sees the target in the picture of this sum, and in how many of its neighbours;
        `None` where nobody looked.
    cases, turn
        `None` where there are none.
    """

    expression: Mapping[str, str]
    concepts: Mapping[str, tuple[int, ...]]
    seed: int
    sheet_size: int
    noise: float
    rescale: bool
    exemplars_by: str
    no_judge: str
    own_shows: bool | None
    own_neighbours: int | None
    norms: NormsView
    cases: CasesView | None
    turn: TurnView | None
    provenance: Mapping[str, Any] | None = None

    @classmethod
    def from_json(cls, result: Mapping[str, Any]) -> ArithmeticView:
        """Read a result.json, or the mapping it is written from."""
        recipe, turn, own = result["recipe"], result.get("turn"), result.get("own_sum") or {}
        return cls(
            expression=recipe["expression"],
            concepts={name: tuple(indices) for name, indices in recipe["concepts"].items()},
            seed=recipe["seed"],
            sheet_size=recipe["sheet_size"],
            noise=recipe["noise"],
            rescale=recipe["rescale"],
            exemplars_by=result["exemplars_by"],
            no_judge=str(result["judge"].get("reason") or ""),
            own_shows=own.get("shows_target"),
            own_neighbours=own.get("n_neighbours_showing"),
            norms=NormsView.from_json(result["norms"]),
            cases=CasesView.from_json(result),
            turn=TurnView.from_json(turn) if turn else None,
            provenance=result.get("provenance"),
        )

    @property
    def chosen_words(self) -> str:
        """Who named the exemplars."""
        by_annotator = self.exemplars_by == "annotator"
        given = "taken as they come" if self.is_arbitrary else f"given by {self.exemplars_by}"
        return "chosen by the annotator" if by_annotator else given

    @property
    def is_arbitrary(self) -> bool:
        """Whether nobody named the exemplars."""
        return self.exemplars_by == "the order of the sheet"

    @property
    def sum_words(self) -> str:
        """The sum as one reads it, with a real minus."""
        words = " ".join(f"{SIGNS[sign]} {name}" for name, sign in self.expression.items())
        return words.removeprefix("+ ")


SIGNS = {"+": "+", "-": "\N{MINUS SIGN}"}
