"""The command: what it writes, and the one line that it says when it cannot."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from dcgan_viz.data.datasets import load_images, to_float
from dcgan_viz.memorization.command import main
from dcgan_viz.models.loading import load
from tests.data.makers import noise

COUNTS = ("--samples", 24, "--training-images", 40, "--held-out-images", 20)


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main.main([str(argument) for argument in arguments])
    return stop.value.code


def folder(path, count, seed=0):
    path.mkdir()
    for k, pixels in enumerate(noise(count, 32, 32, 3, seed=seed)):
        Image.fromarray(pixels).save(path / f"{k:03d}.png")
    return path


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    out = tmp_path_factory.mktemp("rooms")
    assert run(*COUNTS, "--out", out, "--quiet") == 0
    return out / "memorization"


def test_the_embedded_checkpoint_is_compared_with_rooms(rooms):
    names = {path.name for path in rooms.iterdir()}
    assert names == {
        "arrays.npz", "figure.html", "figure.pdf", "figure.png", "figure.svg", "result.json",
    }  # fmt: skip
    record = json.loads((rooms / "result.json").read_text())
    assert record["analysis"] == "memorization"
    assert {"samples", "held_out", "n_duplicates", "verdict", "two_sample"} <= set(record)
    assert (record["samples"]["n_images"], record["held_out"]["n_images"]) == (24, 20)
    assert record["real_images"]["training_source"] == "the first 40 rooms of the training split"
    assert record["real_images"]["n_training"] == 40
    assert record["left_out"] == ""
    assert {"command", "seed", "checkpoint", "packages", "duration_s"} <= set(record["provenance"])


def test_arrays_hold_the_distances_of_the_samples(rooms):
    arrays = np.load(rooms / "arrays.npz")
    images = load("rooms").generate(torch.from_numpy(arrays["z"]))
    training = to_float(load_images("rooms", 64, 40).images)
    difference = (images[:, None] - training[None]).double().square().mean(dim=(2, 3, 4)).sqrt()
    np.testing.assert_allclose(arrays["samples_pixels_distance"], difference.min(1).values, rtol=1e-5)
    assert arrays["samples_pixels_nearest"].tolist() == difference.argmin(1).tolist()
    assert arrays["duplicate_pairs"].shape == (0, 2)
    record = json.loads((rooms / "result.json").read_text())
    for side in ("samples", "held_out"):
        for space in ("pixels", "features"):
            distance = arrays[f"{side}_{space}_distance"]
            assert record[side][space]["median"] == pytest.approx(np.median(distance))
            for one in record[side]["shown"]:
                assert one["distance"][space] == pytest.approx(distance[one["image"]])


def test_the_same_command_writes_the_same_numbers(rooms, tmp_path):
    assert run(*COUNTS, "--out", tmp_path, "--quiet") == 0
    first, again = (
        json.loads((path / "result.json").read_text()) for path in (rooms, tmp_path / "memorization")
    )
    for record in (first, again):
        del record["provenance"]
    assert first == again
    for name in ("figure.png", "arrays.npz"):
        assert (tmp_path / "memorization" / name).read_bytes() == (rooms / name).read_bytes()


def test_a_folder_is_split_and_that_is_said(tiny_checkpoint, tmp_path, capsys):
    data = folder(tmp_path / "photos", 100)
    asked = [
        "--checkpoint",
        tiny_checkpoint,
        "--images",
        data,
        "--samples",
        20,
        "--out",
        tmp_path / "out",
        "--json",
    ]
    assert run(*asked) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["real_images"]["n_training"], record["real_images"]["n_held_out"]) == (80, 20)
    assert record["real_images"]["is_split"]
    assert "split off by seed" in record["real_images"]["held_out_source"]


def test_two_folders(tiny_checkpoint, tmp_path):
    asked = [
        "--checkpoint", tiny_checkpoint, "--images", f"folder:{folder(tmp_path / 'one', 30)}",
        "--held-out", folder(tmp_path / "two", 25, seed=1), "--samples", 20,
    ]  # fmt: skip
    assert run(*asked, "--out", tmp_path / "out", "--quiet") == 0
    record = json.loads((tmp_path / "out" / "memorization" / "result.json").read_text())
    assert (record["real_images"]["n_training"], record["real_images"]["n_held_out"]) == (30, 25)
    assert not record["real_images"]["is_split"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--checkpoint", "{tiny}"], 1, ["tiny.safetensors", "--images"]),
        (["--checkpoint", "{tiny}", "--images", "{tmp}/nowhere"], 1, ["nowhere", "no such data set"]),
        (["--checkpoint", "{tiny}", "--images", "{few}"], 1, ["held-out images", "at least 20"]),
        (
            ["--checkpoint", "{tiny}", "--images", "{few}", "--training-images", "50"],
            1,
            ["few", "to keep some"],
        ),
        (["--checkpoint", "{tiny}", "--held-out", "{few}"], 1, ["--held-out", "--images"]),
        (["--held-out", "{few}", "--held-out-images", "60"], 1, ["60 images asked for"]),
        (["--samples", "3"], 2, ["--samples", "3"]),
        (["--training-images", "3"], 2, ["--training-images"]),
        (["--images", "lsun"], 1, ["lsun", "rooms", "folder:DIR"]),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(arguments, code, says, tiny_checkpoint, tmp_path, capsys):
    places = {"tiny": tiny_checkpoint, "tmp": tmp_path, "few": folder(tmp_path / "few", 50)}
    given = [argument.format(**places) for argument in arguments]
    assert run(*given, "--out", tmp_path / "out", "--quiet") == code
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1, captured.err
    assert captured.err.startswith("Error: ")
    assert all(word in captured.err for word in says), captured.err
    assert captured.out == ""
    assert not (tmp_path / "out").exists()


def test_a_checkpoint_without_a_generator(tmp_path, capsys):
    asked = ["--discriminator", "tests.remove_objects.planted:Sorter"]
    asked += [
        "--discriminator-args",
        '{"size": 32, "channels": 3}',
        "--images",
        "rooms",
        "--out",
        tmp_path / "out",
    ]
    assert run(*asked) == 1
    assert "no generator, which memorization needs" in capsys.readouterr().err


def test_a_generator_alone_is_compared_in_pixels(tmp_path):
    asked = ["--generator", "tests.models.strangers:Upsampling", "--prior", "normal:5", "--images", "rooms"]
    assert run(*asked, *COUNTS, "--out", tmp_path, "--quiet") == 0
    record = json.loads((tmp_path / "memorization" / "result.json").read_text())
    assert record["spaces"] == ["pixels"]
    assert record["left_out"] == "there is no discriminator"
