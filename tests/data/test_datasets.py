import numpy as np
import pytest
import torch
from PIL import Image

from dcgan_viz.data.datasets import load_images, to_float
from dcgan_viz.data.rooms import COMPARISON_START, render, split_index
from dcgan_viz.errors import InputError
from tests.data.makers import (
    cifar10_pickle,
    noise,
    write_cifar10_binary,
    write_cifar10_python,
    write_idx,
)

DIGITS = noise(30, 28, 28)
COLOURS = noise(10, 3, 32, 32)


@pytest.fixture
def mnist(tmp_path):
    write_idx(tmp_path, DIGITS)
    return f"mnist:{tmp_path}"


@pytest.fixture
def cifar10(tmp_path):
    write_cifar10_python(tmp_path, COLOURS)
    return f"cifar10:{tmp_path}"


def test_mnist_is_grey_and_as_stored(mnist):
    data = load_images(mnist, 28)
    assert data.name == "mnist"
    assert data.skipped == ()
    assert data.images.dtype == torch.uint8
    assert np.array_equal(data.images.numpy(), DIGITS[:, None])


@pytest.mark.parametrize("write", [write_cifar10_binary, write_cifar10_python])
def test_cifar10_is_colour_and_as_stored(tmp_path, write):
    write(tmp_path, COLOURS)
    data = load_images(f"cifar10:{tmp_path}", 32)
    assert data.name == "cifar10"
    assert np.array_equal(data.images.numpy(), COLOURS)


def test_folder_with_its_skipped_files(tmp_path):
    pixels = noise(24, 24, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"broken")
    data = load_images(f"folder:{tmp_path}", 24)
    assert data.name == "folder"
    assert np.array_equal(data.images.numpy(), pixels.transpose(2, 0, 1)[None])
    assert data.images.is_contiguous()
    assert data.skipped == (("b.png", "not an image in a format known here"),)


@pytest.mark.parametrize("seed", [0, 5])
def test_rooms_are_those_of_the_train_split(seed):
    data = load_images("rooms", 32, count=12, seed=seed)
    assert data.name == "rooms"
    expected = [render(seed, split_index("train", position), 32)[0] for position in range(12)]
    assert np.array_equal(data.images.permute(0, 2, 3, 1).numpy(), np.stack(expected))
    assert data.images.is_contiguous()


@pytest.mark.parametrize("image_size", [16, 28, 64, 128])
def test_other_sizes_agree_with_pillow(cifar10, image_size):
    images = load_images(cifar10, image_size).images
    for image, colours in zip(images, COLOURS, strict=True):
        resized = Image.fromarray(colours.transpose(1, 2, 0)).resize(
            (image_size, image_size), Image.Resampling.BICUBIC
        )
        difference = np.abs(image.permute(1, 2, 0).numpy().astype(int) - np.asarray(resized))
        assert difference.max() <= 1  # rounding
    assert images.shape == (10, 3, image_size, image_size)


def test_smaller_is_antialiased(tmp_path):
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    write_idx(tmp_path, board[None])
    small = load_images(f"mnist:{tmp_path}", 28).images[0, 0, 3:-3, 3:-3].float()
    assert (small - 127.5).abs().max() < 12


def test_oblong_images_are_cropped_at_the_centre(tmp_path):
    oblong = np.zeros((1, 28, 84), np.uint8)
    oblong[..., 28:56] = 200
    write_idx(tmp_path, oblong)
    assert (load_images(f"mnist:{tmp_path}", 28).images == 200).all()


def test_channels_on_request(mnist):
    images = load_images(mnist, 28, channels=3).images
    assert np.array_equal(images.numpy(), DIGITS[:, None].repeat(3, 1))


def test_colour_as_grey_is_that_of_pillow(cifar10):
    images = load_images(cifar10, 32, channels=1).images
    expected = [np.asarray(Image.fromarray(x.transpose(1, 2, 0)).convert("L")) for x in COLOURS]
    assert np.array_equal(images[:, 0].numpy(), np.stack(expected))


def test_count_draws_by_seed_and_keeps_the_order(mnist):
    def numbers(**options):
        images = load_images(mnist, 28, **options).images.numpy()
        return [int(np.flatnonzero((image == DIGITS).all((1, 2)))[0]) for image in images[:, 0]]

    first = numbers(count=10, seed=1)
    assert first == sorted(set(first))
    assert len(first) == 10
    assert numbers(count=10, seed=1) == first
    assert numbers(count=10, seed=2) != first
    assert numbers(count=30) == list(range(30))


def test_a_path_alone_is_a_folder(tmp_path):
    Image.fromarray(noise(24, 24, 3)).save(tmp_path / "a.png")
    alone, named = (load_images(spec, 24) for spec in (str(tmp_path), f"folder:{tmp_path}"))
    assert alone.name == "folder"
    assert torch.equal(alone.images, named.images)


def test_held_out_rooms_are_none_of_the_training():
    data = load_images("rooms", 32, count=3, split="held_out")
    expected = [render(0, split_index("held_out", COMPARISON_START + k), 32)[0] for k in range(3)]
    assert np.array_equal(data.images.permute(0, 2, 3, 1).numpy(), np.stack(expected))
    trained = {split_index("train", position) for position in range(200)}
    assert trained.isdisjoint(split_index("held_out", position) for position in range(200))


def test_held_out_images_of_published_sets_are_their_test_images(tmp_path, mnist, cifar10):
    tests = noise(4, 28, 28, seed=1)
    write_idx(tmp_path, tests, "t10k-images-idx3-ubyte")
    assert np.array_equal(load_images(mnist, 28, split="held_out").images[:, 0].numpy(), tests)
    pixels = noise(2, 3, 32, 32, seed=1)
    (tmp_path / "cifar-10-batches-py" / "test_batch").write_bytes(cifar10_pickle(pixels.reshape(2, -1)))
    assert np.array_equal(load_images(cifar10, 32, split="held_out").images.numpy(), pixels)


def test_a_folder_has_no_held_out_images(tmp_path):
    with pytest.raises(InputError, match="no held-out images; give them in another folder"):
        load_images(f"folder:{tmp_path}", 28, split="held_out")
    with pytest.raises(InputError, match="split 'test': there is none of that name"):
        load_images("rooms", 28, split="test")


def test_fewer_will_do_where_said(tmp_path, mnist):
    assert len(load_images(mnist, 28, count=1000, fewer=True).images) == 30
    assert len(load_images(mnist, 28, count=7, fewer=True).images) == 7
    for k in range(3):
        Image.fromarray(noise(24, 24, 3, seed=k)).save(tmp_path / f"{k}.png")
    (tmp_path / "broken.png").write_bytes(b"broken")
    found = load_images(f"folder:{tmp_path}", 24, count=9, fewer=True).images
    assert torch.equal(found, load_images(f"folder:{tmp_path}", 24).images)
    with pytest.raises(InputError, match="9 images asked for"):
        load_images(f"folder:{tmp_path}", 24, count=9)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("lsun", "data 'lsun': no such data set; known are rooms, mnist:DIR, cifar10:DIR, folder:DIR"),
        ("", "data '': no such data set; known are rooms, mnist:DIR, cifar10:DIR, folder:DIR"),
        (
            "rooms:here",
            "data 'rooms:here': no such data set; known are rooms, mnist:DIR, cifar10:DIR, folder:DIR",
        ),
        ("mnist", "data 'mnist': names no directory; write mnist:DIR"),
        ("folder:", "data 'folder:': names no directory; write folder:DIR"),
        (
            "cifar10:{tmp}/nowhere",
            "data 'cifar10:{tmp}/nowhere': no such directory: {tmp}/nowhere; "
            "write cifar10:DIR with the directory of the data",
        ),
        (
            "folder:{tmp}/file",
            "data 'folder:{tmp}/file': not a directory: {tmp}/file; "
            "write folder:DIR with the directory of the data",
        ),
    ],
)
def test_specs_that_name_no_data(tmp_path, spec, message):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError) as caught:
        load_images(spec.format(tmp=tmp_path), 28)
    assert str(caught.value) == message.format(tmp=tmp_path)


def test_a_directory_may_be_named_from_home_and_hold_colons(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_idx(tmp_path / "a:b", DIGITS)
    assert len(load_images("mnist:~/a:b", 28).images) == 30


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "0 images of"),
        ({"count": -1}, "-1 images of"),
        ({"count": 31}, "31 images asked for, 30 there; ask for at most 30"),
        ({"channels": 2}, "2 channels: .* give 1 or 3"),
        ({"seed": -1}, "seed -1: negative"),
        ({"image_size": 0}, "image size 0"),
    ],
)
def test_numbers_out_of_range(mnist, options, message):
    with pytest.raises(InputError, match=message):
        load_images(mnist, **{"image_size": 28, **options})


def test_to_float_covers_minus_one_to_one_evenly():
    values = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    floats = to_float(values)
    assert floats.dtype == torch.float32
    assert torch.allclose(floats.flatten(), torch.linspace(-1, 1, 256), atol=1e-6)
    assert values.flatten().tolist() == list(range(256))
