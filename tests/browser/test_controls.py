"""Streamlit's controls as a person meets them: what is set stays, and what a link says is set."""

from typing import TYPE_CHECKING

from tests.browser.driving import Window, until_url

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def slider(page: "Page", label: str) -> "Locator":
    """The thumb, which takes keys and says its value."""
    return page.get_by_role("slider", name=label)


def test_quick_steps_of_a_slider_are_all_taken(server: str, window: Window) -> None:
    page = window.open(f"{server}/?samples=24")
    thumb = slider(page, "Truncation")
    thumb.focus()
    for _ in range(15):
        page.keyboard.press("ArrowLeft", delay=20)
        page.wait_for_timeout(60)  # the server answers in between, to some
    until_url(page, r"truncation=0\.25(&|$)")
    window.rest()
    assert float(thumb.input_value()) == 0.25


def test_back_and_forward_move_the_controls_too(server: str, window: Window) -> None:
    page = window.open(f"{server}/?samples=24&truncation=0.5")
    thumb = slider(page, "Truncation")
    assert float(thumb.input_value()) == 0.5
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Runs").click()
    until_url(page, "runs")
    window.rest()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Samples").click()
    until_url(page, "truncation=0.5")
    window.rest()
    assert float(thumb.input_value()) == 0.5
    thumb.press("ArrowLeft")
    until_url(page, r"truncation=0\.45")
    page.get_by_label("Seed", exact=True).fill("4")
    page.get_by_label("Seed", exact=True).press("Enter")
    until_url(page, "seed=4")
    window.rest()
    page.go_back()
    until_url(page, "^((?!seed=4).)*$")
    window.rest()
    page.go_back()
    until_url(page, "samples=24.*truncation=0.5|truncation=0.5.*samples=24")
    window.rest()
    assert float(thumb.input_value()) == 0.5
    assert page.get_by_label("Seed", exact=True).input_value() == "0"
    page.go_forward()
    until_url(page, r"truncation=0\.45")
    window.rest()
    page.go_forward()
    until_url(page, "seed=4")
    window.rest()
    assert float(thumb.input_value()) == 0.45
    assert page.get_by_label("Seed", exact=True).input_value() == "4"


def test_a_control_that_is_out_of_sight_is_set_too(server: str, window: Window) -> None:
    page = window.open(f"{server}/arithmetic?arith_target=bed")
    large = page.get_by_role("group", name="Sheet of seed 0")
    large.get_by_role("button", name="Sample 3 of seed 0").click()  # the answer says nothing of the target
    window.rest()
    page.get_by_role("button", name="Annotator").click()
    target = page.get_by_role("combobox", name="What the sum is to put into rooms")
    assert target.input_value() == "bed"


def test_a_button_sets_controls(server: str, window: Window) -> None:
    page = window.open(f"{server}/report")
    boxes = page.get_by_test_id("stMain").get_by_role("checkbox")
    boxes.first.wait_for()
    n = boxes.count()
    assert n > 3
    for _ in range(2):  # also when the browser has been told the same before
        page.get_by_role("button", name="None", exact=True).click()
        window.rest()
        assert page.get_by_role("checkbox", checked=True).count() == 0
        boxes.first.check(force=True)
        window.rest()
        page.get_by_role("button", name="All", exact=True).click()
        window.rest()
        assert page.get_by_test_id("stMain").get_by_role("checkbox", checked=True).count() == n
    page.get_by_role("button", name="New", exact=True).click()
    until_url(page, "seed=")
    window.rest()
    assert f"seed={page.get_by_label('Seed', exact=True).input_value()}" in page.url
