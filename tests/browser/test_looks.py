"""What the shell adds to Streamlit's elements, as a browser lays it out."""

from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser.driving import Window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LEAST_PX = 24  # WCAG 2.2, target size (minimum)


def test_small_buttons_can_be_hit(server: str, window: Window) -> None:
    page = window.open(f"{server}/report")
    page.locator("button[aria-label^='Help for']").nth(1).wait_for()
    found = [*page.locator("button[aria-label^='Help for']").all()]
    assert len(found) >= 2
    for name in ("All", "None"):
        found.append(page.get_by_role("button", name=name, exact=True))
        assert found[-1].evaluate("one => getComputedStyle(one).borderTopColor") != "rgba(0, 0, 0, 0)"
    for one in found:
        box = one.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= LEAST_PX


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_link_that_the_keyboard_is_on_is_framed(
    server: str, browser: "Browser", scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = Window(context.new_page()).open(f"{server}/report")
    focused = page.locator("[data-testid=stSidebarNavLink]:focus")
    for _ in range(5):
        page.keyboard.press("Tab")
        if focused.count():
            break
    style, width, frame = focused.evaluate(
        "one => (({outlineStyle, outlineWidth, outlineColor}) => [outlineStyle, outlineWidth, outlineColor])"
        "(getComputedStyle(one))"
    )
    assert (style, width) == ("solid", "2px")
    assert frame != page.locator("[data-testid=stSidebar]").evaluate(
        "one => getComputedStyle(one).backgroundColor"
    )
    context.close()


def test_the_strip_of_filters_shows_rows_and_that_it_goes_on(server: str, window: Window) -> None:
    page = window.open(f"{server}/filters")
    box = page.locator("[class*='st-key-scrolls-filters']")
    tiles = box.get_by_role("button")
    tiles.first.wait_for(timeout=180_000)
    assert "gradient" in box.evaluate("one => getComputedStyle(one).maskImage")
    frame = box.bounding_box()
    tops = {
        round(one) for one in tiles.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    }
    assert frame is not None
    seen = [top for top in tops if top < frame["y"] + frame["height"]]
    assert 5 <= len(seen) < len(tops)
    box.evaluate("one => { one.scrollTop = one.scrollHeight }")
    last = tiles.last.bounding_box()
    assert last is not None
    assert last["y"] + last["height"] < frame["y"] + frame["height"] - 24  # clear of the fade
