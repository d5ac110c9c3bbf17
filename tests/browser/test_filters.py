"""The Filters page as a person meets it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from PIL import Image

from tests.browser.driving import SCREENSHOTS, Window, served, until_url

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_COUNT = """() => [...document.querySelectorAll('*')].flatMap(one => one.shadowRoot ?? [])
  .reduce((n, root) => n + root.querySelectorAll('.portraits .card').length, 0)"""


@pytest.fixture(scope="module")
def address(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    runs = str(tmp_path_factory.mktemp("runs"))
    with served("-m", "apps", "--checkpoint", str(tiny_checkpoint), "--runs", runs, "--port") as found:
        yield f"{found}/filters"


def complaints(window: Window) -> list[str]:
    """What the browser complained of; Streamlit asks for its settings below a page's address first."""
    return [one for one in window.complaints if "404 (Not Found)" not in one]


def opened(window: Window, address: str, query: str = "") -> "Page":
    """The page, once the guided maps are there."""
    page = window.page
    page.goto(f"{address}?{query}")
    page.locator(".portraits svg").first.wait_for(timeout=180_000)
    window.rest()
    return page


def titles(page: "Page") -> list[str]:
    """Of the filters that are shown in full."""
    return page.locator(".portraits .card h3").all_inner_texts()


def test_filters_are_chosen_from_the_strip(address: str, window: Window) -> None:
    page = opened(window, address)
    assert len(titles(page)) == 6
    page.get_by_role("button", name="Filter 9,").click()
    until_url(page, r"filters=9")
    page.wait_for_function(f"({_COUNT})() === 1", timeout=180_000)
    window.rest()
    (shown,) = titles(page)
    assert shown.startswith("Filter 9")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function(f"({_COUNT})() === 6", timeout=180_000)
    page.wait_for_function("!location.search.includes('filters=')", timeout=20_000)
    assert complaints(window) == []


def test_each_download_opens(address: str, window: Window, tmp_path: Path) -> None:
    page = opened(window, address, "filters=2,5&filters_rule=plain")
    files = {}
    for kind in ("PNG", "NPZ", "JSON"):
        with page.expect_download(timeout=120_000) as download:
            page.get_by_role("button", name=f"({kind})").first.click()
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
    with Image.open(files["PNG"]) as image:
        assert min(image.size) > 500
    record = json.loads(files["JSON"].read_text())
    assert (record["rule"], [one["index"] for one in record["filters"]]) == ("plain", [2, 5])
    with np.load(files["NPZ"]) as arrays:
        np.testing.assert_array_equal(arrays["filters"], [2, 5])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_the_screen(
    address: str, browser: "Browser", width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, has_touch=width < 600
    )
    window = Window(context.new_page())
    page = opened(window, address)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"filters_{width}_{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("img:not([alt])").count() == 0
    assert complaints(window) == []
    context.close()
