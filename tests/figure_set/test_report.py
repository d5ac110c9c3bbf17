"""What a report holds, and that a part that goes wrong takes nothing with it."""

import hashlib
import json
import re

import numpy as np
import pytest
from PIL import Image

from dcgan_viz.errors import InputError
from dcgan_viz.figure_set import FigureSetSettings, make_report
from dcgan_viz.figure_set.parts import PARTS, chosen
from dcgan_viz.figure_set.parts.samples import Samples
from dcgan_viz.figure_set.parts.walk import Walk, WalkAudit
from dcgan_viz.figure_set.report import checkpoint_label
from dcgan_viz.figure_set.site import BOOK_NAME
from dcgan_viz.image_options import ImageOptions
from tests.figure_set.conftest import bench
from tests.figure_set.fakes import Refusing, Square


def pages_of(path):
    return len(re.findall(rb"/Type /Page\b", path.read_bytes()))


def test_drawn_parts_are_there_in_every_form(report):
    for name in ("square", "seeds"):
        assert report.part(name)["status"] == "drawn"
        files = {path.name for path in (report.directory / name).iterdir()}
        assert {"figure.png", "figure.svg", "figure.pdf", "result.json"} <= files
    assert np.load(report.directory / "square/arrays.npz")["square"] == 9


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("broken", "failed", "ZeroDivisionError: by nothing"),
        ("drawing", "failed", "AssertionError"),
        ("refusing", "left out", "z of size 3: too small; give more"),
    ],
)
def test_a_part_that_goes_wrong_is_named_and_leaves_nothing(report, name, status, reason):
    part = report.part(name)
    assert (part["status"], part["reason"]) == (status, reason)
    assert not (report.directory / name).exists()
    assert reason in (report.directory / "index.html").read_text()


def test_what_a_part_lacks_is_said_with_the_way_out(report):
    reason = report.part("demanding")["reason"]
    assert "the judge of rooms" in reason
    assert "--images" in reason
    assert "no run of the trainer" in reason
    assert "a generator" not in reason


def test_the_book_has_a_title_page_and_a_page_a_figure(report):
    drawn = [part for part in report.manifest.parts if part["status"] == "drawn"]
    assert pages_of(report.directory / BOOK_NAME) == 1 + len(drawn) == 3


def test_the_manifest_has_every_file_with_its_hash(report):
    found = {
        path.relative_to(report.directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in report.directory.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert report.manifest.files == found
    written = json.loads((report.directory / "manifest.json").read_text())
    assert written == report.manifest.to_json()
    listed = json.loads((report.directory / "result.json").read_text())["files"]
    assert sorted(listed) == sorted([*found, "manifest.json"])


def test_the_manifest_has_the_numbers_of_each_result_and_the_pixels_of_its_picture(report):
    for name in ("square", "seeds"):
        part = report.part(name)
        record = json.loads((report.directory / name / "result.json").read_text())
        assert part["numbers"].items() <= record.items()
        assert record["provenance"]["seed"] == report.manifest.seed == 3
        with Image.open(report.directory / name / "figure.png") as picture:
            pixels = np.asarray(picture.convert("RGB"))
        height, width, _ = pixels.shape
        expected = hashlib.sha256(f"{width}x{height}".encode() + pixels.tobytes()).hexdigest()
        assert part["pixels"] == expected
        assert part["duration_s"] > 0


def test_numbers_over_seeds(report):
    record = report.part("seeds")["numbers"]
    (square,) = [entry for entry in record["numbers"] if entry["part"] == "square"]
    assert square["values"] == [9.0, 25.0, 64.0]
    assert square["mean"] == pytest.approx(np.mean([9, 25, 64]))
    assert square["standard_deviation"] == pytest.approx(np.std([9, 25, 64], ddof=1))
    assert square["control"]["values"] == [3.0, 5.0, 8.0]
    page = (report.directory / "index.html").read_text()
    sha = report.manifest.checkpoints[0]["sha256"][:12]
    assert re.search(rf"Seeds 3, 5, 8\. Checkpoint [^<]*tiny\.safetensors, sha256 {sha}[^<]*BatchNorm", page)
    refused = [entry for entry in record["repeats"] if entry["part"] == "refusing"]
    assert [(entry["seed"], entry["reason"]) for entry in refused] == [
        (5, "z of size 3: too small; give more"),
        (8, "z of size 3: too small; give more"),
    ]


def test_captions_say_what_a_figure_rests_on(tiny_checkpoint):
    part, own = Samples(), bench(tiny_checkpoint)
    result = part.run(own, 7)
    provenance = {
        "seed": 7,
        "checkpoint": {"path": own.gan.provenance.path, "sha256": own.gan.provenance.sha256},
        "batchnorm": {"generator": own.gan.batchnorm["generator"].to_json()},
    }
    caption = part.figure(result, {**part.record(result), "provenance": provenance}).caption
    for words in ("80 z", "Seed 7", own.gan.provenance.sha256[:12], "BatchNorm: running statistics"):
        assert words in caption


def test_a_report_without_a_figure_is_none(tiny_checkpoint, tmp_path):
    settings = FigureSetSettings()
    with pytest.raises(InputError, match=r"not one figure.*: z of size 3"):
        make_report(tmp_path, [bench(tiny_checkpoint)], settings, parts=(Refusing(),))


def test_several_checkpoints_draw_the_same_z_side_by_side(tiny_checkpoint, tmp_path):
    settings = FigureSetSettings(seeds=(2,))
    benches = [bench(tiny_checkpoint, settings, label) for label in ("one", "two")]
    square = Square()
    manifest = make_report(tmp_path, benches, settings, parts=(Samples(), square))
    assert [(part["name"], part["checkpoint"]) for part in manifest.parts] == [
        ("side_by_side", ""), ("samples", "one"), ("samples", "two"), ("square", "one"), ("square", "two"),
    ]  # fmt: skip
    assert square.seeds == [2, 2]
    one, two = (np.load(tmp_path / f"samples/{k}/arrays.npz")["z"] for k in (1, 2))
    np.testing.assert_array_equal(one, two)
    compared = manifest.parts[0]["numbers"]
    assert compared["same_z"] is True
    assert [(entry["checkpoint"], entry["value"]) for entry in compared["numbers"]] == [
        ("one", 4),
        ("two", 4),
    ]
    assert pages_of(tmp_path / BOOK_NAME) == 6
    page = (tmp_path / "index.html").read_text()
    assert page.count('<h3 class="label">one</h3>') == 2


def test_what_parts_share_is_made_once(tiny_checkpoint):
    own = bench(tiny_checkpoint)
    numbers = iter(range(3))
    assert [own.once("a", lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]
    assert own.once("b", lambda: next(numbers)) == 1
    assert own.segmenter("judge") is own.segmenter("judge")


def test_both_figures_of_a_walk_are_of_one_walk(tiny_checkpoint):
    own = bench(tiny_checkpoint)
    assert Walk().run(own, 1) is WalkAudit().run(own, 1)
    assert Walk().run(own, 1) is not Walk().run(own, 2)


def test_parts_are_chosen_by_name_in_the_order_of_the_report():
    names = [part.name for part in PARTS]
    assert len(set(names)) == len(names)
    assert [part.name for part in chosen((names[1], names[0]))] == names[:2]
    assert chosen(()) == PARTS
    with pytest.raises(InputError, match=r"'sofas'.*samples"):
        chosen(("sofas",))


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("runs/a/snapshots/step_00000781/weights.safetensors", "step_00000781"),
        ("runs/a", "a"),
        ("x/netG_epoch_7.pth", "netG_epoch_7"),
        ("rooms", "rooms"),
        ("weights.safetensors", "weights"),
    ],
)
def test_a_checkpoint_has_a_short_name(path, label):
    assert checkpoint_label(path) == label


def test_settings_are_read_as_they_are_written():
    settings = FigureSetSettings(("samples",), (1, 2), ImageOptions("folder:a", None, 30), "bed", "none")
    assert FigureSetSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    wrong_entries: list[dict[str, object]] = [
        {"seeds": [True]}, {"only": "samples"}, {"real": {}}, {"target": 3}, {"seed": 1}
    ]  # fmt: skip
    for wrong in wrong_entries:
        with pytest.raises(InputError, match="use the version"):
            FigureSetSettings.from_json({**settings.to_json(), **wrong})
    wrong_ones: list[tuple[tuple[int, ...], tuple[str, ...]]] = [
        ((), ()), ((1, 1), ()), ((-1,), ()), ((0,), ("a", "a")),
    ]  # fmt: skip
    for seeds, only in wrong_ones:
        with pytest.raises(InputError):
            FigureSetSettings(seeds=seeds, only=only)
