"""State dicts in pairs of files, in directories, in checkpoints' dictionaries and under prefixes."""

import pytest
import safetensors.torch
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers import Request
from dcgan_viz.models.importers.state_dict import StateDictImporter
from tests.models.importers import foreign_discriminators as judges
from tests.models.importers import foreign_generators as painters
from tests.models.importers.foreign_training import used


@pytest.fixture(scope="module")
def painter():
    return used(painters.examples32(), 16)


@pytest.fixture(scope="module")
def judge():
    network = judges.examples32()
    used(network, 1, 32, 32, forward="logits")
    return network


def read(path, **more):
    return StateDictImporter().read(Request(path, **more))


def assert_draws_as(painter, generator, nz=16):
    z = torch.randn(4, nz, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        torch.testing.assert_close(generator(z), painter(z), atol=1e-5, rtol=0)


def assert_judges_as(judge, discriminator, channels=1, size=32):
    images = torch.randn(4, channels, size, size, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        torch.testing.assert_close(discriminator(images), judge.logits(images), atol=1e-5, rtol=0)


@pytest.fixture
def run(tmp_path, painter, judge):
    """What pytorch/examples leaves behind, with another training's weights at every step but one."""
    for epoch in (0, 2, 10):
        other_painter, other_judge = painters.examples32(), judges.examples32()
        torch.save(other_painter.state_dict(), tmp_path / f"netG_epoch_{epoch}.pth")
        torch.save(other_judge.state_dict(), tmp_path / f"netD_epoch_{epoch}.pth")
    torch.save(painter.state_dict(), tmp_path / "netG_epoch_10.pth")
    torch.save(judge.state_dict(), tmp_path / "netD_epoch_10.pth")
    (tmp_path / "fake_samples_epoch_010.png").write_bytes(b"\x89PNG")
    return tmp_path


def test_a_directory_gives_the_latest_epoch_as_a_number(run, painter, judge):
    imported = read(run)
    assert_draws_as(painter, imported.generator)
    assert_judges_as(judge, imported.discriminator)
    assert [path.name for path in imported.files] == ["netG_epoch_10.pth", "netD_epoch_10.pth"]
    assert StateDictImporter().recognises(Request(run))


def test_a_directory_gives_the_step_asked_for(run):
    imported = read(run, step="2")
    assert [path.name for path in imported.files] == ["netG_epoch_2.pth", "netD_epoch_2.pth"]


@pytest.mark.parametrize("step", ["3", "best", "-1", "²"])
def test_a_step_that_is_not_there_is_refused_with_those_that_are(run, step):
    with pytest.raises(InputError, match="latest, or one of 0, 2, 10"):
        read(run, step=step)


def test_a_file_brings_its_pair_and_says_so(run, painter, judge):
    for name, partner in (("netG", "netD"), ("netD", "netG")):
        imported = read(run / f"{name}_epoch_10.pth")
        assert_draws_as(painter, imported.generator)
        assert_judges_as(judge, imported.discriminator)
        assert any(note.startswith(f"{partner}_epoch_10.pth lies beside") for note in imported.assumptions)
        assert imported.files[0].name == f"{name}_epoch_10.pth"


def test_a_file_alone_is_one_network(run):
    (run / "netD_epoch_10.pth").rename(run / "elsewhere.pth")
    imported = read(run / "netG_epoch_10.pth")
    assert imported.discriminator is None
    assert len(imported.files) == 1
    imported = read(run / "elsewhere.pth")
    assert imported.generator is None
    # With 4/2/1 at its end it would take MNIST's 28 px: 14, 7, 3, 1.
    assert "d=4/2/1,4/2/1,4/2/1,4/2/1' (28 px)" in " ".join(imported.assumptions)
    assert imported.prior is None


@pytest.mark.parametrize("turned", [False, True])
def test_two_files_are_told_apart_by_what_they_hold(tmp_path, painter, judge, turned):
    torch.save(painter.state_dict(), tmp_path / "a.pth")
    torch.save(judge.state_dict(), tmp_path / "b.pth")
    first, second = (
        (tmp_path / "b.pth", tmp_path / "a.pth") if turned else (tmp_path / "a.pth", tmp_path / "b.pth")
    )
    imported = read(first, discriminator_path=second)
    assert_draws_as(painter, imported.generator)
    assert_judges_as(judge, imported.discriminator)
    assert imported.files == (first, second)


def test_a_named_discriminator_goes_before_that_of_the_main_file(tmp_path, painter, judge):
    torch.save({"netG": painter.state_dict(), "netD": judges.examples32().state_dict()}, tmp_path / "a.pth")
    torch.save({"netG": painters.examples32().state_dict(), "netD": judge.state_dict()}, tmp_path / "b.pth")
    imported = read(tmp_path / "a.pth", discriminator_path=tmp_path / "b.pth")
    assert_draws_as(painter, imported.generator)
    assert_judges_as(judge, imported.discriminator)


def test_two_generators_are_no_pair(tmp_path, painter):
    torch.save(painter.state_dict(), tmp_path / "a.pth")
    with pytest.raises(InputError, match="only a generator"):
        read(tmp_path / "a.pth", discriminator_path=tmp_path / "a.pth")


def optimizer_of(network):
    optimizer = torch.optim.Adam(network.parameters())
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    return optimizer.state_dict()


def dictionaries(painter, judge):
    """Ways to keep both networks in one file."""
    g, d = painter.state_dict(), judge.state_dict()
    both = {**{f"generator.{key}": value for key, value in g.items()}}
    both |= {f"discriminator.{key}": value for key, value in d.items()}
    optimizers = {
        "optimizerG": optimizer_of(painters.examples32()),
        "optimizerD": optimizer_of(judges.examples32()),
    }
    short = {
        key.replace("generator.", "G.").replace("discriminator.", "D."): value for key, value in both.items()
    }
    return {
        "two state dicts": {
            "netG": g,
            "netD": d,
            **optimizers,
            "epoch": 5,
            "fixed_noise": torch.randn(64, 16, 1, 1),
        },
        "long names": {"generator_state_dict": g, "discriminator_state_dict": d, "losses": [0.1, 0.2]},
        "nested": {"epoch": 5, "models": {"g": {"state_dict": g}, "d": {"state_dict": d}}},
        "a list": {"networks": [d, g]},
        "prefixes in one": {"epoch": 5, "state_dict": both, "optimizer_states": list(optimizers.values())},
        "prefixes alone": both,
        "short prefixes": short,
        "prefixes under one": {f"gan.{key}": value for key, value in both.items()},
        "wrapped": {
            "netG": {f"module._orig_mod.{k}": v for k, v in g.items()},
            "netD": {f"module.{k}": v for k, v in d.items()},
        },
        "wrapped inside": {
            key.replace("generator.", "generator._orig_mod.module."): v for key, v in both.items()
        },
        "names that say nothing": {"first": g, "second": d},
    }


WAYS = [
    "two state dicts", "long names", "nested", "a list", "prefixes in one", "prefixes alone",
    "short prefixes", "prefixes under one", "wrapped", "wrapped inside", "names that say nothing",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_both_networks_in_one_file(tmp_path, painter, judge, way):
    torch.save(dictionaries(painter, judge)[way], tmp_path / "checkpoint.pt")
    imported = read(tmp_path / "checkpoint.pt")
    assert_draws_as(painter, imported.generator)
    assert_judges_as(judge, imported.discriminator)
    assert set(imported.generator.state_dict()) == set(painter.state_dict())
    assert imported.metadata.get("epoch", 5) == 5
    assert imported.batchnorm == dict.fromkeys(
        ("generator", "discriminator"), "from the file, after 3 batches"
    )


@pytest.mark.parametrize("way", ["prefixes alone", "short prefixes", "prefixes under one"])
def test_both_networks_in_one_safetensors_file(tmp_path, painter, judge, way):
    path = tmp_path / "both.safetensors"
    safetensors.torch.save_file(dictionaries(painter, judge)[way], path)
    imported = read(path)
    assert_draws_as(painter, imported.generator)
    assert_judges_as(judge, imported.discriminator)
    assert StateDictImporter().recognises(Request(path))


@pytest.mark.parametrize("wrapper", ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."])
@pytest.mark.parametrize("key", [None, "state_dict", "generator", "model"])
def test_one_network_with_wrappers(tmp_path, painter, wrapper, key):
    state = {wrapper + name: value for name, value in painter.state_dict().items()}
    torch.save(state if key is None else {key: state}, tmp_path / "g.pth")
    imported = read(tmp_path / "g.pth")
    assert_draws_as(painter, imported.generator)
    assert set(imported.generator.state_dict()) == set(painter.state_dict())


def test_of_two_generators_the_averaged_one_is_taken(tmp_path, painter):
    averaged = torch.optim.swa_utils.AveragedModel(painter)
    other = painters.examples32().state_dict()
    for content in (
        {"netG": other, "netG_ema": painter.state_dict()},
        {"G_ema": painter.state_dict(), "G": other},
        {"netG": other, "second": averaged.state_dict()},
        {
            f"{name}.{key}": v
            for name, s in (("gen", other), ("ema_gen", painter.state_dict()))
            for key, v in s.items()
        },
    ):
        torch.save(content, tmp_path / "g.pth")
        imported = read(tmp_path / "g.pth")
        assert_draws_as(painter, imported.generator)
        assert any("the averaged generator" in note for note in imported.assumptions)


def test_of_two_generators_none_is_taken_by_chance(tmp_path, painter):
    torch.save({"net_a": painter.state_dict(), "net_b": painter.state_dict()}, tmp_path / "g.pth")
    with pytest.raises(InputError, match=r"several generators in it \(net_a, net_b\)"):
        read(tmp_path / "g.pth")


def test_a_discriminator_that_is_not_understood_is_left_out_and_told(tmp_path, painter, judge):
    strange = {**judge.state_dict(), "attention.query.weight": torch.zeros(4, 4, 1, 1)}
    torch.save({"netG": painter.state_dict()}, tmp_path / "netG_1.pth")
    torch.save(strange, tmp_path / "netD_1.pth")
    imported = read(tmp_path / "netG_1.pth")
    assert imported.discriminator is None
    assert any(note.startswith("left out: ") and "attention" in note for note in imported.assumptions)
    with pytest.raises(InputError, match="attention"):
        read(tmp_path / "netG_1.pth", discriminator_path=tmp_path / "netD_1.pth")


@pytest.mark.parametrize(
    ("paint", "judged", "size"),
    [
        (painters.mnist_cut_from_32, judges.mnist_28_14_7_3, 28),
        (painters.mnist_4_7_14_28, judges.mnist_28_14_7_4, 28),
        (painters.mnist_4_7_14_28, judges.mnist_28_14_7_3, 28),
        (painters.mnist_from_7, judges.mnist_to_7, 28),
        (painters.norm_per_unit, judges.linear_in_the_row, 28),
        (painters.examples32, judges.mnist_28_14_7_4, 32),
    ],
)
def test_the_size_of_a_pair_is_the_one_that_both_have(tmp_path, paint, judged, size):
    network, critic = paint(), judged()
    nz = next(network.parameters()).shape[1 if isinstance(next(network.children()), torch.nn.Linear) else 0]
    used(network, nz)
    used(critic, 1, size, size, forward="logits")
    torch.save({"netG": network.state_dict(), "netD": critic.state_dict()}, tmp_path / "pair.pth")
    imported = read(tmp_path / "pair.pth")
    assert imported.metadata["image_size"] == size
    assert_draws_as(network, imported.generator, nz)
    assert_judges_as(critic, imported.discriminator, size=size)


def test_half_and_double_precision_become_float32_and_are_told(tmp_path, painter):
    for kind, word in ((torch.float16, "float16"), (torch.bfloat16, "bfloat16"), (torch.float64, "float64")):
        state = {k: v.to(kind) if v.is_floating_point() else v for k, v in painter.state_dict().items()}
        torch.save(state, tmp_path / "g.pth")
        imported = read(tmp_path / "g.pth")
        twin = painters.examples32().eval()
        twin.load_state_dict({key: value.to(torch.float32) for key, value in state.items()})
        assert_draws_as(twin, imported.generator)
        assert f"generator: {word} converted to float32" in imported.assumptions


def test_without_running_statistics_the_batch_is_normalised(tmp_path, painter):
    state = {k: v for k, v in painter.state_dict().items() if "running" not in k and "num_batches" not in k}
    torch.save(state, tmp_path / "g.pth")
    imported = read(tmp_path / "g.pth")
    twin = painters.examples32()
    twin.load_state_dict(painter.state_dict())
    assert_draws_as(twin.train(), imported.generator)
    assert "generator" not in imported.batchnorm
    assert set(imported.generator.state_dict()) == set(state)


def test_without_the_count_of_batches_nothing_is_missing(tmp_path, painter):
    state = {k: v for k, v in painter.state_dict().items() if "num_batches" not in k}
    torch.save(state, tmp_path / "g.pth")
    imported = read(tmp_path / "g.pth")
    assert_draws_as(painter, imported.generator)
    assert set(imported.generator.state_dict()) == set(state)


def test_layers_are_named_as_the_owner_knows_them(tmp_path, painter, judge):
    torch.save({"netG": painter.state_dict(), "netD": judge.state_dict()}, tmp_path / "both.pth")
    imported = read(tmp_path / "both.pth")
    kinds = {name: type(layer).__name__ for name, layer in imported.generator.named_modules()}
    assert [kinds[f"main.{k}"] for k in range(11)] == [
        *("ConvTranspose2d", "BatchNorm2d", "ReLU") * 3, "ConvTranspose2d", "Tanh"
    ]  # fmt: skip
    kinds = {name: type(layer).__name__ for name, layer in imported.discriminator.named_modules()}
    assert [kinds[f"main.{k}"] for k in range(9)] == [
        "Conv2d", "LeakyReLU", *("Conv2d", "BatchNorm2d", "LeakyReLU") * 2, "Conv2d"
    ]  # fmt: skip
