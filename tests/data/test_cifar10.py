import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from dcgan_viz.data.cifar10 import read_cifar10
from dcgan_viz.errors import InputError
from tests.data.makers import cifar10_pickle, noise, write_cifar10_binary, write_cifar10_python

IMAGES = noise(15, 3, 32, 32)
WRITERS = {"binary": write_cifar10_binary, "python": write_cifar10_python}


@pytest.mark.parametrize("version", WRITERS)
def test_reads_both_versions_from_either_directory(tmp_path, version):
    folder = WRITERS[version](tmp_path, IMAGES)
    assert np.array_equal(read_cifar10(tmp_path).numpy(), IMAGES)
    assert np.array_equal(read_cifar10(folder).numpy(), IMAGES)


def test_the_stand_in_is_what_python_unpickles():
    rows = IMAGES.reshape(len(IMAGES), -1)
    batch = pickle.loads(cifar10_pickle(rows), encoding="bytes")
    assert np.array_equal(batch[b"data"], rows)
    assert batch[b"batch_label"] == b"training batch 1 of 5"


def test_reads_what_this_python_pickles(tmp_path):
    folder = write_cifar10_python(tmp_path, IMAGES)
    rows = np.asfortranarray(noise(4, 3072, seed=1))
    for protocol in (3, 4):
        (folder / "data_batch_5").write_bytes(pickle.dumps({b"data": rows}, protocol=protocol))
        assert np.array_equal(read_cifar10(tmp_path)[12:].numpy().reshape(4, -1), rows)


class Malice:
    """Unpickles into a call."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("hide", [lambda x: x, lambda x: {b"data": x}, lambda x: [{b"labels": (x,)}]])
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("kind", ["system", "eval", "tofile", "load"])
def test_opening_a_pickle_runs_no_code(tmp_path, hide, protocol, kind):
    folder = write_cifar10_python(tmp_path, IMAGES)
    marker = tmp_path / "marker"
    malice = {
        "system": Malice(os.system, f"touch {marker}"),
        "eval": Malice(eval, f"open({str(marker)!r}, 'w')"),
        "tofile": Malice(np.ndarray.tofile, np.zeros(3), str(marker)),  # a dotted name below an allowed one
        "load": Malice(np.load, str(marker)),
    }[kind]
    raw = pickle.dumps(hide(malice), protocol=protocol if kind != "tofile" else max(protocol, 4))
    (folder / "data_batch_2").write_bytes(raw)
    with pytest.raises(
        InputError, match=r"data_batch_2: a pickle that calls \S+, which can run code"
    ) as caught:
        read_cifar10(tmp_path)
    assert "\n" not in str(caught.value)
    assert not marker.exists()


def test_the_malicious_pickle_would_have_run(tmp_path):
    marker = tmp_path / "marker"
    pickle.loads(pickle.dumps(Malice(os.system, f"touch {marker}")))
    assert marker.exists()


ROWS = IMAGES[:3].reshape(3, -1)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not a batch of CIFAR-10"),
        (cifar10_pickle(ROWS)[:-900], "not a batch of CIFAR-10"),
        (pickle.dumps([1, 2]), "no uint8 array 'data'"),
        (pickle.dumps({b"labels": [1]}), "no uint8 array 'data'"),
        (pickle.dumps({b"data": b"123"}), "no uint8 array 'data'"),
        (cifar10_pickle(ROWS[:, :3000]), "no uint8 array 'data'"),
        (cifar10_pickle(ROWS.ravel()), "no uint8 array 'data'"),
        (cifar10_pickle(ROWS.astype(np.int16)), "no uint8 array 'data'"),
        (b"\x80\x02" + b"(" * 100_000, "not a batch of CIFAR-10"),
        (b"\x80\x02Nr\xff\xff\xff\x7f.", "not a batch of CIFAR-10 (ValueError)"),  # 17 GB of object numbers
    ],
)
def test_pickles_of_something_else(tmp_path, raw, message):
    folder = write_cifar10_python(tmp_path, IMAGES)
    path = folder / "data_batch_4"
    path.write_bytes(raw)
    with pytest.raises(InputError) as caught:
        read_cifar10(tmp_path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_flipped_bytes_give_images_or_an_input_error(tmp_path):
    folder = write_cifar10_python(tmp_path, IMAGES)
    path = folder / "data_batch_1"
    good = path.read_bytes()
    random = np.random.default_rng(0)
    header, refused = 130, 0
    for _ in range(300):
        position = int(random.integers(header)) if random.random() < 0.8 else -int(random.integers(1, 12))
        bad = bytearray(good)
        bad[position] = int(random.integers(256))
        path.write_bytes(bytes(bad))
        try:
            assert read_cifar10(tmp_path).shape[1:] == (3, 32, 32)
        except InputError:
            refused += 1
    assert refused > 100


def test_missing_batches_are_named(tmp_path):
    folder = write_cifar10_binary(tmp_path, IMAGES)
    (folder / "data_batch_2.bin").unlink()
    (folder / "data_batch_5.bin").unlink()
    with pytest.raises(InputError, match=r"data_batch_2\.bin, data_batch_5\.bin missing"):
        read_cifar10(tmp_path)


def test_cut_binary_batch(tmp_path):
    path = write_cifar10_binary(tmp_path, IMAGES) / "data_batch_3.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"data_batch_3\.bin: 9218 bytes, not a multiple of 3073"):
        read_cifar10(tmp_path)


def test_the_binary_version_is_preferred(tmp_path):
    write_cifar10_binary(tmp_path, IMAGES)
    folder = write_cifar10_python(tmp_path, IMAGES)
    shutil.rmtree(folder)
    folder.mkdir()
    Path(folder, "data_batch_1").write_bytes(b"never opened")
    assert np.array_equal(read_cifar10(tmp_path).numpy(), IMAGES)


def test_neither_version(tmp_path):
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(b"")
    with pytest.raises(InputError, match=r"cifar-10-batches-bin nor cifar-10-batches-py.*unpacked"):
        read_cifar10(tmp_path)
