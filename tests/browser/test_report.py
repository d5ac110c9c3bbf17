"""The Report page as a person meets it: built, looked at, taken home, verified; cancelled; gone."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dcgan_viz.figure_set.command import main as figure_set
from tests.apps.fake_runs import add_snapshot, write_lines
from tests.browser.driving import Window, served, until_url
from tests.browser.exports import taken_home
from tests.waiting import files_below, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LINK = "report?checkpoint=run%3Aruns%2Fmine%4010&report_parts="


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps what it needs for a while."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def reporting(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Path, kept: Path) -> Iterator[str]:
    root = tmp_path_factory.mktemp("trained") / "runs"
    write_lines(root / "mine", 1, 30)
    add_snapshot(root / "mine", 10, tiny_checkpoint)
    with served("-m", "apps", "--runs", str(root), "--linger", "0", "--port", TMPDIR=str(kept)) as address:
        yield address


def files(directory: Path) -> list[Path]:
    return [file for home in directory.glob("dcgan_viz-*") for file in files_below(home)]


def test_it_is_built_shown_taken_home_and_verified(
    reporting: str, kept: Path, browser: "Browser", tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1600}, accept_downloads=True)
    page = Window(context.new_page()).open(f"{reporting}/{LINK}samples,training")
    page.get_by_role("button", name="Build the report").click()
    page.get_by_role("img", name="Samples. What does the generator draw").wait_for(timeout=360_000)
    until_url(page, "report_started=")
    page.get_by_test_id("stMain").get_by_text("Training curves", exact=True).last.click()
    page.get_by_role("img", name="Training curves. ").wait_for()
    until_url(page, "report_figure=training")
    taken = taken_home(page, tmp_path / "taken")
    assert set(taken) == {"Whole report (ZIP)", "On paper (PDF)", "Manifest (JSON)"}
    report = taken["Whole report (ZIP)"].with_suffix("") / "figure_set"  # unpacked
    assert (report / "report.pdf").read_bytes() == taken["On paper (PDF)"].read_bytes()
    assert (report / "manifest.json").read_bytes() == taken["Manifest (JSON)"].read_bytes()
    with pytest.raises(SystemExit) as end:
        figure_set.main(["--verify", str(report), "--quiet"])
    assert end.value.code == 0
    assert files(kept)
    context.close()
    until(lambda: not files(kept))  # with its session the report goes


def test_it_is_cancelled(reporting: str, kept: Path, window: Window) -> None:
    page = window.open(
        f"{reporting}/report?report_parts=filters,memorization"
    )  # of rooms: this takes a while
    page.get_by_role("button", name="Build the report").click()
    page.get_by_role("progressbar").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Build the report").wait_for()
    assert "report_started" not in page.url
    assert page.get_by_role("button", name="Whole report").count() == 0
    assert files(kept) == []
