"""Boxes from a file and into one: COCO JSON, as annotation tools export it, or this tool's own JSON.

The own format, its box as x0, y0, x1, y1 in pixels, end-exclusive, and its samples numbered from 0::

    {"format": "dcgan_viz.boxes", "image_size": 64, "target": "window",
     "boxes": [{"image": 3, "box": [8, 8, 24, 32]}]}

In COCO (https://cocodataset.org/#format-data) the target is a category, by its name. The number of a sample
is the last number in the ``file_name`` of its image, 3 for ``out/sample_0003.png``, because annotation tools
deal their own ids; where not every image of the file has such a number, it is the image's ``id``.
"""

import json
import os
import re
from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath
from typing import Any

from dcgan_viz.data.box import FORMAT, Box, Boxes, boxes_from_mask, boxes_to_mask
from dcgan_viz.errors import InputError

__all__ = ["Box", "Boxes", "boxes_bytes", "boxes_from_mask", "boxes_to_mask", "read_boxes", "write_boxes"]

MAX_BYTES = 50 * 2**20

_ROBOFLOW = re.compile(r"\.rf\.[0-9A-Za-z]+$")  # it makes 00007_png.rf.0af53e91c2.jpg of 00007.png
_ROUNDING = 0.05  # px: COCO rounds a box's corner and its size apart, so their sum may pass the border


def read_boxes(path: Path | str, image_size: int, n_images: int, target: str) -> Boxes:
    """Read the boxes around a target.

    Parameters
    ----------
    path : Path or str
        A JSON file in COCO's or this tool's own format.
    image_size : int
        Side of the samples in pixels; the file has to be made for it.
    n_images : int
        How many samples there are; boxes belong to those from 0 to ``n_images - 1``.
    target : str
        What the boxes are around: the category in a COCO file, the ``target`` of an own one.

    Returns
    -------
    Boxes
        At least one box, all of them inside their images.

    Raises
    ------
    InputError
        When the file cannot be read as such, holds no box around the target, or boxes that do not fit.
    """
    content = _read_json(Path(path))
    try:
        if content.get("format") == FORMAT:
            found = _from_own(content, image_size, target)
        elif "annotations" in content:
            found = _from_coco(content, image_size, target)
        else:
            raise InputError(
                f"no 'annotations' as in COCO, nor a 'format' of '{FORMAT}'; write boxes in one of the two"
            )
        by_image: dict[int, tuple[Box, ...]] = defaultdict(tuple)
        for image, box in found:
            if not 0 <= image < n_images:
                raise InputError(
                    f"image {image}: not among the {n_images} samples, numbered from 0; "
                    "ask for more samples or take out its boxes"
                )
            by_image[image] += (box,)
        return Boxes(target, image_size, by_image)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def boxes_bytes(boxes: Boxes, *, coco: bool = False) -> bytes:
    """The content of the file that `write_boxes` writes.

    Parameters
    ----------
    boxes : Boxes
    coco : bool
        Whether in COCO's format rather than this tool's own.
    """
    return (json.dumps(boxes.to_coco() if coco else boxes.to_json(), indent=1) + "\n").encode()


def write_boxes(path: Path | str, boxes: Boxes, *, coco: bool = False) -> None:
    """Write boxes as JSON, the whole file or none.

    Parameters
    ----------
    path : Path or str
        Overwritten where it exists.
    boxes : Boxes
        What to write.
    coco : bool
        Whether in COCO's format rather than this tool's own.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(boxes_bytes(boxes, coco=coco))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a JSON file of boxes") from error
    if len(raw) > MAX_BYTES:
        raise InputError(f"{path}: more than {MAX_BYTES >> 20} MiB; keep the boxes of the samples only")
    try:
        content = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({error}); write boxes as COCO or as {FORMAT}") from error
    if not isinstance(content, dict):
        raise InputError(
            f"{path}: a JSON {_kind(content)}, not an object; write boxes as COCO or as {FORMAT}"
        )
    return content


def _from_own(content: dict[str, Any], image_size: int, target: str) -> list[tuple[int, Box]]:
    _check_keys(content, {"format", "image_size", "target", "boxes"}, "file")
    if content["target"] != target:
        raise InputError(
            f"boxes around {_shown(content['target'])}, not around '{target}'; choose that target"
        )
    _check_size(_whole(content["image_size"], "image_size"), image_size, "file")
    found = []
    for number, entry in enumerate(_list(content["boxes"], "boxes")):
        _check_keys(entry, {"image", "box"}, f"boxes[{number}]")
        image = _whole(entry["image"], f"boxes[{number}].image")
        found.append((image, Box(*_four(entry["box"], f"boxes[{number}].box"))))
    return found


def _from_coco(content: dict[str, Any], image_size: int, target: str) -> list[tuple[int, Box]]:
    names = {}
    for number, category in enumerate(_list(content.get("categories"), "categories")):
        _require_keys(category, {"id", "name"}, f"categories[{number}]")
        names[_whole(category["id"], f"categories[{number}].id")] = category["name"]
    if target not in names.values():
        there = ", ".join(_shown(name) for name in list(names.values())[:20]) or "none"
        raise InputError(f"no category '{target}'; the file's are {there}")
    images = _coco_images(content)
    found = []
    for number, entry in enumerate(_list(content["annotations"], "annotations")):
        where = f"annotations[{number}]"
        _require_keys(entry, {"image_id", "category_id", "bbox"}, where)
        if names.get(_whole(entry["category_id"], f"{where}.category_id")) != target:
            continue
        image_id = _whole(entry["image_id"], f"{where}.image_id")
        if image_id not in images:
            raise InputError(f"{where}: of image_id {image_id}, which is not in 'images'; add the image")
        image, sides = images[image_id]
        for side in sides:
            _check_size(side, image_size, f"image {image}")
        x, y, width, height = _four(entry["bbox"], f"{where}.bbox")
        edges = (x, y, x + width, y + height)
        found.append((image, Box(*(_on_border(edge, image_size) for edge in edges))))
    return found


def _coco_images(content: dict[str, Any]) -> dict[int, tuple[int, tuple[int, ...]]]:
    """Sample number, and width and height where given, by image id."""
    entries = _list(content.get("images"), "images")
    ids, numbers, sides = [], [], []
    for number, entry in enumerate(entries):
        _require_keys(entry, {"id"}, f"images[{number}]")
        ids.append(_whole(entry["id"], f"images[{number}].id"))
        numbers.append(_number_in(entry.get("file_name")))
        given = [key for key in ("width", "height") if key in entry]
        sides.append(tuple(_whole(entry[key], f"images[{number}].{key}") for key in given))
    known = [number for number in numbers if number is not None]
    samples = known if len(known) == len(ids) else ids
    for what, values in (("id", ids), ("sample number (the last in file_name, else id)", samples)):
        twice = [value for value, times in Counter(values).items() if times > 1]
        if twice:
            raise InputError(f"images: two of {what} {twice[0]}; give each image its own")
    return {image_id: (sample, side) for image_id, sample, side in zip(ids, samples, sides, strict=True)}


def _number_in(file_name: Any) -> int | None:
    """The last number in the name of a file, without its folder and suffix."""
    if not isinstance(file_name, str):
        return None
    stem = _ROBOFLOW.sub("", PurePosixPath(file_name.replace("\\", "/")).stem)
    digits = re.search(r"(?<![0-9])([0-9]{1,18})[^0-9]*$", stem)
    return int(digits[1]) if digits else None


def _on_border(edge: float, image_size: int) -> float:
    inside = min(max(edge, 0.0), float(image_size))
    return inside if abs(edge - inside) <= _ROUNDING else edge


def _check_size(found: int, image_size: int, what: str) -> None:
    if found != image_size:
        raise InputError(
            f"{what}: made for images of {found} px, the samples have {image_size}x{image_size} px; "
            "draw the boxes on samples of this checkpoint"
        )


def _check_keys(entry: Any, keys: set[str], where: str) -> None:
    _require_keys(entry, keys, where)
    unknown = sorted(set(entry) - keys)
    if unknown:
        raise InputError(f"{where}: unknown key {_shown(unknown[0])}; known are {', '.join(sorted(keys))}")


def _require_keys(entry: Any, keys: set[str], where: str) -> None:
    if not isinstance(entry, dict):
        raise InputError(f"{where}: a JSON {_kind(entry)}; give an object with {', '.join(sorted(keys))}")
    missing = sorted(keys - set(entry))
    if missing:
        raise InputError(f"{where}: '{missing[0]}' is missing; give {', '.join(sorted(keys))}")


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{where}: {'missing' if value is None else f'a JSON {_kind(value)}'}; give a list")
    return value


def _whole(value: Any, where: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"{where}: {_shown(value)}; give a whole number")
    return value


def _four(value: Any, where: str) -> tuple[float, float, float, float]:
    numbers = isinstance(value, list) and all(
        isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < 1e9
        for number in value
    )
    if not numbers or len(value) != 4:
        raise InputError(f"{where}: {_shown(value)}; give four numbers, in pixels")
    return value[0], value[1], value[2], value[3]


def _shown(value: Any) -> str:
    """A value from a file on one line, not too long."""
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _kind(value: Any) -> str:
    names = {dict: "object", list: "list", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")
