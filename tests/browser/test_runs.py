"""The Runs page as a person meets it, while training goes on."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.apps.fake_runs import write_lines
from tests.browser.driving import Window, until_url
from tests.browser.exports import taken_home


def test_curves_grow_by_themselves(server: str, runs: Path, window: Window) -> None:
    page = window.open(f"{server}/runs?run=runs/mine")
    page.get_by_text("240 images", exact=True).wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    write_lines(runs / "mine", 31, 33)
    page.get_by_text("264 images", exact=True).wait_for()  # nobody has clicked
    page.get_by_text("runs/broken: stats.jsonl: line 3 is not JSON").wait_for()


def test_a_run_that_goes_on_leaves_the_slider_in_a_persons_hand(
    server: str, runs: Path, window: Window
) -> None:
    page = window.open(f"{server}/runs?run=runs/mine")
    thumb = page.get_by_role("slider", name="Step")
    assert thumb.input_value() == "1"
    frame = page.get_by_test_id("stSliderThumbValue").locator("..").bounding_box()
    width = page.get_by_test_id("stSlider").bounding_box()
    assert frame is not None
    assert width is not None
    page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    page.mouse.down()
    page.mouse.move(width["x"] + 2, frame["y"] + frame["height"] / 2, steps=5)
    assert thumb.input_value() == "0"
    n = sum(1 for _ in (runs / "mine" / "stats.jsonl").open())
    write_lines(runs / "mine", n + 1, n + 3)
    page.get_by_text(f"{8 * (n + 3)} images", exact=True).wait_for()  # the page was drawn anew
    window.rest()
    assert thumb.input_value() == "0"
    page.mouse.up()
    until_url(page, "run_step=10")


def test_a_snapshot_is_reached_by_keyboard_and_opened(server: str, window: Window) -> None:
    page = window.open(f"{server}/runs?run=runs/mine")
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


def test_each_download_opens(server: str, runs: Path, window: Window, tmp_path: Path) -> None:
    page = window.open(f"{server}/runs?run=runs/mine&seed=3")
    page.get_by_role("button", name="Draw the figure of all snapshots").click()
    page.get_by_role("button", name="The same z (PNG)").wait_for()
    window.rest()
    files = taken_home(page, tmp_path)
    curves = {f"Curves ({kind})" for kind in ("PNG", "PDF", "JSON")}
    assert set(files) == curves | {"The same z (PNG)", "The same z (PDF)"}
    for label in ("Curves (PNG)", "The same z (PNG)"):
        with Image.open(files[label]) as image:
            assert min(image.size) > 500
            assert len(np.unique(np.asarray(image.convert("L")))) > 20
    record = json.loads(files["Curves (JSON)"].read_text())
    diary = [json.loads(line) for line in (runs / "mine" / "stats.jsonl").read_text().splitlines()]
    assert record["n_lines"] == len(diary)
    for name in ("loss_d", "loss_g", "logit_real", "logit_fake"):
        shown = [(point["images_seen"], point["mean"]) for point in record["curves"][name]]
        assert shown == [(line["images_seen"], pytest.approx(line[name])) for line in diary]
