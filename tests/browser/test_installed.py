"""The dashboard of an installed package, started anywhere."""

import shutil
from pathlib import Path

from tests.browser.driving import ROOT, Window, served


def test_it_runs_from_elsewhere_with_its_looks_and_without_a_word_to_others(
    window: Window, tmp_path: Path
) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    for package in ("apps", "dcgan_viz", "train"):  # what a wheel holds, as tests/test_package.py sees to
        shutil.copytree(ROOT / package, site / package, ignore=shutil.ignore_patterns("__pycache__"))
    elsewhere.mkdir()
    with served("-m", "dcgan_viz", "dashboard", "--port", path=site, cwd=elsewhere) as address:
        page = window.open(address)
        page.locator('[aria-label^="Samples of seed"] img').first.wait_for()
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 35, 48)"  # style.INK
