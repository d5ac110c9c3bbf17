"""Remove objects as a person meets it: draw, train, move, look, take home."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
from PIL import Image

from apps.remove_objects.fields import BOXES, HandBoxes
from dcgan_viz.data.box import Box, Boxes
from dcgan_viz.data.boxes import read_boxes
from dcgan_viz.data.segmenter import Segmenter, load_segmenter
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.models.checkpoint import sha256_of
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.loading import embedded, load
from dcgan_viz.remove_objects import RemovalSettings, annotate
from dcgan_viz.remove_objects.edits import Fill
from dcgan_viz.remove_objects.judges import RoomsJudge
from dcgan_viz.remove_objects.lesson import bench_of, edited, learn, shown_samples
from dcgan_viz.remove_objects.samples import split_z
from dcgan_viz.remove_objects.stage import Stage
from dcgan_viz.sample import to_uint8
from tests.browser.driving import (
    ROOT,
    VARIABLES,
    Window,
    cpu_s,
    dashboard,
    lacking,
    peak_memory_kb,
    until_url,
)
from tests.browser.exports import taken_home
from tests.browser.pad import Pad
from tests.pictures import decoded, eight_bits
from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

N_PICTURES, N_LOOKED_AT = 8, 120
WORK_MS = 600_000  # that ten sessions at once may take, on a machine that does much else
COCO = "COCO boxes (JSON)"


def row(page: Page, label: str) -> list[str]:
    """What the pictures of a row of the comparison are."""
    images = page.locator(".columns .row", has=page.get_by_text(label, exact=True)).locator("img")
    images.first.wait_for(timeout=WORK_MS)
    found: list[str] = images.evaluate_all("all => all.map(one => one.src)")
    return found


def train(page: Page) -> None:
    page.get_by_role("button", name="Train the probe").click()
    row(page, "after")


def move_strength(page: Page, window: Window, key: str, *values: str) -> None:
    """Move the slider by the keyboard, step by step: the link says each value before the next one."""
    page.get_by_role("slider", name="Strength").focus()
    for value in values:
        page.keyboard.press(key)
        until_url(page, "^((?!removal_strength).)*$" if value == "1" else rf"removal_strength={value}(&|$)")
        window.rest()


def test_a_drawn_box_a_trained_probe_a_moved_slider(server: str, window: Window, tmp_path: Path) -> None:
    """The whole way: the pixels under the boxes change, and everything can be taken home."""
    proposed = annotate(load(), load_segmenter("annotator"), RemovalSettings(), 0)
    assert 2 not in proposed.by_image  # the sample that is drawn on
    known, one_more = (re.compile(rf"\b{len(proposed) + more} boxes\b") for more in (0, 1))
    page = window.open(f"{server}/remove_objects?removal_measured_on=50&removal_sample=2")
    pad = Pad(page)
    page.get_by_text(known).wait_for()
    pad.drag((20, 16), (34, 30))
    page.get_by_text(one_more).wait_for()
    until_url(page, "removal_boxes=[0-9a-f]{8}~.*2-20-16-34-30")
    pad = Pad(page)
    pad.drag((27, 23), (29, 25))  # a box that is there is moved, not drawn
    until_url(page, "removal_boxes=.*2-22-18-36-32")
    page.get_by_role("button", name="Delete box 1").click()
    page.get_by_text(known).wait_for()
    until_url(page, "^((?!removal_boxes).)*$")  # the annotator's again
    Pad(page).drag((20, 16), (34, 30))
    page.get_by_text(one_more).wait_for()

    train(page)
    before, after = row(page, "before"), row(page, "after")
    filled = row(page, "filled")
    for one, other, where in zip(before, after, filled, strict=True):
        lit = (decoded(where).astype(int) - decoded(one) * 0.3 > 0).any(axis=2)
        changed = (decoded(one) != decoded(other)).any(axis=2)
        assert changed[lit].mean() > 0.5, "nothing happens where the probe fires"
    move_strength(page, window, "ArrowLeft", "0.95", "0.9", "0.85", "0.8", "0.75", "0.7")
    weaker = row(page, "after")
    assert row(page, "before") == before

    def distance(some: list[str]) -> float:
        pairs = zip(before, some, strict=True)
        return float(np.mean([np.abs(decoded(a).astype(int) - decoded(b)).mean() for a, b in pairs]))

    assert 0.4 * distance(after) < distance(weaker) < 0.95 * distance(after)
    move_strength(page, window, "ArrowRight", "0.75", "0.8", "0.85", "0.9", "0.95", "1")
    assert row(page, "after") == after
    take_home(page, window, tmp_path, after, len(proposed) + 1)


def take_home(page: Page, window: Window, tmp_path: Path, after: list[str], n_boxes: int) -> None:
    """Measure, download each export and open it, and let the command line repeat it."""
    page.get_by_role("button", name="Measure, with its control").click()
    page.locator(".card .tile").first.wait_for(timeout=WORK_MS)
    window.rest()
    files = taken_home(page, tmp_path)
    figures = {f"Figure ({kind})" for kind in ("PNG", "SVG", "PDF")}
    assert set(files) == figures | {"Record (JSON)", "Everything (ZIP)", COCO}
    assert Image.open(files["Figure (PNG)"]).width > 1000
    record = json.loads(files["Record (JSON)"].read_text())
    shown = page.locator(".card .large").all_inner_texts()
    assert float(shown[0]) == pytest.approx(record["methods"][0]["target_area_ratio"], abs=0.005)
    assert record["methods"][0]["control"]["target_area_ratio"] > record["methods"][0]["target_area_ratio"]
    with zipfile.ZipFile(files["Everything (ZIP)"]) as archive:
        assert {"figure.png", "figure.html", "result.json", "arrays.npz", "boxes.json"} <= set(
            archive.namelist()
        )
        arrays = np.load(io.BytesIO(archive.read("arrays.npz")))
        drawn = np.stack([decoded(one) for one in after])
        np.testing.assert_array_equal(drawn, eight_bits(arrays["local"][: len(after)]))
    boxes = read_boxes(files[COCO], 64, 150, "window")
    assert len(boxes) == n_boxes
    page.get_by_text("The same on the command line").click()
    line = page.locator("code", has_text="dcgan-viz remove-objects").inner_text()
    words = [str(files[COCO]) if w == files[COCO].name else w for w in shlex.split(line)[2:]]
    command = [sys.executable, "-m", "dcgan_viz.remove_objects", *words, "--out", str(tmp_path / "out")]
    subprocess.run([*command, "--quiet"], cwd=ROOT, env={**os.environ, **VARIABLES}, check=True)
    again = json.loads((tmp_path / "out" / "remove_objects" / "result.json").read_text())
    for name in ("methods", "judge", "edit", "annotations", "target_share"):
        assert again[name] == record[name], name


def computed_s(page: Page, server: str, for_s: float) -> float:
    """Seconds for which the server computes in the next ones."""
    before = cpu_s(server)
    page.wait_for_timeout(1000 * for_s)
    after = cpu_s(server)
    if before is None or after is None:
        lacking("this system does not say how long a process has computed")
    return after - before


def test_long_work_is_cancelled(window: Window, tmp_path: Path) -> None:
    """It takes minutes; seconds after Cancel the server rests."""
    with dashboard(tmp_path) as server:
        page = window.open(f"{server}/remove_objects?removal_measured_on=1000&removal_whole=1&seed=77")
        train(page)
        page.get_by_role("button", name="Measure, with its control").click()
        page.get_by_role("button", name="Cancel").wait_for()
        end = time.monotonic() + 3 * PATIENCE_S  # a machine that does much else gives it little
        while computed_s(page, server, 4) < 0.8:
            assert time.monotonic() < end, "nothing is measured"
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Measure, with its control").wait_for()
        until_url(page, "^((?!removal_card).)*$")
        page.get_by_role("button", name="Cancel").wait_for(state="detached")
        window.rest()
        end = time.monotonic() + PATIENCE_S
        while computed_s(page, server, 4) >= 0.5:
            assert time.monotonic() < end, "it goes on"


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


@dataclass(frozen=True)
class Person:
    """What one of ten does.

    Attributes
    ----------
    number : int
        Also the seed.
    target : str
    method : str
    strength, threshold : float
        Where the sliders stand.
    is_own : bool
        Whether the boxes are drawn by hand.
    """

    number: int
    target: str
    method: str
    strength: float
    threshold: float
    is_own: bool

    @property
    def picks(self) -> list[str]:
        """Three samples that nobody else picks."""
        return [f"{self.number}.{3 * self.number + k}" for k in range(3)]

    def settings(self) -> RemovalSettings:
        fill = Fill(threshold=self.threshold) if self.method == "local" else Fill()
        settings = RemovalSettings(target=self.target, strength=self.strength, fill=fill)
        return settings.measured_on(N_LOOKED_AT)

    def boxes(self, rooms: Rooms) -> Boxes:
        """The annotator's, or some of them moved by hand."""
        found = annotate(rooms.gan, rooms.annotator, RemovalSettings(target=self.target), self.number)
        if not self.is_own:
            return found
        edges = {n: [box.edges for box in boxes] for n, boxes in list(found.by_image.items())[:30]}
        moved = {n: tuple(Box(*_moved(*one)) for one in boxes) for n, boxes in edges.items()}
        return Boxes(self.target, 64, moved)

    def link(self, boxes: Boxes) -> dict[str, str]:
        """The view that this one opens."""
        said = {
            "removal_target": self.target, "seed": str(self.number), "picks": ",".join(self.picks),
            "removal_method": self.method, "removal_strength": f"{self.strength:g}",
            "removal_threshold": f"{self.threshold:g}",
        }  # fmt: skip
        if self.is_own:
            said["removal_boxes"] = BOXES.text(HandBoxes.of(self.ground, boxes.by_image))
        return said

    @property
    def ground(self) -> str:
        """What a link's boxes lie on: the samples of this seed."""
        content = sha256_of(embedded()["rooms"])
        options = ModelOptions(checkpoint="")
        return sha256(repr((content, astuple(options), self.number)).encode()).hexdigest()[:8]


def _moved(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    """A pixel wider to the left, and one lower, as far as there is room."""
    return max(0.0, x0 - 1), y0, x1, min(64.0, y1 + 1)


TARGETS = ("window", "bed", "lamp", "picture", "door", "rug", "window", "bed", "lamp", "picture")
PEOPLE = [
    Person(
        number,
        target,
        method="drop" if number % 3 == 2 else "local",
        strength=1 - 0.05 * (number % 4),
        threshold=0.5 * (number % 3 - 1),
        is_own=number % 2 == 1,
    )
    for number, target in enumerate(TARGETS)
]


@dataclass(frozen=True)
class Rooms:
    """What everybody shares, in the test's own process."""

    gan: Gan
    annotator: Segmenter
    judge: RoomsJudge


def alone(person: Person, boxes: Boxes, rooms: Rooms) -> tuple[np.ndarray, np.ndarray]:
    """The pictures before and after as the library makes them by itself."""
    settings = person.settings()
    bench = bench_of(rooms.gan, boxes, rooms.judge, settings, person.number)
    lesson = learn(bench, settings)
    rows = shown_samples(bench, settings, lesson.layers["local"])[:N_PICTURES]
    z = split_z(rooms.gan, settings, person.number)[1][rows]
    stage = Stage.of(rooms.gan, lesson.layers[person.method], z)
    after = edited(stage, lesson.probes[person.method], settings, person.method).images
    return to_uint8(rooms.gan.generate(z)), to_uint8(after)


def stacked(sources: list[str]) -> np.ndarray:
    return np.stack([decoded(one) for one in sources])


def said(page: Page) -> dict[str, str]:
    """What the address says."""
    return dict(parse_qsl(urlsplit(page.url).query))


def offered(page: Page) -> list[str]:
    """The checkpoints that the sidebar offers."""
    page.get_by_role("combobox", name="Checkpoint").click()
    names = page.get_by_role("option").all_inner_texts()
    page.keyboard.press("Escape")
    return names


def test_ten_people_at_once(server: str, browser: Browser, tiny_checkpoint: Path, tmp_path: Path) -> None:
    """Ten sessions, no two alike: each sees what the library makes alone, and nothing of another's."""
    gan = load("rooms")
    rooms = Rooms(gan, load_segmenter("annotator"), RoomsJudge(load_segmenter("judge")))
    context = [browser.new_context(viewport={"width": 1280, "height": 900}) for _ in PEOPLE]
    pages = [Window(one.new_page()).page for one in context]
    boxes = [person.boxes(rooms) for person in PEOPLE]
    links = [person.link(one) for person, one in zip(PEOPLE, boxes, strict=True)]
    wanted = [alone(person, own, rooms) for person, own in zip(PEOPLE, boxes, strict=True)]
    for page, link in zip(pages, links, strict=True):
        page.goto(f"{server}/remove_objects?{urlencode(link)}")
    for page in pages:
        page.get_by_role("button", name="Train the probe").click(timeout=WORK_MS)
    for page, link, (before, after) in zip(pages, links, wanted, strict=True):
        np.testing.assert_array_equal(stacked(row(page, "before")), before)
        np.testing.assert_array_equal(stacked(row(page, "after")), after)
        assert (before != after).any()
        defaults = {"removal_target": "window", "seed": "0", "removal_method": "local"}
        numbers = {"removal_strength": "1", "removal_threshold": "0"}
        assert {name: said(page).get(name, {**defaults, **numbers}.get(name)) for name in link} == link
    assert len({after.tobytes() for _, after in wanted}) == len(PEOPLE)
    for page, person in zip(pages, PEOPLE, strict=True):  # everybody lays one sample back
        strip = page.get_by_role("group", name="Picked samples")
        strip.get_by_role("button", name=f"sample {3 * person.number + 1} of seed").click()
    for page, (first, _, last) in zip(pages, [person.picks for person in PEOPLE], strict=True):
        until_url(page, rf"picks={first}(,|%2C){last}(&|$)")
        strip = page.get_by_role("group", name="Picked samples").get_by_role("button")
        strip.nth(1).wait_for()
        assert strip.evaluate_all("all => all.map(one => one.dataset.id)") == [first, last]
    uploads = [tmp_path / "mine.safetensors", tmp_path / "yours.safetensors"]
    for page, upload in zip(pages, uploads, strict=False):
        shutil.copy(tiny_checkpoint, upload)
        page.get_by_role("button", name="Upload a checkpoint").click()
        page.locator("input[type=file]").first.set_input_files(upload)
        until_url(page, "checkpoint=upload")
        page.keyboard.press("Escape")
    for page, own in zip(pages[:3], [["mine.safetensors"], ["yours.safetensors"], []], strict=True):
        assert [name for name in offered(page) if name.endswith(".safetensors")] == own
    memory_kb = peak_memory_kb(server)
    assert memory_kb < 4 * 2**20
    assert memory_kb > 2**17 or sys.platform != "linux"  # torch alone takes as much
    for one in context:
        one.close()
