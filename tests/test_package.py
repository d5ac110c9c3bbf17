"""The package from outside: what an import costs, what a wheel holds, that every command answers."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

import dcgan_viz
from dcgan_viz.__main__ import COMMANDS, main

ROOT = Path(__file__).parents[1]
SPELLINGS = {
    "dashboard": "apps",
    "figure-set": "dcgan_viz.figure_set",
    "guided-backprop": "dcgan_viz.guided_backprop",
    "inspect": "dcgan_viz.inspect",
    "latent-walk": "dcgan_viz.latent_walk",
    "memorization": "dcgan_viz.memorization",
    "remove-objects": "dcgan_viz.remove_objects",
    "sample": "dcgan_viz.sample",
    "train": "train",
    "vector-arithmetic": "dcgan_viz.vector_arithmetic",
}


def python(*arguments: str, path: Path = ROOT, cwd: Path = ROOT) -> str:
    """Standard output of a fresh interpreter that finds the package in ``path``."""
    environment = {**os.environ, "PYTHONPATH": str(path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def imported(first: str, then: str) -> set[str]:
    """Top-level packages outside the standard library that ``then`` imports on top of ``first``."""
    code = f"""
import sys
{first}
before = set(sys.modules)
{then}
print(*{{name.partition(".")[0] for name in set(sys.modules) - before}} - set(sys.stdlib_module_names))
"""
    return set(python("-c", code).split())


def test_the_import_of_the_package_costs_nothing() -> None:
    assert imported("", "import dcgan_viz") == {"dcgan_viz"}


def test_loading_brings_no_drawing_library() -> None:
    found = imported("import torch, safetensors.torch", "import dcgan_viz; dcgan_viz.load")
    assert found.isdisjoint({"streamlit", "plotly", "captum", "matplotlib", "sklearn"})


def test_the_help_of_the_tree_needs_click_alone() -> None:
    code = "from dcgan_viz.__main__ import main; main(['--help'], standalone_mode=False)"
    found = imported(
        "import click", f"import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()): {code}"
    )
    assert found <= {"click", "dcgan_viz"}


def test_the_trainer_runs_with_its_few_libraries() -> None:
    permitted = """
import click, numpy, safetensors.torch, torch, torchvision, torchvision.utils, torchvision.transforms.v2
import torch._dynamo, torch.utils.data, tqdm, PIL.Image
"""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "train").rglob("*.py"))
    ]
    assert "train.__main__" in names
    assert imported(permitted, f"import {', '.join(names)}") <= {"train", "dcgan_viz"}


def test_the_doors_are_found_and_listed() -> None:
    from dcgan_viz.models.gan import Gan, Prior
    from dcgan_viz.models.loading import load

    assert (dcgan_viz.load, dcgan_viz.Gan, dcgan_viz.Prior) == (load, Gan, Prior)
    assert dir(dcgan_viz) == ["Gan", "Prior", "__version__", "load"]
    with pytest.raises(AttributeError, match="dream"):
        _ = dcgan_viz.dream


def test_every_command_has_a_module_spelling() -> None:
    assert set(SPELLINGS) == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_both_spellings_answer_with_the_same_help(name: str) -> None:
    tree = CliRunner().invoke(main, [name, "--help"], prog_name="dcgan-viz")
    assert tree.exit_code == 0, tree.stderr
    module = python("-m", SPELLINGS[name], "--help")
    # click wraps lines by the length of the program's name, also inside a word with a hyphen
    assert "".join(tree.stdout.partition("[OPTIONS]")[2].split()) == "".join(
        module.partition("[OPTIONS]")[2].split()
    )


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"dashboard", "train"}))
def test_every_look_takes_the_shared_options(name: str) -> None:
    text = CliRunner().invoke(main, [name, "--help"]).stdout
    shared = ["--checkpoint", "--generator", "--batchnorm", "--seed", "--device", "--json", "--quiet"]
    if name != "inspect":  # it only speaks
        shared += ["--out", "--force"]
    assert [option for option in shared if option not in text] == []


def test_the_tree_answers_without_a_command() -> None:
    result = CliRunner().invoke(main, [])
    assert result.exit_code == 0
    assert [name for name in COMMANDS if name not in result.stdout] == []
    assert dcgan_viz.__version__ in CliRunner().invoke(main, ["--version"]).stdout


def test_pages_link_to_files_that_exist() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if "://" not in target
    ]
    assert links
    assert [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, so that the tree stays clean and stale builds cannot help."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for package in ("dcgan_viz", "train", "apps"):
        if (ROOT / package).is_dir():
            shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    python("-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), cwd=source, path=source)
    (path,) = built.iterdir()
    return path


def test_the_wheel_holds_what_the_tree_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        metadata = next(name for name in archive.namelist() if name.endswith("METADATA"))
        requirements = archive.read(metadata).decode()
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in ("dcgan_viz", "train", "apps")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".md"
    }
    assert held == wanted
    assert {"dcgan_viz/py.typed", "dcgan_viz/assets/rooms.safetensors"} <= held
    assert "Requires-Dist: torch==" not in requirements


def test_the_wheel_runs_elsewhere(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    words = ["-m", "dcgan_viz.sample", "--samples", "2", "--device", "cpu", "--json"]
    record = json.loads(python(*words, path=site, cwd=elsewhere))
    assert record["provenance"]["checkpoint"]["path"] == str(site / "dcgan_viz/assets/rooms.safetensors")
    assert (elsewhere / "out/sample/figure.png").is_file()
    code = """
import sys
from dcgan_viz.__main__ import COMMANDS, main
for name in COMMANDS:
    assert main.get_command(None, name) is not None
used = [name for name in sys.modules if name.partition(".")[0] in ("apps", "dcgan_viz", "train")]
print(*(sys.modules[name].__file__ for name in used))
"""
    used = [Path(file) for file in python("-c", code, path=site, cwd=elsewhere).split()]
    assert site / "train/__main__.py" in used
    assert [file for file in used if not file.is_relative_to(site)] == []
