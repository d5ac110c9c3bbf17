"""Networks that are shared, under the name that each person knows them by."""

import hashlib
import json
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from apps.shell import jobs, models
from apps.shell.checkpoints import checkpoint, given_label
from apps.shell.startup import Startup
from apps.shell.uploads import HASH_DIGITS, Upload, Uploads
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.models import batchnorm
from dcgan_viz.models.loading import load
from dcgan_viz.provenance import ResultProvenance
from tests.apps.conftest import Start, component, link, mounted
from tests.apps.fake_runs import add_snapshot, write_lines
from tests.apps.pages import generator_alone, settled
from tests.waiting import until

PAGES = ("samples", "filters", "remove_objects", "latent_walk", "arithmetic", "runs", "report")


def test_equal_files_are_opened_once_and_each_bears_its_own_name(
    start: Start, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    for name in ("alpha", "beta"):
        write_lines(tmp_path / "runs" / name, 1, 3)
        add_snapshot(tmp_path / "runs" / name, 3, tiny_checkpoint)
    start("--runs", str(tmp_path / "runs"))
    found = [models.opened(checkpoint(f"run:runs/{name}@3")) for name in ("alpha", "beta")]
    assert found[0].generator is found[1].generator
    for name, gan in zip(("alpha", "beta"), found, strict=True):
        made = ResultProvenance.of(gan, command="", seed=0, duration_s=0).to_json()["checkpoint"]
        assert f"/{name}/" in made["path"]  # type: ignore[index]
        assert list(made["files"]) == [made["path"]]  # type: ignore[index]


def test_a_run_that_the_server_was_started_in_has_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert given_label(Startup(ModelOptions(checkpoint="."))) == tmp_path.name


def test_many_assumptions_are_folded(start: Start, tmp_path: Path) -> None:
    path = generator_alone(tmp_path / "blind.pth")
    clauses = load(path).provenance.assumptions
    assert len(clauses) > 2
    app = start("--checkpoint", str(path))
    (folded,) = [one for one in app.sidebar.expander if "assumptions" in one.label]
    assert folded.label.startswith(f"{len(clauses)} ")
    assert not folded.proto.expanded
    assert [one.value.replace("\\", "") for one in folded.caption] == [f"{clause}." for clause in clauses]
    assert not any(one.value.startswith("Assumed") for one in app.sidebar.caption)


@pytest.mark.parametrize("page", PAGES)
def test_where_the_server_keeps_an_upload_is_nowhere_told(start: Start, tmp_path: Path, page: str) -> None:
    content = generator_alone(tmp_path / "cats and dogs.pth").read_bytes()
    app = start("--runs", "nowhere")
    app.file_uploader(key="sidebar.upload").upload("cats and dogs.pth", content, "").run()
    app.switch_page(f"views/{page}.py").run()
    assert not app.exception
    told = "".join(str(node.proto) for node in [*app.main, *app.sidebar] if hasattr(node, "proto"))
    assert "dcgan_viz-" not in told.replace("\\", "")
    for code in app.code if page != "runs" else ():
        assert "--checkpoint 'cats and dogs.pth'" in code.value


def test_two_files_bear_their_owners_names(start: Start, tiny_checkpoint: Path, tmp_path: Path) -> None:
    import torch

    from dcgan_viz.models.loading import load

    gan = load(tiny_checkpoint)
    kept = []
    for name, network in (("cats and dogs.pth", gan.generator), ("D and more.pth", gan.discriminator)):
        assert network is not None
        torch.save(network.state_dict(), tmp_path / name)
        kept.append((name, (tmp_path / name).read_bytes()))
    app = start("--runs", "nowhere")
    for key, (name, content) in zip(("sidebar.upload", "sidebar.upload2"), kept, strict=True):
        app.file_uploader(key=key).upload(name, content, "")
    app.run()
    assert not app.error
    assert "--checkpoint 'cats and dogs.pth' --discriminator-checkpoint 'D and more.pth'" in app.code[0].value
    bench = app.session_state["dcgan_viz.current"]
    record = json.loads(json.dumps(bench.gan.provenance.to_json()))
    assert record["path"] == "cats and dogs.pth"
    assert set(record["files"]) == {"cats and dogs.pth", "D and more.pth"}
    for name, content in kept:
        assert record["files"][name] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied", "x/w.safetensors"), RuntimeError()]
)
def test_a_checkpoint_that_cannot_be_opened_takes_no_page_down(
    start: Start, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object) -> None:
        raise error

    app = start()
    models._OPEN.clear()
    monkeypatch.setattr("dcgan_viz.model_options.ModelOptions.load", fails)
    app.run()
    told = "w.safetensors: Permission denied" if isinstance(error, OSError) else "error that is not yours"
    assert [told in one.value.replace("\\", "") for one in app.error] == [True]
    app.switch_page("views/runs.py").run()
    assert not app.error
    assert app.title[0].value == "Runs"


def test_settings_of_other_networks_are_not_those_of_an_upload(start: Start, tiny_checkpoint: Path) -> None:
    app = start("--runs", "nowhere", batchnorm="batch", prior="normal")
    content = tiny_checkpoint.read_bytes()
    app.file_uploader(key="sidebar.upload").upload("a.safetensors", content, "").run()
    short = hashlib.sha256(content).hexdigest()[:HASH_DIGITS]
    assert link(app) == {"checkpoint": f"upload:{short}"}


def test_an_upload_is_read_once(start: Start, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    own = Uploads.keep

    def keep(self: Uploads, name: str, content: bytes) -> Upload:
        read.append(name)
        return own(self, name, content)

    monkeypatch.setattr(Uploads, "keep", keep)
    app = start("--runs", "nowhere")
    app.file_uploader(key="sidebar.upload").upload("a.safetensors", tiny_checkpoint.read_bytes(), "").run()
    app.run()
    app.run()
    assert read == ["a.safetensors"]


def test_networks_of_the_command_line_that_change_are_other_networks(
    start: Start, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    """Once they have to be read again, nothing that is known of those before is shown."""
    place = tmp_path / "w.safetensors"
    shutil.copy(tiny_checkpoint, place)
    words = ("--checkpoint", str(place))
    before = component(start(*words), "samples.sheet")["tiles"]
    from tests.apps.pages import grey_gan

    grey_gan(place, size=32)
    assert component(start(*words), "samples.sheet")["tiles"] == before  # still open
    models._OPEN.clear()
    assert component(start(*words), "samples.sheet")["tiles"] != before


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A calibration whose first batch comes once the event is set."""
    gate = threading.Event()
    own = batchnorm.calibrate

    def calibrate(network: nn.Module, batches: Iterable[torch.Tensor]) -> nn.Module:
        def held() -> Iterator[torch.Tensor]:
            for batch in batches:
                gate.wait(60)
                yield batch

        return own(network, held())

    monkeypatch.setattr(batchnorm, "calibrate", calibrate)
    models._OPEN.clear()
    yield gate
    gate.set()
    until(lambda: not jobs._alive)


def test_what_takes_long_to_open_shows_how_far_it_is(start: Start, slow: threading.Event) -> None:
    app = start(moment_s=0, batchnorm="calibrated", samples="24", picks="0.1,0.2")
    values = link(app)
    assert mounted(app) == []
    assert not app.error
    (line,) = app.get("progress")
    assert "Opening" in line.proto.text
    app.switch_page("views/runs.py").run()  # which needs no networks
    assert app.info
    app.switch_page("views/samples.py").run()
    slow.set()
    settled(app)
    assert len(component(app, "samples.sheet")["tiles"]) == 24
    assert link(app) == values


def test_opening_is_cancelled_and_asked_for_again(start: Start, slow: threading.Event) -> None:
    app = start(moment_s=0, batchnorm="calibrated")
    app.button(key="sidebar.opening.cancel").click().run()
    slow.set()
    settled(app)
    app.run()
    assert not app.error
    assert "cancelled" in app.info[0].value
    assert mounted(app) == []
    app.button(key="sidebar.opening.again").click().run()
    assert mounted(settled(app))
    models._OPEN.clear()
    slow.clear()
    app.run()
    app.button(key="sidebar.opening.cancel").click().run()
    slow.set()
    settled(app)
    app.selectbox(key="control.batchnorm").select("running").run()
    assert not app.error
    app.selectbox(key="control.batchnorm").select("calibrated").run()
    assert not app.error
    assert mounted(settled(app))


def test_who_chooses_something_else_does_not_wait(start: Start, slow: threading.Event) -> None:
    app = start(moment_s=0, batchnorm="calibrated")
    (job,) = jobs._alive
    app.selectbox(key="control.batchnorm").select("running").run()
    assert job.is_cancelled
    assert mounted(app)


@pytest.mark.parametrize("reference", ["rooms", "run:runs/mine@3", "given"])
def test_where_the_server_keeps_a_checkpoint_is_not_told(
    start: Start, tiny_checkpoint: Path, tmp_path: Path, reference: str
) -> None:
    add_snapshot(tmp_path / "runs" / "mine", 3, tiny_checkpoint)
    given = ("--checkpoint", str(tiny_checkpoint)) if reference == "given" else ()
    app = start("--runs", str(tmp_path / "runs"), *given, checkpoint=reference)
    app.switch_page("views/latent_walk.py")
    app.query_params.update({"checkpoint": reference, "batchnorm": "batch"})
    app.run()
    (error,) = app.error
    assert "BatchNorm" in error.value
    for word in ("assets", "snapshots", str(tmp_path), str(tiny_checkpoint.parent)):
        assert word not in error.value.replace("\\", "")
