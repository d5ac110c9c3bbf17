"""The command: a whole report or none, and one line where it cannot."""

import json
import shutil

import pytest
import torch

from dcgan_viz.figure_set.command import main
from dcgan_viz.figure_set.parts.samples import Samples
from tests.figure_set.fakes import Broken, Square


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main.main([str(argument) for argument in arguments])
    return stop.value.code


@pytest.fixture(scope="module")
def made(tiny_checkpoint, tmp_path_factory):
    out = tmp_path_factory.mktemp("made")
    assert (
        run("--checkpoint", tiny_checkpoint, "--only", "samples", "--seed", 4, "--out", out, "--quiet") == 0
    )
    return out / "figure_set"


def test_the_report_is_made_and_verified(made, capsys):
    names = {path.name for path in made.iterdir()}
    assert names == {"index.html", "manifest.json", "plotly.min.js", "report.pdf", "result.json", "samples"}
    for directory in (made, made.parent):
        assert run("--verify", directory) == 0
        assert "all equal, exactly" in capsys.readouterr().out
    before = sorted(made.parent.rglob("*"))
    assert run("--verify", made, "--json", "--quiet") == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []
    assert sorted(made.parent.rglob("*")) == before


def test_a_changed_byte_ends_with_1_and_its_name(made, tmp_path, capsys):
    figure = made / "samples" / "figure.svg"
    content = figure.read_bytes()
    try:
        figure.write_bytes(content.replace(b"<svg", b"<svG", 1))
        assert run("--verify", made, "--quiet") == 1
    finally:
        figure.write_bytes(content)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"Error: {made}: not what its manifest says: samples/figure.svg: changed")
    assert captured.err.count("\n") == 1


def test_a_report_is_verified_against_another_checkpoint(made, capsys):
    assert run("--verify", made, "--checkpoint", "rooms", "--quiet") == 1
    assert "rooms.safetensors: another one" in capsys.readouterr().err


def test_a_manifest_cannot_have_code_run(made, tmp_path, capsys, monkeypatch):
    (tmp_path / "trap.py").write_text("open('sprung', 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    entries = json.loads((made / "manifest.json").read_text())
    entries["models"][0]["generator"] = "trap:Generator"
    (tmp_path / "manifest.json").write_text(json.dumps(entries))
    assert run("--verify", tmp_path) == 1
    assert "trap:Generator, whose code would be run" in capsys.readouterr().err
    assert not (tmp_path / "sprung").exists()


def test_a_report_is_replaced_only_by_force(made, tiny_checkpoint, capsys):
    asked = ("--checkpoint", tiny_checkpoint, "--only", "samples", "--out", made.parent, "--quiet")
    assert run(*asked) == 1
    assert "--force" in capsys.readouterr().err
    assert run(*asked, "--seed", 4, "--force") == 0


def test_a_failed_part_ends_with_1_and_the_rest_is_there(tiny_checkpoint, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("dcgan_viz.figure_set.report.chosen", lambda only: (Samples(), Broken()))
    assert run("--checkpoint", tiny_checkpoint, "--out", tmp_path, "--quiet") == 1
    error = capsys.readouterr().err
    assert error.startswith(
        "Error: 1 of 2 parts failed (broken: ZeroDivisionError: by nothing); the rest is in"
    )
    assert (tmp_path / "figure_set" / "samples" / "figure.png").is_file()
    assert not (tmp_path / "figure_set" / "broken").exists()


def test_several_checkpoints_and_seeds(tiny_checkpoint, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("dcgan_viz.figure_set.report.chosen", lambda only: (Square(),))
    asked = ("--checkpoint", tiny_checkpoint, "--checkpoint", tiny_checkpoint, "--seeds", "2,3")
    assert run(*asked, "--out", tmp_path, "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert [entry["label"] for entry in record["checkpoints"]] == ["tiny (1)", "tiny (2)"]
    assert [part["name"] for part in record["parts"]] == ["side_by_side", "square", "square", "seeds"]
    assert run("--verify", tmp_path) == 0


def test_a_part_that_lacks_something_is_told(tiny_checkpoint, tmp_path, capsys):
    only = "samples,removal"
    assert run("--checkpoint", tiny_checkpoint, "--only", only, "--out", tmp_path) == 0
    assert "removal: left out, needs the judge of rooms" in capsys.readouterr().out


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_a_network_alone_has_the_figures_that_need_no_other(network, tiny_gan, tmp_path, capsys):
    path = tmp_path / f"{network}.pth"
    torch.save(getattr(tiny_gan, network).state_dict(), path)
    asked = ("--checkpoint", path, "--only", "samples,walk_audit", "--out", tmp_path / "out", "--json")
    if network == "generator":
        assert run(*asked) == 0
        parts = json.loads(capsys.readouterr().out)["parts"]
        assert [part["status"] for part in parts] == ["drawn", "drawn"]
        assert parts[1]["numbers"]["left_out"]["logit"] == "there is no discriminator"
    else:
        assert run(*asked, "--quiet") == 1
        reason = f"Error: not one figure could be drawn: needs a generator: {path} holds none\n"
        assert capsys.readouterr().err == reason
        assert not (tmp_path / "out").exists()


def test_a_run_has_its_curves_and_snapshots(tiny_checkpoint, tmp_path):
    run_of_two = tmp_path / "run"
    lines: list[dict[str, object]] = [
        {"step": 5, "images_seen": 80, "epoch": 0.5, "loss_d": 1.5, "loss_g": 1.0}
    ]
    for step in (5, 10):
        snapshot = run_of_two / "snapshots" / f"step_{step:08d}"
        snapshot.mkdir(parents=True)
        shutil.copy(tiny_checkpoint, snapshot / "weights.safetensors")
        lines.append({"step": step, "images_seen": 16 * step, "scores": {"frechet": 1 / step}})
    (run_of_two / "latest").symlink_to(snapshot)
    (run_of_two / "stats.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    asked = ("--checkpoint", run_of_two, "--only", "training,snapshots", "--out", tmp_path / "out", "--quiet")
    assert run(*asked) == 0
    training, snapshots = (
        json.loads((tmp_path / "out/figure_set" / name / "result.json").read_text())
        for name in ("training", "snapshots")
    )
    assert training["scores"]["frechet"]["best"]["value"] == 0.1
    assert [one["step"] for one in snapshots["snapshots"]] == [5, 10]
    assert snapshots["snapshots"][1]["change"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--only", "sofas"), 1, ["sofas", "samples", "removal"]),
        (("--only", "samples,samples"), 1, ["samples", "twice"]),
        (("--seeds", "1,a"), 2, ["1,a", "0,1,2"]),
        (("--seeds", "1,1"), 1, ["seeds 1", "twice"]),
        (("--seeds", "4294967296"), 1, ["4294967296"]),
        (("--seeds", "1,2", "--seed", "3"), 2, ["--seed", "--seeds"]),
        (("--checkpoint", "nowhere"), 1, ["nowhere", "rooms"]),
        (("--checkpoint", "rooms", "--checkpoint", "nowhere"), 1, ["nowhere"]),
        (("--verify", "nowhere"), 1, ["nowhere", "manifest.json"]),
    ],
)
def test_bad_input_is_one_line(arguments, code, says, tmp_path, capsys):
    assert run(*arguments, "--out", tmp_path / "out", "--quiet") == code
    captured = capsys.readouterr()
    error = [line for line in captured.err.splitlines() if line.strip()]
    assert len(error) == 1, captured.err
    assert all(word in error[0] for word in says), error[0]
    assert captured.out == ""
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_nothing(tiny_checkpoint, tmp_path, monkeypatch, capsys):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Samples, "run", stop)
    assert (
        run("--checkpoint", tiny_checkpoint, "--only", "samples", "--out", tmp_path / "out", "--quiet") == 130
    )
    assert list(tmp_path.iterdir()) == []
