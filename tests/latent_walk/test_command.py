"""The command: what it writes, and the one line that it says when it cannot."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from dcgan_viz.latent_walk.command import main, words_of
from dcgan_viz.latent_walk.interpolation import frames_between
from dcgan_viz.latent_walk.settings import WalkSettings
from dcgan_viz.models.loading import load

SMALL = ("--steps", 4, "--training-images", 40, "--held-out-images", 20)
FILES = {"arrays.npz", "figure.html", "figure.pdf", "figure.png", "figure.svg", "result.json"}


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main.main([str(argument) for argument in arguments])
    return stop.value.code


def record_in(out):
    return json.loads((out / "latent_walk" / "result.json").read_text())


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    out = tmp_path_factory.mktemp("rooms")
    assert (
        run("--waypoints", 3, "--animation", "gif", "--animation", "webp", *SMALL, "--out", out, "--quiet")
        == 0
    )
    return out


def test_writes_the_whole_result(rooms):
    assert {path.name for path in (rooms / "latent_walk").iterdir()} == FILES | {"walk.gif", "walk.webp"}
    record = record_in(rooms)
    assert record["analysis"] == "latent_walk"
    assert (record["n_waypoints"], record["n_steps"], record["interpolation"]) == (3, 4, "linear")
    assert {"mean", "max", "features"} <= set(record["step_distance"])
    assert record["nearest_training"]["n_training"] == 40
    assert record["objects"]["judge"]["name"] == "rooms"
    assert record["left_out"] == {}
    with Image.open(rooms / "latent_walk" / "walk.gif") as animation:
        assert (getattr(animation, "n_frames", 1), animation.size) == (9, (256, 256))


def test_arrays_are_the_walk(rooms):
    arrays = np.load(rooms / "latent_walk" / "arrays.npz")
    waypoints = load("rooms").sample_z(3, 0)
    assert np.array_equal(arrays["waypoints"], waypoints.numpy())
    assert np.array_equal(arrays["z"], frames_between(waypoints, WalkSettings(n_steps=4)).numpy())


def test_z_of_ones_own_in_an_order_of_ones_own(tiny_checkpoint, tmp_path):
    z = np.random.default_rng(0).uniform(-1, 1, (6, 8)).astype(np.float32)
    np.savez(tmp_path / "mine.npz", z=z)
    asked = ["--checkpoint", tiny_checkpoint, "--z", tmp_path / "mine.npz", "--indices", "5,0,3", "--loop"]
    assert (
        run(
            *asked,
            "--interpolation",
            "spherical",
            "--animation",
            "mp4",
            "--out",
            tmp_path,
            "--force",
            "--quiet",
        )
        == 0
    )
    arrays, record = np.load(tmp_path / "latent_walk" / "arrays.npz"), record_in(tmp_path)
    assert np.array_equal(arrays["waypoints"], z[[5, 0, 3]])
    assert np.array_equal(arrays["z"][::10], z[[5, 0, 3, 5]])
    assert (record["n_pairs"], record["loop"], record["interpolation"]) == (3, True, "spherical")
    assert set(record["left_out"]) == {"nearest_training"}
    assert record["objects"]["judge"]["reason"]
    assert (tmp_path / "latent_walk" / "walk.mp4").stat().st_size > 1000


def test_indices_alone_are_those_of_the_command_sample(tiny_checkpoint, tmp_path):
    asked = ["--checkpoint", tiny_checkpoint, "--indices", "7,2", "--seed", 3, "--out", tmp_path, "--quiet"]
    assert run(*asked) == 0
    arrays = np.load(tmp_path / "latent_walk" / "arrays.npz")
    expected = load(tiny_checkpoint).sample_z(8, 3)[[7, 2]]
    assert torch.equal(torch.from_numpy(arrays["waypoints"]), expected)


def test_the_summary_names_events_and_what_is_missing(rooms, tiny_checkpoint, tmp_path, capsys):
    assert run("--checkpoint", tiny_checkpoint, "--waypoints", 2, "--out", tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == record_in(tmp_path)["finding"]
    assert lines[1] == record_in(tmp_path)["prior"]["note"]
    assert "without nearest_training: no training images are known; give them with --images" in lines


def test_the_same_command_writes_the_same_bytes(rooms, tmp_path):
    assert run("--waypoints", 3, "--animation", "gif", *SMALL, "--out", tmp_path, "--quiet") == 0
    for name in ("walk.gif",):
        assert (tmp_path / "latent_walk" / name).read_bytes() == (rooms / "latent_walk" / name).read_bytes()
    first, again = record_in(rooms), record_in(tmp_path)
    for record in (first, again):
        del record["provenance"], record["files"]
    assert first == again


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--waypoints", "1"], 2, ["--waypoints"]),
        (["--steps", "0"], 2, ["--steps"]),
        (["--interpolation", "cubic"], 2, ["cubic", "spherical"]),
        (["--animation", "avi"], 2, ["avi", "mp4"]),
        (["--indices", "a,b"], 2, ["--indices", "0,3,7"]),
        (["--indices", "4"], 1, ["1 waypoint"]),
        (["--indices", "4,-1"], 1, ["index -1"]),
        (["--indices", "4,4"], 1, ["waypoints 0 and 1", "the same z"]),
        (["--z", "{tmp}/none.npz"], 1, ["none.npz", "no such file"]),
        (["--z", "{mine}", "--indices", "0,9"], 1, ["index 9", "z 0 to 5"]),
        (["--z", "{wide}"], 1, ["z of 9 numbers", "takes 8"]),
        (["--judge", "rooms"], 1, ["3x32x32", "3x64x64"]),
        (["--waypoints", "900", "--steps", "90"], 1, ["frames", "5000"]),
        (["--images", "{tmp}/nowhere"], 1, ["nowhere"]),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(arguments, code, says, tiny_checkpoint, tmp_path, capsys):
    z = np.random.default_rng(0).uniform(-1, 1, (6, 9)).astype(np.float32)
    np.savez(tmp_path / "mine.npz", z=z[:, :8])
    np.savez(tmp_path / "wide.npz", z=z)
    places = {"tmp": tmp_path, "mine": tmp_path / "mine.npz", "wide": tmp_path / "wide.npz"}
    given = [argument.format(**places) for argument in arguments]
    assert run("--checkpoint", tiny_checkpoint, *given, "--out", tmp_path / "out", "--quiet") == code
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1, captured.err
    assert captured.err.startswith("Error: ")
    assert all(word in captured.err for word in says), captured.err
    assert captured.out == ""
    assert not (tmp_path / "out").exists()


def test_a_generator_of_ones_own_without_a_discriminator(tmp_path):
    asked = ["--generator", "tests.models.strangers:Upsampling", "--prior", "normal:5", "--images", "rooms"]
    assert run(*asked, *SMALL, "--waypoints", 3, "--out", tmp_path, "--quiet") == 0
    record = record_in(tmp_path)
    assert set(record["left_out"]) == {"step_distance.features", "logit", "nearest_training"}
    assert record["step_distance"]["max"] > 0


@pytest.mark.parametrize(
    "settings",
    [
        WalkSettings(),
        WalkSettings("spherical"),
        WalkSettings("linear", 3, loop=True),
        WalkSettings(n_steps=1),
    ],
)
@pytest.mark.parametrize(
    ("n", "indices", "z_file"),
    [(9, [], ""), (2, [], ""), (9, [0, 7, 7], ""), (9, [], "z.npz"), (24, [], "-z.npz"), (9, [5], "a b.npz")],
)
def test_words_say_the_settings_that_they_are_of(settings, n, indices, z_file):
    """As the command itself parses them."""
    words = words_of(settings, n, indices=indices, z_file=z_file)
    parsed = main.make_context("latent-walk", words).params
    assert WalkSettings(parsed["interpolation"], parsed["steps"], parsed["loop"]) == settings
    assert (parsed["waypoints"], parsed["indices"] or []) == (n, indices)
    assert str(parsed["z_file"] or "") == z_file
