"""The figures of sums and turns: what they show is what the result says, and none of it overlaps."""

import numpy as np
import pytest

from dcgan_viz.figures.images import to_pixels
from dcgan_viz.figures.print.document import draw
from dcgan_viz.figures.screen.charts import chart
from dcgan_viz.figures.screen.document import page
from dcgan_viz.figures.spec import DotPanel, ImageGrid, LinePanel, NumberCard
from dcgan_viz.figures.turn import RHO
from tests.figures.arithmetic_fakes import (
    LONG,
    POSITIONS,
    VARIANTS,
    arithmetic_cases,
    fake_images,
    fake_recipe,
    fake_result,
    many_concepts,
    sum_of,
    turn_of,
    unjudged,
)
from tests.figures.drawn import assert_drawn_alike, charts, faults, on_paper, panels

CASES = arithmetic_cases()


def grids(figure):
    return {panel.title: panel for panel in panels(figure, ImageGrid)}


@pytest.mark.parametrize("name", CASES)
def test_no_text_overlaps_another_or_a_picture_and_none_is_cut(name):
    assert faults(draw(CASES[name])) == []


@pytest.mark.parametrize("name", CASES)
def test_no_panel_is_empty(name):
    for placed in CASES[name].panels:
        panel = placed.panel
        if isinstance(panel, ImageGrid):
            assert all(len(row.images) for row in panel.rows)
        elif isinstance(panel, DotPanel):
            for facet in panel.facets:
                dots = [[one.values[k] for one in facet.series] for k in range(len(panel.rows))]
                assert all(any(value is not None for value in row) for row in dots)
        elif isinstance(panel, LinePanel):
            assert all(value is not None for curve in panel.curves for value in curve.y)
        else:
            assert isinstance(panel, NumberCard)
            assert panel.tiles


@pytest.mark.parametrize("panel", charts(CASES))
def test_both_renderers_draw_the_same_numbers(panel):
    assert_drawn_alike(panel)


def test_a_row_a_concept_with_its_sign_and_the_mean_framed_at_the_end():
    result = fake_result()
    images = fake_images(result)
    rows = grids(sum_of(result, images))["Concepts"].rows
    assert [row.label for row in rows] == ["+ window", "\N{MINUS SIGN} no window", "+ other rooms"]
    for row, name in zip(rows, ("window", "no window", "other rooms"), strict=True):
        assert row.captions == (*(f"no. {k}" for k in result["recipe"]["concepts"][name]), "mean of 3")
        np.testing.assert_array_equal(row.images[:3], to_pixels(images.exemplars[name]))
        np.testing.assert_array_equal(row.images[3:], to_pixels(images.means[name][None]))
        assert [len(boxes) for boxes in row.boxes] == [0, 0, 0, 1]


@pytest.mark.parametrize("count", [1, 2, 5, 8, 15])
def test_the_result_alone_is_framed_and_every_neighbour_is_shown_once(count):
    result = fake_result(recipe=fake_recipe(n_neighbours=count))
    images = fake_images(result)
    rows = grids(sum_of(result, images))["Result and neighbours"].rows
    shown = [(picture, boxes) for row in rows for picture, boxes in zip(row.images, row.boxes, strict=True)]
    framed = [k for k, (_, boxes) in enumerate(shown) if boxes]
    assert len(shown) == count + 1
    assert len(framed) == 1
    assert shown[framed[0]][1] == ((0.0, 0.0, 64.0, 64.0),)
    assert images.result is not None
    assert images.neighbours is not None
    np.testing.assert_array_equal(shown[framed[0]][0], to_pixels(images.result[None])[0])
    others = [picture for k, (picture, _) in enumerate(shown) if k != framed[0]]
    np.testing.assert_array_equal(others, to_pixels(images.neighbours))
    if count == 8:
        assert [len(row.images) for row in rows] == [3, 3, 3]
        assert framed == [4]


def test_the_control_in_pixels_is_there_with_a_judge_and_without():
    for result in (fake_result(), unjudged(fake_recipe())):
        images = fake_images(result)
        rows = grids(sum_of(result, images))["The same sum"].rows
        assert rows[0].captions[0] == "in pixels"
        assert images.pixels is not None
        assert images.single is not None
        shown = np.concatenate([row.images for row in rows])
        np.testing.assert_array_equal(shown[0], to_pixels(images.pixels[None])[0])
        np.testing.assert_array_equal(shown[1:], to_pixels(images.single[:3]))


def test_every_number_of_the_card_is_in_the_result():
    result = fake_result()
    (card,) = panels(sum_of(result), NumberCard)
    assert [tile.value for tile in card.tiles] == [
        f"{result['cases']['result']['success_rate']:.2f}",
        f"{result['cases']['control']['success_rate']:.2f}",
        f"{result['success_rate_above_control']:.2f}",
        f"{result['norms']['drawn']:.2f}",
    ]
    (card,) = panels(turn_of(result), NumberCard)
    assert [tile.value for tile in card.tiles] == ["0.87", "\N{MINUS SIGN}0.04", "16 → 46", "3"]


def test_success_has_a_row_a_variant_and_what_it_is_made_of_beside_it():
    result = fake_result()
    found = {panel.title: panel for panel in panels(sum_of(result), DotPanel)}
    success, parts = found["Success in 64 cases, by the judge"], found["What success is made of"]
    assert len(success.rows) == len(parts.rows) == len(VARIANTS)
    shows, is_room = parts.facets[0].series
    assert (shows.label, is_room.label) == ("shows a window", "is still a room")
    for row, variant in enumerate(VARIANTS):
        entry = result["cases"][variant]
        (dot,) = (one for one in success.facets[0].series if one.values[row] is not None)
        assert dot.values[row] == entry["success_rate"]
        assert list(dot.intervals[row] or ()) == entry["success_rate_ci95"]
        assert shows.values[row] == entry["shows_target"]
        assert is_room.values[row] == entry["is_room"]


def test_norms_are_those_of_the_sum_and_the_prior():
    result = fake_result()
    panel = next(panel for panel in panels(sum_of(result), DotPanel) if "vectors" in panel.title)
    values = [one.values[row] for row, one in enumerate(panel.facets[0].series)]
    assert values == [3.03, 3.26, 3.48, 5.353, 5.77]
    assert panel.facets[0].series[-1].intervals[-1] == (5.16, 6.35)
    rescaled = fake_result(
        recipe=fake_recipe(rescale=True), norms=result["norms"] | {"result": 9.0, "drawn": 5.77}
    )
    panel = next(panel for panel in panels(sum_of(rescaled), DotPanel) if "vectors" in panel.title)
    assert [row for row in panel.rows if row.startswith("sum")] == ["sum", "sum, as drawn"]


def test_cases_say_under_each_picture_whether_it_succeeded():
    result = fake_result()
    grid = next(
        grid for title, grid in grids(sum_of(result)).items() if title.startswith("The first 8 of 64")
    )
    found = {row.label: row.captions for row in grid.rows}
    assert found["+ window"] == ("yes", "no", "yes", "yes", "no", "yes", "yes", "no")
    assert found["control"] == ("no",) * 8
    assert found["other rooms"] == ()


def test_strips_have_the_position_above_and_the_correlation_beside():
    result = fake_result()
    images = fake_images(result)
    figure = turn_of(result, images)
    grid = grids(figure)["Fresh z plus a multiple of the axis"]
    minus = "\N{MINUS SIGN}"
    assert grid.column_labels == (
        f"{minus}2",
        f"{minus}1.5",
        f"{minus}1",
        f"{minus}0.5",
        "0",
        "0.5",
        "1",
        "1.5",
        "2",
    )
    assert [row.detail for row in grid.rows] == [
        f"{RHO} = 1.00", f"{RHO} = 0.93", "", f"{RHO} = {minus}0.20", f"{RHO} = 0.50",
    ]  # fmt: skip
    assert images.strips is not None
    for row, strip in zip(grid.rows, images.strips, strict=True):
        np.testing.assert_array_equal(row.images, to_pixels(strip))


def test_the_spread_and_the_centres_are_those_of_the_result():
    result = fake_result()
    figure = turn_of(result)
    (spread,) = panels(figure, DotPanel)
    along, random = spread.facets[0].series
    assert along.values == tuple(result["turn"]["spearman_bins"]["share"][::-1])
    assert random.values == tuple(result["turn"]["control"]["spearman_bins"]["share"][::-1])
    assert spread.rows[0] == "0.9 to 1.0"
    assert spread.rows[-1] == "\N{MINUS SIGN}1.0 to \N{MINUS SIGN}0.5"
    (centres,) = panels(figure, LinePanel)
    assert centres.curves[0].x == tuple(POSITIONS)
    assert centres.curves[0].y == tuple(result["turn"]["centre_mean"])
    assert centres.curves[1].control


def test_the_caption_says_how_and_the_subtitle_what():
    figure = sum_of(fake_result())
    for words in (
        "seed 0",
        "48 samples",
        "16 px",
        "best of 8 draws",
        "4 draws a case",
        "25c740913bfb",
        "2 more sheets",
        "annotator",
    ):
        assert words in figure.caption, words
    assert "64 other sheets" in figure.subtitle
    figure = sum_of(unjudged(many_concepts()))
    assert "given by mine.json" in figure.caption
    assert "the GAN was not trained on rooms" in figure.subtitle
    turn = turn_of(fake_result())
    assert "64 fresh z" in turn.caption
    assert "4 and 4 exemplars" in turn.caption


def test_a_sum_or_a_turn_that_is_not_there_is_an_error():
    still = fake_result(turn=None)
    with pytest.raises(ValueError, match="turn"):
        turn_of(still)
    aimless = unjudged(fake_recipe(expression={}))
    with pytest.raises(ValueError, match="expression"):
        sum_of(aimless)


def test_names_are_text_not_markup():
    html = page(CASES["sum: many"], "directory")
    assert LONG not in html
    assert "&amp; &lt;two&gt; pillows" in html


def test_positions_below_zero_have_their_place_on_both_axes():
    (panel,) = panels(turn_of(fake_result()), LinePanel)
    low, high = panel.x_ends
    assert low < -2.0 < 2.0 < high
    drawn, _ = on_paper(panel)
    assert drawn.axes[0].get_xlim() == pytest.approx((low, high))
    assert tuple(chart(panel).layout.xaxis.range) == pytest.approx((low, high))
    assert "\N{MINUS SIGN}1" in [tick.get_text() for tick in drawn.axes[0].get_xticklabels()]
