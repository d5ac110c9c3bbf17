import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from dcgan_viz.errors import InputError
from train import devices, run
from train.settings import Settings

IMAGES = torch.arange(2 * 3 * 28 * 28).reshape(2, 3, 28, 28).to(torch.uint8)
Make = Callable[..., Settings]


def test_a_run_begins_in_an_empty_or_absent_directory(tmp_path: Path, settings: Make) -> None:
    for out in (tmp_path / "a/b/run", tmp_path / "empty"):
        if out.name == "empty":
            out.mkdir()
            (out / ".lock").touch()  # of a trainer that ended before it began
        run.check_free(out)
        run.begin(out, settings())
        assert json.loads((out / "config.json").read_text()) == settings().to_json()
        assert run.saved_settings(out) == settings()


def test_a_filled_directory_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("dear")
    with pytest.raises(InputError, match=rf"{tmp_path}: not empty; .*--resume.*--force.*another --out"):
        run.check_free(tmp_path)
    with pytest.raises(InputError, match=r"thesis\.tex: a file, not a directory"):
        run.check_free(tmp_path / "thesis.tex", force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_force_replaces_a_run_and_nothing_else(tmp_path: Path, settings: Make) -> None:
    run.begin(tmp_path, settings(seed=1))
    (tmp_path / "snapshots/step_00000004").mkdir(parents=True)
    (tmp_path / "latest").symlink_to("snapshots/step_00000004")
    (tmp_path / "stats.jsonl").write_text("{}\n")
    (tmp_path / "notes.txt").write_text("dear")
    run.check_free(tmp_path, force=True)
    run.begin(tmp_path, settings(seed=2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "notes.txt"]
    assert run.saved_settings(tmp_path).seed == 2


@pytest.mark.parametrize("name", ["config.json", "snapshots", "best"])
def test_force_keeps_its_hands_off_what_is_no_run(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"compilerOptions": {}}')
    with pytest.raises(InputError, match="what is in it is no run"):
        run.check_free(tmp_path, force=True)
    assert (tmp_path / name).read_text() == '{"compilerOptions": {}}'


def test_a_run_that_came_to_nothing_leaves_nothing(tmp_path: Path, settings: Make) -> None:
    run.begin(tmp_path / "run", settings())
    run.discard(tmp_path / "run")
    assert not (tmp_path / "run").exists()
    (tmp_path / "notes.txt").touch()
    run.begin(tmp_path, settings())
    run.discard(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_resumed_run_keeps_its_settings(tmp_path: Path, settings: Make) -> None:
    run.begin(tmp_path, settings(seed=7))
    defaults = Settings().resolved()
    assert run.reopen(tmp_path, defaults, explicit=()) == settings(seed=7)
    assert run.reopen(tmp_path, settings(seed=7), explicit=("seed", "width", "data")) == settings(seed=7)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 8}, r"--seed 8: the run in .* has 5; leave --seed out"),
        ({"lr_g": 1e-3}, r"--lr-g 0\.001: the run in .* has 0\.0002"),
        ({"num_epochs": 3}, r"--num-epochs 3: the run in .* has 4; it can only be raised"),
    ],
)
def test_a_setting_that_contradicts_the_run_is_named(
    tmp_path: Path, settings: Make, changes: dict, words: str
) -> None:
    run.begin(tmp_path, settings())
    before = (tmp_path / "config.json").read_bytes()
    with pytest.raises(InputError, match=words):
        run.reopen(tmp_path, settings(**changes), explicit=changes)
    assert (tmp_path / "config.json").read_bytes() == before


def test_a_run_can_be_made_longer(tmp_path: Path, settings: Make) -> None:
    run.begin(tmp_path, settings())
    longer = settings(num_epochs=9)
    assert run.reopen(tmp_path, longer, explicit=("num_epochs",), save=False).num_epochs == 9
    assert run.saved_settings(tmp_path).num_epochs == 4
    run.note_origin(tmp_path, IMAGES, print)
    assert run.reopen(tmp_path, longer, explicit=("num_epochs",)) == longer
    assert run.saved_settings(tmp_path) == longer
    assert json.loads((tmp_path / "config.json").read_text())["data_set"]["n_images"] == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, r"no run \(config\.json is missing\)"),
        ("{torn", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"data": "rooms", "momentum": 1}', "unknown key 'momentum'"),
        ('{"batch_size": "many"}', "begin a new run in another --out"),
    ],
)
def test_a_directory_that_is_no_run_is_one_line(tmp_path: Path, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(InputError, match=words) as caught:
        run.saved_settings(tmp_path)
    assert "\n" not in str(caught.value)


def test_other_images_are_refused(tmp_path: Path, settings: Make) -> None:
    run.begin(tmp_path, settings())
    run.note_origin(tmp_path, IMAGES, pytest.fail)
    run.note_origin(tmp_path, IMAGES.clone(), pytest.fail)
    for other in (IMAGES[:1], IMAGES.flip(0), IMAGES + 1, IMAGES.reshape(2, 1, 28, 84)):
        with pytest.raises(InputError, match=f"{len(other)} now, 2 then"):
            run.note_origin(tmp_path, other, pytest.fail)


def test_another_machine_is_mentioned(
    tmp_path: Path, settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.begin(tmp_path, settings())
    run.note_origin(tmp_path, IMAGES, pytest.fail)
    recorded = json.loads((tmp_path / "config.json").read_text())["machine"]
    assert recorded == {
        "torch": torch.__version__,
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
    }
    monkeypatch.setattr(run, "machine", lambda: {**devices.machine(), "threads": 64})
    said: list[str] = []
    run.note_origin(tmp_path, IMAGES, said.append)
    assert len(said) == 1
    assert "threads 1 then, 64 now" in said[0]
    assert json.loads((tmp_path / "config.json").read_text())["machine"] == recorded
    assert run.saved_settings(tmp_path) == settings()


def test_a_run_from_before_machines_were_noted_goes_on(tmp_path: Path, settings: Make) -> None:
    run.begin(tmp_path, settings())
    run.note_origin(tmp_path, IMAGES, pytest.fail)
    config = json.loads((tmp_path / "config.json").read_text())
    del config["machine"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    run.note_origin(tmp_path, IMAGES, pytest.fail)
