"""The command: what it writes, and the one line that it says when it cannot."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dcgan_viz.guided_backprop import GuidedSettings, guided_backprop
from dcgan_viz.guided_backprop.command import _pictures, main
from dcgan_viz.models.checkpoint import save_weights
from dcgan_viz.models.networks import Architecture, Generator
from tests.guided_backprop.planted import GREEN, RED, SILENT, colour_gan, shapes

SMALL = ("--n-images", 12, "--top", 3, "--quiet", "--device", "cpu")


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main.main([str(argument) for argument in arguments])
    return stop.value.code


@pytest.fixture(scope="module")
def written(tiny_checkpoint, tmp_path_factory):
    out = tmp_path_factory.mktemp("filters")
    assert (
        run("--checkpoint", tiny_checkpoint, "--images", "rooms", "--filters", "2,0", *SMALL, "--out", out)
        == 0
    )
    return out / "guided_backprop"


def test_writes_the_whole_result(written):
    assert {path.name for path in written.iterdir()} == {
        "arrays.npz", "figure.html", "figure.pdf", "figure.png", "figure.svg", "result.json",
    }  # fmt: skip
    record = json.loads((written / "result.json").read_text())
    assert record["analysis"] == "guided_backprop"
    assert (record["layer"], record["layer_shape"], record["rule"]) == ("main.5", [32, 4, 4], "strict")
    assert (record["n_images"], record["n_guided"]) == (12, 3)
    assert [one["index"] for one in record["filters"]] == [2, 0]
    for one in record["filters"]:
        assert len(one["top"]) == 3 or one["dead"]
        assert set(one["selectivity"]) == {
            "wall", "floor", "ceiling", "window", "bed", "lamp", "picture", "door", "rug",
        }  # fmt: skip
        responses = [peak["response"] for peak in one["top"]]
        assert responses == sorted(responses, reverse=True)
    assert [one["layer"] for one in record["similarity_trained_random"]] == ["main.0", "main.2", "main.5"]
    assert record["provenance"]["seed"] == 0
    assert Image.open(written / "figure.png").width > 1500


def test_arrays_are_the_images_and_maps_shown(written):
    arrays, record = np.load(written / "arrays.npz"), json.loads((written / "result.json").read_text())
    assert arrays["filters"].tolist() == [2, 0]
    assert arrays["images"].shape == arrays["maps"].shape == arrays["random_maps"].shape == (2, 3, 3, 32, 32)
    from dcgan_viz.data.rooms import FILTERS_START, render_split

    rooms, _ = render_split("held_out", 12, start=FILTERS_START, image_size=32)
    for k, one in enumerate(record["filters"]):
        for column, peak in enumerate(one["top"]):
            assert np.array_equal(arrays["images"][k, column].transpose(1, 2, 0), rooms[peak["image"]])
            x0, y0, x1, y1 = one["receptive_fields"][column]
            outside = arrays["maps"][k, column].copy()
            outside[:, y0:y1, x0:x1] = 0
            assert not outside.any()


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    directory = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    for k in range(9):
        Image.fromarray(random.integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(directory / f"{k}.png")
    return directory


@pytest.mark.parametrize("prefix", ["", "folder:"])
def test_a_folder_of_ones_own(prefix, photos, tiny_checkpoint, tmp_path, capsys):
    asked = (
        "--images",
        f"{prefix}{photos}",
        "--layer",
        "main.2",
        "--rule",
        "slope",
        "--top",
        2,
        "--crop",
        "--json",
    )
    assert run("--checkpoint", tiny_checkpoint, *asked, "--quiet", "--out", tmp_path) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["layer"], record["layer_chosen_by"], record["rule"]) == ("main.2", "named", "slope")
    assert record["n_images"] == 9  # all there are
    assert record["receptive_field"] == [10, 10]
    assert all(one["selectivity"] == {} and one["answers_to"] is None for one in record["filters"])
    page = (tmp_path / "guided_backprop" / "figure.html").read_text()
    assert "is not measured" in page
    assert "share of guided energy" not in page


def test_files_that_are_no_images_are_named(photos, tiny_checkpoint, tmp_path, capsys):
    directory = tmp_path / "odd"
    shutil.copytree(photos, directory)
    (directory / "torn.png").write_bytes((photos / "0.png").read_bytes()[:200])
    asked = ("--images", directory, "--top", 2, "--json", "--quiet", "--out", tmp_path / "out")
    assert run("--checkpoint", tiny_checkpoint, *asked) == 0
    captured = capsys.readouterr()
    assert "torn.png" in captured.err
    assert captured.err.count("left out") == 1
    assert json.loads(captured.out)["n_images"] == 9


def test_cutting_loses_nothing_of_a_map():
    settings = GuidedSettings(filters=(RED, GREEN), n_top=5)
    result = guided_backprop(colour_gan(), shapes(), settings, seed=0)
    for one in result.filters:
        assert one.boxes != one.control_boxes
        whole, cut = _pictures(result, one, crop=False), _pictures(result, one, crop=True)
        assert (whole.maps.shape[2:], cut.maps.shape[2:], cut.images.shape[2:]) == ((24, 24), (6, 6), (6, 6))
        for name in ("maps", "random_maps"):
            assert np.abs(getattr(cut, name)).sum() == pytest.approx(np.abs(getattr(whole, name)).sum())
        assert (whole.cropped, cut.cropped) == (False, True)


def test_the_summary_says_what_filters_answer_to(tiny_checkpoint, tmp_path, capsys):
    asked = ("--images", "rooms", "--n-images", 12, "--device", "cpu", "--out", tmp_path)
    assert run("--checkpoint", tiny_checkpoint, *asked) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "layer main.5 (last convolution with more than one map), rule strict on 3 activations"
    assert [line.partition(":")[0] for line in lines[1:7]] == [f"filter {k}" for k in range(6)]
    assert lines[-1] == f"figure: {tmp_path / 'guided_backprop' / 'figure.png'}"


@pytest.fixture(scope="module")
def generator_alone(tmp_path_factory):
    architecture = Architecture(image_size=32, channels_noise=8, width=4)
    path = tmp_path_factory.mktemp("alone") / "generator.safetensors"
    metadata = {
        "architecture": architecture.to_json(), "prior": {"kind": "uniform", "size": 8}, "data": "rooms",
        "step": 0, "images_seen": 0, "seed": 0, "scores": {},
        "batchnorm": {"generator": "initial", "discriminator": "none"},
    }  # fmt: skip
    save_weights(path, Generator(architecture), None, None, metadata)
    return path


def case(name, *arguments, code=1, says):
    return pytest.param(arguments, code, says, id=name)


def test_cutting_a_dead_filter_leaves_nothing():
    result = guided_backprop(colour_gan(), shapes(), GuidedSettings(filters=(SILENT, RED), n_top=2), seed=0)
    dead = _pictures(result, result.filters[0], crop=True)
    assert dead.images.shape == dead.maps.shape == dead.random_maps.shape == (0, 3, 6, 6)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        case(
            "unknown layer", "--layer", "main.9", says=["main.9", "main.0 (8 filters)", "main.5 (32 filters)"]
        ),
        case("unknown filter", "--filters", "0,32", says=["filter 32", "main.5", "0 to 31"]),
        case("no numbers", "--filters", "first", code=2, says=["first", "0,3,17"]),
        case("negative", "--filters", "-1", code=2, says=["-1", "0,3,17"]),
        case("unknown rule", "--rule", "soft", code=2, says=["soft", "strict", "deconvnet"]),
        case("fewer than shown", "--n-images", 4, "--top", 6, says=["4 image(s)", "6", "--top"]),
        case("fewer than asked", "--images", "{photos}", "--n-images", 10, says=["10", "9"]),
        case("no such data", "--images", "sofas", says=["sofas", "rooms", "folder:DIR"]),
        case("no such directory", "--images", "folder:/nowhere", says=["/nowhere"]),
        case("no discriminator", "--checkpoint", "{generator}", says=["no discriminator", "guided_backprop"]),
        case("out is a file", "--out", "{photos}/0.png", code=2, says=["0.png", "--out"]),
    ],
)
def test_bad_input_is_one_line(
    arguments, code, says, tiny_checkpoint, generator_alone, photos, tmp_path, capsys
):
    given = [str(one).format(generator=generator_alone, photos=photos) for one in arguments]
    for option, value in (
        ("--checkpoint", tiny_checkpoint),
        ("--images", "rooms"),
        ("--out", tmp_path / "out"),
    ):
        if option not in given:
            given += [option, value]
    if "--n-images" not in given and "{photos}" not in arguments:
        given += ["--n-images", "12"]
    assert run(*given, "--device", "cpu") == code
    captured = capsys.readouterr()
    error = [line for line in captured.err.splitlines() if line.strip()]
    assert len(error) == 1, captured.err
    assert error[0].startswith("Error: ")
    assert all(word in error[0] for word in says), error[0]
    assert captured.out == ""
    assert list(tmp_path.iterdir()) == []  # nothing half-written


def test_without_rooms_the_images_have_to_be_named(tiny_checkpoint, tmp_path, capsys):
    assert run("--checkpoint", tiny_checkpoint, "--out", tmp_path) == 1
    error = capsys.readouterr().err.strip()
    assert "tiny.safetensors" in error
    assert "--images" in error
    assert "\n" not in error


def test_nothing_to_guide_is_one_line(tmp_path, capsys):
    asked = ("--discriminator", "tests.guided_backprop.unguided:Smooth", "--images", "rooms", *SMALL)
    assert run(*asked, "--out", tmp_path) == 1
    error = capsys.readouterr().err.strip()
    assert "no ReLU or LeakyReLU" in error
    assert "gelu x 2" in error
    assert "\n" not in error


def test_grey_images(tmp_path):
    class_ = ("--discriminator", "tests.models.strangers:Judging", "--discriminator-args", '{"channels": 1}')
    assert run(*class_, "--images", "rooms", *SMALL, "--out", tmp_path) == 0
    maps = np.load(tmp_path / "guided_backprop" / "arrays.npz")["maps"]
    assert maps.shape == (6, 3, 1, 32, 32)
    assert maps.any()
