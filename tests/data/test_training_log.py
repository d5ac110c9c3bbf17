"""The diary of a run: read strictly, and found from wherever in the run one stands."""

import json

import pytest

from dcgan_viz.data.training_log import LogLine, read_training_log, run_directory
from dcgan_viz.errors import InputError


def test_a_run_is_found_from_the_run_a_snapshot_or_its_file(tmp_path):
    snapshot = tmp_path / "run" / "snapshots" / "step_00000010"
    snapshot.mkdir(parents=True)
    weights = snapshot / "weights.safetensors"
    weights.touch()
    assert run_directory(snapshot) is None
    (tmp_path / "run" / "stats.jsonl").touch()
    (tmp_path / "run" / "best").symlink_to(snapshot)
    for checkpoint in (tmp_path / "run", snapshot, weights, tmp_path / "run" / "best"):
        assert run_directory(checkpoint) == tmp_path / "run"
    assert run_directory(tmp_path) is None
    assert run_directory(tmp_path / "rooms") is None


LINES = [
    {"step": 5, "images_seen": 80, "epoch": 0.1, "loss_d": 1.5, "loss_g": 1},
    {"step": 5, "images_seen": 80, "scores": {"frechet": 0.25}},
    {"step": 10, "images_seen": 160, "epoch": 0.2, "loss_d": 1.25},
]


def diary(directory, text):
    (directory / "stats.jsonl").write_text(text)
    return directory


def test_lines_are_read_as_they_were_written(tmp_path):
    text = "".join(json.dumps(line) + "\n" for line in LINES)
    assert read_training_log(diary(tmp_path, text)) == (
        LogLine(5, 80, {"epoch": 0.1, "loss_d": 1.5, "loss_g": 1.0}),
        LogLine(5, 80, scores={"frechet": 0.25}),
        LogLine(10, 160, {"epoch": 0.2, "loss_d": 1.25}),
    )


@pytest.mark.parametrize("torn", ['{"step": 15, "ima', "{}", json.dumps(LINES[0])])
def test_a_last_line_that_is_being_written_is_left_out(tmp_path, torn):
    text = "".join(json.dumps(line) + "\n" for line in LINES)
    assert len(read_training_log(diary(tmp_path, text + torn))) == 3


def test_an_empty_diary_has_no_lines(tmp_path):
    assert read_training_log(diary(tmp_path, "")) == ()
    assert read_training_log(diary(tmp_path, '{"step"')) == ()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2 is not JSON"),
        ("", "line 2 is not JSON"),
        ("[1]", "line 2 is no JSON object"),
        ('{"images_seen": 3}', "line 2 has no step"),
        ('{"step": true, "images_seen": 3}', "line 2 has no step"),
        ('{"step": 6, "images_seen": -3}', "line 2 has no images_seen"),
        ('{"step": 6, "images_seen": 3, "loss_d": "low"}', "line 2 has loss_d 'low'"),
        ('{"step": 6, "images_seen": 3, "loss_d": NaN}', "line 2 has loss_d nan"),
        ('{"step": 6, "images_seen": 3, "scores": [1]}', "line 2 has scores"),
        ('{"step": 6, "images_seen": 3, "scores": {"frechet": null}}', "line 2 has frechet None"),
        ('{"step": 4, "images_seen": 3}', "step 4 after step 5"),
        (
            '{"step": 6, "images_seen": 3, "loss_d": 1' + "0" * 400 + "}",
            r"line 2 has loss_d 10+\.\.\., which",
        ),
        ('{"step": 1' + "0" * 400 + ', "images_seen": 3}', "line 2 has no step"),
    ],
)
def test_a_line_that_the_trainer_did_not_write_is_named(tmp_path, line, says):
    run = diary(tmp_path, f"{json.dumps(LINES[0])}\n{line}\n")
    with pytest.raises(InputError, match=says) as refusal:
        read_training_log(run)
    assert "stats.jsonl" in str(refusal.value)


def test_what_is_no_run_has_no_diary(tmp_path):
    with pytest.raises(InputError, match=r"stats\.jsonl: cannot be read"):
        read_training_log(tmp_path)
