"""The command: what it writes, and the one line that it says when it cannot."""

import inspect
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from dcgan_viz.data.boxes import write_boxes
from dcgan_viz.data.segmenter import ASSETS
from dcgan_viz.models.loading import load
from dcgan_viz.models.prior import Prior
from dcgan_viz.remove_objects.command import main, settings_of, words_of
from dcgan_viz.remove_objects.edits import Fill
from dcgan_viz.remove_objects.settings import RemovalSettings
from tests.remove_objects.planted import NZ, true_boxes

SHARED = Path(os.environ.get("DCGAN_VIZ_SHARED", Path(__file__).parents[3] / "shared"))
SVHN = SHARED / "data" / "newmu_svhn"


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main.main([str(argument) for argument in arguments])
    return stop.value.code


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    out = tmp_path_factory.mktemp("window")
    assert run("--target", "window", "--samples", 40, "--out", out, "--quiet") == 0
    return out / "remove_objects"


def test_writes_the_whole_result(window):
    names = {path.name for path in window.iterdir()}
    assert names == {
        "arrays.npz", "boxes.json", "figure.html", "figure.pdf", "figure.png", "figure.svg", "result.json",
    }  # fmt: skip
    record = json.loads((window / "result.json").read_text())
    assert record["analysis"] == "remove_objects"
    assert record["target"] == "window"
    assert [method["name"] for method in record["methods"]] == ["drop", "local"]
    assert {
        "command",
        "seed",
        "device",
        "checkpoint",
        "importer",
        "batchnorm",
        "packages",
        "duration_s",
    } <= set(record["provenance"])
    assert len(record["layers"]) == 8
    assert len(record["dose"]) >= 5
    assert Image.open(window / "figure.png").width > 1500


def test_arrays_are_what_the_generator_draws(window):
    arrays = np.load(window / "arrays.npz")
    gan = load("rooms")
    drawn = gan.generate(gan.sample_z(150 + 40, 0)[150:][arrays["shown"]])
    assert np.abs(drawn.numpy() - arrays["untouched"]).max() < 1e-5
    assert arrays["z"].shape == (40, 100)


def test_its_own_boxes_give_the_same_numbers(window, tmp_path):
    assert run("--boxes", window / "boxes.json", "--samples", 40, "--out", tmp_path, "--quiet") == 0
    first, again = (
        json.loads((path / "result.json").read_text()) for path in (window, tmp_path / "remove_objects")
    )
    assert again["annotations"]["source"] == "boxes.json"
    assert again["methods"] == first["methods"]
    assert again["layers"] == first["layers"]


def stamps(tmp_path, size):
    path = tmp_path / "stamps.json"
    write_boxes(path, true_boxes(Prior("uniform", NZ).sample(150, 0), size))
    return path


@pytest.mark.parametrize(("with_discriminator", "judge"), [(True, "discriminator features"), (False, "none")])
def test_a_class_of_ones_own_with_boxes_from_a_file(with_discriminator, judge, tmp_path):
    size = json.dumps({"size": 28, "channels": 1})
    networks = ["--generator", "tests.remove_objects.planted:Planted", "--generator-args", size]
    if with_discriminator:
        networks += ["--discriminator", "tests.remove_objects.planted:Sorter", "--discriminator-args", size]
    asked = ["--prior", f"uniform:{NZ}", "--target", "stamp", "--boxes", stamps(tmp_path, 28)]
    out = tmp_path / "out" / "remove_objects"
    assert run(*networks, *asked, "--samples", 40, "--out", out.parent, "--quiet") == 0
    record = json.loads((out / "result.json").read_text())
    assert record["judge"]["name"] == judge
    assert record["annotations"]["source"] == "stamps.json"
    for method in record["methods"]:
        assert method["focus"]["ratio"] > 100
        assert (method["target_area_ratio"] is None) == (judge == "none")
    assert np.load(out / "arrays.npz")["local"].shape[1:] == (1, 28, 28)


def test_a_pair_of_state_dicts_of_the_same_networks_gives_the_same_numbers(window, tmp_path):
    """As pytorch/examples saves them: nothing says that they draw rooms, so the rooms' judge is asked for."""
    gan = load("rooms")
    pair = {"netG_epoch_7.pth": gan.generator, "netD_epoch_7.pth": gan.discriminator}
    for name, network in pair.items():
        assert network is not None
        torch.save(network.state_dict(), tmp_path / name)
    first, second = (tmp_path / name for name in pair)
    asked = [
        "--checkpoint",
        first,
        "--discriminator-checkpoint",
        second,
        "--prior",
        "uniform",
        "--samples",
        40,
    ]
    assert run(*asked, "--judge", "rooms", "--out", tmp_path / "rooms", "--quiet") == 0
    known = json.loads((window / "result.json").read_text())
    found = json.loads((tmp_path / "rooms" / "remove_objects" / "result.json").read_text())
    assert found["provenance"]["importer"] != known["provenance"]["importer"]
    assert found["methods"] == known["methods"]
    boxes = ["--boxes", window / "boxes.json"]
    assert run(*asked, *boxes, "--out", tmp_path / "auto", "--quiet") == 0
    found = json.loads((tmp_path / "auto" / "remove_objects" / "result.json").read_text())
    assert found["judge"]["name"] == "discriminator features"
    assert found["judge"]["auc_heldout"] > 0.9
    local = next(method for method in found["methods"] if method["name"] == "local")
    assert local["target_area_ratio"] < 0.6 * local["control"]["target_area_ratio"]


@pytest.mark.skipif(not SVHN.is_dir(), reason="the authors' files are not here")
def test_the_authors_generator_of_house_numbers(tmp_path):
    """Boxes in the middle stand for boxes around digits, which are there more often than not."""
    boxes = boxes_file(
        tmp_path / "middle.json",
        image_size=32,
        target="digit",
        boxes=[{"image": k, "box": [9, 3, 23, 29]} for k in range(12)],
    )
    asked = ["--checkpoint", SVHN, "--arch", "svhn", "--target", "digit", "--boxes", boxes]
    out = tmp_path / "out"
    assert run(*asked, "--samples", 30, "--out", out, "--quiet") == 0
    record = json.loads((out / "remove_objects" / "result.json").read_text())
    assert record["judge"]["name"] in ("discriminator features", "none")
    assert len(record["layers"]) == 6
    assert all(method["focus"]["change_inside"] > 0 for method in record["methods"])
    assert run(*asked, "--batchnorm", "batch", "--out", tmp_path / "batch") == 1


def boxes_file(path, **changes):
    content = {
        "format": "dcgan_viz.boxes",
        "image_size": 64,
        "target": "window",
        "boxes": [{"image": k, "box": [10, 10, 20, 20]} for k in range(8)],
    }
    path.write_text(json.dumps({**content, **changes}))
    return path


def case(name, *arguments, code=1, says):
    return pytest.param(arguments, code, says, id=name)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        case("unknown target", "--target", "sofa", says=["sofa", "window", "bed", "lamp"]),
        case("unknown layer", "--layer", "main.99", says=["main.99", "penultimate", "main.8"]),
        case("no samples", "--samples", "0", code=2, says=["0", "samples"]),
        case("truncated checkpoint", "--checkpoint", "{truncated}", says=["truncated.safetensors"]),
        case("foreign checkpoint", "--checkpoint", "{text}", says=["notes.txt"]),
        case("no such checkpoint", "--checkpoint", "{missing}", says=["missing", "rooms"]),
        case(
            "no boxes and no rooms",
            "--checkpoint",
            "{tiny}",
            says=["tiny.safetensors", "knows rooms only", "--boxes", "docs/removing-objects.md"],
        ),
        case("small images", "--checkpoint", "{tiny}", "--judge", "rooms", says=["3x32x32", "3x64x64"]),
        case(
            "no class",
            "--target",
            "sofa",
            "--boxes",
            "{sofa}",
            "--judge",
            "rooms",
            says=["sofa", "judge", "bed"],
        ),
        case("judge", "--judge", "me", code=2, says=["me", "auto"]),
        case("box outside", "--boxes", "{outside}", says=["box", "64"]),
        case("no box", "--boxes", "{none}", says=["box"]),
        case("boxes of another size", "--boxes", "{other_size}", says=["128", "64"]),
        case("too few boxes", "--boxes", "{few}", says=["boxes in 2 image"]),
        case("filled out", "--out", "{filled}", says=["filled", "--force"]),
        case("out is a file", "--out", "{text}", code=2, says=["notes.txt", "--out"]),
    ],
)
def test_bad_input_is_one_line(arguments, code, says, tmp_path, tiny_checkpoint, capsys):
    weights = (ASSETS / "rooms.safetensors").read_bytes()
    (tmp_path / "truncated.safetensors").write_bytes(weights[: len(weights) // 2])
    (tmp_path / "notes.txt").write_text("no checkpoint")
    (tmp_path / "filled").mkdir()
    (tmp_path / "filled" / "diary.txt").write_text("keep me")
    ten = [10, 10, 20, 20]
    places = {
        "truncated": tmp_path / "truncated.safetensors",
        "text": tmp_path / "notes.txt",
        "missing": tmp_path / "missing",
        "tiny": tiny_checkpoint,
        "filled": tmp_path / "filled",
        "outside": boxes_file(tmp_path / "outside.json", boxes=[{"image": 0, "box": [50, 50, 70, 60]}]),
        "none": boxes_file(tmp_path / "none.json", boxes=[]),
        "other_size": boxes_file(tmp_path / "other.json", image_size=128),
        "sofa": boxes_file(tmp_path / "sofa.json", target="sofa"),
        "few": boxes_file(tmp_path / "few.json", boxes=[{"image": k, "box": ten} for k in range(2)]),
    }
    out = tmp_path / "out"
    given = [argument.format(**places) for argument in arguments]
    if "--out" not in given:
        given += ["--out", str(out)]
    before = sorted(path for path in tmp_path.rglob("*"))
    assert run(*given) == code
    captured = capsys.readouterr()
    error = [line for line in captured.err.splitlines() if line.strip()]
    assert len(error) == 1, captured.err
    assert error[0].startswith("Error: ")
    assert all(word in error[0] for word in says), error[0]
    assert captured.out == ""
    assert sorted(path for path in tmp_path.rglob("*")) == before  # nothing half-written


@pytest.mark.parametrize(
    "settings",
    [
        RemovalSettings(),
        RemovalSettings(target="my target", layer="main.5", judge="none", methods=("local",), quick=True),
        RemovalSettings(target="-x", fill=Fill(threshold=-2.5), strength=0.1 + 0.2).measured_on(50),
        RemovalSettings(methods=("drop",), n_maps=7, strength=0.0).measured_on(20_000),
        RemovalSettings(layer="block:input#2", judge="discriminator", fill=Fill(threshold=1e-7)),
    ],
)
def test_words_say_the_settings_that_they_are_of(settings):
    """As the command itself parses them."""
    parsed = main.make_context("remove-objects", words_of(settings)).params
    named = inspect.signature(settings_of).parameters
    assert settings_of(**{name: parsed[name] for name in named}) == settings
