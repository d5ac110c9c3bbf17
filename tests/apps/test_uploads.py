"""Uploads: opened without being run, kept for one session, gone with it."""

import hashlib
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest

from apps.shell.uploads import HASH_DIGITS, MAX_BYTES, Uploads, printable_name
from dcgan_viz.errors import InputError
from dcgan_viz.models.loading import load
from dcgan_viz.sample import to_uint8
from tests.apps.conftest import Start, component, link, mounted
from tests.apps.fake_runs import add_snapshot
from tests.apps.pages import discriminator_alone, generator_alone, grey_gan
from tests.pictures import decoded


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_an_uploaded_checkpoint_is_opened_and_its_link_names_its_hash(
    start: Start, tiny_checkpoint: Path
) -> None:
    content = tiny_checkpoint.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:HASH_DIGITS]
    own = start(samples="24")
    app = start("--runs", "nowhere", samples="24")
    app.file_uploader(key="sidebar.upload").upload("../my gan.safetensors", content, "").run()
    assert link(app)["checkpoint"] == f"upload:{digest}"
    shown = component(app, "samples.sheet")["tiles"]
    assert shown == component(own, "samples.sheet")["tiles"]
    assert "my gan.safetensors" in app.code[0].value
    assert "/tmp" not in app.code[0].value


def test_an_upload_and_the_picks_stay_from_page_to_page(start: Start, tiny_checkpoint: Path) -> None:
    content = tiny_checkpoint.read_bytes()
    app = start("--runs", "nowhere", samples="24", picks="0.4,0.9", seed="7")
    app.file_uploader(key="sidebar.upload").upload("mine.safetensors", content, "").run()
    upload = link(app)["checkpoint"]
    for page in ("latent_walk", "runs", "samples"):
        app.switch_page(f"views/{page}.py").run()
        assert not app.exception
        assert not app.error
        choice = app.selectbox(key="sidebar.checkpoint")
        assert choice.value == upload
        assert choice.index is not None
        assert choice.options[choice.index] == "mine.safetensors"
        assert (link(app)["checkpoint"], link(app)["picks"], link(app)["seed"]) == (upload, "0.4,0.9", "7")
        drawn = component(app, "sidebar.picks.strip")["tiles"]
        wanted = load(tiny_checkpoint).generate(load(tiny_checkpoint).sample_z(10, seed=0)[[4, 9]])
        for tile, image in zip(drawn, to_uint8(wanted), strict=True):
            assert (
                np.abs(decoded(tile["src"]).astype(int) - image).max() <= 1
            )  # another batch rounds otherwise


def test_the_link_to_an_upload_asks_for_the_file(start: Start) -> None:
    app = start("--runs", "nowhere", checkpoint=f"upload:{'ab' * (HASH_DIGITS // 2)}")
    assert "upload the same file" in app.error[0].value
    assert mounted(app) == []


def test_an_upload_is_never_unpickled(start: Start, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    app = start("--runs", "nowhere")
    app.file_uploader(key="sidebar.upload").upload("net.pth", pickle.dumps(Trap(sprung)), "").run()
    assert len(app.error) == 1
    assert "net.pth" in app.error[0].value.replace("\\", "")
    assert "dcgan_viz-" not in app.error[0].value.replace("\\", "")  # the server's own folder
    assert not sprung.exists()
    pickle.loads(pickle.dumps(Trap(sprung)))
    assert sprung.exists()  # the trap works


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where temporary files go."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def test_what_is_too_large_or_of_another_kind_is_refused(folder: Path) -> None:
    kept = Uploads()
    with pytest.raises(InputError, match=r"more than 200 MB"):
        kept.keep("a.pth", bytes(MAX_BYTES + 1))
    for name in ("a.exe", "a", "a.pth.zip", "a.pkl"):
        with pytest.raises(InputError, match="not one of"):
            kept.keep(name, b"")
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_no_name_leads_out_of_the_folder(tmp_path: Path, folder: Path) -> None:
    kept = Uploads()
    (own,) = folder.iterdir()
    for n, name in enumerate(("../x.pth", "/etc/x.pth", "..\\x.pth", "x\0y.pth", "a" * 500 + ".pth")):
        assert kept.keep(name, bytes([n])).path.parent == own
    assert list(tmp_path.iterdir()) == [folder]
    assert len(list(own.iterdir())) == 3  # the last ones


def test_all_is_gone_with_the_session(folder: Path) -> None:
    kept = Uploads()
    kept.keep("a.pth", b"x")
    kept.remove()
    assert list(folder.iterdir()) == []
    assert kept.files == {}


def test_names_are_shown_without_what_does_not_print() -> None:
    assert printable_name("a/b\x1b[31m.pth") == "b[31m.pth"
    assert printable_name("") == "upload"


def test_the_same_file_under_another_ending_is_read_as_another_format(start: Start, tmp_path: Path) -> None:
    content = grey_gan(tmp_path / "grey.safetensors", size=32).read_bytes()
    app = start("--runs", "nowhere", samples="24")

    def assumed() -> int:
        said = [one.value for one in app.sidebar.caption] + [one.label for one in app.sidebar.expander]
        return sum("assum" in one.lower() for one in said)

    app.file_uploader(key="sidebar.upload").upload("mine.bin", content, "").run()
    assert assumed()
    app.file_uploader(key="sidebar.upload").upload("mine.safetensors", content, "").run()
    assert not app.error
    assert not assumed()


@pytest.mark.parametrize(
    ("page", "key"), [("remove_objects", "removal.file"), ("arithmetic", "arithmetic.recipe")]
)
def test_a_file_that_would_fill_the_memory_is_not_parsed(start: Start, page: str, key: str) -> None:
    app = start()
    app.switch_page(f"views/{page}.py").run()
    content = b"[" + b"[]," * 10**6 + b"[]]"
    app.file_uploader(key=key).upload("large.json", content, "application/json").run()
    assert not app.exception
    (error,) = app.error
    assert "large.json: 3 MB; give at most 2 MB" in error.value.replace("\\", "")


def test_a_link_to_an_upload_is_whole_once_the_file_is_there(start: Start, tiny_checkpoint: Path) -> None:
    content = tiny_checkpoint.read_bytes()
    values = {
        "checkpoint": f"upload:{hashlib.sha256(content).hexdigest()[:HASH_DIGITS]}",
        "batchnorm": "batch", "prior": "normal", "samples": "24", "picks": "0.1,0.4", "truncation": "0.5",
    }  # fmt: skip
    app = start("--runs", "nowhere", **values)
    assert "upload the same file" in app.error[0].value
    assert link(app) == values
    app.file_uploader(key="sidebar.upload").upload("mine.safetensors", content, "").run()
    assert not app.error, app.error[0].value
    assert link(app) == values
    assert len(component(app, "samples.sheet")["tiles"]) == 24


def test_a_link_to_two_uploads_is_whole_once_both_are_there(start: Start, tmp_path: Path) -> None:
    generator = generator_alone(tmp_path / "g.pth").read_bytes()
    discriminator = discriminator_alone(tmp_path / "d.pth").read_bytes()
    digests = [hashlib.sha256(one).hexdigest()[:HASH_DIGITS] for one in (generator, discriminator)]
    values = {"checkpoint": f"upload:{'+'.join(digests)}", "batchnorm": "batch", "samples": "24"}
    app = start("--runs", "nowhere", **values)
    app.file_uploader(key="sidebar.upload").upload("g.pth", generator, "").run()
    assert link(app) == values
    app.file_uploader(key="sidebar.upload2").upload("d.pth", discriminator, "").run()
    assert not app.error
    assert link(app) == values


def test_a_link_stays_whole_while_its_run_is_away(
    start: Start, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    place = add_snapshot(tmp_path / "runs" / "mine", 3, tiny_checkpoint)
    place.rename(tmp_path / "away")
    values = {"checkpoint": "run:runs/mine@3", "samples": "24", "picks": "0.1"}
    app = start("--runs", str(tmp_path / "runs"), **values)
    assert len(app.error) == 1
    assert link(app) == values
    (tmp_path / "away").rename(place)
    app.run()
    assert not app.error
    assert link(app) == values
