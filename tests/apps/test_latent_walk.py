"""The Latent walk page: its frames and curves are those of the library, its controls are in the link."""

import io
import json
import shlex
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from apps.latent_walk.audit import _animations
from apps.latent_walk.player import COLUMNS
from apps.shell.jobs import Job
from dcgan_viz.figures.walk import curves
from dcgan_viz.figures.walk_view import WalkView
from dcgan_viz.figures.wording import number
from dcgan_viz.image_options import ImageOptions
from dcgan_viz.latent_walk import WalkSettings, latent_walk
from dcgan_viz.latent_walk.command import main as walk_command
from dcgan_viz.latent_walk.result import WalkResult
from dcgan_viz.latent_walk.waypoints import drawn_waypoints
from dcgan_viz.models.loading import load
from dcgan_viz.output import dump_json
from tests.apps.conftest import Offered, Start, link, mounted
from tests.apps.pages import film, generator_alone, grey_gan, opened, photos, settled, shown
from tests.pictures import eight_bits

SMALL = {"walk_waypoints": "3", "walk_steps": "4"}
STEPS = WalkSettings(n_steps=4)


def player(app: AppTest) -> dict:
    settled(app)
    (key,) = [key for key in mounted(app) if key.startswith("walk.player")]
    return shown(app, key)


def test_frames_curves_and_numbers_are_those_of_the_library(start: Start, tiny_checkpoint: Path) -> None:
    found = player(opened(start, "latent_walk", **SMALL))
    gan = load(tiny_checkpoint)
    result = latent_walk(gan, drawn_waypoints(gan, 3, 0), STEPS, 0)
    assert found["n_frames"] == len(result.frames) == 9
    np.testing.assert_array_equal(film(found["film"], COLUMNS, 32)[:9], eight_bits(result.frames))
    view = WalkView.from_json(json.loads(dump_json(result.to_json())))
    panels = curves(view)
    assert [chart["title"] for chart in found["charts"]] == [panel.title for panel in panels]
    for chart, panel in zip(found["charts"], panels, strict=True):
        own = next(curve for curve in panel.curves if curve.label in ("walk", "frames", "area"))
        assert [point[0] for point in chart["points"]] == list(own.x)
    facts = {fact["name"]: fact["values"] for fact in found["facts"]}
    assert result.logits is not None
    assert facts["D's logit"] == [number(float(logit)) for logit in result.logits.frames]
    assert facts["|z|"] == [f"{norm:.2f}" for norm in result.prior.norms]
    assert found["finding"] == result.finding
    assert found["jump"] == result.steps["features"].largest


def test_images_of_the_command_line_are_those_that_frames_are_compared_with(
    start: Start, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    spec = f"folder:{photos(tmp_path / 'photos', 40)}"
    words = ("--checkpoint", str(tiny_checkpoint), "--images", spec)
    app = opened(start, "latent_walk", *words, seed="5", **SMALL)
    found = player(app)
    gan = load(tiny_checkpoint)
    result = latent_walk(gan, drawn_waypoints(gan, 3, 5), STEPS, 5, real=ImageOptions(spec).load(gan, 5))
    assert result.likeness is not None
    titles = [panel.title for panel in curves(WalkView.from_json(json.loads(dump_json(result.to_json()))))]
    assert [chart["title"] for chart in found["charts"]] == titles
    chart = next(chart for chart in found["charts"] if "training" in chart["title"].lower())
    heights = [point[1] for point in chart["points"]]  # downwards
    assert np.corrcoef(heights, result.likeness.frames.distance)[0, 1] < -0.999
    assert f"--images {spec}" in app.code[0].value


def test_what_is_highlighted_is_what_is_walked(start: Start) -> None:
    def highlighted(**link: str) -> object:
        app = opened(start, "latent_walk", **SMALL, **link)
        return app.segmented_control(key="control.walk_from").value

    assert highlighted() == "random"
    assert highlighted(picks="0.3") == "random"
    assert highlighted(picks="0.3,0.4") == "picks"
    assert highlighted(picks="0.3,0.4", walk_from="random") == "random"


def test_picks_to_come_find_the_choice_kept(start: Start) -> None:
    app = opened(start, "latent_walk", **SMALL)
    assert "walk_from" not in link(app)
    app.segmented_control(key="control.walk_from").set_value("picks").run()
    assert app.segmented_control(key="control.walk_from").value == "random"
    assert any("Pick two or more" in one.value for one in app.caption)
    app = opened(start, "latent_walk", **link(app), picks="0.3,0.4")
    assert app.segmented_control(key="control.walk_from").value == "picks"


def test_picked_samples_are_the_waypoints_in_their_order(start: Start, tiny_checkpoint: Path) -> None:
    app = opened(start, "latent_walk", picks="7.5,2.1,7.0", truncation="0.5", walk_steps="4", walk_loop="1")
    found = player(app)
    gan = load(tiny_checkpoint)
    z = torch.stack([gan.sample_z(6, 7)[5], gan.sample_z(2, 2)[1], gan.sample_z(1, 7)[0]]) * 0.5
    result = latent_walk(gan, z, WalkSettings(n_steps=4, loop=True), 0)
    assert found["names"] == ["sample 5 of seed 7", "sample 1 of seed 2", "sample 0 of seed 7"]
    np.testing.assert_array_equal(film(found["film"], COLUMNS, 32)[:13], eight_bits(result.frames))
    assert found["loop"]
    assert "--z waypoints.npz" in app.code[0].value


@pytest.mark.parametrize("interpolation", ["linear", "spherical"])
def test_the_command_line_makes_the_same(
    start: Start, tiny_checkpoint: Path, tmp_path: Path, interpolation: str
) -> None:
    chosen = {"picks": "4.3,4.8,4.0", "seed": "4", "walk_steps": "3", "walk_interpolation": interpolation}
    app = opened(start, "latent_walk", **chosen)
    found = player(app)
    words = shlex.split(app.code[0].value)
    assert words[:2] == ["dcgan-viz", "latent-walk"]
    animations = [k for k, word in enumerate(words) if word == "--animation"]
    assert [words[k + 1] for k in animations] == ["gif", "webp", "mp4"]
    walk_command.main([*words[2:], "--out", str(tmp_path / "out"), "--quiet"], standalone_mode=False)
    record = json.loads((tmp_path / "out" / "latent_walk" / "result.json").read_text())
    facts = {fact["name"]: fact["values"] for fact in found["facts"]}
    assert facts["|z|"] == [f"{norm:.2f}" for norm in record["prior"]["norms"]]
    assert found["finding"] == record["finding"]
    with np.load(tmp_path / "out" / "latent_walk" / "arrays.npz") as arrays:
        frames = load(tiny_checkpoint).generate(torch.from_numpy(arrays["z"]))
    np.testing.assert_array_equal(film(found["film"], COLUMNS, 32)[: len(frames)], eight_bits(frames))
    made = _animations(frames, 10.0, False, Job("animations", "Making them", print))
    assert set(made) == {"walk.gif", "walk.webp", "walk.mp4"}
    for name, content in made.items():
        assert content == (tmp_path / "out" / "latent_walk" / name).read_bytes()


def test_everything_that_the_command_writes_is_made_once(start: Start, offered: Offered) -> None:
    app = settled(opened(start, "latent_walk", seed="81", **SMALL))
    kinds = {name.rpartition(".")[2] for name in offered if name.startswith("walk")}
    assert kinds == {"png", "svg", "pdf", "json"}
    app.button(key="walk.animations.start").click().run()
    settled(app)
    with zipfile.ZipFile(io.BytesIO(offered["walk_seed_81.zip"]())) as archive:
        record = json.loads(archive.read("result.json"))
        assert record["files"] == sorted(archive.namelist())
        for kind in ("gif", "mp4", "webp"):
            assert archive.read(f"walk.{kind}") == offered[f"walk_seed_81.{kind}"]()
        assert archive.read("figure.png") == offered["walk_seed_81.png"]()
    alone = json.loads(offered["walk_seed_81.json"]())
    assert alone["provenance"] == record["provenance"]


def test_the_record_says_how_long_the_measuring_took(
    start: Start, offered: Offered, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.latent_walk import audit

    def slow(*arguments: object, **options: object) -> WalkResult:
        time.sleep(0.5)
        return latent_walk(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(audit, "latent_walk", slow)
    began = time.perf_counter()
    settled(opened(start, "latent_walk", seed="82", **SMALL))
    most = time.perf_counter() - began
    time.sleep(0.5)
    record = json.loads(offered["walk_seed_82.json"]())
    assert 0.5 <= record["provenance"]["duration_s"] <= most


def test_waypoints_of_several_seeds_go_into_a_file_that_the_command_reads(
    start: Start, tiny_checkpoint: Path
) -> None:
    app = opened(start, "latent_walk", picks="7.5,2.1", walk_steps="3", walk_measured="0")
    assert "--z waypoints.npz" in app.code[0].value
    from apps.latent_walk.waypoints import Route

    gan = load(tiny_checkpoint)
    z = torch.stack([gan.sample_z(6, 7)[5], gan.sample_z(2, 2)[1]])
    with np.load(io.BytesIO(Route(z, (), STEPS, ()).z_file())) as arrays:
        np.testing.assert_array_equal(arrays["z"], z)


def test_controls_are_in_the_link_and_a_link_sets_the_controls(start: Start) -> None:
    app = opened(start, "latent_walk", walk_measured="0")
    app.selectbox(key="control.walk_waypoints").select(5).run()
    app.slider(key="control.walk_steps").set_value(3).run()
    app.slider(key="control.walk_fps").set_value(24.0).run()
    app.toggle(key="control.walk_loop").set_value(True).run()
    wanted = {"walk_waypoints": "5", "walk_steps": "3", "walk_fps": "24", "walk_loop": "1"}
    assert link(app) == {"checkpoint": "given", "walk_measured": "0", **wanted}
    again = opened(start, "latent_walk", walk_measured="0", **wanted)
    assert player(again)["film"] == player(app)["film"]
    assert player(again)["fps"] == 24


def test_a_link_opens_the_walk_at_its_frame(start: Start) -> None:
    assert player(opened(start, "latent_walk", walk_frame="7", **SMALL))["at"] == 7
    assert player(opened(start, "latent_walk", walk_frame="300", **SMALL))["at"] == 8  # the last there is


def test_what_a_link_says_wrongly_is_a_sentence(start: Start) -> None:
    app = opened(start, "latent_walk", walk_steps="0", walk_interpolation="zigzag", walk_frame="-1")
    told = " ".join(warning.value for warning in app.warning)
    assert all(word in told.replace("\\", "") for word in ("walk_steps", "walk_interpolation", "walk_frame"))
    assert player(app)["n_steps"] == 10


def test_measuring_can_be_left_out_and_asked_for(start: Start) -> None:
    app = opened(start, "latent_walk", walk_measured="0", seed="77", **SMALL)
    assert player(app)["waits"]
    app.button(key="walk.audit.start").click().run()
    assert not player(app)["waits"]
    assert "walk_measured" not in link(app)


def test_without_a_discriminator_there_are_still_frames_and_steps(start: Start, tmp_path: Path) -> None:
    path = generator_alone(tmp_path / "blind.pth")
    app = opened(start, "latent_walk", "--checkpoint", str(path), **SMALL)
    found = player(app)
    assert [chart["title"] for chart in found["charts"]] == [
        "Step by step, in pixels", "Does the walk keep to the prior?",
    ]  # fmt: skip
    assert found["near"] is None
    told = " ".join(caption.value for caption in app.caption)
    assert "there is no discriminator" in told
    assert not app.error


def test_a_grey_gan_walks(start: Start, tmp_path: Path) -> None:
    path = grey_gan(tmp_path / "grey.safetensors")
    found = player(opened(start, "latent_walk", "--checkpoint", str(path), **SMALL))
    gan = load(path)
    wanted = eight_bits(latent_walk(gan, drawn_waypoints(gan, 3, 0), STEPS, 0).frames)[..., 0]
    np.testing.assert_array_equal(film(found["film"], COLUMNS, 64)[:9], wanted)


def test_statistics_of_the_batch_are_refused_in_a_sentence(start: Start) -> None:
    app = opened(start, "latent_walk", batchnorm="batch", **SMALL)
    assert "depends on its neighbours" in app.error[0].value


def test_picks_are_taken_from_the_samples_page(start: Start) -> None:
    app = start(picks="0.4,0.9", samples="24")
    app.switch_page("views/latent_walk.py").run()
    found = player(settled(app))
    assert found["names"] == ["sample 4 of seed 0", "sample 9 of seed 0"]
    assert link(app)["picks"] == "0.4,0.9"
