"""The Runs page as a person meets it, while training goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from tests.apps.fake_runs import add_snapshot, write_lines
from tests.browser.driving import SCREENSHOTS, Window, dashboard, until_url

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Path) -> Path:
    root = tmp_path_factory.mktemp("trained") / "runs"
    write_lines(root / "mine", 1, 30)
    for step in (10, 20):
        add_snapshot(root / "mine", step, tiny_checkpoint)
    write_lines(root / "broken", 1, 2, torn="no JSON\n")
    return root


@pytest.fixture(scope="module")
def server_of_runs(runs: Path) -> Iterator[str]:
    with dashboard(runs) as address:
        yield address


def test_curves_grow_by_themselves(server_of_runs: str, runs: Path, window: Window) -> None:
    page = window.open(f"{server_of_runs}/runs?run=runs/mine")
    page.get_by_text("240 images", exact=True).wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    write_lines(runs / "mine", 31, 33)
    page.get_by_text("264 images", exact=True).wait_for(timeout=20_000)  # nobody has clicked
    page.get_by_text("runs/broken: stats.jsonl: line 3 is not JSON").wait_for()
    strangers = [url for url in window.requests if not url.startswith((server_of_runs, "data:", "blob:"))]
    assert strangers == []


def test_a_snapshot_is_reached_by_keyboard_and_opened(server_of_runs: str, window: Window) -> None:
    page = window.open(f"{server_of_runs}/runs?run=runs/mine")
    page.get_by_role("img", name="Sample 0 of seed 0 at step 20").wait_for()
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowLeft")
    until_url(page, "run_step=10")
    page.get_by_role("img", name="Sample 0 of seed 0 at step 10").wait_for()
    page.get_by_role("button", name="Open step 10 in the other pages").click()
    until_url(page, r"checkpoint=run%3Aruns%2Fmine%4010")
    page.get_by_test_id("stMain").get_by_role("link", name="Samples").click()
    page.get_by_role("group", name="Samples of seed 0").wait_for()
    until_url(page, r"checkpoint=run%3Aruns%2Fmine%4010")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_the_screen(
    server_of_runs: str, browser: "Browser", width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 1600}, color_scheme=scheme)
    page = Window(context.new_page()).open(f"{server_of_runs}/runs?run=runs/mine")
    page.locator(".js-plotly-plot").first.wait_for()
    page.get_by_role("img", name="Sample 0 of seed 0").first.wait_for()
    page.wait_for_timeout(500)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"runs_{width}_{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("img:not([alt])").count() == 0
    ink = page.locator(".js-plotly-plot .xtitle").first.evaluate("one => getComputedStyle(one).fill")
    assert (ink == "rgb(232, 236, 242)") == (scheme == "dark")
    context.close()
