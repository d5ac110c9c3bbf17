"""Arithmetic as a person meets it: click, look, measure, take home, replay."""

import json
import shlex
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import numpy as np
import pytest
import torch

from dcgan_viz.data.segmenter import load_segmenter
from dcgan_viz.models.loading import load
from dcgan_viz.sample import to_uint8
from dcgan_viz.vector_arithmetic.analysis import choose_recipe
from dcgan_viz.vector_arithmetic.command import main as command
from dcgan_viz.vector_arithmetic.settings import ArithmeticSettings
from tests.browser.driving import SCREENSHOTS, Window, until_url
from tests.browser.exports import taken_home
from tests.browser.links import SUM as FILLED
from tests.pictures import decoded

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def board(page: "Page", words: str = "*") -> list[str]:
    """What the pictures of the board are."""
    images = page.locator(f".equation {words} img")
    images.first.wait_for()
    found: list[str] = images.evaluate_all("all => all.map(one => one.src)")
    return found


def home(page: "Page", label: str, tmp_path: Path) -> Path:
    """Take a file home."""
    with page.expect_download(timeout=120_000) as download:
        page.get_by_role("button", name=label).click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_nine_clicks_make_a_sum_that_the_command_replays(server: str, window: Window, tmp_path: Path) -> None:
    page = window.open(f"{server}/arithmetic?seed=2&picks=2.40")
    large = page.get_by_role("group", name="Sheet of seed 2")
    for number in (3, 9, 12, 20, 21, 22, 30, 31, 32):
        large.get_by_role("button", name=f"Sample {number} of seed 2").click()
        window.rest()
    until_url(page, r"30\.31\.32")
    window.rest()
    until_url(page, r"3\.9\.12.*20\.21\.22.*30\.31\.32")
    until_url(page, r"picks=2\.40")  # picked samples stay picked
    before = board(page, ".result")
    assert len(before) == 9
    page.get_by_role("button", name="Sample 21; take it out of no window").click()
    until_url(page, r"20\.22")
    large.get_by_role("button", name="Sample 21 of seed 2").click()
    until_url(page, r"20\.22\.21")
    window.rest()
    recipe = home(page, "Recipe (JSON)", tmp_path)
    arrays = home(page, "z and pictures", tmp_path)
    assert recipe.name == "recipe.json"
    page.get_by_text("The same on the command line").click()
    words = shlex.split(page.locator("code").last.inner_text())
    words[words.index("recipe.json")] = str(recipe)
    with pytest.raises(SystemExit) as end:
        command.main([*words[2:], "--out", str(tmp_path / "out"), "--quiet"])
    assert end.value.code == 0
    with np.load(tmp_path / "out" / "vector_arithmetic" / "arrays.npz") as theirs, np.load(arrays) as ours:
        assert set(theirs) == set(ours)
        for name in theirs:
            assert theirs[name].tobytes() == ours[name].tobytes()
    assert json.loads(recipe.read_text())["concepts"]["no window"] == [20, 22, 21]


@pytest.mark.parametrize(
    ("view", "letters", "room"), [("sum", "ABC", 3), ("turn", "DE", 4)], ids=["sum", "turn"]
)
@pytest.mark.parametrize("way", ["mouse", "at once"])
def test_clicks_without_a_pause_fill_one_concept_after_the_other(
    server: str, window: Window, view: str, letters: str, room: int, way: str
) -> None:
    page = window.open(f"{server}/arithmetic?arith_view={view}")
    large = page.get_by_role("group", name="Sheet of seed 0")
    numbers = range(1, 4 * room * len(letters), 4)
    if way == "mouse":
        for number in numbers:
            large.get_by_role("button", name=f"Sample {number} of seed 0", exact=True).click()
    else:  # in one task of the browser: no answer can come between
        script = "(all, wanted) => wanted.forEach((id) => all.find((one) => one.dataset.id === id).click())"
        large.get_by_role("button", name=f"Sample {numbers[-1]} of seed 0", exact=True).wait_for()
        large.get_by_role("button").evaluate_all(script, [str(number) for number in [*numbers, 0]])
    filled = dict(zip(numbers, [letter for letter in letters for _ in range(room)], strict=True))
    badges = {
        int(number): badge.rstrip("1234")
        for number, badge in large.locator("button").evaluate_all(
            "all => all.map(one => [one.dataset.id, one.querySelector('.badge').textContent])"
        )
        if badge
    }
    assert badges == filled  # without waiting for the server
    window.rest()
    places = "ABCDE".index(letters[0])
    for k in range(len(letters)):
        mine = ".".join(map(str, numbers[k * room : (k + 1) * room]))
        until_url(page, rf"(:|%3A){mine}(;|%3B|%7C|\|)")
    until_url(page, f"arith_slot={places + len(letters) - 1}")
    shown = page.locator(".equation .card").evaluate_all(
        "all => all.map(one => [...one.querySelectorAll('.number')].map(n => Number(n.textContent)))"
    )
    assert shown == [[*numbers[k * room : (k + 1) * room]] for k in range(len(letters))]


def test_each_download_opens(server: str, window: Window, tmp_path: Path) -> None:
    page = window.open(f"{server}/arithmetic?arith={FILLED}")
    shown = [decoded(one) for one in board(page, ".result")]
    files = taken_home(page, tmp_path)
    figures = {"Figure (PNG)", "Figure of the turn (PNG)"}
    assert set(files) == figures | {
        "Recipe (JSON)", "z and pictures (NPZ)", "Record (JSON)", "All files (ZIP)",
    }  # fmt: skip
    recipe = json.loads(files["Recipe (JSON)"].read_text())
    assert recipe["concepts"]["window"] == [23, 36, 19]
    with zipfile.ZipFile(files["All files (ZIP)"]) as archive:
        assert archive.read("arrays.npz") == files["z and pictures (NPZ)"].read_bytes()
        assert archive.read("figure.png") == files["Figure (PNG)"].read_bytes()
    with np.load(files["z and pictures (NPZ)"]) as arrays:
        sum_and_neighbours = np.stack([arrays["result"], *arrays["neighbours"]])
    kept = {one.tobytes() for one in to_uint8(torch.from_numpy(sum_and_neighbours))}
    assert len(shown) == 9
    assert {one.tobytes() for one in shown} == kept


def test_a_link_shows_another_person_the_same(server: str, window: Window, browser: "Browser") -> None:
    page = window.open(f"{server}/arithmetic?arith={FILLED}&arith_noise=0.4")
    window.rest()
    other = Window(browser.new_context().new_page())
    there = other.open(page.url)
    assert board(page) == board(there)
    there.context.close()


def test_the_annotator_chooses_as_in_the_command(server: str, window: Window) -> None:
    page = window.open(f"{server}/arithmetic?arith_noise=0.3")
    page.get_by_role("button", name="Annotator").click()
    page.get_by_role("button", name="Let the annotator choose").click()
    page.locator(".equation .mean img").nth(2).wait_for(timeout=300_000)
    until_url(page, r"window(%3A|:)\d+\.\d+\.\d+")
    window.rest()
    assert "arith_choose" not in page.url
    wanted = choose_recipe(load(), load_segmenter("annotator"), ArithmeticSettings(noise=0.3), 0)
    numbers = page.locator(".equation .slot .number").all_inner_texts()
    assert numbers == [str(one) for name in wanted.expression for one in wanted.concepts[name]]


def test_the_judge_measures_and_can_be_stopped(server: str, window: Window) -> None:
    page = window.open(f"{server}/arithmetic?arith={FILLED}&arith_cases=16")
    page.get_by_role("button", name="Measure on 16 more sheets").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Measure on 16 more sheets").click()
    until_url(page, "arith_measured")
    page.get_by_text("of cases put a window into the room").wait_for(timeout=300_000)
    page.get_by_text("with random exemplars, the control").wait_for()
    window.rest()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": 1280, "height": 3600})
    page.screenshot(path=SCREENSHOTS / "arithmetic_measured.png")


def test_the_result_has_the_most_room(server: str, window: Window) -> None:
    page = window.open(f"{server}/arithmetic?arith={FILLED}")
    board(page)
    grid = page.locator(".result .grid").evaluate("one => one.offsetWidth")
    assert grid > 2.5 * page.locator(".mean img").first.evaluate("one => one.offsetWidth")


def test_a_name_that_is_being_typed_outlasts_an_answer(server: str, window: Window) -> None:
    page = window.open(f"{server}/arithmetic?arith={FILLED}")
    first, second = (page.get_by_label(f"Name of concept {letter}") for letter in "AB")
    first.fill("sun")
    second.fill("no su")  # and so leaves the first
    second.evaluate("one => one.setSelectionRange(2, 3)")
    until_url(page, "sun(%3A|:)")
    window.rest()
    assert "no su:" not in unquote_plus(unquote_plus(page.url))
    assert first.input_value() == "sun"
    assert second.input_value() == "no su"
    assert second.evaluate("one => [one.selectionStart, one.selectionEnd]") == [2, 3]
    first.focus()  # nothing more was typed, and it is a change all the same
    until_url(page, r"no( |%20|\+|%2520)su(%3A|:)")
    window.rest()
    second.fill("sun")  # another one is called so
    second.press("Enter")
    page.get_by_text("another one is called so").wait_for()
    assert second.input_value() == "no su"


@pytest.mark.parametrize("way", ["mouse", "at once"])
def test_exemplars_are_taken_out_as_fast_as_one_clicks(server: str, window: Window, way: str) -> None:
    page = window.open(f"{server}/arithmetic?arith={FILLED}")
    board(page)
    filled = page.locator(".equation .slot:has(img)")
    before = filled.locator(".number").all_inner_texts()
    assert len(before) == 9
    if way == "at once":  # in one task of the browser: no answer can come between
        filled.evaluate_all("all => { for (const k of [0, 4, 8]) all[k].click() }")
        page.get_by_role("button", name="is added; change the sign").first.evaluate("one => one.click()")
    else:
        for number in (before[0], before[4], before[8]):
            page.get_by_role("button", name=f"Sample {number}; take it out of").click()
        page.get_by_role("button", name="is added; change the sign").first.click()
    until_url(page, r"(\||%7C)(-|%2D)0")
    window.rest()
    assert filled.locator(".number").all_inner_texts() == [
        one for k, one in enumerate(before) if k not in (0, 4, 8)
    ]
    page.get_by_role("button", name="is subtracted; change the sign").first.click()
    until_url(page, r"(\||%7C)(\+|%2B| )0")


def test_exemplars_are_taken_out_without_a_mouse(server: str, window: Window) -> None:
    page = window.open(f"{server}/arithmetic?arith={FILLED}")
    board(page)
    card = page.locator(".equation .card").nth(1)
    numbers = card.locator(".number").all_inner_texts()
    card.locator(".slot").nth(1).focus()
    for left in ([numbers[0], numbers[2]], [numbers[0]]):
        page.keyboard.press("Enter")
        window.rest()
        assert card.locator(".number").all_inner_texts() == left
        assert card.locator(".slot").nth(1).evaluate("one => one.getRootNode().activeElement === one")
    page.keyboard.press("Shift+Tab")
    assert card.locator(".slot").nth(0).evaluate("one => one.getRootNode().activeElement === one")
