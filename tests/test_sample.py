import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.loading import load
from dcgan_viz.sample import main, sample, sheet, to_uint8, write_images


def pixels(image: torch.Tensor) -> np.ndarray:
    """One image (C, H, W) in [-1, 1] as bytes, in float64 and by the definition of the range."""
    scaled = (image.double().numpy().transpose(1, 2, 0) + 1) / 2 * 255
    return np.floor(scaled + 0.5).astype(np.uint8)


def run(checkpoint: Path, out: Path, *more: str) -> dict:
    arguments = ["--checkpoint", str(checkpoint), "--out", str(out), "--device", "cpu", "--json", *more]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_every_image_comes_from_its_own_z(tiny_gan: Gan) -> None:
    result = sample(tiny_gan, 5, seed=3)
    alone = [tiny_gan.require_generator("the test")(z[None]).detach()[0] for z in result.z]
    torch.testing.assert_close(result.images, torch.stack(alone), rtol=0, atol=1e-5)


def test_fewer_samples_are_the_first_of_more(tiny_gan: Gan) -> None:
    few, many = sample(tiny_gan, 3, seed=3), sample(tiny_gan, 8, seed=3)
    assert torch.equal(few.z, many.z[:3])
    torch.testing.assert_close(few.images, many.images[:3], rtol=0, atol=1e-5)
    assert not torch.equal(sample(tiny_gan, 3, seed=4).z, few.z)


def test_sampling_leaves_the_gan_and_the_random_state_alone(tiny_gan: Gan) -> None:
    generator = tiny_gan.require_generator("the test")
    generator.train()
    state = torch.get_rng_state()
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    sample(tiny_gan, 4, seed=0)
    assert generator.training
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())


def test_nothing_to_draw_is_refused(tiny_gan: Gan) -> None:
    with pytest.raises(InputError, match="at least 1"):
        sample(tiny_gan, 0, seed=0)


def test_bytes_span_the_range() -> None:
    images = torch.tensor([-1.0, 0.0, 1.0, 1.5]).reshape(1, 1, 2, 2)
    assert to_uint8(images).ravel().tolist() == [0, 128, 255, 255]  # 127.5 rounds to even


@pytest.mark.parametrize(("n", "columns"), [(2, 2), (5, 3), (100, 10)])
def test_the_sheet_holds_the_images_in_rows(n: int, columns: int) -> None:
    images = torch.rand(n, 3, 4, 6, generator=torch.Generator().manual_seed(0)) * 2 - 1
    page = np.asarray(sheet(images))
    assert page.shape == (2 + -(-n // columns) * 6, 2 + columns * 8, 3)
    for k, image in enumerate(images):
        top, left = 2 + k // columns * 6, 2 + k % columns * 8
        np.testing.assert_array_equal(page[top : top + 4, left : left + 6], pixels(image))
    assert not page[:2].any()


def test_the_sheet_of_one_image_is_the_image() -> None:
    images = torch.rand(1, 3, 4, 6, generator=torch.Generator().manual_seed(0)) * 2 - 1
    np.testing.assert_array_equal(np.asarray(sheet(images)), pixels(images[0]))


def test_grey_images_make_grey_files(tmp_path: Path) -> None:
    images = torch.linspace(-1, 1, 32).reshape(2, 1, 4, 4)
    paths = write_images(images, tmp_path)
    assert [path.name for path in paths] == ["00000.png", "00001.png"]
    with Image.open(paths[1]) as file:
        assert file.mode == "L"
        np.testing.assert_array_equal(np.asarray(file), pixels(images[1])[:, :, 0])


def test_the_command_writes_a_sheet(tiny_checkpoint: Path, tmp_path: Path) -> None:
    record = run(tiny_checkpoint, tmp_path, "--samples", "5", "--seed", "3")
    assert {path.name for path in (tmp_path / "sample").iterdir()} == set(record["files"])
    assert record == json.loads((tmp_path / "sample" / "result.json").read_text())
    assert (record["analysis"], record["n_samples"], record["provenance"]["seed"]) == ("sample", 5, 3)
    with np.load(tmp_path / "sample" / "arrays.npz") as arrays:
        z = torch.from_numpy(arrays["z"])
    images = load(tiny_checkpoint).generate(z)
    with Image.open(tmp_path / "sample" / "figure.png") as figure:
        np.testing.assert_array_equal(np.asarray(figure), np.asarray(sheet(images)))


def test_the_command_writes_single_files(tiny_checkpoint: Path, tmp_path: Path) -> None:
    record = run(tiny_checkpoint, tmp_path, "--samples", "3", "--files")
    files = ["00000.png", "00001.png", "00002.png"]
    assert record["files"] == [*files, "arrays.npz", "result.json"]
    with np.load(tmp_path / "sample" / "arrays.npz") as arrays:
        images = load(tiny_checkpoint).generate(torch.from_numpy(arrays["z"]))
    for name, image in zip(files, images, strict=True):
        with Image.open(tmp_path / "sample" / name) as file:
            np.testing.assert_array_equal(np.asarray(file), pixels(image))


def test_the_same_command_writes_the_same_bytes(tiny_checkpoint: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run(tiny_checkpoint, tmp_path / name, "--samples", "2")
    for file in ("figure.png", "arrays.npz"):
        first, second = ((tmp_path / name / "sample" / file).read_bytes() for name in ("a", "b"))
        assert first == second


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--samples", "0"], 2, "--samples"),
        (["--checkpoint", "no/such.safetensors"], 1, "no/such.safetensors"),
        (["--checkpoint", __file__], 1, "test_sample.py"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    result = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "out")])
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_terminated_command_leaves_nothing(tiny_checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["--checkpoint", str(tiny_checkpoint), "--samples", "100000", "--out", str(out)]
    process = subprocess.Popen([sys.executable, "-m", "dcgan_viz.sample", *arguments])
    while process.poll() is None and not list(out.glob(".sample-*")):
        time.sleep(0.01)
    process.terminate()
    assert process.wait() == 143
    assert not out.exists()
