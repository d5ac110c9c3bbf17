import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.batchnorm import Calibration, with_batchnorm
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.importers import Imported, Request
from dcgan_viz.models.importers.theano import TheanoImporter
from dcgan_viz.models.loading import load
from dcgan_viz.models.prior import Prior
from dcgan_viz.models.trunk import Trunk
from tests.models.importers import theano_reference as reference

SHARED = (
    Path(os.environ.get("DCGAN_VIZ_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "newmu_svhn"
)
PRESETS = ["svhn", "imagenet32", "faces64"]


def read(path: Path, **request: str | Path) -> Imported:
    return TheanoImporter().read(Request(path, **request))  # type: ignore[arg-type]


def write_pair(directory: Path, preset: str = "svhn", epoch: int = 7, seed: int = 1) -> Path:
    reference.write(directory, epoch, "gen", reference.generator_arrays(preset, seed))
    reference.write(directory, epoch, "discrim", reference.discriminator_arrays(preset, seed + 1))
    return directory


def run(network: nn.Module | None, inputs: np.ndarray) -> np.ndarray:
    assert network is not None
    assert not network.training
    dtype = next(network.parameters()).dtype
    with torch.no_grad():
        return network(torch.from_numpy(inputs).to(dtype)).numpy()


def test_the_reference_deconvolution_is_the_gradient_of_its_convolution() -> None:
    random = np.random.default_rng(0)
    for stride, side in [(1, 3), (2, 3), (2, 5)]:
        kernels = random.normal(size=(3, 2, side, side))
        images, maps = random.normal(size=(4, 2, 8, 8)), random.normal(size=(4, 3, 8 // stride, 8 // stride))
        forward = reference.convolve(images, kernels, stride, side // 2)
        backward = reference.deconvolve(maps, kernels, stride, side // 2)
        assert (forward * maps).sum() == pytest.approx((images * backward).sum())


def test_the_reference_convolution_is_that_of_scipy() -> None:
    signal = pytest.importorskip("scipy.signal")
    random = np.random.default_rng(0)
    images, kernels = random.normal(size=(2, 3, 9, 9)), random.normal(size=(4, 3, 5, 5))
    expected = [
        [
            sum(signal.convolve2d(image[c], kernel[c], "full")[2:-2:2, 2:-2:2] for c in range(3))
            for kernel in kernels
        ]
        for image in images
    ]
    np.testing.assert_allclose(reference.convolve(images, kernels, 2, 2), np.array(expected), atol=1e-12)


@pytest.mark.parametrize("preset", PRESETS)
def test_generator_equals_theano(preset: str, tmp_path: Path) -> None:
    arrays = reference.generator_arrays(preset, seed=3)
    reference.write(tmp_path, 12, "gen", arrays)
    z = np.random.default_rng(4).normal(size=(5, 6)).astype(np.float32)
    expected = reference.generate(preset, arrays, z.astype(np.float64))
    found = run(read(tmp_path).generator, z)
    assert expected.shape == (5, 3, 64, 64) if preset == "faces64" else (5, 3, 32, 32)
    assert expected.std() > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_epsilon_where_units_hardly_vary(tmp_path: Path) -> None:
    arrays = reference.generator_arrays("svhn", seed=3)
    arrays[0] = arrays[0] * np.float32(1e-4)  # a variance of the size of Theano's 1e-8
    reference.write(tmp_path, 1, "gen", arrays)
    z = np.random.default_rng(4).normal(size=(5, 6)).astype(np.float32)
    expected = reference.generate("svhn", arrays, z.astype(np.float64))
    np.testing.assert_allclose(run(read(tmp_path).generator, z), expected, atol=1e-5)


@pytest.mark.parametrize("preset", PRESETS)
def test_discriminator_equals_theano(preset: str, tmp_path: Path) -> None:
    arrays = reference.discriminator_arrays(preset, seed=5)
    reference.write(tmp_path, 12, "discrim", arrays)
    side = 64 if preset == "faces64" else 32
    images = np.random.default_rng(6).uniform(-1, 1, (4, 3, side, side)).astype(np.float32)
    expected = reference.judge(preset, arrays, images.astype(np.float64))
    found = run(read(tmp_path).discriminator, images)
    assert expected.std() > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("preset", "prior"), [("svhn", "normal"), ("imagenet32", "uniform"), ("faces64", "uniform")]
)
def test_a_pair_says_what_it_is_and_what_was_assumed(preset: str, prior: str, tmp_path: Path) -> None:
    found = read(write_pair(tmp_path, preset))
    assert found.generator is not None
    assert found.discriminator is not None
    assert found.prior == Prior(prior, 6)  # type: ignore[arg-type]
    assert found.metadata["preset"] == preset
    assert found.metadata["epoch"] == 7
    assert preset in found.assumptions[0]
    assert found.prior_from == f"by preset {preset}"
    arrays = sorted(path for path in tmp_path.iterdir() if path.suffix == ".npy")
    assert sorted(found.files) == arrays
    assert found.files[0].name == "7_gen_params.jl_01.npy"


@pytest.mark.parametrize("preset", PRESETS)
def test_the_preset_may_be_named(preset: str, tmp_path: Path) -> None:
    assert read(write_pair(tmp_path, preset), arch=preset).metadata["preset"] == preset


def test_networks_have_no_running_statistics_and_one_chain(tmp_path: Path) -> None:
    found = read(write_pair(tmp_path))
    assert found.generator is not None
    assert found.discriminator is not None
    for network in (found.generator, found.discriminator):
        norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
        assert norms
        assert all(norm.running_mean is None and norm.eps == 1e-8 for norm in norms)
        assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    names = dict(found.generator.named_modules())
    assert isinstance(names["main.1"], nn.BatchNorm1d)
    assert isinstance(names["main.10"], nn.ConvTranspose2d)


def test_trunk_cuts_the_generator(tmp_path: Path) -> None:
    found = read(write_pair(tmp_path))
    gan = Gan(found.generator, found.discriminator, found.prior)
    calibrated = with_batchnorm(gan, "calibrated", Calibration(n=256))
    z = calibrated.sample_z(4, seed=0)
    trunk = Trunk(calibrated, "main.9", z)
    assert trunk.is_cut
    torch.testing.assert_close(trunk.images(trunk.activations(z), z), calibrated.generate(z))


def test_the_latest_epoch_unless_another_is_asked_for(tmp_path: Path) -> None:
    for epoch in (30, 200, 9):
        write_pair(tmp_path, epoch=epoch, seed=epoch)
    assert read(tmp_path).metadata["epoch"] == 200
    assert read(tmp_path, step="latest").metadata["epoch"] == 200
    assert read(tmp_path, step="9").metadata["epoch"] == 9
    assert read(tmp_path / "30_gen_params.jl").metadata["epoch"] == 30
    assert read(tmp_path / "30_discrim_params.jl_02.npy").metadata["epoch"] == 30
    generator = read(tmp_path, step="30").generator
    assert generator is not None
    expected = reference.generator_arrays("svhn", seed=30)[-1][:, :, ::-1, ::-1]
    np.testing.assert_array_equal(generator.state_dict()["main.10.weight"].numpy(), expected)


def test_each_network_by_itself(tmp_path: Path) -> None:
    reference.write(tmp_path / "g", 1, "gen", reference.generator_arrays("svhn", 0))
    reference.write(tmp_path / "d", 2, "discrim", reference.discriminator_arrays("svhn", 0))
    generator, discriminator = read(tmp_path / "g"), read(tmp_path / "d")
    assert generator.discriminator is None
    assert discriminator.generator is None
    assert discriminator.prior is None
    both = read(tmp_path / "g", discriminator_path=tmp_path / "d")
    assert both.generator is not None
    assert both.discriminator is not None


@pytest.mark.parametrize("preset", PRESETS)
def test_a_discriminator_alone_has_the_image_size_of_its_preset(preset: str, tmp_path: Path) -> None:
    reference.write(tmp_path, 7, "discrim", reference.discriminator_arrays(preset, seed=2))
    assert load(tmp_path).image_size == {"svhn": 32, "imagenet32": 32, "faces64": 64}[preset]


def test_double_precision_and_another_order_in_memory(tmp_path: Path) -> None:
    arrays = reference.generator_arrays("svhn", seed=3)
    reference.write(tmp_path / "single", 1, "gen", arrays)
    reference.write(tmp_path / "double", 1, "gen", [np.asfortranarray(a.astype(np.float64)) for a in arrays])
    z = np.random.default_rng(4).normal(size=(5, 6))
    np.testing.assert_array_equal(
        run(read(tmp_path / "single").generator, z), run(read(tmp_path / "double").generator, z)
    )


def test_recognises_by_name_alone(tmp_path: Path) -> None:
    importer = TheanoImporter()
    path = write_pair(tmp_path / "release") / "7_gen_params.jl"
    assert importer.recognises(Request(path.parent))
    assert importer.recognises(Request(path))
    assert importer.recognises(Request(path.with_name(f"{path.name}_03.npy")))
    assert not importer.recognises(Request(tmp_path))
    assert not importer.recognises(Request(tmp_path / "netG.pth"))
    assert not importer.recognises(Request(tmp_path / "absent"))


def remove(name: str) -> Callable[[Path], None]:
    return lambda directory: (directory / name).unlink()


def save(name: str, array: np.ndarray) -> Callable[[Path], None]:
    return lambda directory: np.save(directory / name, array, allow_pickle=True)


def put(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(directory: Path) -> None:
        (directory / name).write_bytes(content)

    return damage


def remove_all(suffix: str) -> Callable[[Path], None]:
    def damage(directory: Path) -> None:
        for path in directory.glob(f"*{suffix}"):
            path.unlink()

    return damage


def nothing(directory: Path) -> None:
    del directory


_POISONED = np.ones(3, np.float32) * [1, np.nan, np.inf]
_CALL = np.array([print], dtype=object)
DAMAGE = {
    "a gap": (remove("7_gen_params.jl_05.npy"), {}, "7_gen_params.jl_05.npy: missing"),
    "the last is missing": (remove("7_gen_params.jl_10.npy"), {}, "7_gen_params.jl_10.npy: missing"),
    "one too many": (
        save("7_gen_params.jl_11.npy", np.zeros(3, np.float32)),
        {},
        "7_gen_params.jl_11.npy: one too many, preset svhn has 10",
    ),
    "shape": (
        save("7_gen_params.jl_04.npy", np.zeros((5, 4, 3, 3), np.float32)),
        {},
        r"7_gen_params.jl_04.npy: shape \(5, 4, 3, 3\), .* expect \(5, \*, 5, 5\)",
    ),
    "widths that contradict each other": (
        save("7_gen_params.jl_07.npy", np.zeros((8, 3, 5, 5), np.float32)),
        {},
        r"7_gen_params.jl_07.npy: shape \(8, 3, 5, 5\), .* expect \(4, \*, 5, 5\)",
    ),
    "a gain of another width": (
        save("7_discrim_params.jl_03.npy", np.zeros(5, np.float32)),
        {},
        r"7_discrim_params.jl_03.npy: shape \(5,\), .* expect \(4,\)",
    ),
    "units that are no maps": (
        save("7_gen_params.jl_01.npy", np.zeros((6, 77), np.float32)),
        {},
        r"7_gen_params.jl_01.npy: shape \(6, 77\), .* expect \(\*, 16 times \*\)",
    ),
    "a scalar": (
        save("7_gen_params.jl_02.npy", np.array(3.0)),
        {},
        r"7_gen_params.jl_02.npy: shape \(\), .* expect \(80,\)",
    ),
    "no maps at all": (
        save("7_discrim_params.jl_01.npy", np.zeros((0, 3, 5, 5), np.float32)),
        {},
        r"7_discrim_params.jl_01.npy: shape \(0, 3, 5, 5\), .* expect \(\*, \*, 5, 5\)",
    ),
    "channels that contradict each other": (
        save("7_discrim_params.jl_01.npy", np.zeros((3, 1, 5, 5), np.float32)),
        {},
        "7_discrim_params.jl_01.npy: takes images of 1 channels, the generator draws 3",
    ),
    "objects": (
        save("7_gen_params.jl_06.npy", _CALL),
        {},
        "7_gen_params.jl_06.npy: an array of Python objects",
    ),
    "whole numbers": (
        save("7_gen_params.jl_06.npy", np.zeros(4, np.int64)),
        {},
        "7_gen_params.jl_06.npy: holds int64",
    ),
    "values": (
        save("7_discrim_params.jl_04.npy", np.resize(_POISONED, 4).astype(np.float32)),
        {},
        "7_discrim_params.jl_04.npy: 2 of 4 values are not finite",
    ),
    "too large for float32": (
        save("7_gen_params.jl_06.npy", np.full(4, 1e300)),
        {},
        "7_gen_params.jl_06.npy: 4 of 4 values are not finite",
    ),
    "truncated": (put("7_gen_params.jl_06.npy", b"\x93NUMPY\x01\x00"), {}, "7_gen_params.jl_06.npy: "),
    "empty": (put("7_gen_params.jl_06.npy", b""), {}, "7_gen_params.jl_06.npy: "),
    "only the pickles": (remove_all(".npy"), {}, r"7_gen_params.jl: its arrays .* are not beside it"),
    "an empty directory": (remove_all(""), {}, "not of the Theano release"),
    "preset": (nothing, {"arch": "mnist"}, "arch 'mnist': .* use svhn, imagenet32, faces64"),
    "another preset": (
        nothing,
        {"arch": "faces64"},
        "7_gen_params.jl_11.npy: missing, preset faces64 has 13",
    ),
    "an epoch that is not there": (nothing, {"step": "8"}, "no step '8'; use latest, or one of 7"),
    "the best": (nothing, {"step": "best"}, "no step 'best'"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_what_cannot_be_read_is_named_in_one_line(name: str, tmp_path: Path) -> None:
    damage, request, words = DAMAGE[name]
    damage(write_pair(tmp_path))
    with pytest.raises(InputError, match=words) as caught:
        read(tmp_path, **request)
    assert "\n" not in str(caught.value)


def test_counts_of_no_preset(tmp_path: Path) -> None:
    reference.write(tmp_path, 1, "gen", reference.generator_arrays("svhn", 0)[:4])
    words = r"4 of a generator .* \(svhn 10, imagenet32 19, faces64 13\)"
    with pytest.raises(InputError, match=words):
        read(tmp_path)


def test_networks_of_two_presets(tmp_path: Path) -> None:
    reference.write(tmp_path, 1, "gen", reference.generator_arrays("svhn", 0))
    reference.write(tmp_path, 1, "discrim", reference.discriminator_arrays("faces64", 0))
    with pytest.raises(InputError, match="the generator fits svhn, the discriminator fits faces64"):
        read(tmp_path)


def test_a_discriminator_that_is_none(tmp_path: Path) -> None:
    reference.write(tmp_path / "g", 1, "gen", reference.generator_arrays("svhn", 0))
    with pytest.raises(InputError, match="no discriminator of the Theano release"):
        read(tmp_path / "g", discriminator_path=tmp_path / "g")
    (tmp_path / "netD.pth").write_bytes(b"")
    with pytest.raises(InputError, match=r"netD\.pth: not of the Theano release"):
        read(tmp_path / "g", discriminator_path=tmp_path / "netD.pth")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the released SVHN networks are not here")
def test_the_released_networks_equal_theano() -> None:
    found = read(SHARED)
    assert found.metadata["preset"] == "svhn"
    assert found.prior == Prior("normal", 100)

    def arrays(kind: str, count: int) -> list[np.ndarray]:
        return [np.load(SHARED / f"200_{kind}_params.jl_{k:02d}.npy") for k in range(1, count + 1)]

    z = np.random.default_rng(0).normal(size=(4, 100))
    images = reference.generate("svhn", arrays("gen", 10), z)
    logits = reference.judge("svhn", arrays("discrim", 8), images)
    np.testing.assert_allclose(run(found.generator, z), images, atol=1e-5)
    np.testing.assert_allclose(run(found.discriminator, images), logits, rtol=1e-5, atol=1e-5)
    assert found.generator is not None
    assert found.discriminator is not None
    np.testing.assert_allclose(run(found.generator.double(), z), images, atol=1e-9)
    np.testing.assert_allclose(run(found.discriminator.double(), images), logits, atol=1e-9)
