from collections import Counter

import numpy as np
import pytest

from dcgan_viz.figures import style
from dcgan_viz.figures.guided import guided_figure, map_pixels
from dcgan_viz.figures.guided_view import GuidedView
from dcgan_viz.figures.images import to_pixels
from dcgan_viz.figures.print.document import draw
from dcgan_viz.figures.screen.charts import chart
from dcgan_viz.figures.screen.document import page
from dcgan_viz.figures.spec import DotPanel, ImageGrid
from tests.figures.drawn import assert_drawn_alike, faults, on_paper, panels
from tests.figures.guided_fakes import cases, dying, fake_guided, fake_pictures

CASES = cases()


def rows_of(figure):
    return [row for grid in panels(figure, ImageGrid) for row in grid.rows]


def test_each_filter_has_its_images_its_maps_and_those_of_a_random_one():
    result = fake_guided()
    pictures = fake_pictures(result)
    rows = rows_of(guided_figure(GuidedView.from_json(result), pictures))
    assert len(rows) == 18
    for k, one in enumerate(result["filters"]):
        images, maps, random = rows[3 * k : 3 * k + 3]
        mine = pictures[one["index"]]
        assert images.label == f"filter {one['index']}"
        np.testing.assert_array_equal(images.images, to_pixels(mine.images))
        np.testing.assert_array_equal(maps.images, map_pixels(mine.maps))
        np.testing.assert_array_equal(random.images, map_pixels(mine.random_maps))
        assert [box for boxes in images.boxes for box in boxes] == [(17, 1, 28, 19)] * 6
        found = one["selectivity"][one["answers_to"]]
        assert images.detail.split("\n")[0] == f"{one['answers_to']} {found['ratio']:.1f}"
        assert images.detail.split("\n")[1] == f"[{found['ci95'][0]:.1f}, {found['ci95'][1]:.1f}]"
        assert random.detail.split("\n")[0] == f"{one['answers_to']} {found['random']['ratio']:.1f}"


def test_dead_filters_are_named_and_have_no_pictures():
    figure = CASES["dead ones"]
    (dead,) = [row for row in rows_of(figure) if "dead" in row.detail]
    assert (dead.label, len(dead.images)) == ("filter 0", 0)
    assert "2,000 images" in dead.detail
    assert "3 of them dead" in figure.caption
    assert "plain gradient: prelu (2)" in figure.caption
    assert len([panel for panel in panels(figure, DotPanel) if panel.title.startswith("Filter")]) == 3
    assert any(panel.title == "Filter 3: nothing in particular" for panel in panels(figure, DotPanel))


def test_a_figure_of_dead_filters_alone_says_so():
    figure = CASES["all dead"]
    assert [len(row.images) for row in rows_of(figure)] == [0, 0, 0]
    assert all("dead" in row.detail for row in rows_of(figure))
    assert "none makes these filters respond" in figure.subtitle
    assert not any(words in figure.caption for words in ("captum", "not measured", "contrast"))


def test_grey_maps_of_the_random_network_are_explained_where_there_are_any():
    result = fake_guided(2)
    pictures = fake_pictures(result)
    words = "All grey: the random filter does not respond."
    assert words not in guided_figure(GuidedView.from_json(result), pictures).caption
    pictures[0].random_maps[3] = 0
    assert words in guided_figure(GuidedView.from_json(result), pictures).caption


def test_numbers_of_images_that_differ_are_upper_bounds():
    result = fake_guided(2)
    assert (
        "in the 100 images with" in guided_figure(GuidedView.from_json(result), fake_pictures(result)).caption
    )
    result["filters"][1]["n_measured"] = 40
    caption = guided_figure(GuidedView.from_json(result), fake_pictures(result)).caption
    assert "in the up to 100 images with" in caption


def test_every_number_of_the_panels_is_in_the_result():
    result = fake_guided()
    figure = guided_figure(GuidedView.from_json(result), fake_pictures(result))
    *filters, alike = panels(figure, DotPanel)
    for panel, one in zip(filters, result["filters"], strict=True):
        trained, random = panel.facets[0].series
        entries = one["selectivity"].values()
        assert panel.rows == tuple(one["selectivity"])
        assert trained.values == tuple(entry["ratio"] for entry in entries)
        assert trained.intervals == tuple(tuple(entry["ci95"]) for entry in entries)
        assert random.values == tuple(entry["random"]["ratio"] for entry in entries)
        assert random.control
        assert panel.strong_rows == (one["answers_to"],)
    measured = result["similarity_trained_random"]
    assert alike.facets[0].series[0].values == tuple(one["cosine"] for one in measured)
    assert alike.facets[0].series[1].values == tuple(one["other_image"] for one in measured)
    assert f"cosine {measured[-1]['cosine']:.2f} (another image: 0.03)" in figure.subtitle


def test_captums_part_is_in_the_caption_where_it_had_one():
    words = "captum made 6 maps again, with a largest difference of 2e-07 of the largest value."
    assert words in CASES["six filters"].caption
    assert "captum made 3 maps again, with a largest difference of 0." in CASES["long words"].caption
    assert "captum" not in CASES["dead ones"].caption


def test_without_masks_it_says_so_and_leaves_no_panel_empty():
    figure = CASES["no masks, grey"]
    assert "is not measured" in figure.caption
    assert [panel.title for panel in panels(figure, DotPanel)] == ["What a random network shows as well"]
    assert all(row.detail in ("", "trained") for row in rows_of(figure))


def test_maps_keep_sign_and_zero_and_noise_stays_what_it_is():
    maps = np.zeros((3, 3, 8, 8), np.float32)
    maps[0, 0, 2, 2], maps[0, 1, 3, 3] = 4e-6, -4e-6
    maps[1, 0, 2, 2], maps[1, 1, 3, 3] = 4.0, -2.0
    pixels = map_pixels(maps)
    assert pixels[0, 2, 2].tolist() == [255, 128, 128]
    assert pixels[0, 3, 3].tolist() == [128, 0, 128]
    assert pixels[1, 2, 2].tolist() == [255, 128, 128]
    assert 0 < pixels[1, 3, 3, 1] < 128
    assert (pixels[2] == 128).all()


def test_pictures_that_are_cut_have_no_boxes():
    result = fake_guided(1)
    pictures = fake_pictures(result, size=46)
    object.__setattr__(pictures[0], "cropped", True)
    assert rows_of(guided_figure(GuidedView.from_json(result), pictures))[0].boxes == ()


@pytest.mark.parametrize("name", CASES)
def test_no_text_overlaps_another_or_a_picture_and_none_is_cut(name):
    assert faults(draw(CASES[name])) == []


@pytest.mark.parametrize("masks", [True, False])
@pytest.mark.parametrize("n_filters", range(1, 10))
def test_no_row_of_the_page_is_left_half_empty(n_filters, masks):
    result = fake_guided(n_filters) if masks else fake_guided(n_filters, classes=())
    figure = guided_figure(GuidedView.from_json(result), fake_pictures(result))
    filled: Counter[int] = Counter()
    for placed in figure.panels:
        filled[placed.row] += placed.column_span
    assert set(filled) == set(range(len(filled)))
    assert set(filled.values()) == {12}
    (alike,) = [one for one in figure.panels if one.panel.title.startswith("What a random")]
    assert alike.column_span >= 5  # it has numbers beside it


@pytest.mark.parametrize(("n_top", "columns"), [(8, 2), (9, 1), (24, 1)])
def test_long_rows_stand_below_one_another(n_top, columns):
    result = fake_guided(4, n_top=n_top)
    figure = guided_figure(GuidedView.from_json(result), fake_pictures(result))
    assert len(panels(figure, ImageGrid)) == columns


def test_values_below_zero_are_on_the_axis():
    result = fake_guided(1)
    result["similarity_trained_random"][0] |= {"cosine": -0.2, "cosine_ci95": [-0.4, 0.1]}
    (panel,) = panels(guided_figure(GuidedView.from_json(result), fake_pictures(result)), DotPanel)[:1]
    paper, _ = on_paper(panel)
    assert paper.axes[0].get_xlim()[0] < -0.4
    assert chart(panel).layout.xaxis.range[0] < -0.4


@pytest.mark.parametrize("name", CASES)
def test_paper_and_screen_draw_the_same_numbers(name):
    for panel in panels(CASES[name], DotPanel):
        assert_drawn_alike(panel)


def test_the_page_escapes_names():
    html = page(CASES["long words"], "directory")
    assert "lamp &amp; &lt;shade&gt;" in html
    assert "<shade>" not in html


def test_equal_results_give_equal_figures():
    assert page(CASES["dead ones"], "directory") == page(cases()["dead ones"], "directory")
    assert style.PRINT_DPI >= 200


def test_a_figure_of_no_filter_is_refused():
    with pytest.raises(ValueError, match="filters"):
        GuidedView.from_json(dying() | {"filters": []})
