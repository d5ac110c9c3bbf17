"""Training images and held-out ones: which they are, that they never meet, and what is said of them."""

import numpy as np
import pytest
import torch
from PIL import Image

from dcgan_viz.data.datasets import load_images
from dcgan_viz.data.held_out import real_images
from dcgan_viz.data.rooms import COMPARISON_START, render_split
from dcgan_viz.errors import InputError
from tests.data.makers import noise, write_idx


def folder(path, count, seed=0):
    """Files with a picture each, no two alike."""
    path.mkdir()
    for k, pixels in enumerate(noise(count, 16, 16, 3, seed=seed)):
        Image.fromarray(pixels).save(path / f"{k:03d}.png")
    return f"folder:{path}"


def as_set(images):
    return {image.numpy().tobytes() for image in images}


def test_rooms_are_those_of_training_beside_others():
    real = real_images("rooms", None, 32, 3, n_training=12, n_held_out=5, seed=7)
    assert torch.equal(real.training, load_images("rooms", 32, 12).images)  # seed 0, as training has it
    expected, _ = render_split("held_out", 5, start=COMPARISON_START, image_size=32)
    assert np.array_equal(real.held_out.permute(0, 2, 3, 1).numpy(), expected)
    assert real.training_source == "the first 12 rooms of the training split"
    assert (real.n_shared, real.is_split) == (0, False)


def test_a_folder_is_split_by_seed_and_that_is_said(tmp_path):
    spec = folder(tmp_path / "photos", 50)
    everything = as_set(load_images(spec, 16).images)
    real = real_images(spec, None, 16, 3, seed=1)
    training, held_out = as_set(real.training), as_set(real.held_out)
    assert (len(training), len(held_out)) == (40, 10)  # a fifth is held out of what is too little
    assert training | held_out == everything
    assert real.is_split
    assert "split off by seed: training that used all of the folder saw them too" in real.held_out_source
    again, other = (real_images(spec, None, 16, 3, seed=seed) for seed in (1, 2))
    assert as_set(again.held_out) == held_out != as_set(other.held_out)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((30, 20), (30, 20)), ((30, None), (30, 20)), ((None, 15), (35, 15)), ((10, 5), (10, 5))],
)
def test_the_parts_are_as_large_as_asked_for(tmp_path, counts, expected):
    spec = folder(tmp_path / "photos", 50)
    real = real_images(spec, None, 16, 3, n_training=counts[0], n_held_out=counts[1])
    assert (len(real.training), len(real.held_out)) == expected
    assert as_set(real.training).isdisjoint(as_set(real.held_out))


def test_another_folder_may_be_the_held_out_one(tmp_path):
    one, other = folder(tmp_path / "one", 8), folder(tmp_path / "other", 6, seed=1)
    real = real_images(one, str(tmp_path / "other"), 16, 3, n_held_out=4)
    assert as_set(real.training) == as_set(load_images(one, 16).images)
    assert as_set(real.held_out) < as_set(load_images(other, 16).images)
    assert (len(real.held_out), real.is_split, real.n_shared) == (4, False, 0)


def test_shared_images_are_counted(tmp_path):
    one, other = folder(tmp_path / "one", 8), folder(tmp_path / "other", 6, seed=1)
    for k in range(3):
        (tmp_path / "other" / f"{k:03d}.png").write_bytes((tmp_path / "one" / f"{k:03d}.png").read_bytes())
    assert real_images(one, other, 16, 3).to_json()["n_shared"] == 3


def test_mnist_is_compared_with_its_test_images(tmp_path):
    tests = noise(5, 28, 28, seed=1)
    write_idx(tmp_path, noise(30, 28, 28))
    write_idx(tmp_path, tests, "t10k-images-idx3-ubyte")
    real = real_images(f"mnist:{tmp_path}", None, 28, 1)
    assert (len(real.training), real.is_split) == (30, False)
    assert np.array_equal(real.held_out[:, 0].numpy(), tests)
    assert real.held_out_source == f"5 test images of mnist:{tmp_path}"


@pytest.mark.parametrize(
    ("spec", "held_out", "counts", "says"),
    [
        ("{tmp}/photos", "folder:{tmp}/photos", (None, None), "the training images; give others"),
        ("{tmp}/photos", "folder:{tmp}/../{name}/photos", (None, None), "the training images"),
        ("{tmp}/photos", None, (9, 2), "11 images asked for, 10 of its 10 files are usable"),
        ("{tmp}/photos", None, (10, None), "10 images, too few to keep some apart"),
        ("{tmp}/photos", None, (None, 10), "10 images, too few to keep some apart"),
        ("{tmp}/photos", "{tmp}/nowhere", (None, None), "no such data set"),
        ("{tmp}/one", None, (None, None), "1 image, nothing to compare with"),
        ("{tmp}/photos", "{tmp}/one", (None, None), "1 image, nothing to compare with"),
    ],
)
def test_what_cannot_be_compared_is_one_line(tmp_path, spec, held_out, counts, says):
    folder(tmp_path / "photos", 10)
    folder(tmp_path / "one", 1)
    places = {"tmp": tmp_path, "name": tmp_path.name}
    with pytest.raises(InputError, match=says):
        real_images(
            spec.format(**places),
            held_out and held_out.format(**places),
            16,
            3,
            n_training=counts[0],
            n_held_out=counts[1],
        )
