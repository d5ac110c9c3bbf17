import json
from pathlib import Path

import numpy as np
import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.output import dump_json, output_directory, strict_json, write_result


def names(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*")}


def write(out: Path, text: str, *, force: bool = False) -> None:
    with output_directory(out, "look", force=force) as directory:
        (directory / f"{text}.txt").write_text(text)
        write_result(directory, "look", {"text": text}, {})


def test_a_result_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    with output_directory(out, "look") as directory:
        (directory / "figure.png").write_text("half")
        assert not (out / "look").exists()
        write_result(directory, "look", {"n": 3}, {"seed": 0})
    assert names(out) == {"look", "look/figure.png", "look/result.json"}
    assert json.loads((out / "look" / "result.json").read_text()) == {
        "analysis": "look",
        "n": 3,
        "provenance": {"seed": 0},
        "files": ["figure.png", "result.json"],
    }


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, InputError])
def test_a_failure_leaves_nothing_behind(tmp_path: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with output_directory(tmp_path / "a" / "b", "look") as directory:
            (directory / "figure.png").write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert names(tmp_path) == set()


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    write(tmp_path, "first")
    before = names(tmp_path)

    def fail() -> None:
        with output_directory(tmp_path, "look", force=True) as directory:
            (directory / "second.txt").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names(tmp_path) == before
    assert (tmp_path / "look" / "first.txt").read_text() == "first"


def test_a_result_is_replaced_only_by_force(tmp_path: Path) -> None:
    write(tmp_path, "first")
    with pytest.raises(InputError, match=r"look: already holds a result; .*--force"):
        write(tmp_path, "second")
    assert names(tmp_path / "look") == {"first.txt", "result.json"}
    write(tmp_path, "second", force=True)
    assert names(tmp_path) == {"look", "look/second.txt", "look/result.json"}


def test_a_result_that_cannot_be_put_in_place_gives_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "first")
    rename = Path.rename

    def fail_for_partial(path: Path, target: Path) -> Path:
        if path.suffix == ".partial":
            raise OSError("no")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_for_partial)
    with pytest.raises(OSError, match="no"):
        write(tmp_path, "second", force=True)
    assert names(tmp_path) == {"look", "look/first.txt", "look/result.json"}


def test_force_never_removes_a_file_of_others(tmp_path: Path) -> None:
    write(tmp_path, "first")
    (tmp_path / "look" / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match=r"holds thesis\.tex"):
        write(tmp_path, "second", force=True)
    assert names(tmp_path / "look") == {"first.txt", "result.json", "thesis.tex"}


@pytest.mark.parametrize(
    "record", ["{", "[]", '{"analysis": "other", "files": ["result.json"]}', '{"analysis": "look"}']
)
def test_force_does_not_take_a_foreign_result_for_its_own(tmp_path: Path, record: str) -> None:
    (tmp_path / "look").mkdir()
    (tmp_path / "look" / "result.json").write_text(record)
    with pytest.raises(InputError, match=r"holds result\.json"):
        write(tmp_path, "first", force=True)


def test_an_empty_destination_is_used(tmp_path: Path) -> None:
    (tmp_path / "look").mkdir()
    write(tmp_path, "first")
    assert names(tmp_path / "look") == {"first.txt", "result.json"}


def test_results_share_a_directory_but_not_with_files_of_others(tmp_path: Path) -> None:
    (tmp_path / "other_analysis").mkdir()
    (tmp_path / ".hidden").write_text("")
    write(tmp_path, "first")
    (tmp_path / "look").rename(tmp_path / "elsewhere")
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match=r"already filled \(it holds thesis\.tex\)"):
        write(tmp_path, "second")
    write(tmp_path, "second", force=True)
    assert (tmp_path / "thesis.tex").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match=r"file.*: cannot be written \(.*\); give another directory"):
            write(out, "first")
    assert names(tmp_path) == {"file"}


def test_json_is_strict() -> None:
    class Box:
        def to_json(self) -> dict[str, object]:
            return {"x0": np.int64(3)}

    value = {
        "ratio": float("nan"),
        "interval": (float("-inf"), np.float32(0.5)),
        "shape": torch.Size([3, 64]),
        "weights": torch.tensor([1.0, float("nan")]),
        "flag": np.bool_(True),
        "path": Path("a/b"),
        "boxes": [Box()],
        7: None,
    }
    expected = {
        "ratio": None,
        "interval": [None, 0.5],
        "shape": [3, 64],
        "weights": [1.0, None],
        "flag": True,
        "path": "a/b",
        "boxes": [{"x0": 3}],
        "7": None,
    }
    assert strict_json(value) == expected
    assert "\n" not in dump_json(value)
    assert json.loads(dump_json(value)) == expected


def test_json_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(TypeError, match="set"):
        strict_json({1, 2})
