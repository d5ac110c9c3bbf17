"""What the two renderers drew, read back from their own objects."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from dcgan_viz.figures.print.document import draw
from dcgan_viz.figures.screen.charts import ChartPanel, chart
from dcgan_viz.figures.spec import Figure, LinePanel, Panel, Placed

Series = dict[tuple[str, int], list[float]]


def panels(figure: Figure, kind: type) -> list[Any]:
    """The panels of a figure that are of one kind."""
    return [placed.panel for placed in figure.panels if isinstance(placed.panel, kind)]


def charts(figures: dict[str, Figure]) -> list[object]:
    """Every chart of some figures, for a test of each."""
    return [
        pytest.param(placed.panel, id=f"{name}: {placed.panel.title}")
        for name, figure in figures.items()
        for placed in figure.panels
        if isinstance(placed.panel, ChartPanel)
    ]


def assert_drawn_alike(panel: ChartPanel) -> None:
    """Both renderers draw the same numbers."""
    drawn, series = on_paper(panel)
    assert series
    assert on_screen(panel) == {name: pytest.approx(values, rel=1e-9) for name, values in series.items()}
    if isinstance(panel, LinePanel):
        curves = [trace for trace in chart(panel).data if not trace.name.endswith("(band)")]
        assert {trace.name: list(trace.y) for trace in curves} == heights_on_paper(drawn)


def on_paper(panel: Panel) -> tuple[MatplotlibFigure, Series]:
    """The drawn page of one panel, and the numbers of its series by (label, which axes)."""
    page = draw(Figure("t", (Placed(panel, 0),)))
    series: Series = {}
    for index, axes in enumerate(page.axes):
        for line in axes.lines:
            if not str(line.get_label()).startswith("_"):
                series[str(line.get_label()), index] = sorted(np.asarray(line.get_xdata()).tolist())
        for bar in axes.containers:
            widths = [patch.get_width() for patch in bar.get_children() if isinstance(patch, Rectangle)]
            series.setdefault((str(bar.get_label()), index), []).extend(widths)
    return page, {name: sorted(values) for name, values in series.items() if values}


def heights_on_paper(page: MatplotlibFigure) -> dict[str, list[float]]:
    lines = [line for line in page.axes[0].lines if not str(line.get_label()).startswith("_")]
    return {str(line.get_label()): np.asarray(line.get_ydata()).tolist() for line in lines}


def on_screen(panel: ChartPanel) -> Series:
    """The numbers of plotly's traces by (name, which axes)."""
    series: Series = {}
    for trace in chart(panel).data:
        if trace.name.endswith("(band)"):
            continue
        index = int((trace.xaxis or "x")[1:] or 1) - 1
        series.setdefault((trace.name, index), []).extend(trace.x)
    return {name: sorted(values) for name, values in series.items() if values}


def texts(page: MatplotlibFigure) -> list[Text]:
    """Every text that is drawn."""
    page.canvas.draw()
    found = page.findobj(Text)
    return [
        text for text in found if isinstance(text, Text) and text.get_visible() and text.get_text().strip()
    ]


def faults(page: MatplotlibFigure) -> list[str]:
    """Texts that are cut, or lie over another or over a picture."""
    drawn = texts(page)
    boxes = [(text.get_text(), text.get_window_extent()) for text in drawn]
    width, height = page.canvas.get_width_height()
    found = [
        f"{text!r} is cut"
        for text, box in boxes
        if min(box.x0, box.y0) < 0 or box.x1 > width or box.y1 > height
    ]
    found += [
        f"{one!r} lies over {other!r}"
        for (one, a), (other, b) in combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5
    ]
    pictures = [image.get_window_extent() for axes in page.axes for image in axes.images]
    return found + [
        f"{text!r} lies over a picture" for text, box in boxes if any(p.overlaps(box) for p in pictures)
    ]


def plotly_charts(html: str) -> list[dict]:
    """The traces and layouts that a page hands to plotly."""
    decoder = json.JSONDecoder()
    charts = []
    for match in re.finditer(r'Plotly\.newPlot\(\s*"(panel-\d+)",\s*', html):
        data, end = decoder.raw_decode(html, match.end())
        layout, _ = decoder.raw_decode(html, re.compile(r"\s*,\s*").match(html, end).end())  # type: ignore[union-attr]
        charts.append({"id": match[1], "data": data, "layout": layout})
    return charts
