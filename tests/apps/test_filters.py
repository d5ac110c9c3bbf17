"""The Filters page: its pictures and numbers are those of guided_backprop, its choices are in the link."""

import json
import re
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from apps.filters import strip
from apps.shell.cache import REAL
from apps.shell.field import Field
from dcgan_viz.figures.guided import filter_grid
from dcgan_viz.figures.guided_view import GuidedView
from dcgan_viz.figures.screen.blocks import image_grid
from dcgan_viz.guided_backprop import GuidedResult, GuidedSettings, guided_backprop, real_images
from dcgan_viz.guided_backprop.command import main as guided_command
from dcgan_viz.guided_backprop.command import pictures
from dcgan_viz.guided_backprop.real_images import RealImages
from dcgan_viz.models.loading import load
from dcgan_viz.output import dump_json
from tests.apps.conftest import Offered, Start, component, link, mounted
from tests.apps.pages import generator_alone, grey_gan, opened, photos, settled, shown
from tests.pictures import decoded

N_IMAGES = 30


@pytest.fixture(autouse=True)
def few_images(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module = sys.modules["dcgan_viz.guided_backprop.real_images"]  # the package has a function of that name
    monkeypatch.setattr(module, "N_IMAGES", N_IMAGES)
    REAL.clear()
    yield
    REAL.clear()


def expected(checkpoint: Path, settings: GuidedSettings, seed: int = 0) -> GuidedResult:
    gan = load(checkpoint)
    return guided_backprop(gan, real_images(gan, "rooms", None, 0), settings, seed)


def cards(result: GuidedResult, *, crop: bool = False) -> list[str]:
    view = GuidedView.from_json(json.loads(dump_json(result.to_json())))
    made = pictures(result, crop=crop)
    return [image_grid(filter_grid(view, one, made[one.index])) for one in view.filters if not one.dead]


def drawn(app: AppTest) -> list[str]:
    return [card["pictures"] for card in shown(app, "filters.portraits")["cards"] if "pictures" in card]


@pytest.mark.parametrize(
    ("chosen", "settings", "seed", "crop"),
    [
        ({}, GuidedSettings(), 0, False),
        ({"filters": "9,2"}, GuidedSettings(filters=(9, 2)), 0, False),
        ({"filters_rule": "plain", "seed": "3"}, GuidedSettings(rule="plain"), 3, False),
        ({"filters_layer": "main.2", "filters_crop": "1"}, GuidedSettings(layer="main.2"), 0, True),
    ],
)
def test_pictures_are_those_of_the_library(
    start: Start,
    tiny_checkpoint: Path,
    chosen: dict[str, str],
    settings: GuidedSettings,
    seed: int,
    crop: bool,
) -> None:
    app = opened(start, "filters", **chosen)
    assert drawn(app) == cards(expected(tiny_checkpoint, settings, seed), crop=crop)


def test_images_of_the_command_line_are_shown_instead_of_rooms(
    start: Start, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    spec = f"folder:{photos(tmp_path / 'photos', 2 * N_IMAGES)}"
    gan = load(tiny_checkpoint)
    found = {}
    for seed in (0, 3):
        app = opened(start, "filters", "--checkpoint", str(tiny_checkpoint), "--images", spec, seed=str(seed))
        found[seed] = drawn(app)
        real = real_images(gan, spec, None, seed)
        assert found[seed] == cards(guided_backprop(gan, real, GuidedSettings(), seed))
        assert f"--images {spec}" in app.code[0].value
        assert not any("rooms" in one.value for one in app.caption)
    assert found[0] != found[3]  # of sixty photographs, other thirty


def test_what_was_looked_at_before_changes_nothing(start: Start, tiny_checkpoint: Path) -> None:
    settled(opened(start, "filters"))
    one = drawn(opened(start, "filters", filters="3"))
    both = drawn(opened(start, "filters", filters="3,4"))
    assert one == cards(expected(tiny_checkpoint, GuidedSettings(filters=(3,))))
    assert both == cards(expected(tiny_checkpoint, GuidedSettings(filters=(3, 4))))


def test_the_strip_shows_what_every_filter_answers_to_most(start: Start, tiny_checkpoint: Path) -> None:
    app = settled(opened(start, "filters"))
    tiles = component(app, "filters.strip")["tiles"]
    n = int(re.search(r"(\d+) maps", app.selectbox(key="control.filters_layer").options[-2])[1])  # type: ignore[index]
    everything = expected(tiny_checkpoint, GuidedSettings(filters=tuple(range(n))))
    assert [tile["id"] for tile in tiles] == [str(k) for k in range(n)]
    for tile, one in zip(tiles, everything.filters, strict=True):
        if one.dead:
            continue
        x0, y0 = one.boxes[0][:2]
        shown = decoded(tile["src"])
        scale = len(shown) // everything.receptive_field[0] if everything.receptive_field else 1
        height, width = (side // scale for side in shown.shape[:2])
        y, x = min(y0, 32 - height), min(x0, 32 - width)
        seen = everything.images[one.top[0].image, :, y : y + height, x : x + width].permute(1, 2, 0).numpy()
        np.testing.assert_array_equal(shown[::scale, ::scale], seen)
        assert tile["caption"] == [str(one.index), f"{one.top[0].response:.1f}"]


def test_strongest_first(start: Start) -> None:
    app = settled(opened(start, "filters", filters_order="response"))
    values = [float(tile["caption"][1]) for tile in component(app, "filters.strip")["tiles"]
              if tile["caption"][1] != "dead"]  # fmt: skip
    assert values == sorted(values, reverse=True)


def test_the_command_line_makes_the_same(start: Start, tiny_checkpoint: Path, tmp_path: Path) -> None:
    app = opened(start, "filters", filters="1,4", filters_rule="slope", seed="5")
    found = shown(app, "filters.portraits")
    words = shlex.split(app.code[0].value)
    assert words[:2] == ["dcgan-viz", "guided-backprop"]
    guided_command.main([*words[2:], "--out", str(tmp_path / "out"), "--quiet"], standalone_mode=False)
    record = json.loads((tmp_path / "out" / "guided_backprop" / "result.json").read_text())
    view = GuidedView.from_json(record)
    assert (view.rule, [one.index for one in view.filters]) == ("slope", [1, 4])
    for card, one in zip(found["cards"], view.filters, strict=True):
        told = {name: view.ratio for name, view in one.selectivity.items() if view.ratio is not None}
        for name, ratio in told.items():
            assert f"{name}, trained: {ratio:.2f}" in card["panel"]["svg"]


def test_the_record_says_how_long_it_took_with_the_look_of_before(
    start: Start, offered: Offered, monkeypatch: pytest.MonkeyPatch
) -> None:

    def slow(*arguments: Any) -> RealImages:
        time.sleep(2)
        return real_images(*arguments)

    monkeypatch.setattr("apps.filters.study.real_images", slow)
    began = time.perf_counter()
    settled(opened(start, "filters", seed="84"))
    most = time.perf_counter() - began
    time.sleep(0.5)
    (name,) = [name for name in offered if name.startswith("filters") and name.endswith(".json")]
    assert 2 <= json.loads(offered[name]())["provenance"]["duration_s"] <= most


def test_choices_are_in_the_link(start: Start) -> None:
    app = settled(opened(start, "filters"))
    app.toggle(key="control.filters_crop").set_value(True).run()
    app.selectbox(key="control.filters_layer").select("main.2").run()
    settled(app)
    assert link(app) == {"checkpoint": "given", "filters_layer": "main.2", "filters_crop": "1"}
    assert "--layer main.2 --images rooms --crop" in app.code[0].value


def test_the_usual_layer_by_its_name_is_the_usual_layer(start: Start) -> None:
    app = settled(opened(start, "filters"))
    usual = re.search(r"Of .*\. (main\.\d+) has", " ".join(c.value.replace("\\", "") for c in app.caption))
    assert usual is not None
    again = settled(opened(start, "filters", filters_layer=usual[1]))
    assert not again.warning
    assert link(again) == {"checkpoint": "given"}


def test_filters_that_a_layer_has_not_are_left_out(start: Start) -> None:
    app = settled(opened(start, "filters", filters="1,9000"))
    assert link(app)["filters"] == "1"
    assert len(component(app, "filters.portraits")["cards"]) == 1


def test_what_a_link_says_wrongly_is_a_sentence(start: Start) -> None:
    app = opened(start, "filters", filters_layer="main.99", filters_rule="magic", filters="x")
    told = " ".join(warning.value for warning in app.warning).replace("\\", "")
    assert all(word in told for word in ("main.99", "magic", "filters 'x'"))
    assert component(settled(app), "filters.portraits")["cards"]


def test_without_a_discriminator_there_is_a_sentence(start: Start, tmp_path: Path) -> None:
    path = generator_alone(tmp_path / "blind.pth")
    app = opened(start, "filters", "--checkpoint", str(path))
    assert "discriminator" in app.error[0].value
    assert not app.exception


def test_a_grey_gan_of_another_size(start: Start, tmp_path: Path) -> None:
    path = grey_gan(tmp_path / "grey.safetensors")
    app = opened(start, "filters", "--checkpoint", str(path))
    assert drawn(app) == cards(expected(path, GuidedSettings()))


def test_nothing_is_looked_through_unless_asked_for(start: Start, tmp_path: Path) -> None:
    path = grey_gan(tmp_path / "grey.safetensors", size=32)  # that nobody has asked for before
    app = opened(start, "filters", "--checkpoint", str(path), filters_started="0")
    assert all("filters" not in key for key in mounted(app))
    app.button(key="filters.overview.start").click().run()
    assert drawn(app)
    assert "filters_started" not in link(app)


@pytest.mark.parametrize("ids", [("a",), ("1", "2,x"), ("-1",), ("9" * 12,)])
def test_a_browser_may_send_anything(monkeypatch: pytest.MonkeyPatch, ids: tuple[str, ...]) -> None:
    chosen: list[object] = []
    monkeypatch.setattr(Field, "set", lambda _, value: chosen.append(value))
    strip._choose(ids)
    assert chosen == []
    strip._choose(("3", "1"))
    assert chosen == [(3, 1)]
