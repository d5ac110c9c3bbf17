"""Remove objects, on a generator whose target is known: its pictures and numbers are the library's."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.runtime.caching.cache_utils import CachedFunc
from streamlit.testing.v1 import AppTest

from apps.remove_objects import boxes_part as box_part
from apps.remove_objects import trial
from apps.remove_objects.fields import BOXES, N_ANNOTATED, HandBoxes
from apps.shell.bench import Bench
from apps.shell.cache import RESULTS
from dcgan_viz.data.box import Box, Boxes
from dcgan_viz.data.boxes import boxes_bytes, read_boxes
from dcgan_viz.data.segmenter import load_segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.figures import difference_pixels
from dcgan_viz.remove_objects import RemovalSettings, judge_for, remove_objects
from dcgan_viz.remove_objects.command import main as removal_command
from dcgan_viz.remove_objects.judges import RoomsJudge
from dcgan_viz.sample import to_uint8
from tests.apps.conftest import Offered, Start, component, link
from tests.apps.pages import opened
from tests.apps.removal import CHANNELS, SIZE, boxes_of, button, follow, networks, trained, wait, with_boxes
from tests.pictures import decoded, eight_bits
from tests.remove_objects.planted import planted_gan

MEASURED_ON = 50


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    """What an earlier test has computed is shown at once, without anybody asking for it."""
    RESULTS.clear()


def alone(settings: RemovalSettings, seed: int = 0, discriminator: bool = True) -> Any:
    """What the library makes of the same boxes, by its one function."""
    gan, boxes = planted_gan(SIZE, CHANNELS, discriminator=discriminator), boxes_of(seed)
    judge = judge_for(gan, boxes, settings, seed)
    return remove_objects(gan, boxes, judge, settings, seed)


def rows(app: AppTest) -> dict[str, list[np.ndarray]]:
    shown = component(app, "removal.columns")["rows"]
    return {row["label"]: [decoded(cell["src"]) for cell in row["cells"]] for row in shown}


def command_of(app: AppTest) -> list[str]:
    (line,) = [one.value for one in app.code if one.value.startswith("dcgan-viz remove-objects")]
    return shlex.split(line)[2:]


def test_the_pictures_are_those_of_the_command_s_own_function(start: Start) -> None:
    """Byte for byte, although the page edits eight samples and the command all of them."""
    app = trained(start)
    found = alone(RemovalSettings(target="stamp", quick=True).measured_on(120))
    names = [int(name) for name in component(app, "removal.columns")["names"]]
    assert names == found.shown[: len(names)].tolist()
    shown = rows(app)
    before, after = found.untouched[names], found.edited["local"][names]
    np.testing.assert_array_equal(np.stack(shown["before"]), to_uint8(before))
    np.testing.assert_array_equal(np.stack(shown["after"]), to_uint8(after))
    difference = difference_pixels(before.numpy(), after.numpy())
    np.testing.assert_array_equal(np.stack(shown["difference"]), difference)
    assert (np.stack(shown["after"]) != np.stack(shown["before"])).any(axis=(1, 2, 3)).all()


def test_method_strength_and_maps_are_in_the_link_and_in_the_pictures(start: Start) -> None:
    app = trained(start, removal_method="drop", removal_maps="3", removal_strength="0.35")
    assert app.slider(key="control.removal_maps").value == 3
    settings = RemovalSettings(target="stamp", quick=True, strength=0.35, n_maps=3).measured_on(120)
    found = alone(settings)
    names = [int(name) for name in component(app, "removal.columns")["names"]]
    assert "filled" not in rows(app)
    np.testing.assert_array_equal(np.stack(rows(app)["after"]), to_uint8(found.edited["drop"][names]))
    app.slider(key="control.removal_strength").set_value(0.0).run()
    assert link(app)["removal_strength"] == "0"
    np.testing.assert_array_equal(rows(app)["after"], rows(app)["before"])


def test_threshold_says_where_is_filled(start: Start) -> None:
    app = trained(start)
    lit = [(picture > 60).any(axis=2).mean() for picture in rows(app)["filled"]]
    app.slider(key="control.removal_threshold").set_value(8.0).run()
    assert link(app)["removal_threshold"] == "8"
    fewer = [(picture > 60).any(axis=2).mean() for picture in rows(app)["filled"]]
    assert sum(fewer) < sum(lit)


def test_a_link_trains_and_measures_by_itself(start: Start) -> None:
    first = trained(start, removal_measured_on=str(MEASURED_ON))
    button(first, "Measure, with its control").click().run()
    wait(first, "removal.number_card")
    left = link(first)
    second = opened(start, "remove_objects", *networks(), **left)
    wait(second, "removal.number_card")
    assert component(second, "removal.number_card") == component(first, "removal.number_card")
    for label, pictures in rows(first).items():
        np.testing.assert_array_equal(rows(second)[label], pictures)


def test_a_moved_slider_measures_nothing_and_says_what_the_card_is_of(start: Start) -> None:
    app = trained(start, removal_measured_on=str(MEASURED_ON))
    button(app, "Measure, with its control").click().run()
    wait(app, "removal.number_card")
    app.slider(key="control.removal_strength").set_value(0.5).run()
    assert button(app, "Measure, with its control")
    assert any("measured before, local, strength 1, log odds above 0," in one.value for one in app.caption)
    assert "removal_card" not in link(app) or not app.get("progress")


@pytest.mark.parametrize("discriminator", [True, False])
def test_the_command_line_replays_to_the_same_numbers_and_pictures(
    start: Start, offered: Offered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, discriminator: bool
) -> None:
    edit = {"removal_threshold": "0.5", "removal_strength": "0.75"}
    app = trained(start, seed=3, discriminator=discriminator, removal_measured_on=str(MEASURED_ON), **edit)
    button(app, "Measure, with its control").click().run()
    wait(app, "removal.number_card")
    words = command_of(app)
    boxes = boxes_of(3)
    (tmp_path / "boxes_stamp_seed_3.json").write_bytes(boxes_bytes(boxes, coco=True))
    assert "boxes_stamp_seed_3.json" in words
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        removal_command.main([*words, "--out", str(tmp_path / "out"), "--quiet"])
    assert stop.value.code == 0
    folder = tmp_path / "out" / "remove_objects"
    record = json.loads((folder / "result.json").read_text())
    mine = json.loads(offered["remove_stamp_seed_3.json"]())
    for name in ("methods", "judge", "edit", "annotations", "target_share", "dose", "layers"):
        assert record[name] == mine[name], name
    arrays = np.load(folder / "arrays.npz")
    names = [int(name) for name in component(app, "removal.columns")["names"]]
    among = [names.index(row) for row in arrays["shown"].tolist() if row in names]
    assert among
    after = eight_bits(arrays["local"][: len(among)])
    np.testing.assert_array_equal(np.stack(rows(app)["after"])[among], after)
    assert offered["remove_stamp_seed_3.png"]()[:8] == b"\x89PNG\r\n\x1a\n"


def test_exported_boxes_are_the_boxes(tmp_path: Path) -> None:
    boxes = boxes_of(0)
    (tmp_path / "mine.json").write_bytes(boxes_bytes(boxes, coco=True))
    assert read_boxes(tmp_path / "mine.json", SIZE, 150, "stamp") == boxes


def test_boxes_in_hand_are_exported_before_and_after_a_probe_learned_from_others(
    start: Start, offered: Offered
) -> None:
    app = with_boxes(start)
    ground = link(app)["removal_boxes"].partition("~")[0]
    one_box = {"removal_target": "stamp", "removal_boxes": f"{ground}~1-2-2-9-9"}
    follow(app, one_box)
    name = "boxes_stamp_seed_0.json"

    def labels() -> list[str]:
        return [one.label for one in app.download_button if "oxes" in one.label]

    def exported(content: bytes) -> list[list[int]]:
        return [one["bbox"] for one in json.loads(content)["annotations"]]

    assert labels() == ["COCO boxes (JSON)"]
    assert exported(offered[name]()) == [[2, 2, 7, 7]]
    offered.clear()
    app = trained(start)
    learned = exported(offered[name]())
    assert labels() == ["COCO boxes (JSON)"]
    kept: list[bytes] = []
    offer = st.download_button

    def noted(label: str, data: Callable[[], bytes], file: str, *more: Any, **options: Any) -> bool:
        kept.extend([data()] if file == name else [])
        return offer(label, data, file, *more, **options)

    with pytest.MonkeyPatch.context() as watched:
        watched.setattr(st, "download_button", noted)
        follow(app, one_box)
    assert labels() == ["COCO boxes (JSON)", "Boxes of this probe (JSON)"]
    assert [exported(one) for one in kept] == [[[2, 2, 7, 7]], learned]


def test_boxes_of_other_samples_are_laid_aside(start: Start) -> None:
    app = with_boxes(start)
    assert component(app, "removal.sheet.0")["tiles"][0]["caption"]
    app.number_input(key="control.seed").set_value(5).run()
    assert any("were drawn on other samples" in one.value for one in app.warning)
    assert not [one for one in app.button if one.label == "Train the probe"]
    app.number_input(key="control.seed").set_value(0).run()
    assert button(app, "Train the probe")


def test_too_few_boxes_are_told_in_a_sentence(start: Start) -> None:
    app = with_boxes(start)
    ground = link(app)["removal_boxes"].partition("~")[0]
    follow(app, {"removal_boxes": f"{ground}~1-2-2-9-9~2-2-2-9-9"})
    assert any("Draw boxes on 3 more samples" in one.value for one in app.info)
    assert not [one for one in app.button if one.label == "Train the probe"]
    five = "~".join(f"{number}-2-2-9-9" for number in range(5))
    follow(app, {"removal_boxes": f"{ground}~{five}"})
    assert not any("more sample" in one.value for one in app.info)
    assert button(app, "Train the probe")


def test_an_unknown_layer_in_a_link_is_a_sentence(start: Start) -> None:
    app = with_boxes(start, removal_layer="main.99")
    assert any("main" in one.value and "99" in one.value for one in app.warning)
    assert "removal_layer" not in link(app)


def test_boxes_come_from_a_file(start: Start) -> None:
    app = opened(start, "remove_objects", *networks(), removal_target="stamp")
    assert any("annotator knows rooms only" in one.value for one in app.info)
    assert any("Draw a box" in one.value for one in app.info)
    boxes = boxes_of(0, n_images=7)
    app.file_uploader(key="removal.file").upload(
        "mine.json", boxes_bytes(boxes, coco=True), "application/json"
    ).run()
    assert f"**{len(boxes)} boxes** on 7 samples" in "".join(one.value for one in app.markdown)
    assert HandBoxes.of("0" * 8, boxes.by_image).edges == BOXES.parse(link(app)["removal_boxes"]).edges  # type: ignore[union-attr]


def test_a_file_that_is_none_is_told_by_its_own_name(start: Start) -> None:
    app = opened(start, "remove_objects", *networks(), removal_target="stamp")
    app.file_uploader(key="removal.file").upload("mine.json", b"[]", "application/json").run()
    assert "mine.json: a JSON list" in app.error[0].value.replace("\\", "")
    assert "/tmp" not in app.error[0].value


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "0123abcd~1-2-3",
        "0123abcd~1-9-9-2-2",
        "0123abcd~150-1-1-2-2",
        "0123abcd" + "~1-1-1-2-2" * 401,
    ],
)
def test_boxes_of_a_link_are_checked(text: str) -> None:
    with pytest.raises(InputError):
        BOXES.parse(text)


def test_boxes_survive_the_link() -> None:
    boxes = HandBoxes.of("0123abcd", {3: (Box(1, 2, 30.25, 31),), 1: (Box(0, 0, 5, 5), Box(7, 7, 9, 9))})
    assert BOXES.parse(BOXES.text(boxes)) == boxes
    assert list(boxes.by_image) == [1, 3]


def test_any_boxes_survive_the_link() -> None:
    random = np.random.default_rng(0)
    corners = random.uniform(0, 500, (300, 2)) * 10.0 ** -random.integers(0, 3, (300, 1))
    sides = random.uniform(1e-5, 500, (300, 2))
    found = {
        n: (Box(*map(float, corner), *map(float, corner + side)),)
        for n, (corner, side) in enumerate(zip(corners[:N_ANNOTATED], sides[:N_ANNOTATED], strict=True))
    }
    found[0] = (Box(-0.0, 1e-9, 10.123456789, 99999.123456789),)
    boxes = HandBoxes.of("0123abcd", found)
    assert BOXES.parse(BOXES.text(boxes)) == boxes
    for n, (box,) in boxes.by_image.items():
        np.testing.assert_allclose(box.edges, found[n][0].edges, rtol=0, atol=5.1e-7)


def test_a_box_too_thin_for_a_link_is_refused() -> None:
    with pytest.raises(InputError, match="no area"):
        HandBoxes.of("0123abcd", {0: (Box(1, 1, 1 + 1e-8, 2),)})


def test_more_boxes_than_a_link_holds_are_refused(start: Start) -> None:
    many = Boxes("stamp", SIZE, {n: (Box(1, 1, 2, 2),) * 4 for n in range(101)})
    app = opened(start, "remove_objects", *networks(), removal_target="stamp")
    app.file_uploader(key="removal.file").upload(
        "mine.json", boxes_bytes(many, coco=True), "application/json"
    ).run()
    assert "mine.json: 404 boxes: this page works with 400" in app.error[0].value.replace("\\", "")
    assert "removal_boxes" not in link(app)


def test_a_box_too_many_on_the_pad_is_a_sentence(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.remove_objects.fields.MOST_BOXES", 1)
    changes: list[Any] = []
    monkeypatch.setattr("apps.remove_objects.boxes_part.box_pad", lambda *of_pad: changes.append(of_pad[-1]))

    def click() -> None:
        changes[-1](((1, 1, 9, 9), (2, 2, 9, 9)))

    drawn = box_part.draw

    def with_button(bench: Bench) -> object:
        found = drawn(bench)
        st.button("draw", on_click=click)
        return found

    monkeypatch.setattr(box_part, "draw", with_button)
    app = opened(start, "remove_objects", *networks(), removal_target="stamp")
    button(app, "draw").click().run()
    assert not app.exception
    assert "2 boxes: this page works with 1" in app.error[0].value.replace("\\", "")
    assert not app.run().error


def test_the_annotator_proposes_on_rooms(start: Start) -> None:
    app = opened(start, "remove_objects", "--runs", "/nowhere", removal_target="lamp")
    assert any("proposed by the annotator" in one.value for one in app.markdown)
    assert "removal_boxes" not in link(app)
    button(app, "Take all away").click().run()
    assert any("Draw a box" in one.value for one in app.info)
    button(app, "Back to the annotator's").click().run()
    assert "removal_boxes" not in link(app)
    app.selectbox(key="removal.class").select("something else").run()
    assert any("does not know" in one.value for one in app.info)


def test_a_job_asks_streamlit_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a cache of Streamlit was asked in a job")

    monkeypatch.setattr(CachedFunc, "__call__", refuse)
    one, other = (trial._shared(RoomsJudge(load_segmenter("judge", "cpu"))) for _ in range(2))
    assert one is other
