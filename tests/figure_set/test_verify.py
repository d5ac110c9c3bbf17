"""Verification finds what was changed: a byte, a number, a seed, a checkpoint, a picture."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dcgan_viz.errors import InputError
from dcgan_viz.figure_set import FigureSetSettings, make_report, verify
from dcgan_viz.figure_set.manifest import MANIFEST_NAME, Manifest
from dcgan_viz.figure_set.report import checkpoint_json, machine
from dcgan_viz.provenance import package_versions
from tests.figure_set.conftest import bench
from tests.figure_set.fakes import Broken, Demanding, Drawing, Refusing, Square

PARTS = (Square, Broken, Refusing, Demanding, Drawing)
OTHER_MACHINE = {"system": "Plan 9"}


@pytest.fixture
def copy(report, tmp_path):
    """A report of one's own to tamper with."""
    shutil.copytree(report.directory, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture
def check(copy, tiny_checkpoint, tmp_path):
    """Verify the copy."""

    def run(checkpoint=tiny_checkpoint, here=None, parts=PARTS):
        opened = []

        def checkpoints(manifest):
            opened.append(bench(checkpoint, FigureSetSettings.from_json(manifest.settings)))
            return [checkpoint_json(opened[0])]

        def remake(manifest, scratch):
            settings = FigureSetSettings.from_json(manifest.settings)
            return make_report(scratch, opened, settings, parts=[part() for part in parts])

        return verify(
            copy, checkpoints, remake, tmp_path / "again", here or machine("cpu"), package_versions()
        )

    return run


def tamper(copy, change, *, sign=True):
    """Change the manifest, and with ``sign`` its checksum too, as one would who wants it not to be seen."""
    path = copy / MANIFEST_NAME
    entries = json.loads(path.read_text())
    change(entries)
    if sign:
        body = {key: value for key, value in entries.items() if key not in ("format", "version", "sha256")}
        text = json.dumps(body, ensure_ascii=False)
        entries["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(json.dumps(entries))


def part(entries, name):
    return next(one for one in entries["parts"] if one["name"] == name)


def test_what_was_not_touched_is_equal(check, report):
    verdict = check()
    assert verdict.differences == ()
    assert verdict.is_exact
    assert verdict.n_files == len(report.manifest.files)
    assert verdict.n_pictures == 2
    assert verdict.n_numbers > 10


@pytest.mark.parametrize(
    "name",
    [
        "square/figure.png",
        "square/figure.svg",
        "index.html",
        "result.json",
        "report.pdf",
        "square/arrays.npz",
    ],
)
def test_one_changed_byte_is_named(check, copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    (line,) = check().differences
    assert line.startswith(f"{name}: changed (sha256 {hashlib.sha256(content).hexdigest()[:12]} now")


def test_missing_and_added_files_are_named(check, copy):
    (copy / "square/figure.pdf").unlink()
    (copy / "square/note.txt").write_text("mine")
    assert check().differences == ("square/figure.pdf: missing", "square/note.txt: not in the manifest")


def test_a_changed_manifest_is_named_without_its_checksum(check, copy):
    tamper(copy, lambda entries: entries.update(command="another"), sign=False)
    assert check().differences == ("manifest.json: changed since it was written (its checksum is another)",)


def test_a_changed_number_is_named(check, copy):
    tamper(copy, lambda entries: part(entries, "square")["numbers"].update(square=10))
    assert check().differences == (
        "square: square 9 in its result.json, 10 in the manifest",
        "square: square 9 now, 10 in the manifest",
    )


def test_a_changed_number_in_a_result_is_named(check, copy):
    path = copy / "square/result.json"
    path.write_text(path.read_text().replace("0.5", "0.75"))
    first, second = check().differences
    assert first.startswith("square/result.json: changed")
    assert second == "square: rest.list[0] 0.75 in its result.json, 0.5 in the manifest"


def test_a_changed_seed_is_named(check, copy):
    tamper(copy, lambda entries: entries["settings"].update(seeds=[4, 5, 8]))
    lines = check().differences
    assert "square: seed 3 in its result.json, 4 in the manifest" in lines
    assert "square: square 16 now, 9 in the manifest" in lines


def test_another_checkpoint_is_named_and_nothing_is_drawn(check, copy, tiny_checkpoint, tmp_path):
    other = tmp_path / "other.safetensors"
    content = bytearray(tiny_checkpoint.read_bytes())
    content[-1] ^= 1
    other.write_bytes(content)
    first, second = check(other).differences
    assert first.startswith(
        f"checkpoint {other}: another one (sha256 {hashlib.sha256(content).hexdigest()[:12]}"
    )
    assert "not compared" in second
    assert not (tmp_path / "again").exists()


def test_a_part_that_ends_otherwise_is_named(check):
    class Mended(Square):
        name = "broken"

    lines = check(parts=(Square, Mended, Refusing, Demanding, Drawing)).differences
    assert "broken: drawn now (), failed then" in lines


def test_parts_that_only_one_has_are_named(check):
    class New(Square):
        name = "new"

    lines = check(parts=(Broken, Refusing, Demanding, Drawing, New)).differences
    assert "square: not made again" in lines
    assert "new: not in the manifest" in lines


def repaint(copy, grey_levels):
    """Change a picture by that much, and the manifest so that its hashes agree."""
    path = copy / "square/figure.png"
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    changed = np.where(pixels > 127, pixels - grey_levels, pixels + grey_levels).astype(np.uint8)
    Image.fromarray(changed).save(path)
    height, width, _ = changed.shape
    digest = hashlib.sha256(f"{width}x{height}".encode() + changed.tobytes()).hexdigest()

    def change(entries):
        part(entries, "square")["pixels"] = digest
        entries["files"]["square/figure.png"] = hashlib.sha256(path.read_bytes()).hexdigest()

    tamper(copy, change)


def test_other_pixels_are_named(check, copy):
    repaint(copy, 1)
    assert check().differences == (
        "square: the pixels of its figure differ from those drawn again "
        "(1.000 grey levels of 255 apart on average)",
    )


@pytest.mark.parametrize(("grey_levels", "n_differences"), [(1, 0), (3, 1)])
def test_another_machine_may_differ_a_little_in_its_pixels(check, copy, grey_levels, n_differences):
    repaint(copy, grey_levels)
    verdict = check(here=OTHER_MACHINE)
    assert len(verdict.differences) == n_differences
    assert not verdict.is_exact


@pytest.mark.parametrize(("square", "n_differences"), [(9.15, 0), (9.3, 1), ("9", 1), (None, 1)])
def test_another_machine_may_differ_a_little_in_its_numbers(check, copy, square, n_differences):
    tamper(copy, lambda entries: part(entries, "square")["numbers"].update(square=square))
    again = [line for line in check(here=OTHER_MACHINE).differences if " now, " in line]
    assert len(again) == n_differences


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no report"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not of the format"),
        ('{"format": "dcgan_viz.figure_set", "version": 2}', "version 2"),
        ('{"format": "dcgan_viz.figure_set", "version": 1}', "missing"),
    ],
)
def test_what_is_no_manifest_is_refused_in_a_line(tmp_path, content, says):
    if content is not None:
        (tmp_path / MANIFEST_NAME).write_text(content)
    with pytest.raises(InputError, match=says) as refusal:
        Manifest.read(tmp_path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [("parts", {}), ("parts", [3]), ("parts", [{}]), ("files", []), ("command", 3), ("checkpoints", [{}])],
)
def test_a_manifest_of_another_shape_is_refused(copy, field, value):
    tamper(copy, lambda entries: entries.update({field: value}))
    with pytest.raises(InputError, match=field):
        Manifest.read(copy)
