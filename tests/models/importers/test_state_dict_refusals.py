"""What no DCGAN can be built from, and what leaves something open: one line, and the way out."""

import time

import pytest
import torch
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers import Request
from dcgan_viz.models.importers.state_dict import StateDictImporter
from tests.models.importers import foreign_discriminators as judges
from tests.models.importers import foreign_generators as painters


def generator():
    return painters.examples32().state_dict()


def discriminator():
    return judges.examples32().state_dict()


def without(state, *keys):
    return {key: value for key, value in state.items() if key not in keys}


def upsampled():
    """A generator that enlarges by nn.Upsample between ordinary convolutions."""
    return nn.Sequential(
        nn.Linear(10, 8 * 8 * 8),
        nn.Unflatten(1, (8, 8, 8)),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(8, 8, 3, 1, 1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(8, 6, 3, 1, 1),
        nn.ReLU(),
        nn.Conv2d(6, 3, 3, 1, 1),
        nn.Tanh(),
    ).state_dict()


def shuffled():
    """A generator that enlarges by making pixels of maps."""
    return nn.Sequential(
        nn.Linear(10, 16 * 4 * 4),
        nn.Unflatten(1, (16, 4, 4)),
        nn.Conv2d(16, 64, 3, 1, 1),
        nn.PixelShuffle(2),
        nn.Conv2d(16, 64, 3, 1, 1),
        nn.PixelShuffle(2),
        nn.Conv2d(16, 3, 3, 1, 1),
        nn.Tanh(),
    ).state_dict()


def residual():
    state = generator()
    state["main.3.weight"] = torch.zeros(48, 10, 4, 4)
    return state


def projected_twice():
    """z and label through layers of their own, joined afterwards."""
    state = generator()
    return {"main.label.weight": torch.zeros(10, 8, 4, 4), **state}


def labels_as_channels():
    return {**discriminator(), "main.0.weight": torch.zeros(5, 11, 4, 4)}


def nan():
    state = generator()
    state["main.4.running_var"][3] = float("nan")
    return state


def too_large_for_float32():
    state = {key: value.double() for key, value in generator().items() if "num_batches" not in key}
    state["main.3.weight"][0, 0, 0, 0] = 1e300
    return state


def integers():
    return {key: value.to(torch.int8) if value.ndim > 1 else value for key, value in generator().items()}


def classifier():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, 1, 2),
        nn.ReLU(),
        nn.Conv2d(6, 8, 5, 2, 2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 49, 10),
    ).state_dict()


def segmenter():
    return nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.ReLU(), nn.Conv2d(8, 1, 1)).state_dict()


def ambiguous():
    """A 3x3 step of 8 maps to 8 among 4x4 ones: it may enlarge, or refine."""
    rows = [*painters.up(10, 12, 4, 1, 0), *painters.up(12, 8, 4, 2, 1), *painters.up(8, 8, 3, 1, 1)]
    return painters.Main(*rows, nn.ConvTranspose2d(8, 3, 4, 2, 1)).state_dict()


def spectral_without_v():
    state = judges.odd_kernels_keep().state_dict()
    return without(state, "main.0.weight_v")


def spectral_of_another_shape():
    state = judges.odd_kernels_keep().state_dict()
    state["main.2.weight_u"] = torch.ones(5)
    return state


def optimizer():
    parameter = nn.Parameter(torch.ones(4, 4))
    made = torch.optim.Adam([parameter])
    parameter.sum().backward()
    made.step()
    return made.state_dict()


def pointwise():
    state = generator()
    return {**state, "main.3.weight": torch.ones(24, 10, 1, 1), "main.6.weight": torch.ones(10, 6, 1, 1)}


OWN_CLASS = "--generator package.module:Class"

# Name, what the file holds, what the line says, all of it
BAD = [
    ("missing weight", lambda: without(generator(), "main.3.weight"), ["main.0.weight", "main.6", "(10, 6"]),
    ("missing bias", lambda: without(generator(), "main.4.bias"), ["main.4.bias is missing", "(10,)"]),
    (
        "missing variance",
        lambda: without(generator(), "main.4.running_var"),
        ["main.4.running_var is missing"],
    ),
    (
        "half of the statistics",
        lambda: without(
            generator(), "main.4.running_var", "main.4.running_mean", "main.4.num_batches_tracked"
        ),
        ["main.4.running_mean is missing while main.1 has one"],
    ),
    ("extra tensor", lambda: {**generator(), "main.3.scale": torch.ones(10)}, ["main.3.scale has no place"]),
    ("extra parameter", lambda: {**generator(), "gain": torch.ones(1)}, ["gain has no place"]),
    (
        "extra norm",
        lambda: {**generator(), "extra.weight": torch.ones(7), "extra.bias": torch.ones(7)},
        ["extra is of size 7", "main.9.weight (6, 1, 4, 4)"],
    ),
    (
        "norm of another size",
        lambda: {
            **generator(),
            **{
                f"main.4.{leaf}": torch.ones(11) for leaf in ("weight", "bias", "running_mean", "running_var")
            },
        },
        ["main.4 is of size 11", "main.3.weight (24, 10, 4, 4)"],
    ),
    (
        "norm of two sizes",
        lambda: {**generator(), "main.4.running_var": torch.ones(11)},
        ["main.4.running_var (11,)", "main.4.weight (10,)"],
    ),
    (
        "bias of another size",
        lambda: {**generator(), "main.3.bias": torch.ones(11)},
        ["main.3.bias (11,)", "main.3.weight (24, 10, 4, 4)"],
    ),
    (
        "layers that do not meet",
        residual,
        ["main.0.weight (16, 24, 4, 4) gives 24", "main.3.weight (48, 10, 4, 4)"],
    ),
    ("NaN", nan, ["main.4.running_var holds NaN"]),
    ("infinite as float32", too_large_for_float32, ["main.3.weight holds NaN or infinity"]),
    ("integer weights", integers, ["main.0.weight is of type int8"]),
    ("empty tensor", lambda: {**generator(), "main.0.weight": torch.zeros(0, 24, 4, 4)}, ["(0, 24, 4, 4)"]),
    ("oblong kernel", lambda: {**generator(), "main.9.weight": torch.zeros(6, 1, 4, 3)}, ["not square"]),
    (
        "three dimensions",
        lambda: {**generator(), "main.9.weight": torch.zeros(6, 1, 4, 4, 4)},
        ["(6, 1, 4, 4, 4)"],
    ),
    (
        "four channels",
        lambda: {**generator(), "main.9.weight": torch.zeros(6, 4, 4, 4), "main.9.bias": torch.zeros(4)},
        ["main.9 draws 4 channels"],
    ),
    (
        "names that collide",
        lambda: {**generator(), "module.main.0.weight": torch.ones(1)},
        ["both stand for"],
    ),
    ("optimizer alone", optimizer, ["an optimizer's state"]),
    ("optimizer in a dictionary", lambda: {"optimizerG": optimizer(), "epoch": 3}, ["an optimizer's state"]),
    ("numbers alone", lambda: {"epoch": 3, "loss": [1.0]}, ["it holds epoch, loss"]),
    ("a tensor", lambda: torch.zeros(64, 100, 1, 1), ["a single tensor of shape (64, 100, 1, 1)"]),
    ("a list of numbers", lambda: [1, 2, 3], ["holds a list"]),
    (
        "fully connected",
        lambda: nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 784)).state_dict(),
        ["fully connected"],
    ),
    ("classifier", classifier, ["5 gives 10 numbers", "classifier"]),
    ("segmenter", segmenter, ["as a segmenter does, is no discriminator"]),
    ("upsampling", upsampled, ["a generator of ordinary convolutions", "what enlarges", OWN_CLASS]),
    ("pixels of maps", shuffled, ["by its bias (64,), is an ordinary convolution; what enlarges", OWN_CLASS]),
    (
        "label embedding",
        lambda: {**generator(), "label_emb.weight": torch.zeros(10, 16)},
        ["label_emb.weight: conditional: it needs labels", OWN_CLASS],
    ),
    ("labels joined to z", projected_twice, ["conditional: it needs labels"]),
    ("labels as channels", labels_as_channels, ["main.0 reads 11 channels", "conditional: it needs labels"]),
    (
        "z and ten classes",
        lambda: painters.examples64(nz=110).state_dict(),
        ["takes 110 numbers", "conditional: it needs labels", "--arch nz=110"],
    ),
    ("attention", lambda: {**generator(), "attn1.gamma": torch.zeros(1)}, ["attention", OWN_CLASS]),
    (
        "residual blocks",
        lambda: {**generator(), "res_block1.conv.weight": torch.zeros(6, 6, 3, 3)},
        ["residual connections", OWN_CLASS],
    ),
    ("transposed or ordinary", ambiguous, ["main.6.weight, 8 maps to 8", "c3/1/1"]),
    (
        "spectral norm in part",
        spectral_without_v,
        ["main.0.weight is reparametrised", "weight_orig, weight_u"],
    ),
    ("spectral norm of another shape", spectral_of_another_shape, ["main.2.weight", "(5,)"]),
    ("kernels that lead nowhere", pointwise, ["kernels 4, 1, 1, 4", "--arch 'g=kernel/stride/padding,...'"]),
    (
        "name that no module can have",
        lambda: (
            {key.replace("main.", "main.forward."): value for key, value in {**generator()}.items()}
            | {"main.forward.weight": torch.zeros(3)}
        ),
        ["main.forward"],
    ),
]


def refusal(content, tmp_path, **more) -> str:
    torch.save(content, tmp_path / "it.pth")
    start = time.perf_counter()
    with pytest.raises(InputError) as caught:
        StateDictImporter().read(Request(tmp_path / "it.pth", **more))
    assert time.perf_counter() - start < 5
    return str(caught.value)


@pytest.mark.parametrize(("name", "content", "said"), BAD, ids=[row[0] for row in BAD])
def test_bad_files_are_refused_in_one_line(name, content, said, tmp_path):
    line = refusal(content(), tmp_path)
    assert line.startswith(str(tmp_path / "it.pth"))
    assert "\n" not in line
    assert len(line) < 500
    for words in said:
        assert words in line


def test_only_what_fits_nowhere_is_said_of_an_unequal_pair(tmp_path):
    line = refusal({"netG": generator(), "netD": judges.examples64(nc=1).state_dict()}, tmp_path)
    assert "generator 32 px and discriminator 64 px" in line
    line = refusal({"netG": generator(), "netD": judges.BlocksThenLinear().state_dict()}, tmp_path)
    assert "takes images of 3 channels, the generator draws 1" in line


ARCHS = [
    ("svhn", ["'svhn'", "key=value"]),
    ("q=3", ["'q=3'", "g, d, act"]),
    ("g=4/2/1;g=4/2/1", ["g is given twice"]),
    ("g=4/1/0,4/2/1,4/2/1", ["does not fit its kernels, which are 4, 4, 4, 4"]),
    ("g=4/1/0,4/2/1,4/2/1,3/2/1", ["does not fit its kernels"]),
    ("g=4/1/0,4/2/1,4/2/1,c4/2/1", ["it is 4/1/0,4/2/1,4/2/1,4/2/1"]),
    ("g=4/2/3,4/2/1,4/2/1,4/2/1", ["maps of 1 -> -2"]),
    ("g=4/1/0,4/16/1,4/16/1,4/16/1", ["1 -> 4 -> 50 -> 786 -> 12562"]),
    ("g=4/1", ["'4/1' is no kernel/stride/padding"]),
    ("g=4/2/1/2", ["output padding"]),
    ("g=4/99/1", ["a stride from 1 to 16"]),
    ("d=4/2/1", ["a generator alone", "d="]),
    ("act=gelu", ["act=gelu", "relu, leaky"]),
    ("end=relu", ["tanh, sigmoid, none"]),
    ("leak=much", ["leak=much: not a number"]),
    ("eps=0", ["eps above 0"]),
    ("eps=nan", ["finite"]),
    ("nz=many", ["nz=many"]),
    ("nz=17", ["takes z of size 16"]),
]


@pytest.mark.parametrize(("arch", "said"), ARCHS, ids=[row[0] for row in ARCHS])
def test_an_arch_that_is_wrong_is_refused_in_one_line(arch, said, tmp_path):
    line = refusal(generator(), tmp_path, arch=arch)
    assert "\n" not in line
    for words in said:
        assert words in line


def test_what_is_said_of_a_generator_is_no_use_for_a_discriminator(tmp_path):
    assert "a discriminator, to which" in refusal(discriminator(), tmp_path, arch="g=4/2/1")
    line = refusal(discriminator(), tmp_path, arch="d=4/2/1,4/2/1,4/2/1,4/1/2")
    assert "takes no image to 1x1" in line


def test_ten_classes_are_not_suspected_again_once_they_are_denied(tmp_path):
    torch.save(painters.examples64(nz=110).state_dict(), tmp_path / "it.pth")
    imported = StateDictImporter().read(Request(tmp_path / "it.pth", arch="nz=110"))
    assert imported.prior is not None
    assert imported.prior.size == 110


def test_a_step_of_one_file_is_refused(tmp_path):
    assert "no step '3' in it" in refusal(generator(), tmp_path, step="3")


def test_a_directory_without_networks_is_not_recognised(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    assert not StateDictImporter().recognises(Request(tmp_path))
    assert not StateDictImporter().recognises(Request(tmp_path / "notes.txt"))
    with pytest.raises(InputError, match="no netG_epoch_N"):
        StateDictImporter().read(Request(tmp_path))


def test_several_files_without_numbers_are_not_chosen_from(tmp_path):
    for name in ("netG_new.pth", "netG_old.pth"):
        torch.save(generator(), tmp_path / name)
    with pytest.raises(InputError, match=r"several networks \(netG_new.pth, netG_old.pth\)"):
        StateDictImporter().read(Request(tmp_path))


def test_a_shape_that_claims_more_than_there_is_allocates_nothing():
    from dcgan_viz.models.importers.parameters import parameters

    huge = torch.zeros(1).expand(20_000, 20_000, 4, 4)
    with pytest.raises(InputError, match=r"more than 500,000,000 numbers"):
        parameters("it.pth", {**generator(), "main.3.weight": huge})
    with pytest.raises(InputError, match="for which the file has no data"):
        parameters("it.pth", {**generator(), "main.3.weight": torch.zeros(1).expand(24, 10, 4, 4)})
