"""A printed page addressed in inches from its top left corner, and the ruler that measures text on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from dcgan_viz.figures import style

Dashes = Literal["-"] | tuple[float, Sequence[float]]

LEADING = 1.32
SOLID: Dashes = "-"
DASHED: Dashes = (0, (3, 1.5))
DOTTED: Dashes = (0, (1, 1.5))
DOT_PT = 4.6
DOT_EDGE_PT = 1.2
CURVE_PT = 1.6


@dataclass(frozen=True)
class Area:
    """A rectangle of the page: its top left corner and its size, in inches."""

    x: float
    y: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """The y of its lower edge."""
        return self.y + self.height

    @property
    def right(self) -> float:
        """The x of its right edge."""
        return self.x + self.width

    def below(self, y: float) -> Area:
        """Return the part from y down."""
        return Area(self.x, y, self.width, self.bottom - y)

    def inset(self, left: float = 0.0, right: float = 0.0, top: float = 0.0, bottom: float = 0.0) -> Area:
        """Return the rectangle without a margin on each side."""
        return Area(self.x + left, self.y + top, self.width - left - right, self.height - top - bottom)


def font(size: float, bold: bool = False) -> FontProperties:
    """Return the font of a text of `size` points."""
    return FontProperties(family=style.SANS_PRINT, size=size, weight="bold" if bold else "normal")


@lru_cache(maxsize=1)
def _renderer() -> RendererAgg:
    return RendererAgg(16, 16, style.PRINT_DPI)


@lru_cache(maxsize=8192)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of one line in inches."""
    width, _, _ = _renderer().get_text_width_height_descent(text, font(size, bold), ismath=False)
    return float(width) / style.PRINT_DPI


def line_height(size: float) -> float:
    """Distance between two base lines in inches."""
    return size * LEADING / 72


def _cut(word: str, size: float, width: float, bold: bool) -> list[str]:
    """Break a word that is wider than the line."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and text_width(pieces[-1] + letter, size, bold) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def wrap(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Break a text into lines of at most `width` inches, and where it has line breaks; none if empty."""
    if "\n" in text:
        return [line for part in text.split("\n") for line in wrap(part, size, width, bold)]
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if text_width(joined, size, bold) <= width:
            lines[-1:] = [joined]
        elif text_width(word, size, bold) <= width:
            lines.append(word)
        else:
            lines.extend(_cut(word, size, width, bold))
    return lines


class Page:
    """A matplotlib figure without global state; y runs down, all lengths in inches.

    Parameters
    ----------
    width, height
        Size in inches.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width = round(width * style.PRINT_DPI) / style.PRINT_DPI
        self.height = round(height * style.PRINT_DPI) / style.PRINT_DPI
        self.figure = MatplotlibFigure(
            figsize=(self.width, self.height), dpi=style.PRINT_DPI, facecolor=style.PAGE
        )
        FigureCanvasAgg(self.figure)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = style.TEXT_PT,
        colour: str = style.INK,
        bold: bool = False,
        align: str = "left",
        anchor: str = "top",
    ) -> None:
        """Write one line with its top (or `anchor`) at y."""
        self.figure.text(
            x,
            self.height - y,
            text,
            transform=self.figure.dpi_scale_trans,
            fontproperties=font(size, bold),
            color=colour,
            ha=align,
            va=anchor,
            parse_math=False,
        )

    def lines(
        self,
        x: float,
        y: float,
        lines: list[str],
        *,
        size: float = style.TEXT_PT,
        colour: str = style.INK,
        bold: bool = False,
        align: str = "left",
    ) -> float:
        """Write lines under one another from y down; return the y below them."""
        for line in lines:
            self.text(x, y, line, size=size, colour=colour, bold=bold, align=align)
            y += line_height(size)
        return y

    def box(self, area: Area, colour: str) -> None:
        """Fill a rectangle."""
        self.figure.add_artist(
            Rectangle(
                (area.x, self.height - area.bottom),
                area.width,
                area.height,
                transform=self.figure.dpi_scale_trans,
                facecolor=colour,
                linewidth=0,
            )
        )

    def stroke(self, xs: list[float], y: float, colour: str, *, width: float, dashes: Dashes = SOLID) -> None:
        """Draw a horizontal line from xs[0] to xs[1]; `width` in points."""
        self.figure.add_artist(
            Line2D(
                xs,
                [self.height - y] * 2,
                transform=self.figure.dpi_scale_trans,
                color=colour,
                linewidth=width,
                linestyle=dashes,
            )
        )

    def dot(self, x: float, y: float, colour: str, *, hollow: bool) -> None:
        """Draw a dot."""
        self.figure.add_artist(
            Line2D(
                [x],
                [self.height - y],
                transform=self.figure.dpi_scale_trans,
                linestyle="none",
                marker="o",
                markersize=DOT_PT,
                markerfacecolor=style.PAGE if hollow else colour,
                markeredgecolor=colour,
                markeredgewidth=DOT_EDGE_PT,
            )
        )

    def axes(self, area: Area) -> Axes:
        """Add axes that fill a rectangle."""
        return self.figure.add_axes(
            (
                area.x / self.width,
                1 - area.bottom / self.height,
                area.width / self.width,
                area.height / self.height,
            )
        )

    def snap(self, length: float) -> float:
        """Round to a whole pixel of the PNG."""
        return round(length * style.PRINT_DPI) / style.PRINT_DPI
