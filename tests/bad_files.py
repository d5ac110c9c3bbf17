"""What people hand over by mistake: files, directories and paths, each made in the current directory."""

import functools
import gzip
import importlib
import io
import os
import pickle
import socket
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from dcgan_viz.models import loading
from tests.models.importers import foreign_discriminators as judges
from tests.models.importers import foreign_generators as painters
from tests.models.importers import theano_reference as theano
from tests.models.importers.foreign_training import used

State = dict[str, Tensor]
Make = Callable[[], object]

ASSETS = loading.embedded()["rooms"].parent


@functools.cache
def _used(build: Callable[[], nn.Module], *shape: int, forward: str = "forward") -> State:
    return used(build(), *shape, forward=forward).state_dict()


def painter() -> State:
    """Of 64 px in colour, from z of 20 numbers."""
    return {name: tensor.clone() for name, tensor in _used(painters.examples64, 20).items()}


def grey_painter() -> State:
    """Of 32 px."""
    return _used(painters.examples32, 16)


def painter_of_96_px() -> State:
    return _used(painters.px96, 10)


def of_110_numbers() -> State:
    return used(painters.examples64(110), 110).state_dict()


def judge() -> State:
    return _used(judges.examples64, 3, 64, 64, forward="logits")


def of(content: bytes, name: str = "G.pth") -> Make:
    return lambda: Path(name).write_bytes(content)


def saved(make: Callable[[], object], name: str = "G.pth") -> Make:
    """What torch.save writes."""
    return lambda: torch.save(make(), name)


def changed(change: Callable[[State], object], name: str = "G.pth") -> Make:
    """A generator's state dict after a change in place."""

    def make() -> None:
        state = painter()
        change(state)
        torch.save(state, name)

    return make


def without(*keys: str) -> Make:
    return changed(lambda state: [state.pop(key) for key in keys])


def having(**tensors: Tensor) -> Make:
    """With other tensors, main__0__weight for main.0.weight."""
    return changed(lambda state: state.update({k.replace("__", "."): t for k, t in tensors.items()}))


def holding(value: float) -> Make:
    return changed(lambda state: state["main.3.weight"].view(-1)[5].fill_(value))


def beyond_float32() -> None:
    state = {name: t.double() if t.is_floating_point() else t for name, t in painter().items()}
    state["main.3.weight"][0] = 1e300
    torch.save(state, "G.pth")


def without_statistics() -> None:
    torch.save({k: t for k, t in painter().items() if "running" not in k and "batches" not in k}, "G.pth")


def converted(dtype: torch.dtype) -> Make:
    """All weights of another type."""

    def convert(state: State) -> None:
        state.update({k: t.to(dtype) for k, t in state.items() if t.is_floating_point()})

    return changed(convert)


def picture(kind: str) -> Make:
    return lambda: Image.new("RGB", (8, 8), "red").save("G.pth", format=kind)


def gzipped() -> None:
    content = io.BytesIO()
    torch.save(painter(), content)
    Path("G.pth").write_bytes(gzip.compress(content.getvalue()))


def truncated() -> None:
    torch.save(painter(), "G.pth")
    os.truncate("G.pth", 20_000)


def tarred() -> None:
    torch.save(painter(), "inner.pth")
    with tarfile.open("G.pth", "w") as archive:
        archive.add("inner.pth")


def npz() -> None:
    np.savez("G.npz", w=np.zeros(3))
    Path("G.npz").rename("G.pth")


def zipped() -> None:
    with zipfile.ZipFile("G.pth", "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", "")


def scripted() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer versions of torch advise against TorchScript
        torch.jit.script(nn.Conv2d(1, 1, 1)).save("G.pth")


def joblib_pickle() -> None:
    importlib.import_module("joblib").dump({"w": np.zeros(3)}, "G.pth")


def pickled(name: str = "G.pth") -> Make:
    return lambda: Path(name).write_bytes(pickle.dumps({"w": np.zeros(3)}))


class _Runs:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("the-pickle-ran",)


def hostile() -> None:
    torch.save({"state_dict": _Runs()}, "G.pth")


def objects(name: str = "G.npy") -> None:
    np.save(name, np.array([_Runs()], dtype=object), allow_pickle=True)


def object_in_a_release() -> None:
    release()()
    objects("release/200_gen_params.jl_02.npy")


def on_a_gpu(legacy: bool) -> Make:
    """Saved from cuda:0, as far as the file says."""

    def make() -> None:
        torch.save(painter(), "cpu.pth", _use_new_zipfile_serialization=not legacy)
        here, there = b"X\3\0\0\0cpu", b"X\6\0\0\0cuda:0"
        if legacy:
            content = Path("cpu.pth").read_bytes()
            assert content.count(here) == 1
            Path("G.pth").write_bytes(content.replace(here, there))
            return
        with zipfile.ZipFile("cpu.pth") as before, zipfile.ZipFile("G.pth", "w") as after:
            for entry in before.namelist():
                content = before.read(entry)
                assert content.count(here) == entry.endswith("data.pkl")
                after.writestr(entry, content.replace(here, there) if entry.endswith(".pkl") else content)

    return make


def claiming(width: int) -> Make:
    """A snapshot of this project whose header speaks of a wider network."""

    def make() -> None:
        asset = (ASSETS / "rooms.safetensors").read_bytes()
        length = int.from_bytes(asset[:8], "little")
        header = asset[8 : 8 + length].replace(b'\\"width\\": 64', f'\\"width\\": {width}'.encode())
        assert header != asset[8 : 8 + length]
        Path("G.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + asset[8 + length :])

    return make


def classifier() -> State:
    """LeNet's."""
    convolutions = [nn.Conv2d(1, 6, 5), nn.ReLU(), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.Flatten()]
    return nn.Sequential(*convolutions, nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 10)).state_dict()


def optimizer() -> dict[str, object]:
    return torch.optim.Adam(painters.examples32().parameters()).state_dict()


def pair(paint: Callable[[], State] = painter, name: str = "netG_epoch_7.pth") -> Make:
    """netG_epoch_7.pth and, of 64 px in colour, netD_epoch_7.pth beside it."""

    def make() -> None:
        torch.save(paint(), name)
        torch.save(judge(), "netD_epoch_7.pth")

    return make


def epochs() -> None:
    """A directory in which the last epoch's discriminator is missing."""
    Path("outputs").mkdir()
    for epoch in (0, 1, 2):
        torch.save(painter(), f"outputs/netG_epoch_{epoch}.pth")
        if epoch < 2:
            torch.save(judge(), f"outputs/netD_epoch_{epoch}.pth")


def release(missing: int | None = None, arrays: bool = True) -> Make:
    """The authors' release in Theano's layout, of which an array may be missing."""

    def make() -> None:
        path = theano.write(Path("release"), 200, "gen", theano.generator_arrays("svhn", 1) if arrays else [])
        if missing is not None:
            path.with_name(f"{path.name}_{missing:02d}.npy").unlink()

    return make


def run(latest: str) -> Make:
    """A run of this project's trainer whose `latest` leads somewhere."""

    def make() -> None:
        Path("run/snapshots").mkdir(parents=True)
        Path("run/latest").symlink_to(latest)

    return make


def directory(*names: str) -> Make:
    def make() -> None:
        Path("outputs").mkdir()
        for name in names:
            Path("outputs", name).touch()

    return make


def loop() -> None:
    Path("G.pth").symlink_to("H.pth")
    Path("H.pth").symlink_to("G.pth")


def unreadable() -> None:
    Path("G.pth").write_bytes(b"secret")
    Path("G.pth").chmod(0)
    if os.access("G.pth", os.R_OK):
        pytest.skip("root may read everything")


def fifo_in_a_directory() -> None:
    Path("outputs").mkdir()
    os.mkfifo("outputs/netG_1.pth")


def of_the_kernel() -> None:
    """Regular files without a size, of which some never end and some wait."""
    if not Path("/proc/self/maps").exists():
        pytest.skip("there is no /proc here")


def bound_socket() -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("G.pth")


def nothing() -> None:
    """The arguments alone are the case."""
