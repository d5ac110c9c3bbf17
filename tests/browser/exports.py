"""Taking home what a page offers, and opening it."""

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import imageio_ffmpeg
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE_MS = 180_000


def taken_home(page: "Page", folder: Path) -> dict[str, Path]:
    """Click every download button of the page and open each file; the files by the words on the buttons."""
    folder.mkdir(exist_ok=True)
    buttons = page.get_by_test_id("stDownloadButton").get_by_role("button")
    found: dict[str, Path] = {}
    for button in buttons.all():
        label = button.get_by_test_id("stMarkdownContainer").inner_text()
        with page.expect_download(timeout=PATIENCE_MS) as download:
            button.click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        look_into(path)
        assert label.endswith(f"({path.suffix[1:].upper()})"), (label, path.name)
        found[label] = path
    assert len(found) == buttons.count()
    return found


def look_into(path: Path) -> None:
    """Read all of a file by what reads its kind; fails if it is not what its name says."""
    kind = path.suffix[1:]
    if kind in ("png", "gif", "webp"):
        with Image.open(path) as image:
            assert image.format == kind.upper()
            for frame in range(getattr(image, "n_frames", 1)):
                image.seek(frame)
                image.load()
    elif kind == "svg":
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
    elif kind == "pdf":
        content = path.read_bytes()
        assert content.startswith(b"%PDF-")
        assert content.rstrip().endswith(b"%%EOF")
    elif kind == "json":
        assert json.loads(path.read_text())
    elif kind == "npz":
        with np.load(path) as arrays:
            assert all(arrays[name].size for name in arrays)
    elif kind == "mp4":
        assert n_frames(path) > 0
    elif kind == "zip":
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            place = path.with_suffix("")
            archive.extractall(place)
        inside = [one for one in place.rglob("*") if one.is_file()]
        assert inside
        for one in inside:
            look_into(one)
    elif kind in ("html", "js", "css", "csv", "txt"):
        assert path.read_text().strip()
    else:
        raise AssertionError(f"{path.name}: of a kind that nobody has looked into yet")


def n_frames(path: Path) -> int:
    """How many pictures a film has, each of them decoded."""
    reader = imageio_ffmpeg.read_frames(str(path))
    width, height = next(reader)["size"]
    frames = list(reader)
    assert all(len(frame) == 3 * width * height for frame in frames)
    return len(frames)
