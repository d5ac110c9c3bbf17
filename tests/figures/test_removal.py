from dataclasses import replace

import numpy as np
import pytest

from dcgan_viz.figures.images import difference_pixels, to_pixels
from dcgan_viz.figures.removal import PICTURES, removal_figure
from dcgan_viz.figures.removal_view import RemovalView
from dcgan_viz.figures.spec import BarPanel, DotPanel, ImageGrid, LinePanel, NumberCard, Role, StackPanel
from tests.figures.drawn import panels
from tests.figures.fakes import (
    LONG_METHOD,
    awkward_result,
    fake_focus,
    fake_images,
    fake_result,
    long_result,
    makeshift_result,
    unjudged_result,
)


def figure_of(result, images):
    return removal_figure(RemovalView.from_json(result), images)


def test_rows_are_untouched_then_best_then_difference_then_the_paper():
    images = fake_images(count=PICTURES + 2)
    grid = panels(figure_of(fake_result(), images), ImageGrid)[0]
    before, local, drop = images.untouched[:PICTURES], images.edited["local"], images.edited["drop"]
    expected = [
        to_pixels(before),
        to_pixels(local[:PICTURES]),
        difference_pixels(before, local[:PICTURES]),
        to_pixels(drop[:PICTURES]),
        difference_pixels(before, drop[:PICTURES]),
    ]
    assert len(grid.rows) == 5
    for row, pixels in zip(grid.rows, expected, strict=True):
        np.testing.assert_array_equal(row.images, pixels)
    assert [row.label for row in grid.rows] == [
        "untouched", "without window", "difference", "the paper's drop", "difference",
    ]  # fmt: skip


def test_the_best_method_leaves_least_of_target_and_collateral():
    view = RemovalView.from_json(fake_result())
    drop, local = view.methods[1], view.methods[0]
    assert view.best() is local
    better = replace(drop, target_area_ratio=0.01, collateral=0.01)
    assert replace(view, methods=(local, better)).best() is better
    unknown = replace(better, target_area_ratio=None)
    assert replace(view, methods=(unknown, local)).best() is local


def test_the_best_method_comes_first_in_every_panel():
    result = fake_result()
    result["methods"].reverse()  # the paper's first
    figure = figure_of(result, fake_images())
    classes = next(panel for panel in panels(figure, DotPanel) if panel.strong_rows)
    assert [series.label for series in classes.facets[0].series] == ["local", "drop"]
    assert panels(figure, NumberCard)[0].table.headers == ("local", "drop")
    assert [name for name, _ in panels(figure, StackPanel)[0].bars] == ["local", "drop"]


def test_dose_and_sweep_are_left_out_when_there_is_none():
    full = figure_of(fake_result(), fake_images())
    bare = figure_of(fake_result() | {"dose": [], "layers": []}, fake_images())
    assert len(panels(full, LinePanel)) == 1
    assert panels(bare, LinePanel) == []
    assert len(panels(full, DotPanel)) - len(panels(bare, DotPanel)) == 1


def test_dose_shows_the_layer_that_drop_edits_in_order_of_the_dose():
    result = fake_result()
    mine = result["dose"]
    others = [point | {"layer": "main.2", "target_area_ratio": 9.0} for point in mine]
    result["dose"] = others + mine[::-1]
    curve, chance = panels(figure_of(result, fake_images()), LinePanel)[0].curves
    assert curve.x == tuple(point["n_maps"] for point in mine)
    assert curve.y == tuple(point["target_area_ratio"] for point in mine)
    assert chance.low == tuple(point["random_ci95"][0] for point in mine)
    assert chance.control


def test_every_number_of_the_card_is_in_the_result():
    result = fake_result()
    card = panels(figure_of(result, fake_images()), NumberCard)[0]
    local = result["methods"][0]
    assert [tile.value for tile in card.tiles] == [
        f"{local['target_area_ratio']:.2f}",
        f"{local['control']['target_area_ratio']:.2f}",
        f"{local['collateral']:.2f}",
        f"{local['probe']['auc_heldout']:.3f}",
    ]
    rows = dict(card.table.rows)
    assert rows["maps edited"] == ("128", "71")
    assert rows["collateral of its control"] == ("0.03", "0.03")
    assert rows["pixel change"] == ("0.061", "0.152")


def test_missing_and_non_finite_numbers_are_none():
    view = RemovalView.from_json(awkward_result())
    assert view.methods[0].auc_shuffled is None  # was NaN
    assert view.methods[0].control is not None
    assert view.methods[0].control.target_area_ratio_ci95 is None
    assert view.methods[0].other_area_ratios["rug"] is None
    assert view.dose[0].random_ci95 is None


def test_distances_and_shares_are_those_of_the_result():
    result = long_result()
    figure = figure_of(result, fake_images((LONG_METHOD,)))
    bars = panels(figure, BarPanel)[0].bars
    distances = [method["distance_to_targetless"] for method in result["methods"]]
    expected = [one["edited"] for one in distances]
    assert [bar.value for bar in bars] == [*expected, distances[0]["untouched"], distances[0]["real_split"]]
    shares = panels(figure, StackPanel)[0].bars
    assert [dict(bar) for _, bar in shares] == [method["became"] for method in result["methods"]]


def test_the_caption_states_how_the_numbers_came_about():
    caption = figure_of(fake_result(), fake_images()).caption
    assert "main.8 (128 maps, 16\N{MULTIPLICATION SIGN}16)" in caption
    for words in (
        "0.63 show window",
        "on 250 images",
        "1,000 fresh z",
        "Seed 0",
        "main.8",
        "penultimate",
        "3f5c2b8e9d10",
        "52 boxes",
        "10 draws",
    ):
        assert words in caption
    assert "the judge" in caption
    assert "BatchNorm: running statistics of training" in caption
    assert "3f5c2b8e9d10aa" not in caption  # twelve digits of the hash


def test_roles_tell_the_paper_from_ours():
    figure = figure_of(long_result(), fake_images((LONG_METHOD,)))
    classes = next(panel for panel in panels(figure, DotPanel) if panel.strong_rows)
    roles = {series.label: series.role for series in classes.facets[0].series}
    assert roles == {LONG_METHOD: Role.OURS, "drop": Role.PAPER, "ace": Role.OTHER}


def test_without_a_judge_the_changes_speak():
    result = unjudged_result()
    figure = figure_of(result, fake_images())
    card = panels(figure, NumberCard)[0]
    assert [tile.value[:-1] for tile in card.tiles[:2]] == ["30.0", "1.2"]
    assert panels(figure, StackPanel) == panels(figure, BarPanel) == panels(figure, LinePanel) == []
    changes, sweep = panels(figure, DotPanel)
    assert changes.facets[0].series[0].values == (0.3, 0.06, 0.2, 0.06)
    assert changes.facets[0].series[1].values == (0.01, 0.05, 0.15, 0.05)
    assert len(sweep.facets) == 1
    assert sweep.facets[0].series[0].values == pytest.approx([15.0] * 4)
    assert figure.subtitle.startswith("Method local changes the picture inside the boxes 30.0 times as much")
    assert "Nobody measured areas: the GAN has no discriminator" in figure.caption
    assert "0 draws" not in figure.caption


def test_without_a_judge_the_best_method_keeps_most_to_the_boxes():
    result = unjudged_result()
    assert RemovalView.from_json(result).best().name == "local"
    result["methods"][1]["focus"] = fake_focus(0.2, 0.0)  # nothing outside: more than any ratio
    assert RemovalView.from_json(result).best().name == "drop"


def test_a_makeshift_judge_says_how_good_it_is():
    figure = figure_of(makeshift_result(), fake_images())
    assert "on the others AUC 0.93, and 0.37 of what it calls window lies outside of boxes" in figure.caption
    assert "It changes nothing outside the boxes (control 1.2)." in figure.subtitle
    assert [tile.value for tile in panels(figure, NumberCard)[0].tiles][2] == "only inside"
    sweep = panels(figure, DotPanel)[-1]
    assert [facet.value_label for facet in sweep.facets] == ["window area left", "change in boxes / outside"]
    assert "collateral" not in dict(panels(figure, NumberCard)[0].table.rows)


def test_no_picture_of_any_method_is_an_error():
    with pytest.raises(ValueError, match="pictures of one of the methods"):
        figure_of(fake_result(), fake_images(()))
    with pytest.raises(ValueError, match="at least one"):
        RemovalView.from_json(fake_result() | {"methods": []})
