"""Every foreign network of the corpus, saved as its owner would, gives what it gave before."""

import time

import pytest
import safetensors.torch
import torch
from torch import nn

from dcgan_viz.models.importers import Request
from dcgan_viz.models.importers.state_dict import StateDictImporter
from tests.models.importers import foreign_discriminators as judges
from tests.models.importers import foreign_generator_classes as classes
from tests.models.importers import foreign_generators as painters
from tests.models.importers.foreign_training import used

pytestmark = pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")

TOLERANCE = 1e-5

# Name, network, size of z, side of its images, --arch
GENERATORS = [
    ("examples 64 px", painters.examples64, 20, 64, None),
    ("examples 64 px, grey, nz 7, ngf 3", lambda: painters.examples64(7, 3, 1), 7, 64, None),
    ("examples 32 px, grey", painters.examples32, 16, 32, None),
    ("examples 128 px", painters.examples128, 10, 128, None),
    ("MNIST 4, 7, 14, 28", painters.mnist_4_7_14_28, 12, 28, None),
    ("MNIST cut from 32 by 1x1", painters.mnist_cut_from_32, 12, 28, None),
    ("MNIST from 7", painters.mnist_from_7, 12, 28, None),
    ("Sequential under network", lambda: painters.examples64(under="network"), 20, 64, None),
    ("bare Sequential", painters.bare_sequential, 14, 32, None),
    ("nested blocks without padding", classes.NestedBlocks, 10, 28, None),
    ("nested blocks, last one flat", classes.NestedThenFlat, 20, 64, None),
    ("linear, blocks, functions", classes.LinearThenBlocks, 12, 32, None),
    ("named layers, functions", classes.NamedLayers, 15, 64, None),
    ("norms registered last", classes.NormsRegisteredLast, 9, 32, None),
    ("module lists", classes.ModuleLists, 9, 32, None),
    ("linear, norm per unit", painters.norm_per_unit, 11, 28, None),
    ("linear, norm per map", painters.norm_per_map, 11, 32, None),
    ("paper, 5x5", classes.Paper5, 10, 64, None),
    ("TensorFlow's tutorial", classes.TensorFlowTutorial, 10, 28, "act=leaky;leak=0.3"),
    ("two linear layers", classes.TwoLinears, 12, 28, None),
    ("norm after activation", painters.norm_after_activation, 10, 32, None),
    ("dropout, no norm", painters.dropout_and_no_norm, 10, 32, None),
    ("norm on the last layer", painters.norm_on_the_last, 10, 32, None),
    ("kernels of 3", painters.kernels_of_3, 10, 32, None),
    ("kernels of 2 and 6", painters.kernels_of_2_and_6, 10, 64, None),
    ("96 px", painters.px96, 10, 96, None),
    ("refined by 3x3", painters.refined_by_a_convolution, 10, 32, None),
    ("names with colons", painters.long_names, 10, 32, None),
    ("spectral norm", painters.spectral_generator, 10, 32, None),
    ("weight norm", painters.weight_normed_generator, 10, 32, None),
]
# Name, network, channels, side of its images, --arch
DISCRIMINATORS = [
    ("examples 64 px", judges.examples64, 3, 64, None),
    ("examples 64 px, grey, ndf 3", lambda: judges.examples64(1, 3), 1, 64, None),
    ("examples 32 px, grey", judges.examples32, 1, 32, None),
    ("examples 128 px", judges.examples128, 3, 128, None),
    ("MNIST 28, 14, 7, 4", judges.mnist_28_14_7_4, 1, 28, None),
    ("MNIST 28, 14, 7, 3", judges.mnist_28_14_7_3, 1, 28, "d=4/2/1,4/2/1,4/2/1,4/2/1"),
    ("MNIST 28, 14, 7", judges.mnist_to_7, 1, 28, None),
    ("nested blocks without padding", judges.NestedBlocks, 1, 28, None),
    ("nested blocks and flat ones", judges.NestedAndFlat, 3, 64, None),
    ("blocks, functions, linear", judges.BlocksThenLinear, 3, 32, None),
    ("named layers, functions", judges.NamedLayers, 1, 64, None),
    ("norms registered last", judges.NormsRegisteredLast, 3, 32, None),
    ("5x5, dropout, linear in the row", judges.linear_in_the_row, 1, 28, None),
    ("paper, 5x5", judges.paper5, 3, 64, None),
    ("two linear layers", judges.two_linears, 1, 28, None),
    ("3x3, norm after dropout", judges.NormAfterDropout, 1, 32, "eps=0.8"),
    ("norm on every layer", judges.norm_on_every_layer, 3, 64, None),
    ("instance norm", judges.instance_normed, 3, 32, "norm=instance"),
    ("spectral norm, 3x3 keeps", judges.odd_kernels_keep, 3, 32, None),
    ("96 px", judges.px96, 3, 96, None),
    ("1 px, then linear", judges.convolution_then_linear, 3, 32, None),
]


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
@pytest.mark.parametrize(
    ("name", "build", "nz", "size", "arch"), GENERATORS, ids=[row[0] for row in GENERATORS]
)
def test_generator(name, build, nz, size, arch, suffix, tmp_path, record_property):
    torch.manual_seed(1)
    network = used(build(), nz)
    path = saved(network, tmp_path / f"it.{suffix}")
    z = torch.randn(5, nz, generator=torch.Generator().manual_seed(2))

    start = time.perf_counter()
    imported = StateDictImporter().read(Request(path, arch=arch))
    record_property("seconds", time.perf_counter() - start)

    assert imported.discriminator is None
    generator, prior = imported.generator, imported.prior
    assert generator is not None
    assert prior is not None
    with torch.no_grad():
        expected, found = network(z), generator(z)
        assert torch.equal(found, generator(z[:, :, None, None]))
    assert found.shape == expected.shape
    assert found.shape[2:] == (size, size)
    assert expected.std() > 0.05, "an image that says nothing compares nothing"
    assert expected.abs().median() < 0.95, "nor does one that tanh has cut off"
    difference = (found - expected).abs().max().item()
    record_property("difference", difference)
    assert difference < TOLERANCE
    assert (prior.kind, prior.size) == ("normal", nz)
    assert imported.metadata["image_size"] == size
    assert_names_are_kept(network, generator)


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
@pytest.mark.parametrize(
    ("name", "build", "nc", "size", "arch"), DISCRIMINATORS, ids=[row[0] for row in DISCRIMINATORS]
)
def test_discriminator(name, build, nc, size, arch, suffix, tmp_path, record_property):
    torch.manual_seed(1)
    network = build()
    used(network, nc, size, size, forward="logits")
    path = saved(network, tmp_path / f"it.{suffix}")
    images = torch.randn(5, nc, size, size, generator=torch.Generator().manual_seed(2)).tanh()

    start = time.perf_counter()
    imported = StateDictImporter().read(Request(path, arch=arch))
    record_property("seconds", time.perf_counter() - start)

    assert imported.generator is None
    assert imported.prior is None
    discriminator = imported.discriminator
    assert discriminator is not None
    with torch.no_grad():
        expected, found = network.logits(images), discriminator(images)
    assert found.shape == expected.shape == (5,)
    assert expected.std() > 0.001, "logits that say nothing compare nothing"
    difference = (found - expected).abs().max().item()
    record_property("difference", difference)
    assert difference < TOLERANCE
    assert imported.metadata["image_size"] == size
    assert_names_are_kept(network, discriminator)


def saved(network: nn.Module, path):
    """As the owner would; safetensors sorts the names, which loses the order of registration."""
    state = network.state_dict()
    if path.suffix == ".safetensors":
        safetensors.torch.save_file({key: tensor.contiguous() for key, tensor in state.items()}, path)
    else:
        torch.save(state, path)
    return path


def assert_names_are_kept(network: nn.Module, imported: nn.Module) -> None:
    parts = ("weight_orig", "weight_u", "weight_v", "weight_g")
    names = {".".join(name.split(".parametrizations.")[:1]) for name in network.state_dict()}
    plain = {name for name in names if not name.endswith(parts)}
    there = set(imported.state_dict())
    assert {name for name in plain if name.rpartition(".")[2] in ("bias", "running_var", "weight")} <= there
    assert all(name in names or name.endswith(".weight") for name in there)
    modules = {name.rpartition(".")[0] for name in plain}
    assert {name.rpartition(".")[0] for name in there} <= modules | names
