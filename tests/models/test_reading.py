import io
import json
import os
import pickle
import struct
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading import kind_of, read_npy, read_safetensors, read_torch, refusal
from dcgan_viz.models.reading.files import opened
from tests.models import foreign_files as foreign

NUMBERS = struct.pack("<6f", 1, 2, 3, 4, 5, 6)


def same(left: object, right: object) -> bool:
    """Whether two nested values are equal, tensors to the bit and in their type."""
    if isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor):
        numbers = left.float(), right.float()
        return left.dtype == right.dtype and torch.equal(*numbers) and type(left) is torch.Tensor
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.ConvTranspose2d(5, 4, 4), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 1, 3))


def trained() -> dict:
    """What a tutorial's training script keeps."""
    model = network()
    optimizer = torch.optim.Adam(model.parameters())
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [10, 20])
    model(torch.randn(2, 5, 1, 1)).sum().backward()
    optimizer.step()
    return {
        "epoch": 24,
        "netG": model.state_dict(),
        "optimizerG": optimizer.state_dict(),
        "schedulerG": scheduler.state_dict(),
        "losses": [0.5, -1.25, float("inf")],
        "note": "trained on digits, naïvely",
        "raw": b"\x00\xff",
        "seed": 2**63 + 5,
        "betas": (0.5, 0.999),
        "resumed": None,
        "classes": {3, 7},
    }


@pytest.fixture(params=["torch", "torch-legacy"])
def save(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[object], Path]:
    def saved(value: object) -> Path:
        torch.save(value, tmp_path / "a.pth", _use_new_zipfile_serialization=request.param == "torch")
        assert kind_of(tmp_path / "a.pth") == request.param
        return tmp_path / "a.pth"

    return saved


def test_a_training_state_comes_back(save: Callable[[object], Path]) -> None:
    state = trained()
    assert same(read_torch(save(state)), state)


@pytest.mark.parametrize(
    "dtype",
    [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool],
)
def test_tensors_keep_their_type(save: Callable[[object], Path], dtype: torch.dtype) -> None:
    tensor = torch.tensor([[0.0, 1.0, 2.0], [1.0, 0.0, 3.0]]).to(dtype)
    assert same(read_torch(save([tensor])), [tensor])


def test_eight_bit_numbers_keep_their_type(tmp_path: Path) -> None:
    for dtype in (torch.float8_e4m3fn, torch.float8_e5m2):
        torch.save([torch.tensor([1.0, 2.0]).to(dtype)], tmp_path / "a.pth")
        assert same(read_torch(tmp_path / "a.pth"), [torch.tensor([1.0, 2.0]).to(dtype)])


def test_parameters_views_and_attributes_become_plain_tensors(save: Callable[[object], Path]) -> None:
    whole = torch.arange(24.0).reshape(2, 3, 4)
    state = OrderedDict(
        parameter=nn.Parameter(torch.ones(2)),
        turned=whole.permute(2, 0, 1),
        part=whole[1, :, 2],
        none=torch.zeros(0, 3),
        one=torch.tensor(5.0),
        expanded=torch.tensor([2.0]).expand(7),
    )
    state._metadata = {"": {"version": 1}}  # type: ignore[attr-defined]
    opened = read_torch(save(state))
    assert isinstance(opened, dict)
    assert same(opened, {name: tensor.detach() for name, tensor in state.items()})
    for tensor in opened.values():
        assert tensor.is_contiguous()
        assert tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()
        assert not tensor.requires_grad
    assert type(opened) is dict


def test_plain_values_beside_tensors(save: Callable[[object], Path]) -> None:
    odd = {"size": torch.Size([1, 2]), "device": torch.device("cuda", 1), "dtype": torch.float16}
    assert read_torch(save(odd)) == {"size": (1, 2), "device": "cuda:1", "dtype": "torch.float16"}
    assert read_torch(save(Counter("banana"))) == {"b": 1, "a": 3, "n": 2}


def test_attributes_of_a_dictionary_hide_nothing(tmp_path: Path) -> None:
    shadows = foreign.mapping(items=b"N", keys=b"N", __class__=b"N")
    path = foreign.write_zip(
        tmp_path / "a.pth", foreign.ORDERED + foreign.text("a") + b"K\1s" + shadows + b"b"
    )
    assert read_torch(path) == {"a": 1}


def test_checksums_that_were_left_out_are_not_missed(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"w": torch.ones(3)}, tmp_path / "a.pth")
    finally:
        torch.serialization.set_crc32_options(True)
    assert same(read_torch(tmp_path / "a.pth"), {"w": torch.ones(3)})


def test_tied_weights_stay_tied(save: Callable[[object], Path]) -> None:
    tensor = torch.arange(6.0)
    opened = read_torch(save([tensor, tensor, tensor.view(2, 3)]))
    assert isinstance(opened, list)
    first, second, other = opened
    assert first is second
    assert other.data_ptr() != first.data_ptr()


@pytest.mark.parametrize("place", ["cuda:0", "cuda:7", "mps", "xpu:0"])
@pytest.mark.parametrize("write", [foreign.write_zip, foreign.write_legacy])
def test_tensors_of_another_device_come_to_the_cpu(tmp_path: Path, place: str, write: Callable) -> None:
    last = b"N" if write is foreign.write_legacy else b""
    for kind in ("torch\nFloatStorage", "torch.cuda\nFloatStorage"):
        stored = foreign.storage("0", 6, kind, place, last)
        path = write(
            tmp_path / "a.pth", foreign.mapping(w=foreign.tensor(stored, (2, 2), (3, 1), 1)), _0=NUMBERS
        )
        assert same(read_torch(path), {"w": torch.tensor([[2.0, 3.0], [5.0, 6.0]])})


def test_a_file_of_python_2(tmp_path: Path) -> None:
    stored = foreign.storage("94", 6, last=b"N")
    weight = foreign.call(
        "torch._utils._rebuild_tensor",
        stored,
        b"K\0",
        foreign.group(b"K\2", b"K\3"),
        foreign.group(b"K\3", b"K\1"),
    )
    pairs = b"](](U\x0bmain.0.bias" + weight + b"ee"
    path = foreign.write_legacy(
        tmp_path / "a.pth", b"ccollections\nOrderedDict\n" + pairs + b"\x85R", _94=NUMBERS
    )
    assert same(read_torch(path), {"main.0.bias": torch.arange(1.0, 7.0).reshape(2, 3)})


def test_a_file_that_was_saved_under_a_foreign_name(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "générateur v1.2.safetensors")
    assert same(read_torch(tmp_path / "générateur v1.2.safetensors"), {"w": torch.ones(2)})


def test_what_was_opened_outlives_its_file(tmp_path: Path) -> None:
    torch.save([torch.ones(1000)], tmp_path / "a.pth")
    save_file({"w": torch.ones(1000)}, tmp_path / "a.safetensors")
    np.save(tmp_path / "a.npy", np.ones(1000))
    opened = [
        *read_torch(tmp_path / "a.pth"),  # type: ignore[misc]
        read_safetensors(tmp_path / "a.safetensors")[1]["w"],
        torch.from_numpy(read_npy(tmp_path / "a.npy")),
    ]
    for path in tmp_path.iterdir():
        path.write_bytes(bytes(path.stat().st_size))
    assert all(torch.equal(tensor, torch.ones_like(tensor)) for tensor in opened)


def test_opening_leaves_no_trace(save: Callable[[object], Path]) -> None:
    path = save(trained())
    before = torch.get_rng_state(), Path.cwd(), sorted(path.parent.iterdir())
    read_torch(path)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1:] == (Path.cwd(), sorted(path.parent.iterdir()))


def test_a_safetensors_file_comes_back(tmp_path: Path) -> None:
    tensors = {
        "half": torch.tensor([1.5, -2.0], dtype=torch.float16),
        "brain": torch.tensor([[1.5]], dtype=torch.bfloat16),
        "eight": torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn),
        "none": torch.zeros(0, 4),
        "count": torch.tensor(7),
    }
    save_file(tensors, tmp_path / "a.bin", {"format": "pt", "dcgan_viz": "{}"})
    metadata, opened = read_safetensors(tmp_path / "a.bin")
    assert metadata == {"format": "pt", "dcgan_viz": "{}"}
    assert same({name: opened[name] for name in tensors}, tensors)
    save_file(tensors, tmp_path / "b.bin")
    assert read_safetensors(tmp_path / "b.bin")[0] == {}


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<i8", "|b1", "<f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_comes_back(tmp_path: Path, dtype: str, order: str) -> None:
    array = np.array([[0, 1, 2], [1, 0, 3]]).astype(dtype)
    np.save(tmp_path / "a", np.asarray(array, order=order))  # type: ignore[call-overload]
    opened = read_npy(tmp_path / "a.npy")
    assert opened.dtype.isnative
    assert opened.dtype.newbyteorder("<") == np.dtype(dtype).newbyteorder("<")
    assert opened.tolist() == array.tolist()
    assert opened.flags.writeable


def scripted(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("data.pkl", "code/__torch__.py", "constants.pkl", "version"):
            archive.writestr(f"net/{name}", b"\x80\x02).")


def arrays(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, w=np.ones(3))


KINDS: list[tuple[str, Callable[[Path], object], str]] = [
    ("torch", lambda path: torch.save({}, path), ""),
    ("torch-legacy", lambda path: torch.save({}, path, _use_new_zipfile_serialization=False), ""),
    (
        "torch-legacy",
        lambda path: torch.save({}, path, pickle_protocol=4, _use_new_zipfile_serialization=False),
        "",
    ),
    ("safetensors", lambda path: save_file({"w": torch.ones(1)}, path), ""),
    ("npy", lambda path: path.write_bytes(b"\x93NUMPY\1\0"), "a single numpy array"),
    ("torchscript", scripted, "TorchScript archive, which holds code; save its state_dict()"),
    ("pickle", lambda path: path.write_bytes(pickle.dumps({"w": 1})), "a plain pickle, which can run code"),
    (
        "pickle",
        lambda path: path.write_bytes(pickle.dumps({"w": 1}, 0)),
        "a plain pickle, which can run code",
    ),
    ("pickle", lambda path: path.write_bytes(pickle.dumps(np.ones(2), 0)), "'numpy"),
    ("pickle", lambda path: path.write_bytes(pickle.dumps([np.ones(2)], 4)), "'numpy"),
    (
        "pickle",
        lambda path: path.write_bytes(pickle.dumps(network())),
        "needs 'torch.nn.modules.container.Seq",
    ),
    ("empty", lambda path: path.write_bytes(b""), "an empty file; copy or download it again"),
    ("directory", lambda path: path.mkdir(), "a directory; give a file in it"),
    ("unknown", lambda path: None, "no such file"),
    ("unknown", arrays, "a zip archive, but not one that torch.save wrote"),
    ("unknown", lambda path: os.mkfifo(path), "not a regular file"),
    ("unknown", lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
    ("unknown", lambda path: path.symlink_to(path), "cannot be read"),
    ("unknown", lambda path: path.write_bytes(b"\n <!DOCTYPE HTML><html>"), "an HTML page, not a checkpoint"),
    (
        "unknown",
        lambda path: path.write_bytes(b"version https://git-lfs.github.com/spec/v1"),
        "run git lfs pull",
    ),
    ("unknown", lambda path: path.write_bytes(b"\x1f\x8b\x08"), "a gzip archive; unpack it first"),
    ("unknown", lambda path: path.write_bytes(b"epoch,loss\n1,2\n"), r"begins with 'epoch,lo', which no"),
    ("unknown", lambda path: path.write_bytes(bytes(4096)), "which no checkpoint does"),
]


def test_a_pipe_that_takes_a_file_s_place_is_not_waited_for(tmp_path, monkeypatch):
    path, regular = tmp_path / "a.pth", tmp_path / "b.pth"
    os.mkfifo(path)
    regular.write_bytes(b"")
    status = regular.stat()
    with monkeypatch.context() as before:
        before.setattr(Path, "stat", lambda self: status)  # as it was before the exchange
        with pytest.raises(InputError, match="not a regular file"), opened(path):
            pass


@pytest.mark.parametrize("suffix", ["pth", "safetensors", "npy", "jpg"])
@pytest.mark.parametrize(("kind", "make", "words"), KINDS)
def test_the_kind_is_in_the_first_bytes(
    tmp_path: Path, suffix: str, kind: str, make: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    make(path)
    assert kind_of(path) == kind
    assert not words or words in str(refusal(path))
    readers: dict[str, Callable[[Path], object]] = {
        "torch": read_torch,
        "torch-legacy": read_torch,
        "safetensors": read_safetensors,
        "npy": read_npy,
    }
    for name, reader in readers.items():
        if name != kind and readers.get(kind) is not reader:
            with pytest.raises(InputError) as caught:
                reader(path)
            assert str(caught.value).startswith(f"{path}: ")
            assert "\n" not in str(caught.value)


def test_a_file_without_a_network_says_what_it_holds(save: Callable[[object], Path], tmp_path: Path) -> None:
    assert "in it (it holds 'epoch', 'netG', 'optimizerG'); give the state_dict()" in str(
        refusal(save(trained()))
    )
    assert "(it holds list)" in str(refusal(save([1, 2])))
    assert "(it holds nothing)" in str(refusal(save({})))
    assert "needs 'torch.nn.modules.container.Sequential'" in str(refusal(save(network())))
    save_file({"w": torch.zeros(1)}, tmp_path / "a")
    assert "(it holds 'w')" in str(refusal(tmp_path / "a"))


@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_file_that_was_cut_off(save: Callable[[object], Path], share: float) -> None:
    path = save(trained())
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError) as caught:
        read_torch(path)
    assert "\n" not in str(caught.value)
    if share > 0.01:
        assert "truncated or damaged" in str(caught.value)


def test_a_damaged_number_in_a_zip_is_noticed(tmp_path: Path) -> None:
    path = foreign.write_zip(
        tmp_path / "a.pth", foreign.mapping(w=foreign.tensor(foreign.storage("0", 6), (6,), (1,))), _0=NUMBERS
    )
    path.write_bytes(path.read_bytes().replace(NUMBERS[4:8], b"\0\0\0\1"))
    with pytest.raises(InputError, match=r"bytes of archive/data/0 do not match their checksum"):
        read_torch(path)


def test_a_snapshot_of_this_project_is_opened(tiny_checkpoint: Path) -> None:
    assert kind_of(tiny_checkpoint) == "safetensors"
    metadata, tensors = read_safetensors(tiny_checkpoint)
    assert json.loads(metadata["dcgan_viz"])["prior"] == {"kind": "uniform", "size": 8}
    with tiny_checkpoint.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.load(io.BytesIO(file.read(length)))
    assert {name: list(tensor.shape) for name, tensor in tensors.items()} == {
        name: entry["shape"] for name, entry in header.items() if name != "__metadata__"
    }
