import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

from dcgan_viz.figures import style
from dcgan_viz.figures.legend import marks
from dcgan_viz.figures.print.document import draw, save
from dcgan_viz.figures.screen.charts import chart
from dcgan_viz.figures.sheet import sheet_figure
from dcgan_viz.figures.spec import (
    Curve,
    DotPanel,
    DotSeries,
    Facet,
    Figure,
    ImageGrid,
    ImageRow,
    LinePanel,
    NumberCard,
    Placed,
    Reference,
    Role,
    Table,
    Tile,
)
from tests.figures.drawn import faults, heights_on_paper, on_paper, texts
from tests.figures.fakes import cases

CASES = cases()
RANDOM = np.random.default_rng(0).integers(0, 256, (13, 64, 64, 3), dtype=np.uint8)
WORDY = "a name of a good many words that has to be broken into several lines"


def crowded() -> Figure:
    """A narrow page on which nothing fits at once."""
    pictures = ImageGrid((ImageRow(RANDOM[:1], WORDY, WORDY),) * 3, "Pictures", ("first",), note=WORDY)
    dots = DotPanel(
        title=WORDY,
        rows=(WORDY, "Donaudampfschifffahrtsgesellschaftskapitaen"),
        facets=(Facet(WORDY, (DotSeries(WORDY, Role.OURS, (0.5, 3.0), ((0.4, 0.6), None)),)),),
        written=((WORDY, ("0.50 [0.40, 0.60]", "3.00")), ("n", ("1", "2"))),
        note=WORDY,
    )
    lines = LinePanel(
        WORDY, WORDY, WORDY, (Curve(WORDY, Role.OURS, (0, 123456), (0.0, 54321.0)),), note=WORDY
    )
    card = NumberCard(
        WORDY, (Tile("0.01", WORDY, WORDY),) * 3, Table((WORDY, "b"), ((WORDY, ("1", "2")),) * 3), WORDY
    )
    panels = [Placed(pictures, 0), Placed(dots, 1), Placed(lines, 2), Placed(card, 3)]
    return Figure(WORDY, tuple(panels), WORDY, WORDY * 3, least_width_in=3.6)


SMALL = sheet_figure(RANDOM[:4], "Samples", columns=2, caption="four")


@pytest.fixture(params=[*CASES, "sheet", "crowded"])
def page(request):
    others = {"sheet": sheet_figure(RANDOM, "Samples", columns=5, caption="c " * 200), "crowded": crowded()}
    return draw((CASES | others)[request.param])


def test_no_text_overlaps_another_or_a_picture_and_none_is_cut(page):
    assert faults(page) == []
    assert any(axes.images for axes in page.axes)


def test_an_overlap_and_a_cut_text_are_found():
    page = draw(SMALL)
    (title,) = (text for text in texts(page) if text.get_text() == "Samples")
    page.text(*title.get_position(), "across the title " * 20, transform=title.get_transform())
    found = faults(page)
    assert any("is cut" in fault for fault in found)
    assert any("Samples" in fault for fault in found)


def test_written_numbers_of_cards_and_columns_are_on_the_page():
    figure = CASES["both methods"]
    written = [text.get_text() for text in texts(draw(figure))]
    expected = [figure.title]
    for placed in figure.panels:
        if isinstance(placed.panel, NumberCard):
            expected += [tile.value for tile in placed.panel.tiles]
            assert placed.panel.table is not None
            expected += [cell for _, cells in placed.panel.table.rows for cell in cells]
        elif isinstance(placed.panel, DotPanel):
            expected += [cell for _, cells in placed.panel.written for cell in cells]
    assert len(expected) > 30
    for text in set(expected):
        assert written.count(text) >= expected.count(text), text


def test_curves_have_their_points_band_and_reference():
    curve = Curve("a", Role.PAPER, (0, 5, 10), (1.0, None, 0.25))
    chance = Curve(
        "b", Role.PAPER, (0, 5, 10), (1.0, 0.9, 0.8), (0.9, None, 0.7), (1.1, 1.0, 0.9), control=True
    )
    panel = LinePanel("t", "x", "y", (curve, chance), (Reference(1.0, "unchanged"),))
    drawn, series = on_paper(panel)
    assert series == {("a", 0): [0, 10], ("b", 0): [0, 5, 10]}
    assert heights_on_paper(drawn) == {"a": [1.0, 0.25], "b": [1.0, 0.9, 0.8]}
    band = np.asarray(drawn.axes[0].collections[0].get_paths()[0].vertices)
    assert set(map(tuple, band.tolist())) == {(0, 0.9), (0, 1.1), (10, 0.7), (10, 0.9)}
    styles = {line.get_label(): line.get_linestyle() for line in drawn.axes[0].lines}
    assert (styles["a"], styles["b"]) == ("-", "--")


def test_an_image_pixel_is_a_square_of_whole_png_pixels(tmp_path):
    boxed = ImageRow(RANDOM[2:4], "row", boxes=(((0, 0, 64, 64),), ()), role=Role.TARGET)
    figure = Figure("t", (Placed(ImageGrid((ImageRow(RANDOM[:2], "row", "detail"), boxed)), 0),))
    save(figure, tmp_path)
    png = np.asarray(Image.open(tmp_path / "figure.png").convert("RGB"))
    scale = style.image_scale(64, style.IMAGE_CM / 2.54 * style.PRINT_DPI)
    assert 64 * scale / style.PRINT_DPI * 2.54 >= 2.0
    for image in (RANDOM[0], RANDOM[1], RANDOM[3]):
        enlarged = image.repeat(scale, axis=0).repeat(scale, axis=1)
        corner = np.all(png[:, :, None, :] == enlarged[0, 0], axis=-1)[..., 0]
        side = 64 * scale
        found = [
            np.array_equal(png[y : y + side, x : x + side], enlarged)
            for y, x in zip(*corner.nonzero(), strict=True)
        ]
        assert any(found)


def test_settings_of_matplotlib_neither_change_the_files_nor_are_changed(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    panel = LinePanel("t", "x", "y", (Curve("a", Role.OURS, (0, 1), (0.5, 1.0)),))
    figure = Figure("t", (Placed(panel, 0),), least_width_in=3)
    before = dict(matplotlib.rcParams)
    save(figure, first)
    assert dict(matplotlib.rcParams) == before
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "font.family": "serif"}):
        save(figure, second)
    for name in ("figure.png", "figure.svg", "figure.pdf"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_threads_draw_the_same_files_and_leave_the_settings(tmp_path):
    before = dict(matplotlib.rcParams)
    figure = next(iter(cases().values()))
    alone = [path.read_bytes() for path in save(figure, tmp_path, "alone")]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: save(figure, tmp_path, f"thread_{number}"), range(4)))
    assert all([path.read_bytes() for path in paths] == alone for paths in found)
    assert dict(matplotlib.rcParams) == before


def test_files_are_the_same_in_another_process_without_pyplot(tmp_path):
    script = (
        "import sys; from pathlib import Path; from dcgan_viz.figures.save import save_figure;"
        "from tests.figures.test_print import SMALL;"
        "[save_figure(SMALL, Path(sys.argv[1])), sys.exit('matplotlib.pyplot' in sys.modules)]"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env=environment)
    here = tmp_path / "here"
    here.mkdir()
    for path in save(SMALL, here):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_fonts_are_embedded_and_no_date_is_written(tmp_path):
    save(SMALL, tmp_path)
    pdf = (tmp_path / "figure.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"CreationDate" not in pdf
    svg = (tmp_path / "figure.svg").read_text()
    assert "<text" not in svg
    assert "<dc:date>" not in svg
    assert Image.open(tmp_path / "figure.png").info["dpi"][0] >= 200


def test_dollar_signs_are_text(tmp_path):
    page = draw(sheet_figure(RANDOM[:1], "costs $1 and $2", columns=1))
    assert "costs $1 and $2" in " ".join(text.get_text() for text in texts(page))
    assert not any(text.get_parse_math() for text in texts(page) if "$" in text.get_text())
    page.savefig(io.BytesIO(), format="svg")


def test_paths_are_those_asked_for(tmp_path):
    assert save(SMALL, tmp_path, "other") == tuple(tmp_path / f"other.{end}" for end in ("png", "svg", "pdf"))
    assert sorted(path.name for path in Path(tmp_path).iterdir()) == ["other.pdf", "other.png", "other.svg"]


def test_a_curve_without_dots_and_dots_without_a_curve():
    line = Curve("line", Role.OURS, (0, 1, 2), (-1.0, 0.5, -0.25), marks="line")
    dots = Curve("dots", Role.TARGET, (0, 1, 2), (None, 0.5, None), marks="dots")
    panel = LinePanel("t", "x", "y", (line, dots), from_zero=False)
    drawn, _ = on_paper(panel)
    found = {one.get_label(): (one.get_linestyle(), one.get_marker()) for one in drawn.axes[0].lines}
    assert (found["line"], found["dots"]) == (("-", "none"), ("None", "o"))
    assert [mark.kind for mark in marks(panel)] == ["stroke", "dot"]


@pytest.mark.parametrize("band", [(), (-4.0, -3.0)])
def test_an_axis_that_starts_where_the_values_do_holds_them_all(band):
    curve = Curve("a", Role.OURS, (0, 1), (-1.0, 2.0), band, (2.5, 2.5) if band else ())
    panel = LinePanel("t", "x", "y", (curve,), (Reference(3.0, "r"),), from_zero=False)
    low, high = on_paper(panel)[0].axes[0].get_ylim()
    assert low < min([-1.0, *band]) < 3.0 < high
    assert list(chart(panel).layout.yaxis.range) == [low, high]
    places = on_paper(panel)[0].axes[0].get_yticks()
    assert low <= places.min() < places.max() <= high
    assert on_paper(replace(panel, from_zero=True))[0].axes[0].get_ylim()[0] == 0


def test_an_axis_of_one_value_has_some_length():
    panel = LinePanel("t", "x", "y", (Curve("a", Role.OURS, (0, 1), (4.0, 4.0)),), from_zero=False)
    assert panel.y_ends == (3.5, 4.5)
