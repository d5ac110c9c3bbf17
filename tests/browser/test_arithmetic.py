"""Arithmetic as a person meets it: click, look, measure, take home, replay."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from dcgan_viz.data.segmenter import load_segmenter
from dcgan_viz.models.loading import load
from dcgan_viz.vector_arithmetic.analysis import choose_recipe
from dcgan_viz.vector_arithmetic.command import main as command
from dcgan_viz.vector_arithmetic.settings import ArithmeticSettings
from tests.browser.driving import SCREENSHOTS, Window, until_url

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FILLED = (
    "window:23.36.19;no window:0.10.17;other rooms:31.13.7;bed left:14.12.27.16;bed right:28.30.4.32"
    "|%2B0-1%2B2|3.4|window|bed"
)


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
    assert [one for one in window.complaints if "404" not in one] == []  # Streamlit asks below the page first


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
    page.get_by_role("button", name="Cancel").click(timeout=60_000)
    page.get_by_role("button", name="Measure on 16 more sheets").click(timeout=60_000)
    until_url(page, "arith_measured")
    page.get_by_text("of cases put a window into the room").wait_for(timeout=300_000)
    page.get_by_text("with random exemplars, the control").wait_for()
    window.rest()
    page.set_viewport_size({"width": 1280, "height": 3600})
    page.screenshot(path=SCREENSHOTS / "arithmetic_measured.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_the_screen(
    server: str, browser: "Browser", width: int, scheme: Literal["light", "dark"]
) -> None:
    height = 900 if width > 600 else 844
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=width < 600
    )
    window = Window(context.new_page())
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for view in ("sum", "turn"):
        page = window.open(f"{server}/arithmetic?arith={FILLED}&arith_view={view}")
        board(page)
        window.rest()
        page.screenshot(path=SCREENSHOTS / f"arithmetic_{view}_{width}_{scheme}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("img:not([alt])").count() == 0
        if view == "sum":
            grid = page.locator(".result .grid").evaluate("one => one.offsetWidth")
            assert grid > 2.5 * page.locator(".mean img").first.evaluate("one => one.offsetWidth")
    tiles = page.locator('[aria-label^="Sheet of seed"] button')
    assert min(tiles.evaluate_all("all => all.map(one => one.offsetWidth)")) >= 64  # room for a finger
    context.close()
