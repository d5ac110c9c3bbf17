"""What a part of the set is: one analysis, its figure, and what it cannot do without."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from dcgan_viz.figures.spec import Figure
from dcgan_viz.figures.wording import number
from dcgan_viz.output import strict_json

if TYPE_CHECKING:
    from dcgan_viz.figure_set.bench import Bench

Result = TypeVar("Result")


class Need(StrEnum):
    """What a part cannot do without."""

    GENERATOR = "a generator"
    DISCRIMINATOR = "a discriminator"
    JUDGE = "the judge of rooms"
    IMAGES = "real images"
    RUN = "a run directory"


@dataclass(frozen=True)
class Number:
    """A number that is set beside the same of other seeds and checkpoints.

    Attributes
    ----------
    label : str
        What it is, in a few words.
    value : float or None
        As in the part's result.json; None where it could not be measured.
    control : float or None
        The same of its control, where it has one.
    digits : int
        Decimals that are written.
    """

    label: str
    value: float | None
    control: float | None = None
    digits: int = 2

    def words(self) -> str:
        """The value, and its control in brackets."""
        beside = "" if self.control is None else f" ({number(self.control, self.digits)})"
        return f"{number(self.value, self.digits)}{beside}"


class Part(ABC, Generic[Result]):
    """One figure of the set.

    Attributes
    ----------
    name : str
        As ``--only`` takes it, and the name of its directory.
    analysis : str
        As in its result.json.
    title, about : str
        A heading, and the question that the figure answers, in a sentence.
    needs : frozenset of Need
    is_repeated : bool
        Whether its numbers are measured anew for every further seed.
    moving : str
        Name of a moving picture among its files, which the page shows; empty where there is none.
    """

    name: ClassVar[str]
    analysis: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    needs: ClassVar[frozenset[Need]] = frozenset({Need.GENERATOR})
    is_repeated: ClassVar[bool] = False
    moving: ClassVar[str] = ""

    @abstractmethod
    def run(self, bench: Bench, seed: int) -> Result:
        """Do the analysis.

        Raises
        ------
        InputError
            If this checkpoint does not allow it; the reason stands in the index.
        """

    @abstractmethod
    def record(self, result: Result) -> dict[str, Any]:
        """The analysis's own fields of result.json, in the types of JSON."""

    @abstractmethod
    def figure(self, result: Result, record: dict[str, Any]) -> Figure:
        """The figure of a result; ``record`` has its ``provenance`` as well."""

    def numbers(self, record: dict[str, Any]) -> tuple[Number, ...]:
        """The few numbers of a record that are compared over seeds and checkpoints."""
        return ()

    def write(self, result: Result, directory: Path) -> None:
        """Write what belongs to a result beside figure and numbers: long arrays, loops, recipes."""


def json_fields(fields: Mapping[str, object]) -> dict[str, Any]:
    """The fields of a result in the types of JSON."""
    found = strict_json(fields)
    assert isinstance(found, dict)
    return found
