"""The Samples page as a person meets it."""

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from dcgan_viz.models.loading import load
from dcgan_viz.sample import sample, sheet
from tests.browser.driving import Window, served, until_url
from tests.browser.exports import taken_home
from tests.pictures import decoded, eight_bits
from tests.waiting import files_below, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def sources(page: "Page", label: str = "Samples of seed") -> list[str]:
    """What the pictures of a sheet are."""
    images = page.locator(f'[role="group"][aria-label^="{label}"] img')
    images.first.wait_for()
    found: list[str] = images.evaluate_all("all => all.map(one => one.src)")
    return found


def pressed(page: "Page") -> list[str]:
    """The samples that are shown as picked on the large sheet."""
    found: list[str] = page.locator(
        '[role="group"][aria-label^="Samples of seed"] [aria-pressed="true"]'
    ).evaluate_all("all => all.map(one => one.dataset.id)")
    return found


def test_a_link_shows_another_person_the_same(server: str, window: Window, browser: "Browser") -> None:
    page = window.open(f"{server}/?seed=5")
    page.get_by_role("button", name="Sample 7 of seed 5").click()
    page.get_by_role("button", name="Sample 12 of seed 5").click()
    until_url(page, r"picks=5\.7(,|%2C)5\.12")
    assert pressed(page) == ["5.7", "5.12"]
    other = Window(browser.new_context().new_page())
    there = other.open(page.url)
    assert sources(there) == sources(page)
    assert pressed(there) == ["5.7", "5.12"]
    assert sources(there, "Picked") == sources(page, "Picked")
    there.context.close()


def test_the_pictures_are_those_of_the_library(server: str, window: Window) -> None:
    page = window.open(f"{server}/?seed=2&samples=24")
    wanted = eight_bits(sample(load(), 24, seed=2).images)
    np.testing.assert_array_equal([decoded(source) for source in sources(page)], wanted)


def test_quick_clicks_are_all_kept(server: str, window: Window) -> None:
    page = window.open(f"{server}/?samples=24")
    large = page.get_by_role("group", name="Samples of seed 0")
    for number in range(8):
        large.get_by_role("button", name=f"Sample {number} of seed 0").click()
    large.get_by_role("button", name="Sample 3 of seed 0").click()
    wanted = [f"0.{number}" for number in (0, 1, 2, 4, 5, 6, 7)]
    until_url(page, r"0\.6(,|%2C)0\.7")
    window.rest()
    assert pressed(page) == wanted
    page.get_by_role("group", name="Picked").get_by_role("button", name="sample 4").click()
    large.get_by_role("button", name="Sample 9 of seed 0").click()  # before the strip has been answered
    until_url(page, r"0\.7(,|%2C)0\.9")
    window.rest()
    assert pressed(page) == [one for one in wanted if one != "0.4"] + ["0.9"]
    page.get_by_role("button", name="Clear").click()
    until_url(page, r"^((?!picks).)*$")
    window.rest()
    assert pressed(page) == []


def test_samples_are_picked_without_a_mouse(server: str, window: Window) -> None:
    page = window.open(f"{server}/?samples=24")
    first = page.get_by_role("button", name="Sample 0 of seed 0")
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    until_url(page, r"picks=")
    (one,) = pressed(page)
    below = int(one.partition(".")[2])
    tops = page.locator('[aria-label^="Samples of seed"] button').evaluate_all(
        "all => all.map(one => [one.offsetLeft, one.offsetTop])"
    )
    assert below == next(k for k, (left, top) in enumerate(tops) if left == tops[0][0] and top > tops[0][1])
    page.keyboard.press("End")
    page.keyboard.press(" ")
    until_url(page, r"(,|%2C)0\.23")
    assert page.locator('[aria-label^="Samples of seed"] [tabindex="0"]').count() == 1  # one stop of Tab


def test_the_keyboard_stays_among_the_picked_as_they_go(server: str, window: Window) -> None:
    page = window.open(f"{server}/?picks=0.4,0.7,0.9&samples=24")
    strip = page.get_by_role("group", name="Picked").get_by_role("button")
    strip.nth(1).focus()
    here = "one => one === one.getRootNode().activeElement"
    page.keyboard.press("Enter")
    until_url(page, r"picks=0\.4(,|%2C)0\.9(&|$)")
    window.rest()
    assert strip.count() == 2
    assert strip.nth(1).evaluate(here)  # the next one took the place
    page.keyboard.press("Enter")
    until_url(page, r"picks=0\.4(&|$)")
    window.rest()
    assert strip.nth(0).evaluate(here)  # the last one
    large = page.get_by_role("group", name="Samples of seed 0").get_by_role("button")
    large.nth(5).focus()
    page.get_by_label("Seed", exact=True).fill("1")
    page.get_by_label("Seed", exact=True).press("Enter")
    page.get_by_role("group", name="Samples of seed 1").wait_for()
    window.rest()
    assert page.get_by_label("Seed", exact=True).evaluate(here)  # no sheet takes what it did not have


def test_a_finger_picks_too(server: str, browser: "Browser") -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = Window(context.new_page()).open(f"{server}/?picks=0.4&samples=24")
    page.get_by_role("button", name="Sample 1 of seed 0").first.tap()
    until_url(page, r"0\.4(,|%2C)0\.1(&|$)")
    context.close()


def test_the_menu_asks_nobody_elsewhere_either(server: str, window: Window) -> None:
    page = window.open(f"{server}/?samples=24")
    sources(page)
    page.get_by_test_id("stMainMenuButton").or_(page.get_by_test_id("stMainMenu")).first.click()
    page.wait_for_timeout(500)
    assert any(url.endswith("/_stcore/stream") for url in window.requests)


def test_each_download_opens_and_holds_what_is_shown(server: str, window: Window, tmp_path: Path) -> None:
    page = window.open(f"{server}/?seed=3&samples=24&truncation=0.8")
    result = sample(load(), 24, seed=3, truncation=0.8)
    sources(page)
    files = taken_home(page, tmp_path)
    assert set(files) == {"Sheet (PNG)", "Single pictures (ZIP)", "z and logits (NPZ)", "Record (JSON)"}
    with Image.open(files["Sheet (PNG)"]) as image:
        np.testing.assert_array_equal(np.asarray(image), np.asarray(sheet(result.images)))
    with np.load(files["z and logits (NPZ)"]) as arrays:
        np.testing.assert_array_equal(arrays["z"], result.z)
        assert result.logits is not None
        np.testing.assert_array_equal(arrays["logits"], result.logits)
    record = json.loads(files["Record (JSON)"].read_text())
    assert (record["n_samples"], record["truncation"], record["provenance"]["seed"]) == (24, 0.8, 3)
    with zipfile.ZipFile(files["Single pictures (ZIP)"]) as archive:
        assert sorted(archive.namelist())[:2] == ["00000.png", "00001.png"]
        assert len(archive.namelist()) == 24 + 2


def test_an_upload_is_gone_with_its_session(
    browser: "Browser", tiny_checkpoint: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    with served("-m", "apps", "--linger", "0", "--port", TMPDIR=str(kept)) as address:
        context = browser.new_context()
        page = Window(context.new_page()).open(address)
        page.get_by_role("button", name="Upload a checkpoint").click()
        page.locator("input[type=file]").first.set_input_files(tiny_checkpoint)
        until_url(page, "checkpoint=upload")
        page.get_by_text("32 px").first.wait_for()
        assert [file.read_bytes() for file in kept.rglob("*.safetensors")] == [tiny_checkpoint.read_bytes()]
        other = Window(browser.new_context().new_page())
        there = other.open(page.url)  # another session has not got it
        there.get_by_text("upload the same file").wait_for()
        there.context.close()
        context.close()
        until(lambda: not [file for file in files_below(kept) if file.suffix == ".safetensors"])
