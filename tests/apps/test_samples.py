"""The Samples page: its pictures are the library's, its controls are in the link, a link is obeyed."""

import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dcgan_viz.models.loading import load
from dcgan_viz.sample import SampleResult, sample
from dcgan_viz.sample import main as sample_command
from tests.apps.conftest import Offered, Start, component, link
from tests.pictures import decoded, eight_bits


def expected(checkpoint: Path, seed: int, n: int, factor: float = 1.0) -> tuple[np.ndarray, torch.Tensor]:
    """Pixels (N, H, W, 3) and logits, from the networks themselves."""
    gan = load(checkpoint)
    z = gan.sample_z(n, seed) * factor
    images = gan.generate(z)
    return eight_bits(images), gan.discriminate(images)


def test_the_sheet_shows_what_the_library_draws(start: Start, tiny_checkpoint: Path) -> None:
    app = start(seed="3", samples="24")
    shown = component(app, "samples.sheet")["tiles"]
    images, logits = expected(tiny_checkpoint, 3, 24)
    assert [tile["id"] for tile in shown] == [f"3.{number}" for number in range(24)]
    for number, tile in enumerate(shown):
        np.testing.assert_array_equal(decoded(tile["src"]), images[number])
        assert tile["caption"] == [str(number), f"{logits[number].item():+.1f}"]
        assert tile["alt"] == f"Sample {number} of seed 3, logit {logits[number].item():.1f}"


def test_truncation_is_a_factor_on_z(start: Start, tiny_checkpoint: Path) -> None:
    tiles = component(start(samples="24", truncation="0.5"), "samples.sheet")["tiles"]
    images, _ = expected(tiny_checkpoint, 0, 24, 0.5)
    np.testing.assert_array_equal(np.stack([decoded(tile["src"]) for tile in tiles]), images)


@pytest.mark.parametrize(("order", "sign"), [("best", -1), ("worst", 1)])
def test_samples_are_sorted_by_the_discriminator(
    start: Start, tiny_checkpoint: Path, order: str, sign: int
) -> None:
    app = start(samples="24")
    app.selectbox(key="control.order").select(order).run()
    _, logits = expected(tiny_checkpoint, 0, 24)
    shown = [int(tile["caption"][0]) for tile in component(app, "samples.sheet")["tiles"]]
    assert shown == (sign * logits).sort(stable=True).indices.tolist()
    assert link(app)["order"] == order


def test_controls_are_in_the_link_and_a_link_sets_the_controls(start: Start) -> None:
    app = start()
    app.number_input(key="control.seed").set_value(11).run()
    app.slider(key="control.truncation").set_value(0.6).run()
    app.selectbox(key="control.samples").select(24).run()
    app.selectbox(key="control.prior").select("normal").run()
    wanted = {"checkpoint": "given", "seed": "11", "truncation": "0.6", "samples": "24", "prior": "normal"}
    assert link(app) == wanted
    again = start(**wanted)
    assert component(again, "samples.sheet") == component(app, "samples.sheet")
    assert again.slider(key="control.truncation").value == 0.6
    assert link(again) == wanted


def test_what_a_link_says_wrongly_is_a_sentence_and_the_default_is_shown(start: Start) -> None:
    app = start(seed="-4", samples="many", order="<script>")
    told = " ".join(warning.value for warning in app.warning)
    assert all(word in told for word in ("seed", "samples", "order"))
    assert "<script>" not in told.replace("\\<script\\>", "")
    assert app.number_input(key="control.seed").value == 0
    assert len(component(app, "samples.sheet")["tiles"]) == 60
    assert link(app) == {"checkpoint": "given"}


def test_picks_are_shown_beside_the_sheet_and_on_it(start: Start, tiny_checkpoint: Path) -> None:
    app = start(picks="0.5,7.2", samples="24")
    strip = component(app, "sidebar.picks.strip")
    for key in ("sidebar.picks.strip.choice", "samples.sheet.choice"):
        assert component(app, key)["slots"][0]["chosen"] == ["0.5", "7.2"]
    for tile, (seed, number) in zip(strip["tiles"], ((0, 5), (7, 2)), strict=True):
        image = expected(tiny_checkpoint, seed, number + 1)[0][-1]
        assert np.abs(decoded(tile["src"]).astype(int) - image).max() <= 1  # another batch rounds otherwise
    app.button(key="sidebar.picks.clear").click().run()
    assert "picks" not in link(app)
    assert component(app, "samples.sheet.choice")["slots"][0]["chosen"] == []


def test_the_command_lines_on_the_page_draw_the_same(
    start: Start, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shlex

    from PIL import Image

    app = start(seed="5", samples="24", truncation="0.71234567")
    monkeypatch.chdir(tmp_path)
    for line in app.code[0].value.splitlines():
        program, name, *words = shlex.split(line)
        assert (program, name) == ("dcgan-viz", "sample")
        with pytest.raises(SystemExit) as end:
            sample_command.main([*words, "--quiet"])
        assert end.value.code == 0
    assert (tmp_path / "out" / "sample" / "figure.png").is_file()
    for number, tile in enumerate(component(app, "samples.sheet")["tiles"]):
        with Image.open(tmp_path / "singles" / "sample" / f"{number:05d}.png") as file:
            np.testing.assert_array_equal(decoded(tile["src"]), np.asarray(file))
    record = json.loads((tmp_path / "out" / "sample" / "result.json").read_text())
    assert record["truncation"] == 0.71234567
    with np.load(tmp_path / "out" / "sample" / "arrays.npz") as arrays:
        _, logits = expected(tiny_checkpoint, 5, 24, 0.71234567)
        np.testing.assert_allclose(arrays["logits"], logits, atol=1e-5)


def test_the_record_says_how_long_the_drawing_took(
    start: Start, offered: Offered, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.shell import pictures

    def slow(*arguments: Any) -> SampleResult:
        time.sleep(0.3)
        return sample(*arguments)

    monkeypatch.setattr(pictures, "sample", slow)
    began = time.perf_counter()
    start(seed="83")
    most = time.perf_counter() - began
    time.sleep(0.5)  # somebody thinks
    for name in ("samples_seed_83.json", "samples_seed_83.zip"):
        content = offered[name]()
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read("result.json")
        assert 0.3 <= json.loads(content)["provenance"]["duration_s"] <= most


def test_a_checkpoint_that_cannot_be_opened_is_a_sentence(start: Start, tmp_path: Path) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"no such thing")
    app = start("--checkpoint", str(tmp_path / "broken.safetensors"))
    assert len(app.error) == 1
    assert "broken" in app.error[0].value
    assert app.title[0].value == "Samples"
    assert app.selectbox(key="sidebar.checkpoint").value == "given"  # another can be chosen


def test_a_defect_is_a_sentence_with_a_number_that_the_log_has(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("apps.shell.pictures.sample", broken)
    app = start(seed="99")  # of which nothing is kept from another test
    (error,) = app.error
    assert "secret" not in error.value
    (record,) = [one for one in caplog.records if one.name == "dcgan_viz.apps"]
    assert record.args is not None
    assert str(record.args[0]) in error.value  # type: ignore[index]


def test_batch_statistics_come_with_a_warning(start: Start) -> None:
    app = start(batchnorm="batch")
    assert any("depends on the others" in warning.value for warning in app.warning)
    assert not start().warning


def test_the_options_of_the_server_are_the_first_view(start: Start, tiny_checkpoint: Path) -> None:
    app = start("--checkpoint", str(tiny_checkpoint), "--device", "cpu")
    assert link(app) == {"checkpoint": "given", "device": "cpu"}
    assert component(start("--runs", "nowhere", checkpoint="rooms", samples="1"), "samples.sheet")["tiles"]


def test_a_device_that_is_not_there_is_a_sentence(start: Start) -> None:
    app = start(device="cuda:77", samples="24")
    assert [one.value.replace("\\", "") for one in app.warning] == [
        "Device 'cuda:77': not on this server; the usual one is used instead."
    ]
    assert not app.error
    assert "device" not in link(app)


def test_the_sheet_that_is_taken_home_says_its_order(start: Start) -> None:
    def labels(**values: str) -> list[str]:
        return [str(one.label) for one in start(samples="24", **values).download_button]

    assert "Sheet (PNG)" in labels()
    assert "Sheet by number (PNG)" in labels(order="best")
