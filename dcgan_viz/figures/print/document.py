"""A figure on paper, by matplotlib: PNG, SVG and PDF, the same bytes for the same figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

import matplotlib
from matplotlib import style as matplotlib_style
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure as MatplotlibFigure

from dcgan_viz.figures import style
from dcgan_viz.figures.print import bars, card, dots, images, lines
from dcgan_viz.figures.print.page import Area, Page, line_height, wrap
from dcgan_viz.figures.spec import (
    GRID_COLUMNS,
    BarPanel,
    DotPanel,
    Figure,
    ImageGrid,
    LinePanel,
    NumberCard,
    Panel,
    Placed,
)

MARGIN = 0.35
GUTTER = 0.36
ROW_GAP = 0.36
_CAPTION_GAP = 0.22
# matplotlib's settings are of the whole process: threads draw one after the other.
_drawing = RLock()
# The formats, and what to leave out of each that would differ from one day or version to the next.
_UNDATED: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}


def _height(panel: Panel, width: float) -> float:
    if isinstance(panel, ImageGrid):
        return images.height(panel, width)
    if isinstance(panel, NumberCard):
        return card.height(panel, width)
    if isinstance(panel, LinePanel):
        return lines.height(panel, width)
    if isinstance(panel, DotPanel):
        return dots.height(panel, width)
    return bars.height(panel, width)


def _draw(page: Page, panel: Panel, area: Area) -> None:
    if isinstance(panel, ImageGrid):
        images.draw(page, panel, area)
    elif isinstance(panel, NumberCard):
        card.draw(page, panel, area)
    elif isinstance(panel, LinePanel):
        lines.draw(page, panel, area)
    elif isinstance(panel, DotPanel):
        dots.draw(page, panel, area)
    elif isinstance(panel, BarPanel):
        bars.draw_bars(page, panel, area)
    else:
        bars.draw_stack(page, panel, area)


def span_width(columns: int, page_width: float) -> float:
    """Width in inches of a panel that spans `columns` of the grid."""
    unit = (page_width - 2 * MARGIN - (GRID_COLUMNS - 1) * GUTTER) / GRID_COLUMNS
    return columns * unit + (columns - 1) * GUTTER


def _width_for(panel_width: float, columns: int) -> float:
    """Page width in inches on which `columns` of the grid are `panel_width` wide."""
    unit = (panel_width - (columns - 1) * GUTTER) / columns
    return GRID_COLUMNS * unit + (GRID_COLUMNS - 1) * GUTTER + 2 * MARGIN


def page_width(figure: Figure) -> float:
    """Width in inches on which all pictures have their size."""
    needed = [
        _width_for(images.block_width(placed.panel), placed.column_span)
        for placed in figure.panels
        if isinstance(placed.panel, ImageGrid)
    ]
    return max([figure.least_width_in, *needed])


def _row_heights(figure: Figure, width: float) -> list[float]:
    """Heights of the rows: the tallest panel of each, then what panels over several rows need more."""
    heights = [0.0] * max(placed.row + placed.row_span for placed in figure.panels)
    for placed in sorted(figure.panels, key=lambda placed: placed.row_span):
        rows = slice(placed.row, placed.row + placed.row_span)
        needed = _height(placed.panel, span_width(placed.column_span, width))
        missing = needed - sum(heights[rows]) - ROW_GAP * (placed.row_span - 1)
        if missing > 0:
            heights[rows] = [height + missing / placed.row_span for height in heights[rows]]
    return heights


def _area(placed: Placed, width: float, heights: list[float], top: float) -> Area:
    x = MARGIN + placed.column * (span_width(1, width) + GUTTER)
    y = top + sum(heights[: placed.row]) + ROW_GAP * placed.row
    rows = heights[placed.row : placed.row + placed.row_span]
    height = sum(rows) + ROW_GAP * (len(rows) - 1)
    return Area(x, y, span_width(placed.column_span, width), height)


def draw(figure: Figure) -> MatplotlibFigure:
    """Draw a figure for print.

    Parameters
    ----------
    figure
        What to show.

    Returns
    -------
    matplotlib.figure.Figure
        With an Agg canvas, at `style.PRINT_DPI` dots an inch, known to no `pyplot`.
    """
    with _drawing, matplotlib_style.context("default", after_reset=True):
        return _draw_page(figure).figure


def _draw_page(figure: Figure) -> Page:
    width = page_width(figure)
    inner = width - 2 * MARGIN
    titles = wrap(figure.title, style.TITLE_PT, inner, bold=True)
    subtitles = wrap(figure.subtitle, style.SUBTITLE_PT, inner)
    captions = wrap(figure.caption, style.SMALL_PT, inner)
    top = MARGIN + len(titles) * line_height(style.TITLE_PT) + 0.16
    top += len(subtitles) * line_height(style.SUBTITLE_PT) + (0.04 if subtitles else 0)
    heights = _row_heights(figure, width)
    body = sum(heights) + ROW_GAP * (len(heights) - 1)
    foot = len(captions) * line_height(style.SMALL_PT) + (_CAPTION_GAP if captions else 0)
    page = Page(width, top + body + foot + MARGIN)
    y = page.lines(MARGIN, MARGIN, titles, size=style.TITLE_PT, bold=True)
    page.lines(MARGIN, y + 0.04, subtitles, size=style.SUBTITLE_PT, colour=style.MUTED)
    for placed in figure.panels:
        _draw(page, placed.panel, _area(placed, width, heights, top))
    page.lines(MARGIN, top + body + _CAPTION_GAP, captions, size=style.SMALL_PT, colour=style.MUTED)
    return page


def save(figure: Figure, directory: Path, stem: str = "figure") -> tuple[Path, ...]:
    """Write a figure as PNG, SVG and PDF; neither holds a date, so equal figures are equal files.

    Parameters
    ----------
    figure
        What to show.
    directory
        An existing directory.
    stem
        Name of the files without their ending.

    Returns
    -------
    tuple of Path
    """
    paths = tuple(directory / f"{stem}.{ending}" for ending in _UNDATED)
    with _same_everywhere():
        page = _draw_page(figure)
        for path, metadata in zip(paths, _UNDATED.values(), strict=True):
            page.figure.savefig(path, dpi=style.PRINT_DPI, metadata=metadata)
    return paths


def save_book(figures: Iterable[Figure], path: Path, title: str = "") -> None:
    """Write figures as the pages of one PDF, each page as large as its figure.

    Parameters
    ----------
    figures
        In the order of the pages.
    path
        The file.
    title
        What the file calls itself.
    """
    with _same_everywhere(), PdfPages(path, metadata={"Title": title, **_UNDATED["pdf"]}) as book:
        for figure in figures:
            book.savefig(_draw_page(figure).figure, dpi=style.PRINT_DPI)


@contextmanager
def _same_everywhere() -> Iterator[None]:
    """Keep the settings of the person's own matplotlibrc from changing the picture."""
    with (
        _drawing,
        matplotlib_style.context("default", after_reset=True),
        matplotlib.rc_context(
            {
                "svg.hashsalt": "dcgan_viz",
                "svg.fonttype": "path",
                "pdf.fonttype": 42,
                "image.composite_image": False,
            }
        ),
    ):
        yield
