import hashlib
import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from dcgan_viz.errors import InputError
from dcgan_viz.models import loading
from dcgan_viz.models.checkpoint import save_weights, write_whole
from dcgan_viz.models.importers.snapshot import weights_file
from dcgan_viz.models.loading import load
from dcgan_viz.models.networks import Architecture, Discriminator, Generator
from dcgan_viz.models.prior import Prior

ARCHITECTURE = Architecture(image_size=28, channels=1, channels_noise=6, width=4)
METADATA = {
    "architecture": ARCHITECTURE.to_json(),
    "prior": {"kind": "normal", "size": 6},
    "step": 12,
    "images_seen": 1536,
    "data": "mnist",
    "seed": 3,
    "scores": {"sliced_wasserstein": 4.5},
    "batchnorm": {"generator": "from a test", "discriminator": "from a test too"},
}


def write(path: Path, dtype: torch.dtype | None = None, **changes: object) -> Path:
    networks = Generator(ARCHITECTURE, 1), Generator(ARCHITECTURE, 2), Discriminator(ARCHITECTURE, 3)
    save_weights(path, *networks, {**METADATA, **changes}, dtype)
    return path


def complaint(path: Path | str) -> str:
    """What `load` says of a path: one line that begins with it."""
    with pytest.raises(InputError) as caught:
        load(path)
    line = str(caught.value)
    assert line.startswith(f"{path}")
    assert "\n" not in line
    return line


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write(tmp_path / "weights.safetensors")


def test_what_was_saved_is_loaded(weights: Path) -> None:
    gan = load(weights)
    for network, seed in ((gan.require_generator("the test"), 1), (gan.discriminator, 3)):
        assert network is not None
        expected = type(network)(ARCHITECTURE, seed).state_dict()
        assert list(network.state_dict()) == list(expected)
        assert all(torch.equal(tensor, expected[name]) for name, tensor in network.state_dict().items())
        assert not any(module.training for module in network.modules())
        assert all(parameter.requires_grad for parameter in network.parameters())
    assert (gan.image_size, gan.channels) == (28, 1)
    assert gan.prior == Prior("normal", 6)
    assert gan.provenance.path == str(weights)
    assert gan.provenance.sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert gan.batchnorm["generator"].note == "from a test"
    assert gan.provenance.metadata == {"format": 1, **METADATA}


def test_the_file_is_what_its_format_says(weights: Path) -> None:
    # github.com/huggingface/safetensors: 8 bytes of header length, the header, the data.
    content = weights.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    assert json.loads(header.pop("__metadata__")["dcgan_viz"])["step"] == 12
    entry = header["generator.main.0.weight"]
    assert (entry["dtype"], entry["shape"]) == ("F32", [6, 8, 7, 7])
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    numbers = torch.frombuffer(bytearray(content[begin:end]), dtype=torch.float32).reshape(6, 8, 7, 7)
    assert torch.equal(numbers, Generator(ARCHITECTURE, 2).get_parameter("main.0.weight"))
    assert {name.partition(".")[0] for name in header} == {"generator_ema", "generator", "discriminator"}


def test_a_generator_alone_is_a_checkpoint(tmp_path: Path) -> None:
    save_weights(tmp_path / "g.safetensors", Generator(ARCHITECTURE), None, None, METADATA)
    assert load(tmp_path / "g.safetensors").discriminator is None


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_read_as_float32(tmp_path: Path, weights: Path, dtype: torch.dtype) -> None:
    half = write(tmp_path / "half.safetensors", dtype)
    assert half.stat().st_size < 0.6 * weights.stat().st_size
    expected = Generator(ARCHITECTURE, 1).state_dict()
    for name, tensor in load(half).require_generator("the test").state_dict().items():
        wanted = expected[name].to(dtype) if expected[name].is_floating_point() else expected[name]
        assert tensor.dtype == expected[name].dtype
        assert torch.equal(tensor, wanted.to(expected[name].dtype)), name


def test_channels_last_weights_are_saved_like_others(tmp_path: Path, weights: Path) -> None:
    networks = Generator(ARCHITECTURE, 1), Generator(ARCHITECTURE, 2), Discriminator(ARCHITECTURE, 3)
    for network in networks:
        network.to(memory_format=torch.channels_last)
    save_weights(tmp_path / "last.safetensors", *networks, METADATA)
    assert (tmp_path / "last.safetensors").read_bytes() == weights.read_bytes()


def test_a_loaded_gan_outlives_its_file(weights: Path) -> None:
    gan = load(weights)
    before = gan.generate(gan.sample_z(2, seed=0))
    with weights.open("r+b") as file:
        file.truncate(100)
    assert torch.equal(gan.generate(gan.sample_z(2, seed=0)), before)


def test_directories_lead_to_their_weights(tmp_path: Path) -> None:
    run = tmp_path / "run"
    for step in (10, 20):
        (run / "snapshots" / f"step_{step:08d}").mkdir(parents=True)
        write(run / "snapshots" / f"step_{step:08d}" / "weights.safetensors", step=step)
    (run / "latest").symlink_to("snapshots/step_00000020")
    (run / "best").symlink_to("snapshots/step_00000010")
    for path, step in (
        (run, 20),
        (run / "latest", 20),
        (run / "best", 10),
        (run / "snapshots/step_00000010", 10),
    ):
        assert load(path).provenance.metadata["step"] == step
        assert load(str(path)).provenance.metadata["step"] == step


def test_a_directory_without_snapshots(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    line = complaint(tmp_path)
    assert "neither a snapshot nor a run" in line
    (tmp_path / "latest").symlink_to("snapshots/step_00000020")  # gone
    assert complaint(tmp_path) == line


def test_a_name_is_an_embedded_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assets, here = tmp_path / "assets", tmp_path / "here"
    assets.mkdir()
    (here / "rooms").mkdir(parents=True)
    monkeypatch.setattr(loading, "_ASSETS", assets)
    monkeypatch.chdir(here)
    assert complaint("faces").endswith("the embedded ones are: none")
    write(assets / "rooms.safetensors", step=1)
    write(assets / "digits.safetensors", step=2)
    save_file({"w": torch.zeros(1)}, assets / "judge.safetensors", {"dcgan_viz": '{"role": "judge"}'})
    assert load("rooms").provenance.metadata["step"] == 1  # whatever lies in the current directory
    for path in ("./rooms", Path("rooms")):
        with pytest.raises(InputError, match="neither a snapshot nor a run"):
            load(path)
    line = complaint("faces")
    assert "no such file, nor an embedded checkpoint" in line
    assert line.endswith("the embedded ones are: digits, rooms")
    assert "no such file" in complaint("judge")
    (assets / "rooms.safetensors").write_bytes(b"torn")
    with pytest.raises(InputError, match=r"rooms\.safetensors: truncated"):
        load("rooms")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.999])
def test_a_truncated_file(weights: Path, share: float) -> None:
    content = weights.read_bytes()
    weights.write_bytes(content[: int(share * len(content))])
    assert "truncated, or not a safetensors file" in complaint(weights)


def pickled(path: Path) -> None:
    torch.save({"w": torch.zeros(1)}, path)


def huge_header(path: Path) -> None:
    path.write_bytes(struct.pack("<Q", 2**62) + b"{}")


def without_header(path: Path) -> None:
    save_file({"main.0.weight": torch.zeros(1)}, path)


def described_by_a_number(path: Path) -> None:
    path.write_bytes(struct.pack("<Q", 21) + b'{"__metadata__": 1.5}')


def deep_header(path: Path) -> None:
    path.write_bytes(struct.pack("<Q", 500_000) + b'{"a":' * 100_000)


def header(text: str) -> Callable[[Path], None]:
    return lambda path: save_file({"w": torch.zeros(1)}, path, {"dcgan_viz": text})


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("a.safetensors", huge_header, ["not a safetensors file", "copy or write it again"]),
        ("a.safetensors", pickled, ["not a safetensors file"]),
        ("a.safetensors", described_by_a_number, ["not a safetensors file"]),
        ("a.safetensors", deep_header, ["not a safetensors file"]),
        ("a.safetensors", header("{torn"), ["not JSON", "save_weights"]),
        ("a.safetensors", header("[" * 100_000), ["not JSON", "save_weights"]),
        ("a.safetensors", header("[1]"), ["format None", "reads 1"]),
        ("a.safetensors", header('{"format": 2}'), ["format 2", "reads 1"]),
        ("a.safetensors", header('{"format": 1}'), ["lacks 'architecture'"]),
    ],
)
def test_a_foreign_file(tmp_path: Path, name: str, make: Callable[[Path], None], words: list[str]) -> None:
    make(tmp_path / name)
    line = complaint(tmp_path / name)
    assert [word for word in words if word not in line] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"architecture": {**ARCHITECTURE.to_json(), "image_size": 30}},
            ["image_size 30", "28, 32, 64, 128"],
        ),
        ({"architecture": {**ARCHITECTURE.to_json(), "depth": 3}}, ["'depth'"]),
        ({"architecture": [1, 2]}, ["not usable"]),
        ({"architecture": {**ARCHITECTURE.to_json(), "channels": 3}}, ["(4, 1, 4, 4)", "(4, 3, 4, 4)"]),
        (
            {"architecture": {**ARCHITECTURE.to_json(), "width": 10**6}},
            ["(6, 8, 7, 7)", "(6, 2000000, 7, 7)"],
        ),
        ({"architecture": {**ARCHITECTURE.to_json(), "width": 2**32}}, ["width 4294967296", "16777216"]),
        ({"architecture": {**ARCHITECTURE.to_json(), "a\nb": 3}}, ["not usable"]),
        ({"prior": {"kind": "normal", "size": 6, "a\nb": 1}}, ["not usable"]),
        ({"architecture": {**ARCHITECTURE.to_json(), "image_size": 64}}, ["main.7.weight", "is missing"]),
        ({"architecture": {**ARCHITECTURE.to_json(), "family": "paper5"}}, ["main.5.weight", "is missing"]),
        ({"prior": {"kind": "cauchy", "size": 6}}, ["'cauchy'", "uniform, normal"]),
        ({"prior": {"kind": "normal", "size": 7}}, ["size 7", "takes 6"]),
        ({"prior": {"kind": "normal", "size": "6"}}, ["not usable"]),
        ({"batchnorm": {}}, ["lacks 'generator'"]),
    ],
)
def test_metadata_that_contradict_the_weights(tmp_path: Path, changes: dict, words: list[str]) -> None:
    line = complaint(write(tmp_path / "w.safetensors", **changes))
    assert [word for word in words if word not in line] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tensors: tensors.pop("generator_ema.main.1.running_var"), "main.1.running_var is missing"),
        (
            lambda tensors: tensors.pop("discriminator.main.0.weight"),
            "discriminator.main.0.weight is missing",
        ),
        (
            lambda tensors: tensors.update({"generator_ema.main.0.bias": torch.zeros(8)}),
            "generator_ema.main.0.bias has no place",
        ),
        (
            lambda tensors: tensors["generator_ema.main.3.weight"][0, 0, 0].fill_(torch.nan),
            "generator_ema.main.3.weight holds values that are no numbers",
        ),
        (
            lambda tensors: tensors["discriminator.main.3.running_mean"].fill_(torch.inf),
            "discriminator.main.3.running_mean holds values that are no numbers",
        ),
    ],
)
def test_weights_that_do_not_fit(weights: Path, change: Callable[[dict], object], words: str) -> None:
    tensors = load_file(weights)
    change(tensors)
    save_file(tensors, weights, {"dcgan_viz": json.dumps({"format": 1, **METADATA})})
    assert words in complaint(weights)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "no such file" in complaint(tmp_path / "gone.safetensors")


def test_files_are_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    write_whole(path, b"first")
    (tmp_path / "other").touch()
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode
    (tmp_path / "other").unlink()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*a\.json'"):
        write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]
    monkeypatch.undo()
    write_whole(path, b"third")
    assert path.read_bytes() == b"third"


def test_weights_go_where_a_copy_of_the_run_goes(tmp_path: Path) -> None:
    (tmp_path / "run/snapshots/step_00000001").mkdir(parents=True)
    write(tmp_path / "run/snapshots/step_00000001/weights.safetensors")
    (tmp_path / "run/latest").symlink_to("snapshots/step_00000001")
    shutil.move(tmp_path / "run", tmp_path / "moved")
    assert weights_file(tmp_path / "moved").resolve().parts[-4:-1] == ("moved", "snapshots", "step_00000001")
