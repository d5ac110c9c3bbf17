import json
from pathlib import Path

from train import stats


def test_lines_are_added(tmp_path: Path) -> None:
    stats.append(tmp_path, {"step": 1, "loss_d": 0.5})
    stats.append(tmp_path, {"step": 2, "loss_d": 0.25})
    assert (
        tmp_path / "stats.jsonl"
    ).read_text() == '{"step": 1, "loss_d": 0.5}\n{"step": 2, "loss_d": 0.25}\n'


def test_what_the_run_will_come_by_again_is_dropped(tmp_path: Path) -> None:
    for step in range(1, 7):
        stats.append(tmp_path, {"step": step})
    stats.append(tmp_path, {"step": 4, "scores": {}})
    with (tmp_path / "stats.jsonl").open("a") as file:
        file.write('{"step": 3')  # torn by a crash
    stats.cut_back(tmp_path, 4)
    steps = [json.loads(line)["step"] for line in (tmp_path / "stats.jsonl").read_text().splitlines()]
    assert steps == [1, 2, 3, 4, 4]


def test_lines_that_are_none_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "stats.jsonl").write_bytes(
        b'{"step": 1}\n\xff\xfe\n[3]\n{"loss": 1}\n{"step": 2}\n{"step": 3}'
    )
    stats.cut_back(tmp_path, 9)
    assert (tmp_path / "stats.jsonl").read_bytes() == b'{"step": 1}\n{"step": 2}\n'


def test_a_run_without_a_diary_needs_none(tmp_path: Path) -> None:
    stats.cut_back(tmp_path, 0)
    assert not list(tmp_path.iterdir())
