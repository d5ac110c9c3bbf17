"""Charts on the screen: a plotly figure a panel, free of title and legend, which the page sets around it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dcgan_viz.figures import style
from dcgan_viz.figures.spec import (
    BarPanel,
    Curve,
    DotPanel,
    DotSeries,
    Facet,
    LinePanel,
    Marks,
    Reference,
    StackPanel,
    finite,
)
from dcgan_viz.figures.wording import number, with_interval

ChartPanel = LinePanel | DotPanel | BarPanel | StackPanel

_MODES: dict[Marks, str] = {"both": "lines+markers", "line": "lines", "dots": "markers"}

_TEXT_PX = 13
_SMALL_PX = 12
_CHARACTER_PX = 6.6
_NAME_CHARACTERS = 22
_DODGE = 0.19
_MOST_DODGED = 0.8
_LEAST_TOP = 0.1


def _names(labels: Sequence[str], strong: Sequence[str] = ()) -> list[str]:
    """Row names for plotly: broken into lines, special characters escaped."""
    names = []
    for label in labels:
        lines = [escape(line) for part in label.split("\n") for line in textwrap.wrap(part, _NAME_CHARACTERS)]
        text = "<br>".join(lines)
        names.append(f"<b>{text}</b>" if label in strong else text)
    return names


def _base(height: int, **margins: int) -> dict[str, Any]:
    """Layout that all charts share."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 14, "t": 8, "b": 8} | margins,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": style.SANS_SCREEN, "size": _TEXT_PX, "color": style.INK},
        "showlegend": False,
        "hoverlabel": {"font": {"family": style.SANS_SCREEN, "size": _TEXT_PX}},
        "dragmode": False,
        "barmode": "stack",
    }


def _value_axis(title: str, top: float, ticks: int = 5) -> dict[str, Any]:
    return {
        "title": {"text": escape(title), "font": {"size": _SMALL_PX}, "standoff": 8},
        "range": [0, top],
        "fixedrange": True,
        "gridcolor": style.LINE,
        "zerolinecolor": style.LINE,
        "tickfont": {"size": _SMALL_PX, "color": style.MUTED},
        "automargin": True,
        "nticks": ticks,
        "tickangle": 0,
        "ticklabelstandoff": 4,
    }


def _row_axis(labels: Sequence[str], strong: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(labels))),
        "ticktext": _names(labels, strong),
        "range": [len(labels) - 0.5, -0.5],
        "ticklabelstandoff": 8,
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
    }


def _reference_lines(figure: go.Figure, references: Sequence[Reference], axis: str, column: int = 1) -> None:
    for reference in references:
        draw = figure.add_vline if axis == "x" else figure.add_hline
        draw(reference.value, line={"color": style.MUTED, "width": 1, "dash": "dot"}, row=1, col=column)


def _marker(colour: str, control: bool) -> dict[str, Any]:
    fill = style.PAGE if control else colour
    return {"size": 9, "color": fill, "line": {"color": colour, "width": 2}}


def _band(curve: Curve) -> go.Scatter | None:
    ends = zip(curve.x, curve.low, curve.high, strict=False)
    band = [(x, low, high) for x, low, high in ends if low is not None and high is not None]
    if not band:
        return None
    xs = [x for x, _, _ in band]
    return go.Scatter(
        x=xs + xs[::-1],
        y=[high for _, _, high in band] + [low for _, low, _ in band][::-1],
        fill="toself",
        fillcolor=style.with_alpha(style.role_colour(curve.role), 0.18),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name=f"{curve.label} (band)",
    )


def _curve(curve: Curve, x_label: str) -> go.Scatter:
    colour = style.role_colour(curve.role)
    points = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if y is not None]
    return go.Scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        name=curve.label,
        mode=_MODES[curve.marks],
        line={"color": colour, "width": 2.5, "dash": "dash" if curve.control else "solid"},
        marker=_marker(colour, curve.control),
        cliponaxis=False,
        hovertemplate=f"{escape(curve.label)}<br>%{{x:,}} {escape(x_label)}: %{{y:.3f}}<extra></extra>",
    )


def _lines(panel: LinePanel) -> go.Figure:
    figure = make_subplots(rows=1, cols=1)
    for band in map(_band, panel.curves):
        if band is not None:
            figure.add_trace(band)
    for curve in panel.curves:
        figure.add_trace(_curve(curve, panel.x_label))
    _reference_lines(figure, panel.references, "y")
    figure.update_layout(_base(300))
    figure.update_xaxes(_value_axis(panel.x_label, panel.x_ends[1]) | {"range": list(panel.x_ends)})
    figure.update_yaxes(_value_axis("", panel.y_ends[1]) | {"range": list(panel.y_ends)})
    return figure


def _top(values: Sequence[float], references: Sequence[Reference] = (), least: float = 0.0) -> float:
    return max([*values, *(reference.value for reference in references), least]) * 1.07 or 1.0


def _dots(series: DotSeries, rows: Sequence[str], ys: list[float]) -> go.Scatter:
    colour = style.role_colour(series.role)
    intervals = series.intervals or (None,) * len(rows)
    there = [i for i, value in enumerate(series.values) if value is not None]
    values = [series.values[i] or 0.0 for i in there]
    ends = [intervals[i] or (value, value) for i, value in zip(there, values, strict=True)]
    return go.Scatter(
        x=values,
        y=[ys[i] for i in there],
        name=series.label,
        mode="markers",
        marker=_marker(colour, series.control),
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - value for value, (_, high) in zip(values, ends, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(values, ends, strict=True)],
            "color": style.with_alpha(colour, 0.55),
            "thickness": 2.5,
            "width": 0,
            "visible": any(interval is not None for interval in intervals),
        },
        cliponaxis=False,
        customdata=[
            f"{escape(rows[i])}, {escape(series.label)}: {with_interval(series.values[i], intervals[i])}"
            for i in there
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _facet(figure: go.Figure, panel: DotPanel, facet: Facet, column: int) -> None:
    step = min(_DODGE, _MOST_DODGED / panel.dots_in_a_row) if panel.dots_in_a_row else 0.0
    for index, series in enumerate(facet.series):
        ys = []
        for row in range(len(panel.rows)):
            sharing = panel.shares(facet, row)
            place = sharing.index(index) - (len(sharing) - 1) / 2 if index in sharing else 0.0
            ys.append(row + place * step)
        figure.add_trace(_dots(series, panel.rows, ys), row=1, col=column)
    _reference_lines(figure, facet.references, "x", column)
    extent = [end for series in facet.series for end in series.extent]
    top, bottom = _top(extent, facet.references, _LEAST_TOP), 1.07 * min([*extent, 0.0])
    ticks = 5 if len(panel.facets) == 1 else 3
    figure.update_xaxes(
        _value_axis(facet.value_label, top, ticks) | {"range": [bottom, top]}, row=1, col=column
    )


def _written(panel: DotPanel) -> tuple[list[dict[str, Any]], int]:
    """Annotations for the written columns, and the right margin that they need, in px."""
    notes: list[dict[str, Any]] = []
    widths = [
        round(_CHARACTER_PX * max(len(text) for text in (*textwrap.wrap(header, 10), *texts)))
        for header, texts in panel.written
    ]
    right = sum(widths) + 14 * len(widths) + 8
    offset = 8
    for width, (header, texts) in zip(widths, panel.written, strict=True):
        offset += width + 14
        shared = {"xref": "paper", "x": 1, "xanchor": "right", "xshift": offset, "showarrow": False}
        font = {"size": _SMALL_PX, "color": style.MUTED}
        title = "<br>".join(escape(line) for line in textwrap.wrap(header, 10))
        if title:
            notes.append(shared | {"text": title, "yref": "paper", "y": 1, "yanchor": "bottom", "font": font})
        for row, text in enumerate(texts):
            notes.append(shared | {"text": text, "yref": "y", "y": row, "font": {"size": _SMALL_PX}})
    return notes, right if widths else 14


def _dot_panel(panel: DotPanel) -> go.Figure:
    figure = make_subplots(rows=1, cols=len(panel.facets), shared_yaxes=True, horizontal_spacing=0.1)
    for column, facet in enumerate(panel.facets, start=1):
        _facet(figure, panel, facet, column)
    notes, right = _written(panel)
    lines = max(len(name.split("<br>")) for name in _names(panel.rows))
    row_px = max(18 * lines + 8, 14 + 11 * panel.dots_in_a_row)
    header_lines = max((len(textwrap.wrap(header, 10)) for header, _ in panel.written), default=0)
    top = 8 + 17 * header_lines
    figure.update_layout(_base(row_px * len(panel.rows) + 60 + top, r=right, t=top), annotations=notes)
    figure.update_yaxes(_row_axis(panel.rows, panel.strong_rows))
    for row in range(1, len(panel.rows)):
        figure.add_hline(row - 0.5, line={"color": style.LINE, "width": 1}, layer="below")
    return figure


def _bars(panel: BarPanel) -> go.Figure:
    figure = go.Figure()
    for row, bar in enumerate(panel.bars):
        figure.add_trace(
            go.Bar(
                x=[bar.value or 0.0],
                y=[row],
                name=bar.label,
                orientation="h",
                width=0.62,
                marker={"color": style.role_colour(bar.role)},
                text=[bar.text],
                textposition="outside",
                cliponaxis=False,
                hovertemplate=f"{escape(bar.label)}: {escape(bar.text)}<extra></extra>",
            )
        )
    figure.update_layout(_base(34 * len(panel.bars) + 70, r=56))
    figure.update_xaxes(_value_axis(panel.value_label, _top(finite(bar.value for bar in panel.bars))))
    figure.update_yaxes(_row_axis([bar.label for bar in panel.bars]))
    return figure


def _stack(panel: StackPanel) -> go.Figure:
    figure = go.Figure()
    for row, (bar, shares) in enumerate(panel.bars):
        for name, share in shares:
            colour = style.class_colour(name, panel.classes)
            figure.add_trace(
                go.Bar(
                    x=[share],
                    y=[row],
                    name=name,
                    orientation="h",
                    width=0.7,
                    marker={"color": colour, "line": {"color": style.PAGE, "width": 1}},
                    text=[f"{escape(name)} {number(share)}" if share >= 0.25 else ""],
                    textposition="inside",
                    insidetextanchor="middle",
                    textangle=0,
                    textfont={"color": style.text_on(colour), "size": _SMALL_PX},
                    hovertemplate=f"{escape(bar)}: {escape(name)} {number(share, 3)}<extra></extra>",
                )
            )
    figure.update_layout(_base(46 * len(panel.bars) + 70))
    top = max(1.0, *(sum(share for _, share in shares) for _, shares in panel.bars))
    figure.update_xaxes(_value_axis(panel.value_label, top))
    figure.update_yaxes(_row_axis([name for name, _ in panel.bars]))
    return figure


def chart(panel: ChartPanel) -> go.Figure:
    """Draw a panel with plotly.

    Parameters
    ----------
    panel
        Curves, dots, bars or shares.

    Returns
    -------
    plotly.graph_objects.Figure
        Without title and legend; each trace has the label of its series as its name.
    """
    if isinstance(panel, LinePanel):
        return _lines(panel)
    if isinstance(panel, DotPanel):
        return _dot_panel(panel)
    return _bars(panel) if isinstance(panel, BarPanel) else _stack(panel)
