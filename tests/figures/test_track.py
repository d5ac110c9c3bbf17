"""Curves on which a place is followed: the marks lie where the numbers say."""

import re
from xml.etree import ElementTree

import pytest

from dcgan_viz.figures import style
from dcgan_viz.figures.screen import dark
from dcgan_viz.figures.screen.palette import properties, variable
from dcgan_viz.figures.screen.track import HEIGHT, WIDTH, track
from dcgan_viz.figures.spec import Curve, LinePanel, Reference, Role
from dcgan_viz.figures.walk import curves
from dcgan_viz.figures.walk_view import WalkView
from tests.figures.walk_fakes import fake_blind_walk, fake_walk

OTHER = Curve("replay", Role.CONTROL, (0.0, 1.0), (3.0, None), control=True, marks="dots")
OWN = Curve("walk", Role.OURS, (0.0, 1.0, 2.0), (1.0, None, 2.0), marks="line")
PANEL = LinePanel("Steps <1>", "waypoint", "distance", (OTHER, OWN), (Reference(4.0, "far"),))


def pairs(line):
    """The points (x, y) of a polyline."""
    return [tuple(map(float, pair.split(","))) for pair in (line.get("points") or "").split()]


def test_points_are_those_of_the_own_curve_at_their_heights():
    found = track(PANEL)
    (x0, x1), (y0, y1) = PANEL.x_ends, PANEL.y_ends
    assert (found.low, found.high) == (x0, x1)
    assert [(x, text) for x, _, text in found.points] == [(0.0, "1.00"), (2.0, "2.00")]
    for (_, height, _), value in zip(found.points, (1.0, 2.0), strict=True):
        assert (found.bottom - height) / (found.bottom - found.top) == pytest.approx((value - y0) / (y1 - y0))


def test_the_line_is_drawn_through_the_points():
    found = track(PANEL)
    root = ElementTree.fromstring(found.svg)
    (line,) = root.findall("polyline")
    for (x, y), (value, height, _) in zip(pairs(line), found.points, strict=True):
        share = (value - found.low) / (found.high - found.low)
        assert x == pytest.approx(found.left + share * (found.right - found.left), abs=0.06)
        assert y == pytest.approx(height, abs=0.06)
    assert len(root.findall("circle")) == 1  # what is not there is left out
    assert root.get("aria-label") == "Steps <1>: walk from 1.00 to 2.00, distance, over 2 places"


@pytest.mark.parametrize("result", [fake_walk(), fake_blind_walk()], ids=["whole", "blind"])
def test_every_curve_of_a_walk_lies_inside_its_drawing(result):
    view = WalkView.from_json(result)
    found = [track(panel) for panel in curves(view)]
    assert len(found) >= 2
    for one in found:
        root = ElementTree.fromstring(one.svg)
        for line in root.findall("polyline"):
            for x, y in pairs(line):
                assert one.left - 0.1 <= x <= one.right + 0.1
                assert one.top - 0.1 <= y <= one.bottom + 0.1
        for text in root.findall("text"):
            width = 6.4 * len(text.text or "")
            left = float(text.attrib["x"]) - {"middle": width / 2, "end": width}[text.attrib["text-anchor"]]
            assert left >= -1
            assert left + width <= WIDTH + 1
            assert float(text.attrib["y"]) <= HEIGHT


def test_every_colour_has_its_counterpart_in_the_dark():
    declared = dict(re.findall(r"--([\w-]+):light-dark\((#\w+,#\w+)\)", properties()))
    for role in Role:
        assert declared[f"role-{role.value}"] == f"{style.ROLE_COLOURS[role]},{dark.ROLE_COLOURS[role]}"
        assert variable(role) == f"var(--role-{role.value})"
    used = set(
        re.findall(
            r"var\(--([\w-]+)\)", "".join(track(one).svg for one in curves(WalkView.from_json(fake_walk())))
        )
    )
    assert used <= set(declared)
