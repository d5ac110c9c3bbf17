"""index.html: whole without a network, and readable on a phone."""

import html
import re
import shutil
import subprocess
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE_PX = 360
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


@pytest.mark.skipif(CHROMIUM is None, reason="no browser is here")
def test_a_phone_need_not_be_pushed_sideways(report, text, tmp_path):
    """At a phone's width only rows of pictures scroll, which are large enough to see; charts are drawn."""
    (tmp_path / "plotly.min.js").write_bytes((report.directory / "plotly.min.js").read_bytes())
    inside = html.escape(text, quote=True)
    wrapper = f"""<iframe id="f" width="{PHONE_PX}" height="4000" srcdoc="{inside}"></iframe>
<script>onload = () => {{
  const inner = document.getElementById("f").contentDocument, width = inner.documentElement.clientWidth;
  const wide = [...inner.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width + 1);
  const outside = wide.filter(e => !e.closest(".js-plotly-plot") && !e.parentElement.closest(".scroll"));
  const small = [...inner.querySelectorAll(".cell")].filter(e => e.getBoundingClientRect().width < PICTURE);
  const charts = inner.querySelectorAll(".js-plotly-plot .main-svg").length > 0;
  const fits = inner.documentElement.scrollWidth <= width;
  document.title = ["found", fits, outside.length, small.length, charts].join(" ");
}}</script>"""
    (tmp_path / "phone.html").write_text(wrapper.replace("PICTURE", str(PICTURE_PX)))
    command = [
        str(CHROMIUM),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=20000",
    ]
    done = subprocess.run(
        [*command, "--dump-dom", (tmp_path / "phone.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert re.findall(r"<title>(found[^<]*)</title>", done.stdout) == ["found true 0 0 true"]
