"""The figures of walks and memorisation: what they show is what the result says, and none of it overlaps."""

import numpy as np
import pytest

from dcgan_viz.figures.images import to_pixels
from dcgan_viz.figures.print.document import draw
from dcgan_viz.figures.spec import DotPanel, ImageGrid, LinePanel, NumberCard, Role
from dcgan_viz.figures.walk import WalkImages, audit_figure, strips_figure
from dcgan_viz.figures.walk_view import WalkView
from tests.figures.drawn import assert_drawn_alike, charts, faults, panels
from tests.figures.walk_fakes import (
    fake_blind_walk,
    fake_memorization,
    fake_walk,
    figure_of_memorization,
    figure_of_walk,
    pictures,
    walk_cases,
)

CASES = walk_cases()


def lines(figure):
    return {panel.title: panel for panel in panels(figure, LinePanel)}


@pytest.mark.parametrize("name", CASES)
def test_no_text_overlaps_another_or_a_picture_and_none_is_cut(name):
    assert faults(draw(CASES[name])) == []


@pytest.mark.parametrize("panel", charts(CASES))
def test_both_renderers_draw_the_same_numbers(panel):
    assert_drawn_alike(panel)


def test_a_strip_a_pair_from_waypoint_to_waypoint():
    result = fake_walk()
    strips, replay = panels(figure_of_walk(result), ImageGrid)
    frames = to_pixels(pictures(81))
    assert len(strips.rows) == 8
    for pair, row in enumerate(strips.rows):
        np.testing.assert_array_equal(row.images, frames[10 * pair : 10 * pair + 11])
        assert row.label == f"{pair} → {pair + 1}"
    assert strips.column_labels == ("waypoint", *map(str, range(1, 10)), "waypoint")
    pair = result["step_distance"]["features"]["largest"]["pair"]
    np.testing.assert_array_equal(replay.rows[0].images, frames[10 * pair : 10 * pair + 11])
    np.testing.assert_array_equal(replay.rows[1].images, to_pixels(pictures(11, seed=1)))


def test_the_largest_step_is_framed_and_no_other():
    result = fake_walk()
    largest = result["step_distance"]["features"]["largest"]
    for pair, row in enumerate(panels(figure_of_walk(result), ImageGrid)[0].rows):
        framed = [k for k, boxes in enumerate(row.boxes) if boxes]
        is_largest = pair == largest["pair"]
        assert framed == ([largest["step"], largest["step"] + 1] if is_largest else [])
        assert (row.role is Role.TARGET) == is_largest


def test_long_walks_are_thinned_out_evenly():
    result = fake_walk(14, 25)
    strips = panels(figure_of_walk(result, size=32), ImageGrid)[0]
    assert len(strips.rows) == 10
    assert "The first 10 of 14 pairs" in strips.note
    shown = [0, 2, 5, 8, 10, 12, 15, 18, 20, 22, 25]
    frames = to_pixels(pictures(14 * 25 + 1, 32))
    np.testing.assert_array_equal(strips.rows[2].images, frames[[50 + k for k in shown]])
    assert strips.column_labels[1:-1] == tuple(map(str, shown[1:-1]))


def test_a_loop_comes_back_to_the_first_waypoint():
    result = fake_walk(3, 2) | {"n_waypoints": 3, "loop": True}
    assert [row.label for row in panels(figure_of_walk(result), ImageGrid)[0].rows] == [
        "0 → 1",
        "1 → 2",
        "2 → 0",
    ]


def test_curves_are_those_of_the_result():
    result = fake_walk()
    found = lines(figure_of_walk(result))
    steps = {curve.label: curve for curve in found["Step by step, in D's features"].curves}
    features = result["step_distance"]["features"]
    assert steps["walk"].y == tuple(features["steps"])
    assert steps["nearest training images, replayed"].y == tuple(features["replay"]["steps"])
    assert steps["largest step"].y == (features["max"],)
    place = features["largest"]["pair"] + (features["largest"]["step"] + 0.5) / 10
    assert steps["largest step"].x == (pytest.approx(place),)
    for title, frames, low in (
        ("Nearest training image, in D's features", result["nearest_training"]["distances"], 0.4),
        ("D's logit", result["logit"]["frames"], -1.0),
        ("Does the walk keep to the prior?", result["prior"]["norms"], 5.1),
    ):
        control, walk = found[title].curves
        assert walk.y == tuple(frames)
        assert walk.x == pytest.approx([k / 10 for k in range(81)])
        assert control.control
        assert control.low == (low, low)
    assert found["D's logit"].from_zero is False
    assert found["Does the walk keep to the prior?"].note == result["prior"]["note"]


def test_events_stand_where_the_object_came_or_went():
    result = fake_walk()
    found = lines(figure_of_walk(result))
    for event in result["objects"]["events"]:
        curves = {curve.label: curve for curve in found[event["object"].capitalize()].curves}
        assert curves["area"].y == tuple(result["objects"]["areas"][event["object"]])
        assert curves[event["kind"]].x == (event["pair"] + (event["step"] + 1) / 10,)
        assert curves[event["kind"]].y == (event["after"],)
        assert curves[event["kind"]].control == (event["kind"] == "vanishes")


def test_events_are_written_beside_their_strip():
    result = fake_walk()
    result["objects"]["events"] = [
        {"object": name, "kind": kind, "pair": 2, "step": k, "before": 0, "after": 0.1}
        for k, (name, kind) in enumerate([("bed", "appears"), ("lamp", "appears"), ("rug", "vanishes")])
    ]
    rows = panels(figure_of_walk(result), ImageGrid)[0].rows
    assert [row.detail for row in rows[1:4]] == ["", "bed, lamp appear; rug vanishes", ""]
    for event in result["objects"]["events"]:
        event["kind"] = "vanishes"
    assert panels(figure_of_walk(result), ImageGrid)[0].rows[2].detail == "bed, lamp, rug vanish"


@pytest.mark.parametrize("result", [fake_walk(), fake_blind_walk()], ids=["whole", "blind"])
def test_pictures_and_measurements_are_figures_of_their_own_too(result):
    whole, view = figure_of_walk(result), WalkView.from_json(result)
    nearest = pictures(result["n_steps"] + 1, seed=1) if result["nearest_training"] else None
    images = WalkImages(pictures(result["n_pairs"] * result["n_steps"] + 1), nearest)
    strips, audit = strips_figure(view, images), audit_figure(view)
    assert faults(draw(strips)) == faults(draw(audit)) == []
    titles = [placed.panel.title for placed in (*strips.panels, *audit.panels)]
    assert titles == [placed.panel.title for placed in whole.panels]
    assert all(isinstance(placed.panel, ImageGrid) for placed in strips.panels)
    assert not panels(audit, ImageGrid)
    assert strips.caption == audit.caption == whole.caption


def test_an_object_in_no_frame_is_named_and_has_no_panel():
    result = fake_walk()
    result["objects"]["areas"]["lamp"] = [0.0] * 81
    figure = figure_of_walk(result)
    assert "Lamp" not in lines(figure)
    assert "Seen in no frame: lamp." in figure.caption


def test_numbers_of_the_walks_card():
    result = fake_walk()
    card = panels(figure_of_walk(result), NumberCard)[0]
    assert [tile.value for tile in card.tiles] == ["0.43", "0.99", "0.12"]
    assert card.table.rows[0] == ("window", ("1", "12"))


def test_what_is_left_out_has_no_panel_and_a_reason():
    figure = figure_of_walk(fake_blind_walk(), 28, 1)
    assert list(lines(figure)) == ["Step by step, in pixels", "Does the walk keep to the prior?"]
    assert len(panels(figure, ImageGrid)) == 1
    assert (
        "Left out (step_distance.features, logit, nearest_training): there is no discriminator."
        in figure.caption
    )
    assert "Nobody looked for objects: the judge knows rooms of 64 px only." in figure.caption
    assert panels(figure, NumberCard)[0].table is None


def test_samples_stand_above_their_nearest_training_images():
    result = fake_memorization()
    ours, others = panels(figure_of_memorization(result), ImageGrid)
    np.testing.assert_array_equal(ours.rows[0].images, to_pixels(pictures(12)))
    np.testing.assert_array_equal(others.rows[0].images, to_pixels(pictures(12, seed=1)))
    assert [row.detail for row in ours.rows] == ["", "in D's features", "in pixels"]
    for grid, side in ((ours, "samples"), (others, "held_out")):
        distances = [f"{one['distance']['features']:.3f}" for one in result[side]["shown"]]
        assert [label.split()[-1] for label in grid.column_labels] == distances
        assert [label.split()[0] for label in grid.column_labels[::4]] == ["closest", "median", "farthest"]


def test_distributions_and_shares_are_those_of_the_result():
    result = fake_memorization()
    figure = figure_of_memorization(result)
    for space, title in (("features", "in D's features"), ("pixels", "in pixels")):
        samples, held_out = lines(figure)[f"Nearest training image, {title}"].curves
        for curve, side in ((samples, "samples"), (held_out, "held_out")):
            quantiles = result[side][space]["quantiles"]
            assert curve.x == tuple(one["distance"] for one in quantiles)
            assert curve.y == tuple(one["share"] for one in quantiles)
    shares = panels(figure, DotPanel)[0]
    samples, chance = shares.facets[0].series
    expected = [
        result["two_sample"][space][name]
        for name in ("closer", "very_close", "nearest_is_training")
        for space in ("pixels", "features")
    ]
    assert samples.values == tuple(one["value"] for one in expected)
    assert samples.intervals == tuple(tuple(one["ci95"]) for one in expected)
    assert chance.values == tuple(one["chance"] for one in expected)


def test_numbers_of_the_memorisation_card_and_caption():
    result = fake_memorization()
    figure = figure_of_memorization(result)
    card = panels(figure, NumberCard)[0]
    closer = result["two_sample"]["features"]["closer"]["value"]
    assert [tile.value for tile in card.tiles] == ["farther", f"{closer:.2f}", "3"]
    assert dict(card.table.rows)["pairs within 0.123, pixels"] == ("3", "1")
    assert figure.subtitle == result["verdict"]["sentence"]
    assert "500 samples and 500 held-out images against 5,000 training images" in figure.caption
    assert "sha256 3f5c2b8e9d10" in figure.caption


@pytest.mark.parametrize(
    ("word", "tile"), [("closer than held-out", "closer"), ("as far as held-out", "as far")]
)
def test_the_verdict_is_the_first_number(word, tile):
    result = fake_memorization()
    result["verdict"]["word"] = word
    first = panels(figure_of_memorization(result), NumberCard)[0].tiles[0]
    assert first.value == tile
    assert f"{first.value} {first.label}".startswith(word)


def test_without_features_pixels_stand_alone_and_the_reason_is_said():
    figure = figure_of_memorization(fake_memorization(("pixels",)), 28, 1)
    assert len(panels(figure, LinePanel)) == 1
    assert "features are left out: there is no discriminator" in figure.caption


def test_shared_images_are_said():
    result = fake_memorization()
    result["real_images"] = {**result["real_images"], "n_shared": 4}
    assert "4 held-out images are training images" in figure_of_memorization(result).caption
