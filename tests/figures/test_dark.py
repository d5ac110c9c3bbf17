"""The page on a dark ground: every colour of a role has a counterpart that can be seen there."""

import json

import pytest

from dcgan_viz.figures import style
from dcgan_viz.figures.screen import dark
from dcgan_viz.figures.screen.document import panels
from dcgan_viz.figures.spec import Role
from tests.figures.drawn import plotly_charts
from tests.figures.fakes import cases


def luminance(colour):
    """WCAG 2, relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("role", list(Role))
def test_roles_stand_out_from_the_ground(role):
    assert contrast(dark.ROLE_COLOURS[role], dark.PAGE) > 4.5
    assert contrast(dark.ROLE_COLOURS[role], dark.TILE) > 4.5
    assert f'[style*="color:{style.ROLE_COLOURS[role]}"] {{ color: {dark.ROLE_COLOURS[role]}' in dark.DARK


def test_words_stand_out_from_the_ground():
    assert min(contrast(colour, dark.TILE) for colour in (dark.INK, dark.MUTED)) > 4.5


def test_the_lines_of_a_chart_are_matched_as_browsers_write_them():
    assert '.js-plotly-plot [style*="stroke: rgb(0, 114, 178)"]' in dark.DARK  # of "#0072b2"
    assert dark.DARK.startswith("@media screen and (prefers-color-scheme: dark)")
    assert dark.DARK.count("{") == dark.DARK.count("}")


def test_panels_of_two_figures_share_a_page():
    figure = cases()["both methods"]
    assert '"b-' not in panels(figure, "a")
    ids = [chart["id"] for chart in plotly_charts(panels(figure))]
    assert ids
    assert all(f'"x-{one}"' in panels(figure, "x-panel") for one in ids)


def test_a_chart_is_redrawn_in_the_colours_of_a_dark_page():
    (chart, *_) = plotly_charts(panels(cases()["both methods"]))
    text = dark.darkened(json.dumps(chart))
    for colour, other in dark.COLOURS.items():
        assert colour not in text or colour in dark.COLOURS.values()
        assert (colour in json.dumps(chart)) <= (other in text)
    assert dark.darkened(style.with_alpha(style.INK, 0.18)) == style.with_alpha(dark.INK, 0.18)
    assert dark.darkened("#123456, #0072b2ff") == "#123456, #0072b2ff"
