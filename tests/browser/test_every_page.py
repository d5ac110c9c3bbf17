"""Every page at both widths in both schemes: drawn, named, within the window, reached by keyboard."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pytest

from apps.views import PAGES
from tests.browser.driving import SCREENSHOTS, Window
from tests.browser.links import SUM
from tests.browser.looking import overflowing, ring, still, without_alt, without_name

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FINGER_PX = 64


def waits(selector: str) -> Callable[["Page"], None]:
    return lambda page: page.locator(selector).first.wait_for(timeout=180_000)


def trained(page: "Page") -> None:
    page.get_by_role("button", name="Train the probe").click()
    page.get_by_role("img", name="where the probe fires").first.wait_for(timeout=180_000)


def built(page: "Page") -> None:
    page.get_by_role("button", name="Build the report").click()
    page.get_by_role("img", name="Samples. What does the generator draw").wait_for(timeout=180_000)


def of_run(page: "Page") -> None:
    page.locator(".js-plotly-plot .xtitle").first.wait_for()
    page.get_by_role("img", name="Sample 0 of seed 0").first.wait_for()


@dataclass(frozen=True)
class View:
    """A page with something on it.

    Attributes
    ----------
    page : str
    query : str
    ready : callable
        Does what there is to do, and waits until it is seen.
    name : str
        Of the screenshot, where it is not the page's own.
    """

    page: str
    query: str
    ready: Callable[["Page"], None]
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.page


VIEWS = (
    View("samples", "picks=0.4,0.11,0.23", waits('[aria-label^="Samples of seed"] img')),
    View("filters", "", waits(".portraits svg")),
    View("remove_objects", "removal_sample=19", trained),  # README shows the upper part of it
    View("latent_walk", "walk_frame=33", waits(".charts svg")),
    View("arithmetic", f"arith={SUM}", waits(".equation .result img"), "arithmetic_sum"),
    View("arithmetic", f"arith={SUM}&arith_view=turn", waits(".equation img"), "arithmetic_turn"),
    View("runs", "run=runs/mine", of_run),
    View("report", "checkpoint=run%3Aruns%2Fmine%4010&report_parts=samples,training", built),
)


@pytest.fixture(
    scope="module",
    params=[(width, scheme) for scheme in ("light", "dark") for width in (1280, 390)],
    ids=lambda screen: "_".join(map(str, screen)),
)
def screen(request: pytest.FixtureRequest, browser: "Browser") -> Iterator[tuple["BrowserContext", int, str]]:
    """A context of one width and scheme, for all pages: it reads the server's scripts once."""
    width, scheme = request.param
    context = browser.new_context(color_scheme=scheme, has_touch=width < 600)
    yield context, width, scheme
    context.close()


def test_every_page_is_looked_at() -> None:
    assert {view.page for view in VIEWS} == {page.name for page in PAGES}


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_it_fits_the_screen_and_everything_on_it_has_a_name(
    server: str, screen: tuple["BrowserContext", int, Literal["light", "dark"]], view: View
) -> None:
    context, width, scheme = screen
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    window = Window(page)
    window.open(f"{server}/{'' if view.page == PAGES[0].name else view.page}?{view.query}")
    view.ready(page)
    window.rest()
    assert ring(page) >= 40
    whole = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(900, whole)})
    still(page)  # charts take their new size
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{view}_{width}_{scheme}.png")
    assert overflowing(page) == []
    assert without_alt(page) == []
    assert without_name(page) == []
    tiles = page.locator(':is([aria-label^="Samples of seed"], [aria-label^="Sheet of seed"]) button')
    assert min(tiles.evaluate_all("all => all.map(one => one.offsetWidth)"), default=FINGER_PX) >= FINGER_PX
    inks = page.locator(".js-plotly-plot .xtitle").evaluate_all(
        "all => all.map(one => getComputedStyle(one).fill)"
    )
    assert {ink == "rgb(232, 236, 242)" for ink in inks} <= {scheme == "dark"}
    page.close()
