import copy
import json
import math
from typing import Any

import numpy as np
import pytest

from dcgan_viz.data.boxes import MAX_BYTES, Box, Boxes, read_boxes, write_boxes
from dcgan_viz.errors import InputError

BOXES = Boxes("window", 64, {3: (Box(8, 8, 24, 32), Box(0, 0.5, 64, 64)), 0: (Box(1.25, 2, 3, 4),)})
OWN = {
    "format": "dcgan_viz.boxes",
    "image_size": 64,
    "target": "window",
    "boxes": [
        {"image": 3, "box": [8, 8, 24, 32]},
        {"image": 0, "box": [1.25, 2, 3, 4]},
        {"image": 3, "box": [0, 0.5, 64, 64]},
    ],
}
COCO = {
    "info": {"description": "as annotation tools write it"},
    "licenses": [],
    "images": [
        {"id": 1, "width": 64, "height": 64, "file_name": "out/64px/sample_0000.png"},
        {"id": 2, "width": 64, "height": 64, "file_name": "out/64px/sample_0001.png"},
        {"id": 4, "width": 64, "height": 64, "file_name": "sample_0003.png"},
    ],
    "categories": [{"id": 7, "name": "bed"}, {"id": 8, "name": "window", "supercategory": "room"}],
    "annotations": [
        {"id": 1, "image_id": 4, "category_id": 8, "bbox": [8, 8, 16, 24], "iscrowd": 0, "segmentation": []},
        {"id": 2, "image_id": 2, "category_id": 7, "bbox": [0, 0, 64, 10]},
        {"id": 3, "image_id": 1, "category_id": 8, "bbox": [1.25, 2, 1.75, 2.0]},
        {"id": 4, "image_id": 4, "category_id": 8, "bbox": [0, 0.5, 64, 63.5]},
    ],
}


@pytest.fixture
def read(tmp_path):
    def read_text(content, image_size=64, n_images=150, target="window"):
        path = tmp_path / "boxes.json"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return read_boxes(path, image_size, n_images, target)

    return read_text


def changed(content, *path_and_value):
    """A copy with the entry at a path replaced, or taken out where the value is ``...``."""
    *path, last, value = path_and_value
    copied = copy.deepcopy(content)
    entry = copied
    for key in path:
        entry = entry[key]
    if value is ...:
        del entry[last]
    else:
        entry[last] = value
    return copied


def test_both_formats_hold_the_same_boxes(read):
    assert read(OWN) == BOXES
    assert read(COCO) == BOXES


def test_other_categories_are_other_boxes(read):
    assert read(COCO, target="bed") == Boxes("bed", 64, {1: (Box(0, 0, 64, 10),)})


@pytest.mark.parametrize("coco", [False, True])
def test_what_is_written_is_read(tmp_path, coco):
    path = tmp_path / "boxes.json"
    path.write_text("before")
    write_boxes(path, BOXES, coco=coco)
    assert read_boxes(path, 64, 4, "window") == BOXES
    assert [entry.name for entry in tmp_path.iterdir()] == ["boxes.json"]
    assert ("annotations" in json.loads(path.read_text())) == coco


def test_written_coco_has_what_its_format_asks_for():
    content = BOXES.to_coco()
    assert content["images"] == [
        {"id": 0, "file_name": "sample_00000.png", "width": 64, "height": 64},
        {"id": 3, "file_name": "sample_00003.png", "width": 64, "height": 64},
    ]
    assert content["categories"] == [{"id": 1, "name": "window"}]
    assert content["annotations"][2] == {
        "id": 3,
        "image_id": 3,
        "category_id": 1,
        "bbox": [0, 0.5, 64, 63.5],
        "area": 64 * 63.5,
        "iscrowd": 0,
    }


def test_a_write_that_fails_leaves_the_file_before(tmp_path, monkeypatch):
    path = tmp_path / "boxes.json"
    path.write_text("before")

    def full(self, *_, **__):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_boxes(path, BOXES)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_samples_are_numbered_by_id_where_a_file_name_has_no_number(read):
    for name in ("window.png", ..., "", "v2/window", None, 5):
        content = changed(COCO, "images", 1, "file_name", name)
        assert read(content).images == (1, 4)


def test_numbers_in_file_names_may_be_long_and_come_with_folders(read):
    content = changed(COCO, "images", 2, "file_name", "C:\\out 9\\000000000003_64px_007b.png")
    assert read(content).images == (0, 7)
    assert read(changed(COCO, "images", 2, "file_name", "000000000012")).images == (0, 12)
    renamed = "00012_png.rf.5f0c1d2e3a4b59687706f5e4d3c2b1a9.jpg"  # by Roboflow
    assert read(changed(COCO, "images", 2, "file_name", renamed)).images == (0, 12)
    renamed = "5f0c1d2e-00012.png"  # by Label Studio
    assert read(changed(COCO, "images", 2, "file_name", renamed)).images == (0, 12)


def test_sizes_may_be_absent_in_coco(read):
    content = changed(changed(COCO, "images", 2, "width", ...), "images", 2, "height", ...)
    assert read(content) == BOXES


def test_sizes_of_images_without_the_target_do_not_matter(read):
    assert read(changed(COCO, "images", 1, "width", 640)) == BOXES


def test_corners_that_coco_rounded_over_the_border_are_put_on_it(read):
    content = changed(COCO, "annotations", 0, "bbox", [10.13, 0.0, 53.88, 64.0000001])
    assert read(content).by_image[3][0] == Box(10.13, 0, 64, 64)


def test_a_byte_order_mark_is_no_error(read):
    assert read(b"\xef\xbb\xbf" + json.dumps(OWN).encode()) == BOXES


BAD = {
    "outside": (
        changed(OWN, "boxes", 1, "box", [60, 2, 70, 9]),
        "box (60, 2, 70, 9) of image 0: outside the image, 64x64 px; give",
    ),
    "outside in coco": (
        changed(COCO, "annotations", 0, "bbox", [-3, 8, 16, 24]),
        "box (-3, 8, 13, 32) of image 3: outside the image, 64x64 px; give",
    ),
    "no boxes": (changed(OWN, "boxes", []), "boxes of 'window': no box at all; draw"),
    "no boxes in coco": (changed(COCO, "annotations", []), "boxes of 'window': no box at all; draw"),
    "other size": (
        changed(OWN, "image_size", 32),
        "file: made for images of 32 px, the samples have 64x64 px; draw",
    ),
    "other width in coco": (
        changed(COCO, "images", 2, "width", 128),
        "image 3: made for images of 128 px, the samples have 64x64 px; draw",
    ),
    "other height in coco": (
        changed(COCO, "images", 2, "height", 48),
        "image 3: made for images of 48 px, the samples have 64x64 px; draw",
    ),
    "turned": (changed(OWN, "boxes", 0, "box", [24, 8, 8, 32]), "box (24, 8, 8, 32): holds no area; give"),
    "flat in coco": (
        changed(COCO, "annotations", 0, "bbox", [8, 8, 16, 0]),
        "box (8, 8, 24, 8): holds no area; give",
    ),
    "beyond": (
        changed(OWN, "boxes", 0, "image", 150),
        "image 150: not among the 150 samples, numbered from 0; ask",
    ),
    "negative": (changed(OWN, "boxes", 0, "image", -1), "image -1: not among the 150 samples"),
    "beyond in coco": (
        changed(COCO, "images", 0, "file_name", "sample_0200.png"),
        "image 200: not among the 150 samples",
    ),
    "other target": (changed(OWN, "target", "bed"), "boxes around 'bed', not around 'window'; choose"),
    "no category": (
        changed(COCO, "categories", 1, "name", "Window"),
        "no category 'window'; the file's are 'bed', 'Window'",
    ),
    "no categories": (changed(COCO, "categories", []), "no category 'window'; the file's are none"),
    "unknown key": (changed(OWN, "taget", 3), "file: unknown key 'taget'; known are boxes, format"),
    "unknown box key": (changed(OWN, "boxes", 2, "label", "bed"), "boxes[2]: unknown key 'label'; known are"),
    "missing key": (changed(OWN, "boxes", 2, "image", ...), "boxes[2]: 'image' is missing; give box, image"),
    "missing bbox": (changed(COCO, "annotations", 3, "bbox", ...), "annotations[3]: 'bbox' is missing; give"),
    "three numbers": (
        changed(OWN, "boxes", 0, "box", [1, 2, 3]),
        "boxes[0].box: [1, 2, 3]; give four numbers",
    ),
    "text": (
        changed(OWN, "boxes", 0, "box", [1, 2, 3, "4"]),
        "boxes[0].box: [1, 2, 3, '4']; give four numbers",
    ),
    "nan": (changed(OWN, "boxes", 0, "box", [1, 2, 3, math.nan]), "boxes[0].box: [1, 2, 3, nan]; give four"),
    "half an image": (changed(OWN, "boxes", 0, "image", 1.5), "boxes[0].image: 1.5; give a whole number"),
    "true": (changed(OWN, "boxes", 0, "image", True), "boxes[0].image: True; give a whole number"),
    "stray image": (
        changed(COCO, "annotations", 0, "image_id", 99),
        "annotations[0]: of image_id 99, which is not in 'images'; add",
    ),
    "same id": (changed(COCO, "images", 0, "id", 4), "images: two of id 4; give each"),
    "same number": (
        changed(COCO, "images", 0, "file_name", "other_3.png"),
        "images: two of sample number (the last in file_name, else id) 3; give each",
    ),
    "list": ([OWN], "a JSON list, not an object; write"),
    "string": ('"boxes"', "a JSON string, not an object; write"),
    "not json": ("window 1 2 3 4", "not JSON (Expecting value: line 1 column 1 (char 0)); write"),
    "cut": (json.dumps(OWN)[:-5], "not JSON ("),
    "empty": ("", "not JSON ("),
    "binary": (b"\x89PNG\r\n\x1a\n\xff\xfe", "not JSON ("),
    "deep": ("[" * 200_000, "not JSON ("),
    "other json": ({"boxes": []}, "no 'annotations' as in COCO, nor a 'format' of 'dcgan_viz.boxes'; write"),
    "huge": (b" " * (MAX_BYTES + 1), "more than 50 MiB; keep"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_in_one_line(tmp_path, read, kind):
    content, message = BAD[kind]
    with pytest.raises(InputError) as caught:
        read(content)
    assert str(caught.value).startswith(f"{tmp_path / 'boxes.json'}: {message}")
    assert "\n" not in str(caught.value)


def test_missing_file_and_directory(tmp_path):
    with pytest.raises(InputError, match=r"none\.json: No such file or directory; give a JSON file of boxes"):
        read_boxes(tmp_path / "none.json", 64, 150, "window")
    with pytest.raises(InputError, match="Is a directory; give a JSON file of boxes"):
        read_boxes(tmp_path, 64, 150, "window")


def paths_of(content, path=()):
    yield path
    entries = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    for key, entry in entries:
        yield from paths_of(entry, (*path, key))


WRONG: list[Any] = [None, True, "x\ny", "", [], {}, [[]], -1, 0, 10**400, 1e308, math.inf, math.nan, 2.5, ...]


@pytest.mark.parametrize("content", [OWN, COCO], ids=["own", "coco"])
def test_any_wrong_value_anywhere_is_an_input_error_or_harmless(read, content):
    messages = []
    for path in paths_of(content):
        for value in WRONG if path else WRONG[:-1]:
            try:
                found = read(changed(content, *path, value) if path else value)
                assert all(0 <= image < 150 and max(box.edges) <= 64 for image, box in found)
            except InputError as error:
                messages.append(str(error))
    assert len(messages) > 150
    assert not any("\n" in message for message in messages)


def test_any_wrong_bytes_are_an_input_error_or_harmless(read):
    random = np.random.default_rng(0)
    good = json.dumps(COCO).encode()
    refused = 0
    for _ in range(300):
        bad = bytearray(good)
        bad[int(random.integers(len(bad)))] = int(random.integers(256))
        try:
            read(bytes(bad))
        except InputError:
            refused += 1
    assert refused > 100
