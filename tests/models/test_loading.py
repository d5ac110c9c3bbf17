"""`load`: steps of a run, what is assumed and overridden, second files, other packages' importers."""

import hashlib
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.checkpoint import save_weights
from dcgan_viz.models.importers import Imported, Importer, Request, registry
from dcgan_viz.models.loading import ModuleSource, load, load_modules
from dcgan_viz.models.networks import Architecture, Discriminator, Generator
from dcgan_viz.models.prior import Prior
from dcgan_viz.models.statistics import Statistics

SMALL = Architecture(image_size=32, width=4, channels_noise=6)


def snapshot(path: Path, step: int, seed: int) -> None:
    path.mkdir(parents=True)
    metadata = {
        "architecture": SMALL.to_json(),
        "prior": {"kind": "normal", "size": 6},
        "step": step,
        "batchnorm": {"generator": "of a test", "discriminator": "of a test"},
    }
    networks = Generator(SMALL, seed), None, Discriminator(SMALL, seed)
    save_weights(path / "weights.safetensors", *networks, metadata)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for step in (5, 20, 100):
        snapshot(tmp_path / f"run/snapshots/step_{step:08d}", step, seed=step)
    (tmp_path / "run/latest").symlink_to("snapshots/step_00000100")
    (tmp_path / "run/best").symlink_to("snapshots/step_00000020")
    return tmp_path / "run"


@pytest.mark.parametrize(
    ("step", "expected"), [(None, 100), ("latest", 100), ("best", 20), ("5", 5), (5, 5), ("00005", 5)]
)
def test_steps_of_a_run(run: Path, step: str | int | None, expected: int) -> None:
    gan = load(run, step=step)
    assert gan.provenance.metadata["step"] == expected
    weights = Generator(SMALL, seed=expected).state_dict()["main.0.weight"]
    assert torch.equal(gan.require_generator("the test").state_dict()["main.0.weight"], weights)


def test_a_snapshot_of_a_run_is_a_checkpoint_too(run: Path) -> None:
    for path in (run / "best", run / "best/weights.safetensors"):
        assert load(path).provenance.metadata["step"] == 20


@pytest.mark.parametrize(
    ("path", "step", "words"),
    [
        ("", "7", "no step '7' in it; there are latest, best, 5, 20, 100"),
        ("", "first", "no step 'first' in it"),
        ("", "../run/latest", "no step"),
        ("", "snapshots/../latest", "no step"),
        ("", "²", "no step '²'"),
        ("", "9" * 5000, "no step"),
        ("best", "5", "one snapshot, so there is no step '5' in it"),
    ],
)
def test_a_step_that_is_not_there(run: Path, path: str, step: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        load(run / path, step=step)


def test_the_prior_can_be_overridden(run: Path) -> None:
    assert load(run).prior == Prior("normal", 6)
    assert load(run, prior="uniform").prior == Prior("uniform", 6)
    assert load(run, prior="uniform:6").prior == Prior("uniform", 6)
    with pytest.raises(InputError, match=r"takes z neither as \(2, 7\)"):
        load(run, prior="normal:7")
    with pytest.raises(InputError, match="prior 'cauchy': not known"):
        load(run, prior="cauchy")
    for size in ("many", "²", "9" * 5000):
        with pytest.raises(InputError, match=f"'{size}' is no size"):
            load(run, prior=f"normal:{size}")


def test_batchnorm_is_as_the_file_has_it_unless_asked_for(run: Path) -> None:
    assert load(run).batchnorm["generator"] == Statistics("running", note="of a test")
    calibrated = load(run, batchnorm="calibrated:256:7")
    assert calibrated.batchnorm["generator"] == Statistics("calibrated", 256, 7, "prior")
    assert calibrated.batchnorm["discriminator"] == Statistics("running", note="of a test")
    assert load(run, batchnorm="batch").batchnorm["generator"].mode == "batch"


class Pairs:
    """An importer of ``.pairs`` files: a generator without running statistics, and a prior by habit."""

    name = "pairs"

    def recognises(self, request: Request) -> bool:
        return request.path.suffix == ".pairs"

    def read(self, request: Request) -> Imported:
        generator = Generator(SMALL, seed=1).eval()
        for module in generator.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.track_running_stats, module.running_mean, module.running_var = False, None, None
        files = [request.path] + ([request.discriminator_path] if request.discriminator_path else [])
        return Imported(
            generator, None, Prior("uniform", 6), tuple(files), ("widths",), prior_from="by habit"
        )


@pytest.fixture
def pairs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    point = EntryPoint("pairs", f"{__name__}:Pairs", registry.ENTRY_POINT_GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: Pairs)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == point.group else [])
    (tmp_path / "a.pairs").write_bytes(b"first")
    (tmp_path / "b.pairs").write_bytes(b"second")
    return tmp_path / "a.pairs"


def test_what_an_importer_assumed_is_in_the_provenance(pairs: Path) -> None:
    importer: Importer = Pairs()
    assert importer.name == load(pairs).provenance.importer == "pairs"
    calibrated = "generator: no running statistics; calibrated on 2560 inputs (prior), seed 0"
    assert load(pairs).provenance.assumptions == ("widths", "prior uniform of size 6, by habit", calibrated)
    assert load(pairs, prior="normal").provenance.assumptions == ("widths", calibrated)
    assert load(pairs, prior="normal", batchnorm="calibrated").provenance.assumptions == ("widths",)


def test_a_generator_without_running_statistics_is_calibrated_and_says_so(pairs: Path) -> None:
    gan = load(pairs)
    assert gan.batchnorm["generator"] == Statistics("calibrated", 2560, 0, "prior")
    assert load(pairs, batchnorm="batch").batchnorm["generator"].mode == "batch"
    with pytest.raises(InputError, match="no running statistics; use 'calibrated' or 'batch'"):
        load(pairs, batchnorm="running")


def test_two_files_are_one_checkpoint(pairs: Path) -> None:
    alone, both = load(pairs).provenance, load(pairs, discriminator=pairs.with_name("b.pairs")).provenance
    hashes = [hashlib.sha256(content).hexdigest() for content in (b"first", b"second")]
    assert alone.sha256 == hashes[0]
    assert list(both.files.values()) == hashes
    assert both.sha256 == hashlib.sha256("".join(hashes).encode()).hexdigest()
    with pytest.raises(InputError, match=r"c\.pairs: no such file"):
        load(pairs, discriminator=pairs.with_name("c.pairs"))


def test_a_broken_plug_in_is_named(pairs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: EntryPoint) -> None:
        raise ImportError("no module named 'gone'")

    monkeypatch.setattr(EntryPoint, "load", broken)
    with pytest.raises(InputError, match=r"importer 'pairs' of .*does not load \(ImportError: no module"):
        load(pairs)


@pytest.mark.parametrize("method", ["recognises", "read"])
def test_a_plug_in_that_fails_is_named(pairs: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    def fail(self: Pairs, request: Request) -> None:
        raise KeyError("gen")

    monkeypatch.setattr(Pairs, method, fail)
    with pytest.raises(InputError, match=r"importer 'pairs' of .*it fails on .*a\.pairs \(KeyError: 'gen'\)"):
        load(pairs)


def test_classes_of_ones_own(tmp_path: Path) -> None:
    upsampling = ModuleSource("tests.models.strangers:Upsampling", {"nz": 7})
    judging = ModuleSource("tests.models.strangers:Judging")
    gan = load_modules(upsampling, judging)
    assert (gan.image_size, gan.channels, gan.prior) == (32, 3, Prior("normal", 7))
    assert gan.provenance.path == "tests.models.strangers:Upsampling and tests.models.strangers:Judging"
    assert gan.provenance.importer == "nn.Module"
    assert any("prior normal of size 7, since the class" in clause for clause in gan.provenance.assumptions)
    assert load_modules(upsampling, prior="uniform").prior == Prior("uniform", 7)
    assert load_modules(None, judging).generator is None
    torch.save(gan.require_generator("the test").state_dict(), tmp_path / "g.pth")
    loaded = load_modules(replace(upsampling, weights=tmp_path / "g.pth"))
    assert list(loaded.provenance.files) == [str(tmp_path / "g.pth")]
    z = gan.sample_z(3, seed=0)
    assert torch.equal(loaded.generate(z), gan.generate(z))
