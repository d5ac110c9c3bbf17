"""index.html: whole without a network, and readable on a phone."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from tests.waiting import until

PHONE_PX = 360
HALF_PX = 680  # as a checkpoint has beside another
PICTURE_PX = 60


class Page(HTMLParser):
    """The addresses, identities and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.identities, self.metas, self.words = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if "id" in named:
            self.identities.append(named["id"])
        if tag == "meta":
            self.metas.append(named)
        self.addresses += [
            named[key] for key in ("src", "href", "srcset", "data", "poster") if named.get(key)
        ]

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def text(report):
    return (report.directory / "index.html").read_text()


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_nothing_is_fetched_from_elsewhere(page, text):
    assert page.addresses
    assert [one for one in page.addresses if urlsplit(one).scheme not in ("", "data")] == []
    assert [one for one in page.addresses if one.startswith("//")] == []
    styles = re.findall(r"<style>(.*?)</style>", text, re.S)
    assert styles
    assert not any("@import" in style or "url(" in style for style in styles)


def test_links_lead_to_files_and_places_that_are_there(page, report):
    links = [one for one in page.addresses if not one.startswith("data:")]
    files = [one for one in links if not one.startswith("#")]
    assert {"report.pdf", "manifest.json", "plotly.min.js", "square/arrays.npz", "square/figure.svg"} <= set(
        files
    )
    assert [one for one in files if not (report.directory / one).is_file()] == []
    assert [one for one in links if one.startswith("#") and one[1:] not in page.identities] == []


def test_a_moving_picture_is_on_the_page(text):
    assert re.findall(r'<img class="moving" src="([^"]+)"', text) == ["square/moving.webp"]


def test_every_part_has_its_place_and_every_chart_its_own(page, text, report):
    names = {part["name"] for part in report.manifest.parts}
    assert names <= set(page.identities)
    assert len(page.identities) == len(set(page.identities))
    charts = re.findall(r'Plotly\.newPlot\(\s*"([^"]+)"', text)
    assert len(charts) == 2
    assert set(charts) <= set(page.identities)
    assert (report.directory / "plotly.min.js").stat().st_size > 3_000_000
    assert len(text) < 3_000_000  # the script is not inside as well


def test_the_page_says_what_the_report_was_made_from(page, report):
    words = "".join(page.words)
    for fact in (report.manifest.checkpoints[0]["sha256"], "3, 5, 8", report.manifest.packages["torch"]):
        assert fact in words
    assert "9.0 (3.0)" in words  # a number beside its control


def test_what_parts_write_is_text_not_markup(text, page):
    assert "<of the seed>" not in text
    assert "Square <of the seed>" in "".join(page.words)


def test_the_page_is_made_for_phones_and_for_the_dark(page, text):
    viewport = [meta["content"] for meta in page.metas if meta.get("name") == "viewport"]
    assert viewport == ["width=device-width, initial-scale=1"]
    assert "prefers-color-scheme: dark" in text


# What is found in the page once it is laid out.
FOUND = {
    "charts": """all(".js-plotly-plot .main-svg").length""",
    "charts_beyond_their_panels": """all(".js-plotly-plot").filter(
        e => box(e.querySelector(".main-svg")).width > box(e.closest(".panel")).width + 1).length""",
    "beyond_the_page": """all("body *").filter(e => box(e).right > root.clientWidth + 1
        && !e.closest(".js-plotly-plot") && !e.parentElement.closest(".scroll")).length""",
    "scrolls_sideways": "root.scrollWidth > root.clientWidth",
    "least_picture": """Math.min(...all(".cell").map(e => box(e).width))""",
    "labels_too_wide": """all(".images > small").filter(e => e.scrollWidth > e.clientWidth + 1).length""",
    "columns_of_neighbours": """getComputedStyle(all(".narrow .images")[0])
        .gridTemplateColumns.split(" ").length""",
}
LOOK = f"""() => {{
  const root = document.documentElement, all = (what) => [...document.querySelectorAll(what)]
  const box = (one) => one.getBoundingClientRect()
  return {{{",".join(f"{name}: {script}" for name, script in FOUND.items())}}}
}}"""
STEADY_MS, N_STEADY, N_PATIENT = 200, 5, 150  # charts follow their panels a while after the page is there


@pytest.fixture(scope="module", params=[PHONE_PX, HALF_PX, 1280])
def laid_out(browser, report, request):
    """The entries of `FOUND` at the width of a phone, of half a page and of a monitor, once they stay."""
    page = browser.new_page(viewport={"width": request.param, "height": 4000})
    page.goto((report.directory / "index.html").as_uri())
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    found: list[dict[str, float]] = []

    def is_steady() -> bool:
        page.wait_for_timeout(STEADY_MS)
        found.append(page.evaluate(LOOK))
        has_followed = not found[-1]["charts_beyond_their_panels"] or len(found) > N_PATIENT
        return has_followed and len(found) >= N_STEADY and found[-N_STEADY:] == N_STEADY * found[-1:]

    until(is_steady)
    yield found[-1]
    page.close()


def test_charts_are_drawn_and_none_leaves_its_panel(laid_out):
    assert laid_out["charts"] >= 2
    assert laid_out["charts_beyond_their_panels"] == 0


def test_a_phone_need_not_be_pushed_sideways(laid_out):
    """Only rows of pictures scroll, which are large enough to see."""
    assert laid_out["beyond_the_page"] == 0
    assert laid_out["scrolls_sideways"] is False
    assert laid_out["least_picture"] >= PICTURE_PX


def test_labels_keep_to_their_columns(laid_out):
    assert laid_out["labels_too_wide"] == 0


def test_pictures_around_one_keep_their_places(laid_out):
    assert laid_out["columns_of_neighbours"] == 3
