"""Dots on a page: each lies where its number says, and says it."""

from xml.etree import ElementTree

import pytest

from dcgan_viz.figures.guided_panels import selectivity_panel, similarity_panel
from dcgan_viz.figures.guided_view import GuidedView
from dcgan_viz.figures.screen.dot_drawing import WIDTH, dot_drawing
from dcgan_viz.figures.spec import DotPanel, DotSeries, Facet, Reference, Role
from tests.figures.guided_fakes import fake_guided

TRAINED = DotSeries("trained", Role.OURS, (3.0, None), ((2.0, 5.0), None))
RANDOM = DotSeries("random", Role.CONTROL, (1.0, 2.0), (), control=True)
PANEL = DotPanel(
    "What <it> answers to", ("bed", "lamp"), (Facet("share", (TRAINED, RANDOM), (Reference(1.0, "one"),)),)
)


def drawn(panel):
    root = ElementTree.fromstring(dot_drawing(panel))
    dots = {group.findtext("title"): group for group in root.findall("g")}
    return root, dots


def test_dots_lie_where_their_numbers_say():
    root, dots = drawn(PANEL)
    assert set(dots) == {"bed, trained: 3.00 [2.00, 5.00]", "bed, random: 1.00", "lamp, random: 2.00"}
    x = {name: float(group.find("circle").get("cx")) for name, group in dots.items()}
    one, two, three = x["bed, random: 1.00"], x["lamp, random: 2.00"], x["bed, trained: 3.00 [2.00, 5.00]"]
    assert two - one == pytest.approx(three - two, abs=0.15)
    whisker = dots["bed, trained: 3.00 [2.00, 5.00]"].find("line")
    assert float(whisker.get("x1")) == pytest.approx(two, abs=0.15)
    assert float(whisker.get("x2")) == pytest.approx(three + 2 * (two - one), abs=0.3)
    (reference,) = [line for line in root.findall("line") if line.get("stroke-dasharray")]
    assert float(reference.get("x1")) == pytest.approx(one, abs=0.06)
    assert root.get("aria-label") == "What <it> answers to; share"


def test_the_panels_of_filters_lie_inside_their_drawings():
    view = GuidedView.from_json(fake_guided())
    panels = [selectivity_panel(one) for one in view.filters if one.selectivity] + [similarity_panel(view)]
    for panel in panels:
        root, dots = drawn(panel)
        assert len(dots) == sum(v is not None for s in panel.facets[0].series for v in s.values)
        height = float(root.get("viewBox").split()[3])
        for text in root.findall("text"):
            width, x = 6.8 * len(text.text), float(text.get("x"))
            left = x - {"middle": width / 2, "end": width}[text.get("text-anchor")]
            assert left >= 0
            assert float(text.get("y")) < height
        for circle in root.iter("circle"):
            assert 0 < float(circle.get("cx")) < WIDTH
