import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import nn

from dcgan_viz.errors import InputError
from dcgan_viz.models.forms import refuse_conditional
from dcgan_viz.models.importers.user_module import arguments_from_json, module_from_path

SOURCE = """\
import torch
from torch import nn

print("a person's own greeting")


class Painter(nn.Module):
    def __init__(self, nz=4, maps=3):
        super().__init__()
        self.linear = nn.Linear(nz, maps * 16)
        self.norm = nn.BatchNorm1d(maps * 16)
        self.last = nn.Conv2d(maps, 3, 3, padding=1)
        self.maps = maps

    def forward(self, z):
        h = torch.relu(self.norm(self.linear(z))).view(-1, self.maps, 4, 4)
        return torch.tanh(self.last(nn.functional.interpolate(h, scale_factor=2)))


class Labelled(Painter):
    def forward(self, z, labels):
        return super().forward(z)


class Styled(Painter):
    def forward(self, z, *, style):
        return super().forward(z)


class Optional(Painter):
    def forward(self, z, labels=None):
        return super().forward(z)


class Sevens(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Labelled()

    def forward(self, z):
        return self.net(z, torch.full((len(z),), 7))


class Deaf(Painter):
    def forward(self):
        return None


class Idle(nn.Module):
    pass


class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.LazyLinear(3)

    def forward(self, z):
        return self.linear(z)


class Broken(nn.Module):
    def __init__(self, maps):
        super().__init__()
        self.conv = nn.Conv2d(maps, maps, "three")


def build(width):
    return Painter(maps=width)


def half():
    return Painter().half()


def numbers():
    return [1, 2]


def leave():
    raise SystemExit("bye")


ready = Painter()
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current directory with a person's own package; what it imports is forgotten afterwards."""
    package = tmp_path / "ownnets"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "nets.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place not in ("", os.fspath(tmp_path))])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("ownnets", "single", "crooked"):
            del sys.modules[name]


def weights_of(module: nn.Module) -> dict[str, torch.Tensor]:
    """Another network's weights: as many, with numbers of their own."""
    random = torch.Generator().manual_seed(9)
    return {
        name: torch.rand(value.shape, generator=random) + 0.5 if value.is_floating_point() else value + 7
        for name, value in module.state_dict().items()
    }


def test_a_class_with_its_defaults(own: Path) -> None:
    module = module_from_path("ownnets.nets:Painter")
    assert type(module).__name__ == "Painter"
    assert not module.training
    with torch.no_grad():
        assert module(torch.zeros(2, 4)).shape == (2, 3, 8, 8)


def test_a_class_with_arguments_and_a_function(own: Path) -> None:
    module = module_from_path("ownnets.nets:Painter", {"nz": 5, "maps": 2})
    assert module.state_dict()["linear.weight"].shape == (32, 5)
    assert module_from_path("ownnets.nets:build", {"width": 6}).maps == 6


def test_a_module_that_is_one_file(own: Path) -> None:
    (own / "single.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Identity):\n    class Inner(nn.Identity): ...\n"
    )
    assert type(module_from_path("single:Net")).__name__ == "Net"
    assert type(module_from_path("single:Net.Inner")).__name__ == "Inner"


def test_the_search_path_and_random_state_are_as_they_were(own: Path) -> None:
    places, state = list(sys.path), torch.get_rng_state()
    one, two = module_from_path("ownnets.nets:Painter"), module_from_path("ownnets.nets:Painter")
    assert sys.path == places
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(one.state_dict()["linear.weight"], two.state_dict()["linear.weight"])
    with pytest.raises(InputError):
        module_from_path("ownnets.nets:Absent")
    assert sys.path == places


def test_what_a_person_prints_stays_off_stdout(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module_from_path("ownnets.nets:Painter")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "greeting" in printed.err


def test_half_precision_becomes_float32(own: Path) -> None:
    module = module_from_path("ownnets.nets:half")
    assert {p.dtype for p in module.parameters()} == {torch.float32}


def test_optional_labels_are_no_condition(own: Path) -> None:
    module_from_path("ownnets.nets:Optional")
    refuse_conditional(nn.Sequential(nn.Linear(2, 2)), "a chain")


CHECKPOINTS = {
    "a state dict": lambda state: state,
    "module.": lambda state: {f"module.{key}": value for key, value in state.items()},
    "_orig_mod.": lambda state: {f"_orig_mod.{key}": value for key, value in state.items()},
    "both": lambda state: {f"_orig_mod.module.{key}": value for key, value in state.items()},
    "a compiled part": lambda state: {
        key.replace("linear.", "linear._orig_mod."): v for key, v in state.items()
    },
    "a checkpoint": lambda state: {"epoch": 3, "netG": state, "netD": {"conv.weight": torch.ones(2, 2)}},
    "a checkpoint of wrapped networks": lambda state: {
        "state": {"generator": {f"module.{key}": value for key, value in state.items()}}
    },
    "one dict for two networks": lambda state: {
        **{f"generator.{key}": value for key, value in state.items()},
        **{f"discriminator.{key}": value + 1 for key, value in state.items() if "linear" in key},
    },
    "with an optimizer": lambda state: {
        "model": state,
        "optimizer": {"state": {0: {"exp_avg": torch.zeros(48, 4)}}, "param_groups": [{"lr": 0.1}]},
    },
}


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_weights_are_found_and_loaded(name: str, own: Path) -> None:
    expected = weights_of(module_from_path("ownnets.nets:Painter"))
    torch.save(CHECKPOINTS[name](expected), own / "weights.pth")
    module = module_from_path("ownnets.nets:Painter", weights=own / "weights.pth")
    found = module.state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[key], expected[key]) for key in expected)


def test_weights_of_safetensors_in_half_precision(own: Path) -> None:
    expected = weights_of(module_from_path("ownnets.nets:Painter"))
    halves = {key: value.half() if value.is_floating_point() else value for key, value in expected.items()}
    safetensors.torch.save_file(halves, own / "weights.safetensors")
    found = module_from_path("ownnets.nets:Painter", weights=own / "weights.safetensors").state_dict()
    for key, value in halves.items():
        assert found[key].dtype == expected[key].dtype
        assert torch.equal(found[key], value.to(expected[key].dtype))


def test_counters_that_old_torch_did_not_save(own: Path) -> None:
    expected = weights_of(module_from_path("ownnets.nets:Painter"))
    torch.save({k: v for k, v in expected.items() if "num_batches" not in k}, own / "weights.pth")
    found = module_from_path("ownnets.nets:Painter", weights=own / "weights.pth").state_dict()
    assert found["norm.num_batches_tracked"] == 0
    assert torch.equal(found["norm.running_var"], expected["norm.running_var"])


@pytest.mark.parametrize("name", ["a state dict", "a checkpoint", "both"])
def test_a_class_that_wraps_a_network_takes_its_weights(name: str, own: Path) -> None:
    expected = weights_of(module_from_path("ownnets.nets:Painter"))
    torch.save(CHECKPOINTS[name](expected), own / "weights.pth")
    found = module_from_path("ownnets.nets:Sevens", weights=own / "weights.pth").state_dict()
    assert all(torch.equal(found[f"net.{key}"], expected[key]) for key in expected)
    torch.save(found, own / "wrapped.pth")
    again = module_from_path("ownnets.nets:Sevens", weights=own / "wrapped.pth").state_dict()
    assert all(torch.equal(found[key], again[key]) for key in found)


def refused(own: Path, path: str, args: Mapping[str, Any] | None = None, weights: Path | None = None) -> str:
    with pytest.raises(InputError) as caught:
        module_from_path(path, args, weights)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 600
    return message


@pytest.mark.parametrize(
    "path", ["ownnets.nets", "ownnets.nets:", ":Painter", "own-nets:Painter", "nets.py:A", "a:b:c"]
)
def test_a_path_of_another_form(path: str, own: Path) -> None:
    assert "package.module:Class" in refused(own, path)


@pytest.mark.parametrize("name", ["absent", "ownnets.absent", "ownnets.nets.deeper"])
def test_no_such_module(name: str, own: Path) -> None:
    message = refused(own, f"{name}:Painter")
    assert f"no module {name!r} in {own}" in message


def test_no_such_class(own: Path) -> None:
    message = refused(own, "ownnets.nets:Pianter")
    assert "no 'Pianter'" in message
    assert "it has Painter, Labelled" in message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import absent_library", "ModuleNotFoundError: No module named 'absent_library'"),
        ("half = 1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise ValueError('one\\ntwo')", "ValueError: one two"),
        ("from torch import nn; nn.Linear('a', 3)", "TypeError: "),
        ("def broken(:", "SyntaxError: "),
    ],
)
def test_an_error_in_the_module_is_told_with_its_place(line: str, words: str, own: Path) -> None:
    (own / "crooked.py").write_text(f"import math\n\n{line}\n")
    message = refused(own, "crooked:Net")
    assert f"{own / 'crooked.py'}:3: {words}" in message


@pytest.mark.parametrize(
    ("path", "args", "words"),
    [
        (
            "ownnets.nets:Painter",
            {"depth": 3},
            r"got an unexpected keyword argument 'depth'; its arguments are (nz=4",
        ),
        ("ownnets.nets:build", None, "missing a required argument: 'width'"),
        ("ownnets.nets:Broken", {"maps": 4}, 'cannot be built with {"maps": 4}: '),
        ("ownnets.nets:Painter", {"maps": "many"}, 'cannot be built with {"maps": "many"}: '),
        ("ownnets.nets:leave", None, "SystemExit: bye"),
        ("ownnets.nets:numbers", None, "gives an object of class list, no torch.nn.Module"),
        ("ownnets.nets:SOURCE", None, "no 'SOURCE'"),
        ("ownnets.nets:ready", None, "an object of class Painter, neither a class nor a function"),
        ("ownnets.nets:Labelled", None, "conditional: forward(z, labels) needs labels; wrap it in a class"),
        ("ownnets.nets:Styled", None, "conditional: forward(z, style) needs style"),
        ("ownnets.nets:Deaf", None, "takes no input"),
        ("ownnets.nets:Idle", None, "has no forward()"),
        ("ownnets.nets:Lazy", None, "linear.weight has no shape yet"),
    ],
)
def test_what_cannot_be_built(path: str, args: dict[str, Any] | None, words: str, own: Path) -> None:
    assert words in refused(own, path, args)


def test_the_place_is_the_persons_line_not_that_of_torch(own: Path) -> None:
    message = refused(own, "ownnets.nets:Broken", {"maps": 4})
    line = SOURCE.splitlines().index('        self.conv = nn.Conv2d(maps, maps, "three")') + 1
    assert f"{own / 'ownnets' / 'nets.py'}:{line}: " in message


def spoilt(state: dict[str, torch.Tensor], **changes: torch.Tensor | None) -> dict[str, torch.Tensor]:
    changed: dict[str, Any] = state | {key.replace("__", "."): value for key, value in changes.items()}
    return {key: value for key, value in changed.items() if value is not None}


MISFITS = {
    "missing": (
        lambda s: spoilt(s, last__bias=None),
        "does not fit ownnets.nets:Painter: missing last.bias; give",
    ),
    "unexpected": (lambda s: spoilt(s, extra=torch.ones(3)), "unexpected extra; give"),
    "shape": (
        lambda s: spoilt(s, last__weight=torch.ones(3, 8, 3, 3)),
        "last.weight has shape (3, 8, 3, 3), the network's has (3, 3, 3, 3)",
    ),
    "inside": (
        lambda s: {"epoch": 1, "netG": spoilt(s, last__bias=None, extra=torch.ones(1))},
        "missing last.bias; unexpected netG.extra",
    ),
    "another network": (
        lambda s: {"conv.weight": torch.ones(3)},
        "missing linear.weight, linear.bias, norm.weight and",
    ),
    "nan": (
        lambda s: spoilt(s, norm__bias=torch.full((48,), torch.nan)),
        "48 of 48 values of norm.bias are not finite",
    ),
    "two that fit": (
        lambda s: {"ema": s, "net": s},
        "holds 2 state dicts that fit ownnets.nets:Painter ('ema.', 'net.')",
    ),
    "no tensors": (lambda s: {"epoch": 3}, "holds no tensors"),
    "too large for float32": (
        lambda s: spoilt(s, norm__bias=torch.full((48,), 1e300, dtype=torch.float64)),
        "48 of 48 values of norm.bias are not finite",
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_weights_that_do_not_fit(name: str, own: Path) -> None:
    spoil, words = MISFITS[name]
    torch.save(spoil(weights_of(module_from_path("ownnets.nets:Painter"))), own / "weights.pth")
    message = refused(own, "ownnets.nets:Painter", weights=own / "weights.pth")
    assert message.startswith(f"{own / 'weights.pth'}: ")
    assert words in message


def test_a_pickled_network_is_no_weights(own: Path) -> None:
    torch.save(nn.Linear(2, 2), own / "whole.pth")
    assert "whole.pth" in refused(own, "ownnets.nets:Painter", weights=own / "whole.pth")


def test_a_dictionary_that_holds_itself(own: Path) -> None:
    state: dict[str, Any] = dict(weights_of(module_from_path("ownnets.nets:Painter")))
    state["again"] = state
    torch.save(state, own / "loop.pth")
    assert "loop.pth" in refused(own, "ownnets.nets:Painter", weights=own / "loop.pth")


@pytest.mark.parametrize("text", ["", "{", "[1]", "3", '"ngf"', "[" * 100_000, "{'ngf': 3}"])
def test_arguments_that_are_no_json_object(text: str) -> None:
    with pytest.raises(InputError, match="give a JSON object such as") as caught:
        arguments_from_json(text)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)
