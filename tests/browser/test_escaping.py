"""What a link says is shown to the letter: no picture, address or icon comes of it, whatever its Markdown."""

from urllib.parse import urlencode

from tests.browser.driving import Window

TARGETS = (
    "![x](//evil.example/a.png) www.evil.example <b> &lt; -> :a:",
    "me_1@e-vil.example http://evil.example :+1: :red[a] $x$ >=",
)


def test_a_target_of_a_link_is_shown_to_the_letter(window: Window, server: str) -> None:
    for target in TARGETS:
        page = window.open(f"{server}/remove_objects?{urlencode({'removal_target': target})}")
        shown = page.get_by_test_id("stAlert").filter(has_text="does not know")
        assert target in shown.first.inner_text().replace("\N{WORD JOINER}", "")
        made = page.locator('[data-testid="stMarkdownContainer"] :is(a, b, img, .katex)')
        assert [one.evaluate("one => one.outerHTML") for one in made.all()] == []
