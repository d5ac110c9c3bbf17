import gzip

import numpy as np
import pytest
from torchvision.datasets.mnist import read_sn3_pascalvincent_tensor

from dcgan_viz.data.idx import read_idx_images, read_mnist
from dcgan_viz.errors import InputError
from tests.data.makers import idx_bytes, noise, write_idx

IMAGES = noise(7, 28, 20)


@pytest.mark.parametrize("folder", [".", "MNIST/raw", "raw"])
@pytest.mark.parametrize(
    "name", ["train-images-idx3-ubyte", "train-images-idx3-ubyte.gz", "train-images.idx3-ubyte"]
)
def test_finds_the_training_images_wherever_they_are_stored(tmp_path, folder, name):
    write_idx(tmp_path / folder, IMAGES, name)
    write_idx(tmp_path / folder, noise(3, 28, 20, seed=1), "t10k-images-idx3-ubyte")
    assert np.array_equal(read_mnist(tmp_path).squeeze(1).numpy(), IMAGES)


@pytest.mark.parametrize("name", ["t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte.gz"])
def test_the_test_images_are_held_out(tmp_path, name):
    write_idx(tmp_path, IMAGES)
    held_out = noise(3, 28, 20, seed=1)
    write_idx(tmp_path, held_out, name)
    assert np.array_equal(read_mnist(tmp_path, "held_out").squeeze(1).numpy(), held_out)


def test_agrees_with_the_reader_of_torchvision(tmp_path):
    path = write_idx(tmp_path, IMAGES)
    assert read_idx_images(path).squeeze(1).equal(read_sn3_pascalvincent_tensor(str(path)))


def test_missing_file_names_what_is_looked_for(tmp_path):
    write_idx(tmp_path, IMAGES, "t10k-images-idx3-ubyte")
    with pytest.raises(InputError, match=r"train-images-idx3-ubyte nor train-images-idx3-ubyte\.gz.*mnist:"):
        read_mnist(tmp_path)


def test_every_truncation_is_an_error(tmp_path):
    path = tmp_path / "images"
    content = idx_bytes(noise(2, 3, 3))
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match=str(path)):
            read_idx_images(path)
    path.write_bytes(content)
    assert read_idx_images(path).shape == (2, 1, 3, 3)


def test_every_truncation_of_a_gzip_file_is_an_error(tmp_path):
    path = tmp_path / "images.gz"
    content = gzip.compress(idx_bytes(noise(2, 3, 3)))
    for length in range(len(content) - 8):  # the last 8 are checksum and length, not data
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match=r"damaged gzip|starts with"):
            read_idx_images(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (idx_bytes(IMAGES) + b"x", "3920 bytes, and holds more"),
        (idx_bytes(IMAGES)[:-20], "declares 7 images of 28x20 px, 3920 bytes, and holds 3900"),
        (idx_bytes(noise(9)), "starts with 00000801"),
        (b"", "starts with nothing"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "starts with 89504e47"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "4 GiB"),
        (b"\0\0\x08\x03" + bytes(12), "declares 0 images"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_mnist(tmp_path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_gzip_file_is_expanded_no_further_than_it_declares(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx_bytes(noise(1, 2, 2)) + bytes(50_000_000)))
    with pytest.raises(InputError, match="4 bytes, and holds more"):
        read_idx_images(path)


def test_damaged_gzip(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(b"not gzip at all, but long enough for a header")
    with pytest.raises(InputError, match="damaged gzip file"):
        read_idx_images(path)
