"""Arithmetic: a link opens the library's pictures, and the command replays the recipe to the same ones."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from apps.arithmetic import board, evidence, exemplars, fields
from apps.arithmetic import draft as drafts
from apps.arithmetic.draft import blank
from apps.shell import state
from apps.shell.downloads import Download
from apps.shell.sheet import Click
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.loading import load
from dcgan_viz.vector_arithmetic.command import main as command
from dcgan_viz.vector_arithmetic.pictures import draw_recipe
from dcgan_viz.vector_arithmetic.recipe import Recipe, TurnRecipe
from dcgan_viz.vector_arithmetic.recipe_file import read_recipe, recipe_bytes, write_recipe
from tests.apps.conftest import Start, component, link
from tests.apps.pages import opened
from tests.pictures import decoded, eight_bits

LINK = "with:3.14;without:1.2.7;other:5;left:8.9;right:20|+0-1+2|3.4||"
CONCEPTS = {"with": (3, 14), "without": (1, 2, 7), "other": (5,), "left": (8, 9), "right": (20,)}
SIGNS = {"with": "+", "without": "-", "other": "+"}


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """What the page offers to be taken home, by name."""
    found: dict[str, Callable[[], bytes]] = {}

    def row(key: str, offered: list[Download], words: str = "") -> None:
        import streamlit as st

        found.clear()
        found.update({one.name: one.make for one in offered})
        st.code(words)

    monkeypatch.setattr("apps.shell.downloads.downloads", row)
    return found


Slots = Callable[[], list[list[int]]]


@pytest.fixture
def slots(monkeypatch: pytest.MonkeyPatch) -> Slots:
    """What is in the slots of a session without a page."""
    store = state.Store()
    monkeypatch.setattr(state, "store", lambda: store)
    fields.keep(blank())
    return lambda: [list(one.numbers) for one in fields.current().concepts]


def recipe_of(gan: Gan, seed: int, **more: Any) -> Recipe:
    assert gan.prior is not None
    settings = {"concepts": CONCEPTS, "expression": SIGNS, "turn": TurnRecipe("left", "right"), **more}
    return Recipe(seed, 48, gan.prior.size, gan.provenance.sha256, gan.prior.kind, **settings)


def shown(app: AppTest) -> list[np.ndarray]:
    """The pictures of the result and its neighbours."""
    return [decoded(cell["src"]) for cell in component(app, "arithmetic.board")["result"]["cells"]]


def test_a_link_opens_what_the_library_draws(start: Start, tiny_checkpoint: Path) -> None:
    app = opened(
        start, "arithmetic", seed="3", arith_seed="3", arith=LINK, arith_noise="0.5", arith_rescale="1"
    )
    found = draw_recipe(gan := load(tiny_checkpoint), recipe_of(gan, 3, noise=0.5, rescale=True))
    assert found.sum is not None
    around = eight_bits(found.sum.neighbours)
    expected = [*around[:4], eight_bits(found.sum.result), *around[4:]]
    np.testing.assert_array_equal(shown(app), expected)
    shown_board = component(app, "arithmetic.board")
    assert [term["name"] for term in shown_board["terms"]] == ["with", "without", "other"]
    for term in shown_board["terms"]:
        np.testing.assert_array_equal(
            decoded(term["mean"]["src"]), eight_bits(found.concepts[term["name"]].mean)
        )
        assert [slot["number"] for slot in term["slots"]] == list(CONCEPTS[term["name"]])
    tiles = component(app, "arithmetic.otherwise")["tiles"]
    np.testing.assert_array_equal(decoded(tiles[1]["src"]), eight_bits(found.sum.pixels))
    np.testing.assert_array_equal(decoded(tiles[2]["src"]), eight_bits(found.sum.single[0]))
    bars = {bar["label"]: bar["value"] for bar in component(app, "arithmetic.norms")["bars"]}
    assert bars["mean of with"] == pytest.approx(found.norms.means["with"])
    assert bars["sum"] == pytest.approx(found.norms.result)
    assert link(app)["arith"] == LINK


def test_the_command_replays_the_recipe_to_the_same_bytes(
    start: Start, files: dict[str, Callable[[], bytes]], tmp_path: Path
) -> None:
    app = opened(
        start, "arithmetic", seed="5", arith_seed="5", arith=LINK, arith_neighbours="3", arith_reach="1.25"
    )
    for name in ("recipe.json", "arithmetic_seed_5.npz"):
        (tmp_path / name).write_bytes(files[name]())
    words = shlex.split(app.code[-1].value)
    assert words[:2] == ["dcgan-viz", "vector-arithmetic"]
    words[words.index("recipe.json")] = str(tmp_path / "recipe.json")
    with pytest.raises(SystemExit) as end:
        command.main([*words[2:], "--out", str(tmp_path / "out"), "--quiet"])
    assert end.value.code == 0
    folder = tmp_path / "out" / "vector_arithmetic"
    assert (folder / "recipe.json").read_bytes() == (tmp_path / "recipe.json").read_bytes()
    with np.load(folder / "arrays.npz") as theirs, np.load(tmp_path / "arithmetic_seed_5.npz") as ours:
        assert set(theirs) == set(ours) > {"result", "neighbours", "pixels", "single", "strips"}
        for name in theirs:
            assert theirs[name].tobytes() == ours[name].tobytes()
        around = eight_bits(torch.from_numpy(theirs["neighbours"]))
        result = eight_bits(torch.from_numpy(theirs["result"]))
        np.testing.assert_array_equal(shown(app), [around[0], result, *around[1:]])
    record = json.loads(files["arithmetic_seed_5.json"]())
    there = json.loads((folder / "result.json").read_text())
    for one in (record, there):
        one.pop("provenance")
    assert record == there


def test_walks_are_those_of_the_library(
    start: Start, files: dict[str, Callable[[], bytes]], tmp_path: Path
) -> None:
    app = opened(start, "arithmetic", arith=LINK, arith_view="turn", arith_steps="5")
    assert [term["name"] for term in component(app, "arithmetic.board")["terms"]] == ["left", "right"]
    (tmp_path / "arrays.npz").write_bytes(files["arithmetic_seed_0.npz"]())
    with np.load(tmp_path / "arrays.npz") as arrays:
        strips = eight_bits(torch.from_numpy(arrays["strips"]))
    drawn = [
        [decoded(cell["src"]) for cell in row["cells"]] for row in component(app, "arithmetic.strips")["rows"]
    ]
    np.testing.assert_array_equal(drawn, strips)
    assert strips.shape[:2] == (5, 5)


def test_a_recipe_is_taken_up_whole(start: Start, tiny_checkpoint: Path, files: dict[str, Any]) -> None:
    recipe = recipe_of(
        load(tiny_checkpoint),
        7,
        concepts={"right, far": (20,), "b: ;|": (30, 2), "left": (4, 5)},
        expression={"left": "-", "b: ;|": "+"},
        noise=0.1234567,
        n_neighbours=2,
        turn=TurnRecipe("left", "right, far", 1.3, 4, rescale=False),
    )
    app = opened(start, "arithmetic")
    app.file_uploader(key="arithmetic.recipe").upload(
        "r.json", json.dumps(recipe.to_json()).encode(), ""
    ).run()
    assert not app.error
    assert json.loads(files["recipe.json"]()) == recipe.to_json()
    assert list(json.loads(files["recipe.json"]())["concepts"]) == list(recipe.concepts)
    again = opened(start, "arithmetic", **link(app))
    assert component(again, "arithmetic.board") == component(app, "arithmetic.board")
    assert json.loads(files["recipe.json"]()) == recipe.to_json()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[1, 2", "not JSON"),
        (b"{}", "format"),
        (None, "z of 9 numbers"),
    ],
)
def test_a_bad_recipe_is_a_sentence(
    start: Start, tiny_checkpoint: Path, content: bytes | None, told: str
) -> None:
    if content is None:
        recipe = recipe_of(load(tiny_checkpoint), 7).to_json()
        content = json.dumps({**recipe, "z_size": 9}).encode()
    app = opened(start, "arithmetic", arith=LINK)
    before = component(app, "arithmetic.board")
    app.file_uploader(key="arithmetic.recipe").upload("bad.json", content, "").run()
    assert len(app.error) == 1
    assert told in app.error[0].value.replace("\\", "")
    assert component(app, "arithmetic.board") == before


def test_what_is_filled_is_summed_and_the_rest_is_left_out(start: Start, files: dict[str, Any]) -> None:
    app = opened(start, "arithmetic", arith="with:3;without:;other:5;left:8;right:|+0-1+2|3.4||")
    recipe = json.loads(files["recipe.json"]())
    assert recipe["expression"] == {"with": "+", "other": "+"}
    assert recipe["turn"] is None
    assert component(app, "arithmetic.board")["terms"][1]["mean"] is None
    app = opened(
        start, "arithmetic", arith="with:3;without:;other:5;left:8;right:|+0-1+2|3.4||", arith_view="turn"
    )
    assert [bool(term["mean"]) for term in component(app, "arithmetic.board")["terms"]] == [True, False]


@pytest.mark.parametrize(
    ("view", "filled", "told"),
    [
        ("sum", "window:3;no window:4;other rooms:5;bed left:;bed right:", None),
        (
            "sum",
            "window:3;no window:;other rooms:5;bed left:1;bed right:2",
            "B, no window, has no samples",
        ),
        ("turn", "window:;no window:;other rooms:;bed left:1;bed right:2", None),
        (
            "turn",
            "window:3;no window:4;other rooms:5;bed left:1;bed right:",
            "E, bed right, has no samples",
        ),
        ("turn", "window:3;no window:4;other rooms:5;bed left:;bed right:", ""),
        ("turn", "window:;no window:;other rooms:;bed left:1;bed right:", "E, bed right, has no samples"),
    ],
)
def test_only_what_is_seen_is_measured(
    start: Start, monkeypatch: pytest.MonkeyPatch, view: str, filled: str, told: str | None
) -> None:
    for module in (fields, exemplars, evidence):
        monkeypatch.setattr(module, "segmenters_know", lambda gan: True)
    app = opened(start, "arithmetic", arith=f"{filled}|+0-1+2|3.4|window|bed", arith_view=view)
    what = "sheets" if view == "sum" else "walks"
    measures = [one.label for one in app.button if one.label.startswith("Measure")]
    assert measures == ([f"Measure on 64 more {what}"] if told is None else [])
    said = [one.value.replace("\\", "") for one in app.caption]
    assert any("the same sum" in one for one in said) == (view == "sum" and told is None)
    assert [one for one in said if "has no samples" in one and told in one] if told else True
    assert told or not any("has no samples" in one for one in said)


def test_slots_of_another_sheet_are_left_and_found_again(start: Start) -> None:
    app = opened(start, "arithmetic", seed="3", arith_seed="3", arith=LINK)
    before = component(app, "arithmetic.board")
    app.number_input(key="control.seed").set_value(4).run()
    assert all(term["slots"] == [] for term in component(app, "arithmetic.board")["terms"])
    (back,) = [one for one in app.button if one.label == "Back to seed 3"]
    back.click().run()
    assert component(app, "arithmetic.board") == before


def test_picked_samples_of_the_sheet_go_into_the_active_concept(start: Start) -> None:
    app = opened(start, "arithmetic", picks="0.4,9.9,0.11", arith_slot="1")
    (put,) = [one for one in app.button if one.label.startswith("Put the 2 picked")]
    put.click().run()
    slots = [[one["number"] for one in term["slots"]] for term in component(app, "arithmetic.board")["terms"]]
    assert slots == [[], [4, 11], []]
    assert link(app)["picks"] == "0.4,9.9,0.11"


def test_clicks_fill_the_concept_that_they_were_meant_for(slots: Slots) -> None:
    for number in (5, 6, 7):
        exemplars.fill([Click(str(number), True, "0")])
    assert fields.ACTIVE.get() == 1  # the first is full
    exemplars.fill([Click("6", True, "0"), Click("7", True, "0"), Click("8", True, "1")])  # told once more
    assert slots() == [[5, 6, 7], [8], [], [], []]
    exemplars.fill([Click("9", True, "0"), Click("8000", True, "1"), Click("odd", True, "1")])
    exemplars.fill([Click("1", True, "77"), Click("7", False, "0"), Click("8", False, "1")])
    assert slots() == [[5, 6], [], [], [], []]
    exemplars.fill([Click("11", True, "0")])  # another concept than the active one
    assert fields.ACTIVE.get() == 1
    assert slots()[0] == [5, 6, 11]


@pytest.mark.parametrize(("view", "places", "room"), [("sum", (0, 1, 2), 3), ("turn", (3, 4), 4)])
def test_no_burst_of_clicks_overfills_a_concept(
    slots: Slots, view: str, places: tuple[int, ...], room: int
) -> None:
    fields.VIEW.set(view)
    burst = [Click(str(5 * k), True, str(place)) for k, place in enumerate(np.repeat(places, room))]
    for end in (1, room - 1, room + 1, len(burst)):  # all that was clicked so far, as the browser tells it
        exemplars.fill(burst[:end])
        assert fields.ACTIVE.get() == places[min(end // room, len(places) - 1)]
    exemplars.fill([Click("6", True, str(place)) for place in places])
    filled = [[5 * (room * k + j) for j in range(room)] for k in range(len(places))]
    assert [slots()[place] for place in places] == filled
    exemplars.fill([Click(str(filled[0][1]), False, str(places[0])), Click("6", True, str(places[0]))])
    assert slots()[places[0]] == [*filled[0][:1], *filled[0][2:], 6]


def test_what_a_recipe_has_too_much_stays_and_takes_no_more(slots: Slots) -> None:
    fields.keep(blank().with_numbers(0, (1, 2, 3, 4, 5)))
    fields.ACTIVE.set(0)
    exemplars.fill([Click("5", False, "0"), Click("6", True, "0")])
    assert slots()[0] == [1, 2, 3, 4]


def test_what_was_done_on_the_board_is_done_once(slots: Slots, monkeypatch: pytest.MonkeyPatch) -> None:
    session: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", session)
    fields.keep(blank().with_numbers(0, (1, 2, 3)).with_numbers(1, (4,)))

    def told(*events: object) -> None:
        session["arithmetic.board"] = {"events": {"events": list(events)}}
        board._changed()

    def event(stamp: int, kind: str, value: str = "", place: int = 0) -> dict[str, object]:
        return {"kind": kind, "place": place, "value": value, "stamp": stamp}

    told(event(5, "remove", "2"))
    told(event(5, "remove", "2"), event(6, "flip"), event(7, "name", "without"), event(8, "remove", "3"))
    assert slots()[:2] == [[1], [4]]
    assert dict(fields.current().signs)[0] == "-"
    (fault,) = session["arithmetic.faults"]
    assert "another one is called so" in fault  # and what came after was done
    told(event(6, "flip"), event(8, "remove", "1"), event(9, "flip"))
    assert slots()[0] == [1]
    assert dict(fields.current().signs)[0] == "+"
    told("odd", {"kind": "flip"}, event(10, "flip", place=77), event(11, "remove", "4", place=1))
    assert slots()[1] == []
    session["arithmetic.board"] = 5
    board._changed()
    assert slots()[0] == [1]


def test_more_picked_samples_than_slots(start: Start) -> None:
    app = opened(start, "arithmetic", picks="0.4,0.9,0.11,0.12", arith_slot="1")
    (put,) = [one for one in app.button if one.label == "Put 3 of the 4 picked into B"]
    put.click().run()
    assert [one["number"] for one in component(app, "arithmetic.board")["terms"][1]["slots"]] == [4, 9, 11]
    assert link(app)["arith_slot"] == "2"


@pytest.mark.parametrize(
    "text",
    [
        "a:1",
        "a:1|+0+0||x|",
        "a:1|+1|||",
        "a:1;a:2|+0|||",
        "a:1|||0.0||",
        "a:1.1|+0|||",
        "a:1|+0|||chair",
        "|||",
    ],
)
def test_a_wrong_link_is_a_sentence(start: Start, text: str) -> None:
    with pytest.raises(InputError):
        drafts.parse(text)
    if text == "a:1":
        app = opened(start, "arithmetic", arith=text)
        assert any("arith" in one.value for one in app.warning)


def test_a_grey_generator_of_another_size_without_a_judge(start: Start, tmp_path: Path) -> None:
    words = ["--generator", "tests.remove_objects.planted:Planted", "--generator-args"]
    words += [json.dumps({"size": 32, "channels": 1}), "--prior", "normal:21"]
    app = opened(start, "arithmetic", *words, arith=LINK)
    assert decoded(component(app, "arithmetic.board")["result"]["cells"][4]["src"]).ndim == 2
    assert not app.error
    labels = {one.label for one in app.button}
    assert "Let the annotator choose" not in labels
    assert not any(label.startswith("Measure") for label in labels)


def test_names_signs_and_slots_change_on_the_board() -> None:
    draft = blank("window", "bed").with_numbers(0, (1,)).with_numbers(1, (2,)).with_numbers(2, (3,))
    parts = draft.parts()
    assert parts is not None
    assert parts.target == "window"
    for changed in (draft.renamed(1, "none"), draft.flipped(2), draft.with_numbers(2, ())):
        parts = changed.parts()
        assert parts is not None
        assert parts.target == ""  # the judge knows the whole sum alone
    assert draft.renamed(3, "far left").turn_target == ""
    with pytest.raises(InputError, match="another one"):
        draft.renamed(1, "window")
    with pytest.raises(InputError):
        draft.renamed(1, "\n")


def test_a_recipe_file_reads_as_it_was_written(tmp_path: Path, tiny_checkpoint: Path) -> None:
    recipe = recipe_of(load(tiny_checkpoint), 1)
    write_recipe(tmp_path / "r.json", recipe)
    assert (tmp_path / "r.json").read_bytes() == recipe_bytes(recipe)
    assert read_recipe(tmp_path / "r.json") == recipe
