"""State dicts with parts taken away, renamed, reshaped and exchanged: rebuilt, or refused in one line."""

import random

import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.importers.arch import Arch
from dcgan_viz.models.importers.epochs import Files
from dcgan_viz.models.importers.state_dict import imported
from tests.models.importers import foreign_discriminators as judges
from tests.models.importers import foreign_generator_classes as classes
from tests.models.importers import foreign_generators as painters

NETWORKS = [
    painters.examples32, painters.norm_per_unit, painters.norm_per_map, painters.spectral_generator,
    painters.long_names, classes.NamedLayers, classes.ModuleLists, classes.TwoLinears, judges.examples32,
    judges.NormAfterDropout, judges.odd_kernels_keep, judges.NestedAndFlat, judges.two_linears,
]  # fmt: skip
N_MUTANTS = 600


def mutate(state, chance):
    """One change of the kinds that files of other programs, and mistakes, bring."""
    key = chance.choice(list(state))
    tensor = state[key]
    kind = chance.randrange(8)
    if kind == 0:
        del state[key]
    elif kind == 1:
        name = chance.choice(["", ".", "a..b", "forward", "main.0", "0", "x" * 300, f"{key}.{key}"])
        state[name] = state.pop(key)
    elif kind == 2 and tensor.ndim:
        state[key] = tensor.transpose(0, -1).contiguous()
    elif kind == 3:
        sizes = [chance.choice([0, 1, 2, 3, 7, 64]) for _ in range(chance.randrange(6))]
        state[key] = torch.ones(sizes)
    elif kind == 4:
        other = chance.choice(list(state))
        state[key], state[other] = state[other], tensor
    elif kind == 5:
        state[key] = tensor.to(chance.choice([torch.int64, torch.bool, torch.complex64, torch.float16]))
    elif kind == 6:
        state[key.replace(".", "", 1)] = state.pop(key)
    else:
        state[key] = chance.choice([None, 3, "text", [tensor], {"weight": tensor}, torch.tensor(2.0)])


@pytest.mark.filterwarnings("ignore:Casting complex values:UserWarning")
def test_mutants_are_rebuilt_or_refused_in_one_line(tmp_path):
    chance = random.Random(0)
    states = [build().state_dict() for build in NETWORKS]
    n_built = 0
    lines: list[str] = []
    for _ in range(N_MUTANTS):
        state = dict(chance.choice(states))
        for _ in range(chance.randrange(1, 4)):
            if state:
                kept = {key: value for key, value in state.items() if isinstance(value, torch.Tensor)}
                others = {key: value for key, value in state.items() if key not in kept}
                if kept:
                    mutate(kept, chance)
                state = {**kept, **others}
        path = tmp_path / "it.pth"
        try:
            networks = imported(Files(path), {path: state}, Arch())
        except InputError as error:
            lines.append(str(error))
            continue
        n_built += 1
        size, channels = networks.metadata["image_size"], networks.metadata["channels"]
        with torch.no_grad():
            if networks.generator is not None and networks.prior is not None:
                images = networks.generator(torch.zeros(2, networks.prior.size))
                assert images.shape == (2, channels, size, size)
            if networks.discriminator is not None:
                assert networks.discriminator(torch.zeros(2, channels, size, size)).shape == (2,)
    assert [line for line in lines if "\n" in line] == []
    assert len(lines) > N_MUTANTS / 2
    assert n_built > N_MUTANTS / 50
