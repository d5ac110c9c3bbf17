"""The Latent walk page as a person meets it."""

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from dcgan_viz.latent_walk import WalkSettings, latent_walk
from dcgan_viz.latent_walk.waypoints import drawn_waypoints
from dcgan_viz.models.loading import load
from tests.browser.driving import Window, until_url
from tests.browser.exports import n_frames, taken_home
from tests.pictures import decoded, eight_bits

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SMALL = "walk_waypoints=3&walk_steps=4"
# The text that goes with the slider's value changes with each frame that is drawn.
_NOTE_FRAMES = """(slider) => {
  window.played = [Number(slider.value)]
  new MutationObserver(() => {
    const now = Number(slider.value)
    if (now !== window.played.at(-1)) window.played.push(now)
  }).observe(slider, { attributeFilter: ["aria-valuetext"] })
}"""


@pytest.fixture
def address(tiny_server: str) -> str:
    return f"{tiny_server}/latent_walk"


def opened(window: Window, address: str, query: str = SMALL) -> "Page":
    """The page, once the walk is measured."""
    page = window.page
    page.goto(f"{address}?{query}")
    from playwright.sync_api import TimeoutError

    drawing = page.locator(".charts svg").first
    try:
        drawing.wait_for(timeout=120_000)
    except TimeoutError as error:  # what is there instead says why
        raise AssertionError(page.get_by_test_id("stMain").inner_text()) from error
    window.rest()
    return page


def picture(page: "Page") -> np.ndarray:
    """The pixels of the frame that is shown large."""
    source = page.locator(".now canvas").evaluate("one => one.toDataURL()")
    shown = decoded(source)
    assert (shown[..., 3] == 255).all()
    return shown[..., :3]


def cursors(page: "Page") -> list[float]:
    """Where the line stands in each drawing, as a share of its axis."""
    found: list[float] = page.locator(".charts line.cursor").evaluate_all(
        "all => all.map(one => Number(one.getAttribute('x1')))"
    )
    return found


def frames(checkpoint: Path) -> np.ndarray:
    gan = load(checkpoint)
    return eight_bits(latent_walk(gan, drawn_waypoints(gan, 3, 0), WalkSettings(n_steps=4), 0).frames)


def test_scrubbing_moves_the_frame_and_the_line_in_every_curve(
    address: str, window: Window, tiny_checkpoint: Path
) -> None:
    page = opened(window, address)
    wanted = frames(tiny_checkpoint)
    np.testing.assert_array_equal(picture(page), wanted[0])
    before = cursors(page)
    assert len(before) >= 3
    page.get_by_role("slider", name="Frame", exact=True).focus()
    for frame in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        np.testing.assert_array_equal(picture(page), wanted[frame])
    assert all(now > then for now, then in zip(cursors(page), before, strict=True))
    until_url(page, r"walk_frame=3")
    page.get_by_role("button", name="Go to waypoint 2").click()
    np.testing.assert_array_equal(picture(page), wanted[8])
    until_url(page, r"walk_frame=8")


def test_a_curve_is_scrubbed_too(address: str, window: Window, tiny_checkpoint: Path) -> None:
    page = opened(window, address)
    drawing = page.locator(".drawing").first
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.99, box["y"] + 20, steps=4)
    page.mouse.up()
    np.testing.assert_array_equal(picture(page), frames(tiny_checkpoint)[8])
    until_url(page, r"walk_frame=8")


def test_it_plays_and_stops_and_the_link_says_where(
    address: str, window: Window, tiny_checkpoint: Path
) -> None:
    page = opened(window, address, f"{SMALL}&walk_fps=20")
    wanted = frames(tiny_checkpoint)
    now = page.get_by_role("slider", name="Frame", exact=True)
    now.evaluate(_NOTE_FRAMES)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => window.played.length > 4")
    page.get_by_role("button", name="Pause").click()
    shown = int(now.input_value())
    played = page.evaluate("window.played")
    assert played == [k % 9 for k in range(len(played))]  # every frame, and from the last to the first
    assert played[-1] == shown
    for frame in (shown, (shown + 1) % 9):  # one of them at least is not 0, which no link says
        np.testing.assert_array_equal(picture(page), wanted[frame])
        until_url(page, rf"walk_frame={frame}(&|$)" if frame else "^((?!walk_frame).)*$")
        window.rest()
        np.testing.assert_array_equal(picture(page), wanted[frame])
        page.get_by_role("button", name="Next frame").click()


def test_a_link_shows_another_person_the_same(address: str, window: Window, browser: "Browser") -> None:
    page = opened(window, address, f"{SMALL}&walk_frame=5")
    other = Window(browser.new_context().new_page())
    there = opened(other, page.url.partition("?")[0], page.url.partition("?")[2])
    np.testing.assert_array_equal(picture(there), picture(page))
    assert cursors(there) == cursors(page)
    there.context.close()


def test_each_download_opens(address: str, window: Window, tmp_path: Path, tiny_checkpoint: Path) -> None:
    page = opened(window, address, "picks=0.3,0.1,7.2&walk_steps=4")  # of two seeds: the waypoints go along
    page.get_by_role("button", name="Make the animations").click()
    page.get_by_role("button", name="(GIF)").wait_for(timeout=120_000)
    window.rest()
    files = taken_home(page, tmp_path)
    forms = {f"Figure ({kind})" for kind in ("PNG", "SVG", "PDF")}
    moving = {f"Animation ({kind})" for kind in ("GIF", "WEBP", "MP4")}
    assert set(files) == forms | moving | {"Record (JSON)", "Everything (ZIP)", "Waypoints (NPZ)"}
    for kind in ("GIF", "WEBP"):
        with Image.open(files[f"Animation ({kind})"]) as image:
            assert getattr(image, "n_frames", 1) == 9
    assert n_frames(files["Animation (MP4)"]) == 9
    with Image.open(files["Figure (PNG)"]) as image:
        assert min(image.size) > 500
    record = json.loads(files["Record (JSON)"].read_text())
    assert (record["analysis"], record["n_waypoints"], record["n_steps"]) == ("latent_walk", 3, 4)
    with zipfile.ZipFile(files["Everything (ZIP)"]) as archive:
        names = set(archive.namelist())
        listed = set(json.loads(archive.read("result.json"))["files"])
        assert names == listed >= {"walk.gif", "walk.webp", "walk.mp4", "figure.png", "arrays.npz"}
        assert archive.read("walk.gif") == files["Animation (GIF)"].read_bytes()
    gan = load(tiny_checkpoint)
    first, other = gan.sample_z(4, seed=0), gan.sample_z(3, seed=7)
    with np.load(files["Waypoints (NPZ)"]) as arrays:
        np.testing.assert_array_equal(arrays["z"], np.stack([first[3], first[1], other[2]]))


@pytest.mark.parametrize("width", [1280, 390])
def test_marks_have_a_legend_and_a_strip_that_is_cut_shows_it(
    address: str, window: Window, width: int
) -> None:
    window.page.set_viewport_size({"width": width, "height": 900})
    page = opened(window, address, "walk_frame=33")
    outside = page.locator(".player *:not(.strip *)").evaluate_all(
        "(all, width) => all.filter(one => one.getBoundingClientRect().right > width + 1)"
        ".map(one => one.outerHTML.slice(0, 80))",
        width,
    )
    assert outside == []
    assert page.locator("canvas[role=img]:not([aria-label])").count() == 0
    kinds = "all => [...new Set(all.map(one => one.className))].sort()"
    assert page.locator(".key i").evaluate_all(kinds) == page.locator(".marks i").evaluate_all(kinds) != []
    strip = page.locator(".strip")
    is_cut = strip.evaluate("one => one.scrollWidth > one.clientWidth + 1")
    assert is_cut == (width < 600)
    strip.evaluate("one => { one.scrollLeft = 0 }")
    page.locator(".strip:not(.more-left)").wait_for()
    assert strip.evaluate("one => one.classList.contains('more-right')") == is_cut
