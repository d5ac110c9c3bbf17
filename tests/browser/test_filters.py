"""The Filters page as a person meets it."""

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.browser.driving import Window, until_url
from tests.browser.exports import taken_home

if TYPE_CHECKING:
    from playwright.sync_api import Page

_COUNT = """() => [...document.querySelectorAll('*')].flatMap(one => one.shadowRoot ?? [])
  .reduce((n, root) => n + root.querySelectorAll('.portraits .card').length, 0)"""


@pytest.fixture
def address(tiny_server: str) -> str:
    return f"{tiny_server}/filters"


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
    page.wait_for_function("!location.search.includes('filters=')")


def test_each_download_opens(address: str, window: Window, tmp_path: Path) -> None:
    page = opened(window, address, "filters=2,5&filters_rule=plain")
    files = taken_home(page, tmp_path)
    forms = {f"Figure ({kind})" for kind in ("PNG", "SVG", "PDF")}
    assert set(files) == forms | {"Images and maps (NPZ)", "Record (JSON)", "Everything (ZIP)"}
    with Image.open(files["Figure (PNG)"]) as image:
        assert min(image.size) > 500
    record = json.loads(files["Record (JSON)"].read_text())
    assert (record["rule"], [one["index"] for one in record["filters"]]) == ("plain", [2, 5])
    with np.load(files["Images and maps (NPZ)"]) as arrays:
        np.testing.assert_array_equal(arrays["filters"], [2, 5])
    with zipfile.ZipFile(files["Everything (ZIP)"]) as archive:
        assert set(archive.namelist()) == {*json.loads(archive.read("result.json"))["files"]}
        assert archive.read("arrays.npz") == files["Images and maps (NPZ)"].read_bytes()
