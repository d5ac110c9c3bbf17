"""The plug-in of docs/checkpoints.md, installed as a package of its own."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.loading import load

DOCUMENT = Path(__file__).parents[3] / "docs" / "checkpoints.md"
NETS = """\
from torch import nn


class Generator(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(100, 3 * 28 * 28), nn.Tanh(), nn.Unflatten(1, (3, 28, 28)))
"""


def example(language: str, word: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(), flags=re.DOTALL)
    (found,) = [block for block in blocks if word in block]
    return found


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    package, metadata = tmp_path / "my_package", tmp_path / "my_package-1.0.dist-info"
    package.mkdir()
    metadata.mkdir()
    (package / "__init__.py").write_text(example("python", "NpzImporter"))
    (package / "nets.py").write_text(NETS)
    group, point = example("toml", "NpzImporter").strip().splitlines()
    name, value = re.fullmatch(r'(\w+) = "(.*)"', point).groups()  # type: ignore[union-attr]
    quoted = re.fullmatch(r'\[project\.entry-points\."(.*)"\]', group)
    assert quoted is not None
    (metadata / "entry_points.txt").write_text(f"[{quoted[1]}]\n{name} = {value}\n")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield tmp_path
    for module in [name for name in sys.modules if name.partition(".")[0] == "my_package"]:
        del sys.modules[module]


def test_the_plug_in_of_the_documentation_opens_its_files(installed: Path) -> None:
    random = np.random.default_rng(0)
    weight = random.normal(0, 0.1, (2352, 100)).astype(np.float32)
    arrays: dict[str, Any] = {"0.weight": weight, "0.bias": np.zeros(2352, np.float32)}
    np.savez(installed / "g.npz", **arrays)
    gan = load(installed / "g.npz")
    assert gan.provenance.importer == "npz"
    z = gan.sample_z(4, seed=0)
    expected = np.tanh(z.numpy().astype(np.float64) @ weight.T.astype(np.float64)).reshape(4, 3, 28, 28)
    np.testing.assert_allclose(gan.generate(z).numpy(), expected, atol=1e-5)


def test_its_files_are_unknown_without_it(tmp_path: Path) -> None:
    np.savez(tmp_path / "g.npz", weight=np.zeros(3))
    with pytest.raises(InputError, match=r"g\.npz: "):
        load(tmp_path / "g.npz")


def test_a_plug_in_that_does_not_load_is_named(installed: Path) -> None:
    (installed / "my_package" / "__init__.py").write_text("import absent_library\n")
    torch.save({}, installed / "g.pth")
    with pytest.raises(InputError, match="importer 'npz' of my-package: it does not load"):
        load(installed / "g.pth")
