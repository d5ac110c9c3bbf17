"""From page to page, back and forth, as a browser does it."""

from tests.browser.driving import Window, until_url


def test_going_back_is_one_step_a_page_and_loses_nothing(server: str, window: Window) -> None:
    page = window.open(f"{server}/?seed=2&picks=2.3,2.9&samples=24")
    steps = page.evaluate("history.length")
    for number, name in enumerate(("Latent walk", "Runs"), start=1):
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
        until_url(page, f"{name.lower().replace(' ', '_')}.*seed=2")
        window.rest()
        assert page.evaluate("history.length") == steps + number
    page.go_back()
    until_url(page, "latent_walk.*seed=2.*")
    window.rest()
    assert "2.3" in page.url
    page.go_back()
    until_url(page, r"/\?.*seed=2")
    page.get_by_text("Picked: 2").wait_for()
    page.get_by_role("button", name="Sample 3 of seed 2").first.wait_for()
    page.go_forward()
    until_url(page, "latent_walk.*seed=2")


def test_what_a_person_changes_is_a_step_of_its_own(server: str, window: Window) -> None:
    page = window.open(f"{server}/?samples=24")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Runs").click()
    until_url(page, "runs")
    window.rest()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Samples").click()
    until_url(page, "samples=24")
    window.rest()
    page.get_by_role("button", name="Sample 1 of seed 0").first.click()
    until_url(page, "picks=0.1")
    page.go_back()
    until_url(page, "^((?!picks).)*$")
    window.rest()
    assert page.get_by_text("Picked:").count() == 0


def test_each_page_has_its_own_address_and_title(server: str, window: Window) -> None:
    page = window.open(f"{server}/samples?seed=3&samples=24")
    page.get_by_role("button", name="Sample 1 of seed 3").first.wait_for()
    assert page.get_by_role("dialog").count() == 0
    assert page.title() == "Samples · dcgan_viz"
    window.open(f"{server}/runs")
    assert page.title() == "Runs · dcgan_viz"
