"""Waypoints from the prior and from files."""

import io
import zipfile

import numpy as np
import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.latent_walk.waypoints import drawn_waypoints, read_waypoints
from dcgan_viz.sample import sample

Z = np.random.default_rng(0).normal(size=(12, 8)).astype(np.float32)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "arrays.npz"
    np.savez(path, z=Z, other=np.zeros(3))
    return path


def test_drawn_waypoints_are_those_of_the_command_sample(tiny_gan):
    z = sample(tiny_gan, 20, seed=5).z
    assert torch.equal(drawn_waypoints(tiny_gan, 9, 5), z[:9])
    assert torch.equal(drawn_waypoints(tiny_gan, 9, 5, [13, 2, 19]), z[[13, 2, 19]])


def test_rows_of_a_file(file):
    assert np.array_equal(read_waypoints(file, 8, 9).numpy(), Z[:9])
    assert np.array_equal(read_waypoints(file, 8, 100).numpy(), Z)
    assert np.array_equal(read_waypoints(file, 8, 9, [11, 0, 11]).numpy(), Z[[11, 0, 11]])


@pytest.mark.parametrize("change", [lambda z: z[:, :, None, None], lambda z: z.astype(np.float64)])
def test_other_shapes_and_types_of_the_same_numbers(tmp_path, change):
    np.savez_compressed(tmp_path / "z.npz", z=change(Z))
    assert np.array_equal(read_waypoints(tmp_path / "z.npz", 8, 9).numpy(), Z[:9])


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_npy", ".npy"), content)
    return buffer.getvalue()


def saved(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "indices", "says"),
    [
        (b"no archive", None, "not an .npz file"),
        (saved(z=Z)[:-40], None, "not an .npz file"),
        (saved(w=Z, x=Z), None, "holds w, x, but no array z"),
        (zipped(z_npy=b"broken"), None, "its z is no array"),
        (saved(z=np.array([{"a": 1}], dtype=object)), None, "cannot be read"),
        (saved(z=Z[:, :5]), None, "z of 5 numbers, and this generator takes 8"),
        (saved(z=Z[0]), None, "float32 of shape"),
        (saved(z=Z.astype(str)), None, "not numbers"),
        (saved(z=np.where(Z > 1, np.nan, Z)), None, "no numbers"),
        (saved(z=Z), [0, 12], "index 12: .* has z 0 to 11"),
        (saved(z=Z), [0, -1], "index -1: negative"),
    ],
)
def test_files_that_hold_no_waypoints_are_one_line(tmp_path, content, indices, says):
    path = tmp_path / "file.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says) as caught:
        read_waypoints(path, 8, 9, indices)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_directory(tmp_path):
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(InputError, match="no such file"):
            read_waypoints(path, 8, 9)
