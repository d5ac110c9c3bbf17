"""What a figure shows, free of how it is drawn: `print` and `screen` both read these classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]
Value = float | None
Interval = tuple[float, float] | None
Marks = Literal["both", "line", "dots"]

GRID_COLUMNS = 12


class Role(StrEnum):
    """What a mark stands for; `style.ROLE_COLOURS` gives it a colour."""

    OURS = "ours"
    PAPER = "paper"
    OTHER = "other"
    CONTROL = "control"
    UNTOUCHED = "untouched"
    REAL = "real"
    TARGET = "target"
    COLLATERAL = "collateral"


def _same_length(name: str, expected: int, *parts: Sequence[object]) -> None:
    for part in parts:
        if part and len(part) != expected:
            raise ValueError(f"{name}: {len(part)} entries where {expected} are needed")


def finite(values: Iterable[Value]) -> list[float]:
    """Return the entries that are there, without the `None`."""
    return [float(value) for value in values if value is not None]


@dataclass(frozen=True, eq=False)
class ImageRow:
    """One row of pictures of the same size.

    Attributes
    ----------
    images
        Pixels (N, H, W, 3), uint8.
    label, detail
        What the row is, and a smaller line below it; both may be empty.
    boxes
        Per picture the boxes (x0, y0, x1, y1) drawn on it, in its pixels; empty for none at all.
    role
        The colour of the label's mark and of the boxes.
    gap_above
        Whether a wider gap sets the row apart from the one above.
    captions
        Per picture a short text below it; empty for none at all.
    """

    images: Pixels
    label: str = ""
    detail: str = ""
    boxes: tuple[tuple[Box, ...], ...] = ()
    role: Role | None = None
    gap_above: bool = False
    captions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the array, the boxes and the captions."""
        if self.images.ndim != 4 or self.images.shape[-1] != 3 or self.images.dtype != np.uint8:
            raise ValueError(
                f"images: {self.images.dtype} of shape {self.images.shape}; uint8 (N, H, W, 3) is needed"
            )
        _same_length("boxes", len(self.images), self.boxes)
        _same_length("captions", len(self.images), self.captions)


@dataclass(frozen=True)
class ImageGrid:
    """Rows of pictures under one another, all of one size and at most `columns` a row."""

    rows: tuple[ImageRow, ...]
    title: str = ""
    column_labels: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        """Check that the rows go together."""
        if not self.rows:
            raise ValueError("rows: an image grid needs at least one")
        sizes = {row.images.shape[1:3] for row in self.rows}
        if len(sizes) > 1:
            raise ValueError(f"rows: images of different sizes {sorted(sizes)}")
        _same_length("column_labels", self.columns, self.column_labels)

    @property
    def columns(self) -> int:
        """Pictures in the longest row; 1 where there are none, so that the labels have a place."""
        return max(1, *(len(row.images) for row in self.rows))

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of one picture in pixels."""
        height, width = self.rows[0].images.shape[1:3]
        return int(height), int(width)


@dataclass(frozen=True)
class Tile:
    """One number set large: the value as it is written, what it says, and a smaller line."""

    value: str
    label: str
    detail: str = ""
    role: Role | None = None


@dataclass(frozen=True)
class Table:
    """Written numbers under column headers; `roles` colours the headers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    roles: tuple[Role | None, ...] = ()

    def __post_init__(self) -> None:
        """Check that every row has a cell a column."""
        for name, cells in self.rows:
            _same_length(f"row {name!r}", len(self.headers), cells, self.roles)


@dataclass(frozen=True)
class NumberCard:
    """Large numbers, and a table of the others below them."""

    title: str
    tiles: tuple[Tile, ...] = ()
    table: Table | None = None
    note: str = ""


@dataclass(frozen=True)
class Reference:
    """A value that a mark is read against, drawn as a thin line: 1.0, "unchanged"."""

    value: float
    label: str


@dataclass(frozen=True)
class Curve:
    """A line through (x, y), with the band of an interval where `low` and `high` are given.

    A control is drawn dashed and hollow in place of solid and filled. A point whose y is `None` is left out.
    `marks` leaves out the dots, of a curve of many points, or the line, of points that are few among them.
    """

    label: str
    role: Role
    x: tuple[float, ...]
    y: tuple[Value, ...]
    low: tuple[Value, ...] = ()
    high: tuple[Value, ...] = ()
    control: bool = False
    marks: Marks = "both"

    def __post_init__(self) -> None:
        """Check the lengths."""
        _same_length(f"curve {self.label!r}", len(self.x), self.y, self.low, self.high)


@dataclass(frozen=True)
class LinePanel:
    """Curves over a number.

    The horizontal axis starts at 0 where no x is below, the vertical one unless `from_zero` is off.
    """

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    references: tuple[Reference, ...] = ()
    note: str = ""
    from_zero: bool = True

    @property
    def x_ends(self) -> tuple[float, float]:
        """Ends of the horizontal axis: room for all x, and a little for the marks at its ends."""
        xs = [x for curve in self.curves for x in curve.x]
        low, high = min([*xs, 0.0]), max([*xs, 0.0])
        high = high if high > low else low + 1.0
        return low - 0.02 * (high - low), high + 0.03 * (high - low)

    @property
    def y_ends(self) -> tuple[float, float]:
        """Ends of the vertical axis: room for points, bands and references."""
        parts = [part for curve in self.curves for part in (curve.y, curve.low, curve.high)]
        values = [value for part in parts for value in finite(part)]
        values += [reference.value for reference in self.references]
        if self.from_zero:
            return 0.0, max([*values, 0.0]) * 1.07 or 1.0
        low, high = min(values, default=0.0), max(values, default=1.0)
        room = 0.07 * (high - low) or 0.5
        return low - room, high + room


@dataclass(frozen=True)
class DotSeries:
    """A dot a row, with an interval where one is given; `None` leaves the row empty."""

    label: str
    role: Role
    values: tuple[Value, ...]
    intervals: tuple[Interval, ...] = ()
    control: bool = False

    def __post_init__(self) -> None:
        """Check the lengths."""
        _same_length(f"series {self.label!r}", len(self.values), self.intervals)

    @property
    def extent(self) -> list[float]:
        """All numbers the axis must hold: the values and the ends of their intervals."""
        ends = [end for interval in self.intervals if interval is not None for end in interval]
        return finite(self.values) + finite(ends)


@dataclass(frozen=True)
class Facet:
    """One axis of a `DotPanel`: a quantity, and a series a method."""

    value_label: str
    series: tuple[DotSeries, ...]
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class DotPanel:
    """Named rows of dots. Several facets stand side by side and share the rows.

    `written` holds columns of numbers set right of the axis, each a header and one text a row. Rows named in
    `strong_rows` are bold. `legend` is off where the rows already name the series.
    """

    title: str
    rows: tuple[str, ...]
    facets: tuple[Facet, ...]
    written: tuple[tuple[str, tuple[str, ...]], ...] = ()
    strong_rows: tuple[str, ...] = ()
    legend: bool = True
    note: str = ""

    def __post_init__(self) -> None:
        """Check that every series and column has an entry a row."""
        for facet in self.facets:
            for series in facet.series:
                _same_length(f"series {series.label!r}", len(self.rows), series.values)
        for header, texts in self.written:
            _same_length(f"column {header!r}", len(self.rows), texts)

    @property
    def dots_in_a_row(self) -> int:
        """Most dots that share a row of a facet."""
        return max(len(self.shares(facet, row)) for facet in self.facets for row in range(len(self.rows)))

    def shares(self, facet: Facet, row: int) -> list[int]:
        """Indices of the series of a facet that have a dot in a row, in order."""
        return [index for index, series in enumerate(facet.series) if series.values[row] is not None]


@dataclass(frozen=True)
class Bar:
    """One named bar; its number is written at its end as `text`."""

    label: str
    value: Value
    text: str
    role: Role


@dataclass(frozen=True)
class BarPanel:
    """Horizontal bars from 0."""

    title: str
    value_label: str
    bars: tuple[Bar, ...]
    note: str = ""


@dataclass(frozen=True)
class StackPanel:
    """Bars of shares that sum to about 1: per bar a name and (class, share) in drawing order."""

    title: str
    value_label: str
    bars: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]
    note: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """Every class with a share, in order of first appearance."""
        return tuple(dict.fromkeys(name for _, shares in self.bars for name, share in shares if share > 0))


Panel = ImageGrid | NumberCard | LinePanel | DotPanel | BarPanel | StackPanel


@dataclass(frozen=True)
class Placed:
    """A panel and its place: row, and column of `GRID_COLUMNS`. The screen keeps the order, not the place."""

    panel: Panel
    row: int
    column: int = 0
    row_span: int = 1
    column_span: int = GRID_COLUMNS

    @property
    def cells(self) -> set[tuple[int, int]]:
        """The cells covered, as (row, column)."""
        rows = range(self.row, self.row + self.row_span)
        columns = range(self.column, self.column + self.column_span)
        return {(row, column) for row in rows for column in columns}


@dataclass(frozen=True)
class Figure:
    """A whole figure.

    Attributes
    ----------
    title, subtitle
        The headline and the sentence below it.
    panels
        What is shown, and where on the printed page.
    caption
        How it was made: samples, seed, layers, judge, checkpoint.
    least_width_in
        Least width of the printed page in inches; pictures may need more, and the height follows.
    """

    title: str
    panels: tuple[Placed, ...]
    subtitle: str = ""
    caption: str = ""
    least_width_in: float = 9.0

    def __post_init__(self) -> None:
        """Check that no two panels share a cell and none leaves the grid."""
        taken: set[tuple[int, int]] = set()
        for placed in self.panels:
            if taken & placed.cells or placed.column + placed.column_span > GRID_COLUMNS:
                raise ValueError(
                    f"panel {placed.panel.title!r}: row {placed.row}, column {placed.column} is taken"
                )
            taken |= placed.cells
