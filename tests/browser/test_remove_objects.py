"""Remove objects as a person meets it: draw, train, move, look, take home."""

import base64
import io
import json
import re
import shlex
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from dcgan_viz.data.boxes import read_boxes
from dcgan_viz.data.segmenter import load_segmenter
from dcgan_viz.models.loading import load
from dcgan_viz.remove_objects import RemovalSettings, annotate, judge_for
from dcgan_viz.remove_objects.command import main as removal_command
from dcgan_viz.remove_objects.lesson import bench_of, edited, learn, shown_samples
from dcgan_viz.remove_objects.samples import split_z
from dcgan_viz.remove_objects.stage import Stage
from dcgan_viz.sample import to_uint8
from tests.browser.driving import SCREENSHOTS, Window, cpu_s, dashboard, peak_memory_kb, until_url
from tests.browser.test_workbench import Pad

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Download, Page

N_PICTURES, N_LOOKED_AT = 8, 120
SESSIONS = [(target, seed) for seed in range(5) for target in ("window", "bed" if seed % 2 else "lamp")]


def decoded(source: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
        return np.asarray(image)


def row(page: "Page", label: str) -> list[str]:
    """What the pictures of a row of the comparison are."""
    images = page.locator(".columns .row", has=page.get_by_text(label, exact=True)).locator("img")
    images.first.wait_for(timeout=120_000)
    found: list[str] = images.evaluate_all("all => all.map(one => one.src)")
    return found


def train(page: "Page") -> None:
    page.get_by_role("button", name="Train the probe").click()
    row(page, "after")


def move(page: "Page", label: str, key: str, times: int = 1) -> None:
    """Move a slider by the keyboard."""
    thumb = page.get_by_role("slider", name=label)
    thumb.focus()
    for _ in range(times):
        page.keyboard.press(key)


def until_changed(page: "Page", label: str, before: list[str], timeout_s: float = 30) -> list[str]:
    end = time.monotonic() + timeout_s
    while (now := row(page, label)) == before:
        assert time.monotonic() < end, f"row {label} stays as it was"
        page.wait_for_timeout(20)
    return now


def alone(gan: Any, target: str, seed: int, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """The pictures before and after as the library makes them by itself."""
    settings = RemovalSettings(target=target, strength=strength).measured_on(N_LOOKED_AT)
    boxes = annotate(gan, load_segmenter("annotator"), settings, seed)
    judge = judge_for(gan, boxes, settings, seed)
    bench = bench_of(gan, boxes, judge, settings, seed)
    lesson = learn(bench, settings)
    rows = shown_samples(bench, settings, lesson.layers["local"])[:N_PICTURES]
    z = split_z(gan, settings, seed)[1][rows]
    stage = Stage.of(gan, lesson.layers["local"], z)
    after = edited(stage, lesson.probes["local"], settings, "local").images
    return to_uint8(gan.generate(z)), to_uint8(after)


def test_a_drawn_box_a_trained_probe_a_moved_slider(server: str, window: Window, tmp_path: Path) -> None:
    """The whole way: the pixels under the boxes change, and everything can be taken home."""
    page = window.open(f"{server}/remove_objects?removal_measured_on=50&removal_sample=2")
    pad = Pad(page)
    page.get_by_text(re.compile("52 boxes")).wait_for()
    pad.drag((20, 16), (34, 30))
    page.get_by_text(re.compile("53 boxes")).wait_for()
    until_url(page, "removal_boxes=[0-9a-f]{8}~.*2-20-16-34-30")
    pad = Pad(page)
    pad.drag((27, 23), (29, 25))  # a box that is there is moved, not drawn
    until_url(page, "removal_boxes=.*2-22-18-36-32")
    page.get_by_role("button", name="Delete box 1").click()
    page.get_by_text(re.compile("52 boxes")).wait_for()
    until_url(page, "^((?!removal_boxes).)*$")  # the annotator's again
    Pad(page).drag((20, 16), (34, 30))
    page.get_by_text(re.compile("53 boxes")).wait_for()

    train(page)
    before, after = row(page, "before"), row(page, "after")
    filled = row(page, "filled")
    for one, other, where in zip(before, after, filled, strict=True):
        lit = (decoded(where).astype(int) - decoded(one) * 0.3 > 0).any(axis=2)
        changed = (decoded(one) != decoded(other)).any(axis=2)
        assert changed[lit].mean() > 0.5, "nothing happens where the probe fires"
    move(page, "Strength", "ArrowLeft", 6)
    weaker = until_changed(page, "after", after)
    until_url(page, "removal_strength=0.7")
    window.rest()
    weaker = row(page, "after")
    assert row(page, "before") == before

    def distance(some: list[str]) -> float:
        pairs = zip(before, some, strict=True)
        return float(np.mean([np.abs(decoded(a).astype(int) - decoded(b)).mean() for a, b in pairs]))

    assert 0.4 * distance(after) < distance(weaker) < 0.95 * distance(after)
    move(page, "Strength", "ArrowRight", 6)
    until_url(page, "^((?!removal_strength).)*$")
    window.rest()
    assert row(page, "after") == after
    take_home(page, window, tmp_path, after)


def take_home(page: "Page", window: Window, tmp_path: Path, after: list[str]) -> None:
    """Measure, download each export and open it, and let the command line repeat it."""
    page.get_by_role("button", name="Measure, with its control").click()
    page.locator(".card .tile").first.wait_for(timeout=240_000)
    window.rest()
    files: dict[str, Path] = {}
    for label in (
        "Figure (PNG)",
        "Figure (SVG)",
        "Figure (PDF)",
        "Record",
        "Everything",
        "COCO boxes (JSON)",
    ):
        with page.expect_download(timeout=120_000) as download:
            page.get_by_role("button", name=label).click()
        files[label] = kept(download.value, tmp_path)
    assert Image.open(files["Figure (PNG)"]).width > 1000
    assert b"<svg" in files["Figure (SVG)"].read_bytes()[:2000]
    assert files["Figure (PDF)"].read_bytes()[:5] == b"%PDF-"
    record = json.loads(files["Record"].read_text())
    shown = page.locator(".card .large").all_inner_texts()
    assert float(shown[0]) == pytest.approx(record["methods"][0]["target_area_ratio"], abs=0.005)
    assert record["methods"][0]["control"]["target_area_ratio"] > record["methods"][0]["target_area_ratio"]
    with zipfile.ZipFile(files["Everything"]) as archive:
        assert {"figure.png", "figure.html", "result.json", "arrays.npz", "boxes.json"} <= set(
            archive.namelist()
        )
        arrays = np.load(io.BytesIO(archive.read("arrays.npz")))
        drawn = np.stack([decoded(one) for one in after])
        np.testing.assert_array_equal(drawn, eight_bits(arrays["local"][: len(after)]))
    boxes_file = files["COCO boxes (JSON)"]
    boxes = read_boxes(boxes_file, 64, 150, "window")
    assert len(boxes) == 53
    page.get_by_text("The same on the command line").click()
    line = page.locator("code", has_text="dcgan-viz remove-objects").inner_text()
    words = [str(boxes_file) if word == boxes_file.name else word for word in shlex.split(line)[2:]]
    with pytest.raises(SystemExit) as stop:
        removal_command.main([*words, "--out", str(tmp_path / "out"), "--quiet"])
    assert stop.value.code == 0
    again = json.loads((tmp_path / "out" / "remove_objects" / "result.json").read_text())
    for name in ("methods", "judge", "edit", "annotations", "target_share"):
        assert again[name] == record[name], name


def eight_bits(images: np.ndarray) -> np.ndarray:
    values = np.rint((images.transpose(0, 2, 3, 1) + np.float32(1)) * np.float32(127.5))
    return values.clip(0, 255).astype(np.uint8)


def kept(download: "Download", folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def computed_s(page: "Page", server: str, for_s: float) -> float:
    """Seconds for which the server computes in the next ones."""
    before = cpu_s(server)
    page.wait_for_timeout(1000 * for_s)
    after = cpu_s(server)
    if before is None or after is None:
        pytest.skip("this system does not say how long a process has computed")
    return after - before


def test_long_work_is_cancelled(window: Window, tmp_path: Path) -> None:
    """It takes minutes; seconds after Cancel the server rests."""
    with dashboard(tmp_path) as server:
        page = window.open(f"{server}/remove_objects?removal_measured_on=1000&removal_whole=1&seed=77")
        train(page)
        page.get_by_role("button", name="Measure, with its control").click()
        page.get_by_role("button", name="Cancel").wait_for()
        end = time.monotonic() + 60  # a machine that does much else gives it little
        while computed_s(page, server, 4) < 0.8:
            assert time.monotonic() < end, "nothing is measured"
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Measure, with its control").wait_for()
        until_url(page, "^((?!removal_card).)*$")
        page.get_by_role("button", name="Cancel").wait_for(state="detached", timeout=20_000)
        window.rest()
        assert computed_s(page, server, 4) < 0.5


def test_a_click_brings_a_sample_to_the_pad(server: str, window: Window) -> None:
    page = window.open(f"{server}/remove_objects")
    for number in (6, 9, 12, 6):
        page.get_by_role("button", name=f"Sample {number} of seed 0").click()
        until_url(page, f"removal_sample={number}")
        page.get_by_role("group", name=f"Sample {number} of seed 0").wait_for()
    for number in (0, 3, 7, 5):  # as quickly as one can
        page.get_by_role("button", name=f"Sample {number} of seed 0").click()
    until_url(page, "removal_sample=5")
    window.rest()
    assert page.locator('[aria-label="Samples to draw boxes on"] [aria-pressed="true"]').count() == 1
    page.get_by_text("30-59", exact=True).click()
    until_url(page, "removal_sample=30")
    page.get_by_role("button", name="Sample 31 of seed 0").click()
    until_url(page, "removal_sample=31")


def test_ten_people_at_once(server: str, browser: "Browser") -> None:
    """Ten sessions, each with a target and a seed of its own: everybody sees what the library makes alone."""
    contexts = [browser.new_context(viewport={"width": 1280, "height": 900}) for _ in SESSIONS]
    pages = [context.new_page() for context in contexts]
    for page, (target, seed) in zip(pages, SESSIONS, strict=True):
        strength = 1 - 0.05 * seed
        link = f"{server}/remove_objects?removal_target={target}&seed={seed}&removal_strength={strength:g}"
        page.goto(link)
    for page in pages:
        page.get_by_role("button", name="Train the probe").click(timeout=120_000)
    shown = [(row(page, "before"), row(page, "after")) for page in pages]
    memory_kb = peak_memory_kb(server)
    for context in contexts:
        context.close()
    assert memory_kb < 4 * 2**20
    gan = load("rooms")
    for (target, seed), (before, after) in zip(SESSIONS, shown, strict=True):
        untouched, removed = alone(gan, target, seed, float(f"{1 - 0.05 * seed:g}"))
        np.testing.assert_array_equal(np.stack([decoded(one) for one in before]), untouched)
        np.testing.assert_array_equal(np.stack([decoded(one) for one in after]), removed)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_how_it_looks(server: str, browser: "Browser", scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    window = Window(context.new_page())
    page = window.open(f"{server}/remove_objects")
    page.get_by_role("button", name="Train the probe").click()
    row(page, "after")
    window.rest()
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(500)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"remove_objects_{width}_{scheme}.png")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    without = page.locator("img:not([alt])").count()
    assert without == 0
    context.close()
