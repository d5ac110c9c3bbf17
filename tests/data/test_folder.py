import io
import os
import warnings

import numpy as np
import pytest
from PIL import Image

from dcgan_viz.data.folder import read_folder
from dcgan_viz.errors import InputError
from tests.data.makers import noise

ORIENTATION = 0x0112


def save(path, pixels, mode=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def only(directory, size, **options):
    """The single image of a folder, (S, S, C)."""
    folder = read_folder(directory, size, **options)
    assert folder.skipped == ()
    assert len(folder.images) == 1
    return folder.images[0].transpose(1, 2, 0)


def test_an_image_of_the_right_size_stays_as_it_is(tmp_path):
    pixels = noise(16, 16, 3)
    save(tmp_path / "a.png", pixels)
    assert np.array_equal(only(tmp_path, 16), pixels)


@pytest.mark.parametrize("upright", [False, True])
def test_the_short_side_fits_and_the_centre_is_kept(tmp_path, upright):
    wide = np.zeros((16, 48, 3), np.uint8)
    wide[:, :16], wide[:, 16:32], wide[:, 32:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    save(tmp_path / "a.png", wide.transpose(1, 0, 2) if upright else wide)
    square = only(tmp_path, 8)
    assert np.array_equal(square[2:6, 2:6], np.broadcast_to([0, 255, 0], (4, 4, 3)))
    assert np.abs(square.astype(int) - [0, 255, 0]).mean() < 8  # bicubic reaches a little over the cut


def test_shrinking_averages_what_is_too_fine(tmp_path):
    board = np.indices((256, 256)).sum(0) % 2 * 255
    save(tmp_path / "a.png", board.astype(np.uint8))
    assert np.abs(only(tmp_path, 32)[4:-4, 4:-4].astype(float) - 127.5).max() <= 1


def test_a_large_jpeg_decoded_small_looks_as_decoded_whole(tmp_path):
    smooth = Image.fromarray(noise(9, 12, 3)).resize((1200, 900), Image.Resampling.BICUBIC)
    path = save(tmp_path / "a.jpg", smooth, quality=95)
    with Image.open(path) as image:
        whole = np.asarray(image.crop((150, 0, 1050, 900)).resize((64, 64), Image.Resampling.BICUBIC)).astype(
            int
        )
    difference = np.abs(only(tmp_path, 64).astype(int) - whole)
    assert whole.std() > 40
    assert difference.mean() < 1.0


# What each value of the tag stores of an upright picture (EXIF 2.32, 4.6.4: the corner of row 0, column 0).
STORED = {
    1: lambda x: x,
    2: lambda x: x[:, ::-1],
    3: lambda x: x[::-1, ::-1],
    4: lambda x: x[::-1],
    5: lambda x: x.swapaxes(0, 1),
    6: lambda x: x.swapaxes(0, 1)[::-1],
    7: lambda x: x.swapaxes(0, 1)[::-1, ::-1],
    8: lambda x: x.swapaxes(0, 1)[:, ::-1],
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_exif_orientation_is_applied(tmp_path, orientation, suffix):
    blocks = np.array([[[250, 10, 10], [10, 250, 10]], [[10, 10, 250], [240, 240, 240]]], np.uint8)
    upright = blocks.repeat(16, 0).repeat(16, 1)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = {"quality": 100} if suffix != "png" else {}
    stored = np.ascontiguousarray(STORED[orientation](upright))
    save(tmp_path / f"a.{suffix}", stored, exif=exif, **options)
    corners = only(tmp_path, 32)[4::24, 4::24].astype(int)
    assert np.abs(corners - blocks).max() < 12


def test_grey_of_16_bits_is_scaled_not_clipped(tmp_path):
    values = (
        np.arange(256, dtype=np.uint16).reshape(16, 16) // 2
    )  # up to half of the range: stays half as bright
    save(tmp_path / "a.png", values * 257)
    assert np.array_equal(only(tmp_path, 16)[..., 0], values)


@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_tiff_of_16_bits_in_both_byte_orders(tmp_path, order):
    values = np.arange(256, dtype=np.uint16).reshape(16, 16)
    save(tmp_path / "a.tif", (values * 257).astype(order))
    assert np.array_equal(only(tmp_path, 16)[..., 0], values)


def test_colour_of_16_bits(tmp_path):
    pixels = np.full((16, 16, 3), 40_000, ">u2")
    header = b"P6 16 16 65535\n"
    (tmp_path / "a.ppm").write_bytes(header + pixels.tobytes())
    assert np.abs(only(tmp_path, 16).astype(int) - 40_000 / 257).max() <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.linspace(0, 1, 256, dtype=np.float32), np.arange(256)),  # [0, 1]
        (np.arange(256, dtype=np.float32), np.arange(256)),  # [0, 255]
        (np.arange(256, dtype=np.float32) * 257, np.arange(256)),  # [0, 65535]
        (np.arange(-100, 156, dtype=np.float32) * 1e6, np.arange(256)),  # its own range
        (np.arange(256, dtype=np.int32) * 257, np.arange(256)),
        (np.arange(256, dtype=np.int32) * 10_000_000 - 2_000_000_000, np.arange(256)),
        (np.linspace(-1, 1, 256, dtype=np.float32), np.arange(256)),
        (np.full(256, 70_000, dtype=np.int32), np.zeros(256)),
    ],
)
def test_deep_tiffs(tmp_path, values, expected):
    save(tmp_path / "a.tif", values.reshape(16, 16))
    assert np.array_equal(only(tmp_path, 16)[..., 0].ravel(), expected)


@pytest.mark.parametrize("suffix", ["tif", "jpg"])
def test_cmyk(tmp_path, suffix):
    inks = np.zeros((16, 16, 4), np.uint8)
    inks[:, 8:] = (255, 0, 0, 0)  # cyan beside bare paper
    save(
        tmp_path / f"a.{suffix}",
        Image.fromarray(inks, "CMYK"),
        **({"quality": 100} if suffix == "jpg" else {}),
    )
    pixels = only(tmp_path, 16).astype(int)
    assert np.abs(pixels[:, 2] - [255, 255, 255]).max() <= 3
    assert np.abs(pixels[:, 13] - [0, 255, 255]).max() <= 3


def test_transparent_parts_are_white(tmp_path):
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[..., 0] = 200
    rgba[:, 8:, 3] = 255
    rgba[:8, :8, 3] = 51  # a fifth
    save(tmp_path / "a.png", rgba)
    pixels = only(tmp_path, 16)
    assert pixels[2, 2].tolist() == [244, 204, 204]  # 0.2 * 200 + 0.8 * 255, 0.2 * 0 + 0.8 * 255
    assert pixels[12, 2].tolist() == [255, 255, 255]
    assert pixels[2, 12].tolist() == [200, 0, 0]


def test_transparency_of_palettes_grey_and_colour_keys(tmp_path):
    halves = np.zeros((16, 16), np.uint8)
    halves[:, 8:] = 1
    palette = Image.fromarray(halves, "P")
    palette.putpalette([10, 20, 30, 40, 50, 60])
    save(tmp_path / "a.png", palette, transparency=0)
    save(tmp_path / "b.gif", palette, transparency=0)
    save(tmp_path / "c.png", Image.fromarray(halves * 90), "RGB", transparency=(0, 0, 0))
    save(tmp_path / "d.png", np.stack([halves * 90, halves * 255], 2))  # LA
    images = read_folder(tmp_path, 16).images
    assert images[..., 4, 4].tolist() == [[255, 255, 255]] * 4
    assert images[..., 4, 12].tolist() == [[40, 50, 60], [40, 50, 60], [90, 90, 90], [90, 90, 90]]


@pytest.mark.parametrize(
    ("mode", "suffix"), [("1", "png"), ("L", "bmp"), ("P", "png"), ("YCbCr", "tif"), ("RGB", "ppm")]
)
def test_other_modes(tmp_path, mode, suffix):
    halves = np.zeros((16, 16, 3), np.uint8)
    halves[:, 8:] = 255
    save(tmp_path / f"a.{suffix}", halves, mode)
    pixels = only(tmp_path, 16, channels=3).astype(int)
    assert np.abs(pixels - halves).max() <= 2


def test_grey_files_give_one_channel_unless_one_has_colour(tmp_path):
    grey = noise(16, 16)
    save(tmp_path / "a.png", grey)
    save(tmp_path / "b.jpg", grey, "RGB")
    assert read_folder(tmp_path, 16).images.shape == (2, 1, 16, 16)
    assert read_folder(tmp_path, 16, channels=3).images.shape == (2, 3, 16, 16)
    save(tmp_path / "c.png", noise(16, 16, 3))
    images = read_folder(tmp_path, 16).images
    assert images.shape == (3, 3, 16, 16)
    assert np.array_equal(images[0], grey[None].repeat(3, 0))


def test_colour_as_grey_is_its_luma(tmp_path):
    pixels = noise(16, 16, 3)
    save(tmp_path / "a.png", pixels)
    luma = pixels @ np.array([0.299, 0.587, 0.114])  # ITU-R 601
    assert np.abs(only(tmp_path, 16, channels=1)[..., 0] - luma).max() < 0.51


def test_unusable_files_are_skipped_and_named(tmp_path):
    save(tmp_path / "good.png", noise(20, 20, 3))
    save(tmp_path / "deep/tiny.png", noise(7, 40, 3))
    save(tmp_path / "edge.png", noise(8, 40, 3))
    whole = io.BytesIO()
    Image.fromarray(noise(64, 64, 3)).save(whole, "JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole.getvalue()[:900])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "labels.csv").write_text("a,b\n1,2\n")
    (tmp_path / "two\nlines.png").write_bytes(b"nothing")
    save(tmp_path / "nan.tif", np.full((9, 9), np.nan, np.float32))
    folder = read_folder(tmp_path, 16)
    assert len(folder.images) == 2
    reasons = dict(folder.skipped)
    assert list(reasons) == [
        "cut.jpg",
        "deep/tiny.png",
        "empty.png",
        "labels.csv",
        "nan.tif",
        r"'two\nlines.png'",
    ]
    assert "truncated" in reasons["cut.jpg"]
    assert reasons["deep/tiny.png"] == "40x7 px, less than 8 on a side"
    assert reasons["nan.tif"] == "holds values that are not finite"
    assert reasons["labels.csv"] == reasons["empty.png"] == "not an image in a format known here"


@pytest.mark.parametrize("side", [10_000, 20_000])  # Pillow warns from 89 million pixels, refuses from 179
def test_decompression_bombs_are_refused_without_decoding(tmp_path, side):
    save(tmp_path / "good.png", noise(20, 20, 3))
    path = save(tmp_path / "bomb.png", Image.new("1", (side, side)))
    assert path.stat().st_size < 60_000
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        folder = read_folder(tmp_path, 16)
    assert folder.skipped == (("bomb.png", f"more than {Image.MAX_IMAGE_PIXELS} pixels"),)
    assert len(folder.images) == 1


def test_postscript_is_not_opened(tmp_path):
    save(tmp_path / "good.png", noise(20, 20, 3))
    Image.fromarray(noise(20, 20, 3)).save(tmp_path / "a.eps")
    assert read_folder(tmp_path, 16).skipped == (("a.eps", "not an image in a format known here"),)


def test_the_filters_of_warnings_are_put_back(tmp_path):
    save(tmp_path / "good.png", noise(20, 20, 3))
    before = list(warnings.filters)
    read_folder(tmp_path, 16)
    assert warnings.filters == before


def test_order_is_that_of_the_paths(tmp_path):
    names = ["b/2.png", "a/10.png", "a/2.png", "c.png", "a/ß.png", "B.png"]
    for value, name in enumerate(names):
        save(tmp_path / name, np.full((8, 8), value, np.uint8))
    values = read_folder(tmp_path, 8).images[:, 0, 0, 0].tolist()
    assert [names[value] for value in values] == [
        "B.png",
        "a/10.png",
        "a/2.png",
        "a/ß.png",
        "b/2.png",
        "c.png",
    ]


def test_hidden_files_and_pipes_are_left_out_and_links_followed_once(tmp_path):
    inside, elsewhere = tmp_path / "images", tmp_path / "elsewhere"
    save(inside / "a.png", noise(8, 8))
    save(inside / ".hidden.png", noise(8, 8))
    save(inside / ".thumbnails/b.png", noise(8, 8))
    save(elsewhere / "c.png", noise(8, 8))
    os.mkfifo(inside / "pipe.png")
    (inside / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (inside / "linked").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(inside)
    folder = read_folder(inside, 8)
    assert len(folder.images) == 2
    assert folder.skipped == ()


def numbered(directory, n):
    for value in range(n):
        save(directory / f"{value:03d}.png", np.full((8, 8), value, np.uint8))


def values_of(folder):
    return folder.images[:, 0, 0, 0].tolist()


def test_count_draws_usable_files_by_seed_and_keeps_their_order(tmp_path):
    numbered(tmp_path, 40)
    for broken in range(0, 40, 4):
        (tmp_path / f"{broken:03d}.png").write_bytes(b"broken")
    first = read_folder(tmp_path, 8, count=20, seed=1)
    values = values_of(first)
    assert values == sorted(set(values))
    assert len(values) == 20
    assert all(value % 4 for value in values)
    assert values_of(read_folder(tmp_path, 8, count=20, seed=1)) == values
    assert values_of(read_folder(tmp_path, 8, count=20, seed=2)) != values
    assert values_of(read_folder(tmp_path, 8, count=30)) == [v for v in range(40) if v % 4]


def test_more_than_one_chunk_of_files(tmp_path, monkeypatch):
    monkeypatch.setattr("dcgan_viz.data.folder._CHUNK", 7)
    numbered(tmp_path, 30)
    assert values_of(read_folder(tmp_path, 8)) == list(range(30))


def test_more_images_asked_for_than_usable(tmp_path):
    numbered(tmp_path, 5)
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(
        InputError, match="6 images asked for, 5 of its 6 files are usable; ask for at most 5"
    ):
        read_folder(tmp_path, 8, count=6)


def test_no_usable_image_names_one_and_its_reason(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(InputError, match=r"none of its 1 files is a usable image \(x\.txt: not an image"):
        read_folder(tmp_path, 8)


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path, monkeypatch):
    numbered(tmp_path / "closed", 2)
    numbered(tmp_path / "open", 2)
    scandir = os.scandir

    def refusing(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(InputError, match=f"{tmp_path}/closed: Permission denied; make the folder readable"):
        read_folder(tmp_path, 8)


def test_empty_folder(tmp_path):
    with pytest.raises(InputError, match="holds no files"):
        read_folder(tmp_path, 8)
