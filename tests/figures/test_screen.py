from html.parser import HTMLParser

import numpy as np
import pytest

from dcgan_viz.figures.screen.charts import chart
from dcgan_viz.figures.screen.document import page, save
from dcgan_viz.figures.spec import (
    Curve,
    DotPanel,
    Figure,
    ImageGrid,
    ImageRow,
    LinePanel,
    NumberCard,
    Placed,
    Role,
    Table,
    Tile,
)
from tests.figures.drawn import assert_drawn_alike, charts, plotly_charts
from tests.figures.fakes import cases, long_result
from tests.pictures import decoded

CASES = cases()


class Addresses(HTMLParser):
    """Everything in a page that a browser would fetch, and its pictures."""

    def __init__(self, html):
        super().__init__()
        self.fetched, self.pictures, self.text = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("src", "href", "srcset", "data", "poster", "action"):
                (self.pictures if (value or "").startswith("data:") else self.fetched).append(value)

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("panel", charts(CASES))
def test_both_renderers_draw_the_same_numbers(panel):
    assert_drawn_alike(panel)


def test_the_page_holds_the_numbers_of_the_result():
    result = long_result()
    charts = plotly_charts(page(CASES["long names"]))
    xs = [x for one in charts for trace in one["data"] for x in trace["x"]]
    ys = [y for one in charts for trace in one["data"] for y in trace["y"]]
    for method in result["methods"]:
        assert xs.count(method["target_area_ratio"]) >= 2  # against its control, and among the classes
        for number in (*method["other_area_ratios"].values(), *method["became"].values()):
            assert number in xs
        assert method["distance_to_targetless"]["edited"] in xs
        assert method["control"]["target_area_ratio"] in xs
    for point in result["layers"]:
        assert {point["target_area_ratio"], point["collateral"], point["control_target_area_ratio"]} <= set(
            xs
        )
    for point in result["dose"]:
        assert {point["target_area_ratio"], point["random_target_area_ratio"], *point["random_ci95"]} <= set(
            ys
        )


def test_the_intervals_are_those_of_the_result():
    dots = [one.panel for one in CASES["both methods"].panels if isinstance(one.panel, DotPanel)]
    panel = next(panel for panel in dots if not panel.legend)
    shown = {trace.name: trace for trace in chart(panel).data}
    for series in panel.facets[0].series:
        trace, ends = shown[series.label], next(ends for ends in series.intervals if ends)
        assert trace.x[0] - trace.error_x.arrayminus[0] == pytest.approx(ends[0])
        assert trace.x[0] + trace.error_x.array[0] == pytest.approx(ends[1])


@pytest.mark.parametrize("name", CASES)
def test_the_page_fetches_nothing(name):
    html = page(CASES[name])
    assert Addresses(html).fetched == []
    assert "@import" not in html.split("</style>")[0]
    assert "url(" not in html.split("</style>")[0]


def test_pictures_in_the_page_are_the_pixels_given():
    images = np.random.default_rng(1).integers(0, 256, (3, 28, 28, 3), dtype=np.uint8)
    html = page(Figure("t", (Placed(ImageGrid((ImageRow(images, "row"),)), 0),)))
    found = Addresses(html).pictures
    assert len(found) == 3
    for image, address in zip(images, found, strict=True):
        np.testing.assert_array_equal(decoded(address), image)
    assert "--width:140px" in html  # 5 times 28: at least 128, and pixels stay square
    assert "image-rendering: pixelated" in html


def test_boxes_lie_where_they_should():
    images = np.zeros((1, 64, 32, 3), np.uint8)
    row = ImageRow(images, boxes=(((8, 16, 16, 48),),), role=Role.TARGET)
    html = page(Figure("t", (Placed(ImageGrid((row,)), 0),)))
    assert "left:25.000%;top:25.000%;width:25.000%;height:50.000%" in html


def test_names_are_text_not_markup():
    html = page(CASES["long names"])
    body = html.split("</head>")[1]
    assert "<shade>" not in body.replace("\\u003c", "<")
    assert "lamp & <shade>" in "".join(Addresses(body).text)


def test_every_written_part_is_text_not_markup():
    bad = "<i>a & b</i>"
    grid = ImageGrid((ImageRow(np.zeros((1, 8, 8, 3), np.uint8), bad, bad),), bad, (bad,), bad)
    card = NumberCard(bad, (Tile(bad, bad, bad),), Table((bad,), ((bad, (bad,)),)), bad)
    html = page(Figure(bad, (Placed(grid, 0), Placed(card, 1)), bad, bad), "directory")
    assert "<i>" not in html
    # title, h1, subtitle and caption; 5 of the grid; 2 of the card, 3 of its tile, 3 of its table
    assert "".join(Addresses(html).text).count(bad) == 17


def test_the_band_of_a_curve_runs_along_its_low_and_back_along_its_high_end():
    curve = Curve("a", Role.OURS, (0, 5, 10), (1.0, 0.9, 0.8), (0.9, None, 0.7), (1.1, 1.0, 0.95))
    band = chart(LinePanel("t", "x", "y", (curve,))).data[0]
    assert list(zip(band.x, band.y, strict=True)) == [(0, 1.1), (10, 0.95), (10, 0.7), (0, 0.9)]
    assert band.fill == "toself"


def test_the_script_is_inside_or_beside(tmp_path):
    (alone,) = save(CASES["nothing optional"], tmp_path)
    assert alone.stat().st_size > 3_000_000
    shared, script = save(CASES["nothing optional"], tmp_path, "shared", plotly_js="directory")
    assert shared.stat().st_size < 1_000_000
    assert Addresses(shared.read_text()).fetched == [script.name] == ["plotly.min.js"]
    assert script.stat().st_size > 3_000_000


def test_the_same_figure_gives_the_same_page():
    assert page(CASES["holes"], "directory") == page(cases()["holes"], "directory")
