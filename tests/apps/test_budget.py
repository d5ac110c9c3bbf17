"""Pictures that would fill the memory are refused in a sentence, whoever asks for them."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from apps.latent_walk.waypoints import MOST_STEPS
from apps.shell import budget
from apps.shell.fields import MOST_PICKS, MOST_SAMPLES
from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop.real_images import N_IMAGES
from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.models.networks import Architecture, Generator
from dcgan_viz.vector_arithmetic.recipe import LARGEST_SHEET
from tests.apps.conftest import Start, component
from tests.apps.fake_runs import add_snapshot, write_lines
from tests.apps.pages import grey_gan, opened

SIZE = 1024


class Large(nn.Module):
    """Draws 1024 px from next to nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.spread = nn.Linear(4, 3 * 64)
        self.paint = nn.Conv2d(3, 3, 1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        x = self.paint(self.spread(z).view(-1, 3, 8, 8))
        return torch.tanh(F.interpolate(x, size=(SIZE, SIZE)))


LARGE = ("--generator", f"{__name__}:Large", "--prior", "uniform:4")


def plain(text: str) -> str:
    """As a person reads it."""
    return text.replace("\\", "")


def gan_of(size: int) -> Gan:
    return Gan(Generator(Architecture(image_size=size, width=2)).eval(), None, Prior("uniform", 100))


def test_all_that_is_drawn_of_usual_sizes_fits() -> None:
    gan = gan_of(128)
    most_frames = MOST_PICKS * MOST_STEPS + 1
    for n in (MOST_SAMPLES, most_frames, LARGEST_SHEET):
        budget.check(gan, n, "pictures")
    budget.check_real(gan, 5500)
    budget.check_real(gan, N_IMAGES)


def test_the_sentence_names_number_size_and_way_out() -> None:
    gan = gan_of(128)
    n = 200_000_000 // (4 * 3 * 128 * 128)
    budget.check(gan, n, "samples")
    with pytest.raises(InputError, match=f"{n + 1:,} samples of 128 px: 200 MB, .* ask for {n:,} at most"):
        budget.check(gan, n + 1, "samples", "ask for {most:,} at most")
    with pytest.raises(InputError, match="real images of 128 px"):
        budget.check_real(gan, 400_000_000 // (3 * 128 * 128) + 1)


@pytest.mark.parametrize(
    ("page", "values", "words"),
    [
        ("samples", {}, "60 samples of 1024 px: 754 MB"),
        ("samples", {"samples": "240"}, "240 samples of 1024 px: 3,019 MB"),
        ("latent_walk", {"walk_steps": "30"}, "frames of 1024 px"),
        ("remove_objects", {}, "samples to draw boxes on of 1024 px"),
        ("arithmetic", {}, "48 samples of 1024 px"),
        (
            "arithmetic",
            {"arith": "a:1.2.3|+0|||", "arith_neighbours": "99"},
            "pictures of a recipe of 1024 px",
        ),
    ],
)
def test_a_large_generator_is_refused_in_a_sentence(
    start: Start, page: str, values: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    generate = Gan.generate

    def counted(gan: Gan, z: torch.Tensor, batch_size: int | None = None) -> torch.Tensor:
        drawn.append(len(z))
        return generate(gan, z, batch_size)

    monkeypatch.setattr(Gan, "generate", counted)
    app = start(*LARGE, **values) if page == "samples" else opened(start, page, *LARGE, **values)
    assert any(words in plain(one.value) for one in app.error), [one.value for one in app.error]
    assert max(drawn, default=0) <= 16


def test_what_fits_can_be_chosen(start: Start) -> None:
    app = start(*LARGE)
    assert app.selectbox(key="control.samples").options == ["15", "60"]
    app.selectbox(key="control.samples").select(15).run()
    assert not app.error
    assert len(component(app, "samples.sheet")["tiles"]) == 15


def test_too_many_picks_can_be_laid_back(start: Start) -> None:
    picks = ",".join(f"0.{n}" for n in range(24))
    app = start(*LARGE, samples="15", picks=picks)
    assert "pick 15 at most" in plain(app.error[0].value)
    assert len(component(app, "samples.sheet")["tiles"]) == 15
    app.button(key="sidebar.picks.clear").click().run()
    assert not app.error


def test_a_snapshot_of_a_run(start: Start, tmp_path: Path) -> None:
    run = tmp_path / "runs" / "large"
    write_lines(run, 1, 3)
    add_snapshot(run, 3, grey_gan(tmp_path / "weights.safetensors"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget, "MOST_BYTES", 4 * 64 * 64 * 20)
        app = opened(start, "runs", "--runs", str(tmp_path / "runs"), run_samples="24")
        assert any("24 samples of 64 px" in plain(one.value) for one in app.error)
        app.selectbox(key="control.run_samples").select("12").run()
        assert len(component(app, "runs.sheet")["tiles"]) == 12
