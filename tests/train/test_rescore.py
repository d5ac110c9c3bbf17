import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from dcgan_viz.data.distances import sliced_wasserstein
from dcgan_viz.errors import InputError
from dcgan_viz.models.loading import load
from train import lock, run, snapshots
from train.data import load_data
from train.evaluation import Score
from train.loop import train
from train.rescore import main, rescore
from train.settings import Settings

pytestmark = pytest.mark.usefixtures("cheap_evaluation")


@pytest.fixture
def trained(tmp_path: Path, settings: Callable[..., Settings]) -> Path:
    """A run with snapshots at 4, 8 and 12 steps."""
    out, chosen = tmp_path / "run", settings()
    run.begin(out, chosen)
    train(chosen, out, load_data(chosen, quiet=True), quiet=True)
    return out


def test_the_same_score_comes_out_as_in_training(trained: Path) -> None:
    noted = [snapshots.scores_of(path) for path in snapshots.newest_first(trained)[::-1]]
    weights = {path: path.read_bytes() for path in trained.rglob("weights.safetensors")}
    best = (trained / "best").readlink()
    rows = rescore(trained, quiet=True)
    assert [row.images_seen for row in rows] == [64, 128, 192]
    for row, scores in zip(rows, noted, strict=True):
        # Training scores in its own memory layout: the last bits differ.
        assert row.scores == pytest.approx(scores, rel=1e-3)
    assert (trained / "best").readlink() == best
    assert all(path.read_bytes() == content for path, content in weights.items())
    assert all(
        snapshots.damage(path, but_for="resume.pt") is None for path in snapshots.newest_first(trained)
    )


def test_best_follows_a_score_that_was_not_there_before(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Upside(Score):
        @property
        def name(self) -> str:
            return "upside_down"

        def __call__(self, images: object) -> float:
            return -super().__call__(images)  # type: ignore[arg-type]

    settings = run.saved_settings(trained)
    images = load_data(settings, quiet=True).images[:20]
    monkeypatch.setattr("train.rescore.choose_score", lambda *_: Upside(images, None))
    found = snapshots.newest_first(trained)[::-1]
    values = []
    for snapshot in found:
        gan = load(snapshot)
        generated = gan.generate(gan.sample_z(20, settings.derived_seed("score")))
        values.append(-sliced_wasserstein(generated, images.float() / 127.5 - 1))
    rows = rescore(trained, quiet=True)
    assert [row.scores["upside_down"] for row in rows] == pytest.approx(values)
    assert [list(row.scores) for row in rows] == [["upside_down", "sliced_wasserstein"]] * 3
    winner = found[values.index(min(values))]
    assert [row.snapshot for row in rows if row.best] == [winner.name]
    assert (trained / "best").resolve() == winner


def test_a_torn_snapshot_is_named_and_passed_over(trained: Path) -> None:
    best = (trained / "best").resolve()
    (best / "weights.safetensors").write_bytes(b"torn")
    rows = rescore(trained, quiet=True)
    problems = {row.snapshot: row.problem for row in rows}
    assert problems.pop(best.name) == f"{best.name}/weights.safetensors is torn"
    assert set(problems.values()) == {""}
    assert (trained / "best").resolve() != best


def test_the_command_prints_a_table_or_json(trained: Path) -> None:
    result = CliRunner().invoke(main, [str(trained), "--quiet"])
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["snapshot", "images_seen", "sliced_wasserstein"]
    assert [line[:2] for line in lines[1:]] == [
        ["step_00000004", "64"],
        ["step_00000008", "128"],
        ["step_00000012", "192"],
    ]
    assert [line[0] for line in lines if line[-1] == "best"] == [(trained / "best").resolve().name]
    record = json.loads(CliRunner().invoke(main, [str(trained), "--json", "--quiet"]).stdout)
    for line, row in zip(lines[1:], record["snapshots"], strict=True):
        assert float(line[2]) == pytest.approx(row["scores"]["sliced_wasserstein"], abs=6e-4)


def test_what_cannot_be_scored_is_one_line(tmp_path: Path, settings: Callable[..., Settings]) -> None:
    with pytest.raises(InputError, match=r"config\.json is missing"):
        rescore(tmp_path)
    run.begin(tmp_path, settings())
    with pytest.raises(InputError, match="no snapshot to score"):
        rescore(tmp_path)
    with snapshots.new_snapshot(tmp_path, 1, {}), lock.held(tmp_path):
        pass
    with lock.held(tmp_path), pytest.raises(InputError, match="another process"):
        rescore(tmp_path)
