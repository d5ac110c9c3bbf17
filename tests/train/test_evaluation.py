import copy
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from dcgan_viz.data.distances import frechet_distance, sliced_wasserstein
from dcgan_viz.data.rooms import render
from dcgan_viz.data.segmenter import load_segmenter
from dcgan_viz.errors import InputError
from dcgan_viz.models.loading import load
from tests.train.runs import leaves
from train import evaluation
from train.evaluation import Evaluation, Score, choose_score
from train.settings import Settings
from train.state import TrainingState
from train.step import Step

IMAGES = torch.randint(256, (48, 3, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))

pytestmark = pytest.mark.usefixtures("cheap_evaluation")  # 64 z, batches of 16, 20 images scored


@pytest.fixture
def run(settings: Callable[..., Settings]) -> tuple[TrainingState, Evaluation]:
    chosen = settings(instance_noise=0.1)
    state = TrainingState(chosen, channels=3)
    step = Step(chosen, state, IMAGES)
    for _ in range(2):
        step()
    return state, Evaluation(chosen, IMAGES, "folder")


def everything(state: TrainingState) -> list[tuple[str, object]]:
    content: dict[str, object] = {name: getattr(state, name).state_dict() for name in state._STATEFUL}
    for name in ("generator", "discriminator", "generator_ema"):
        network = getattr(state, name)
        content[f"{name}.modes"] = dict(enumerate(module.training for module in network.modules()))
        content[f"{name}.gradients"] = {
            k: p.grad for k, p in network.named_parameters() if p.grad is not None
        }
        content[f"{name}.wanted"] = {k: p.requires_grad for k, p in network.named_parameters()}
    content |= {
        "sums": state.sums,
        "n": state.n_summed,
        "step": state.step,
        "random": state.random.get_state(),
    }
    return leaves("", copy.deepcopy(content))


def test_a_snapshot_leaves_no_trace_in_the_training(
    run: tuple[TrainingState, Evaluation], tmp_path: Path
) -> None:
    state, evaluated = run
    torch.manual_seed(0)
    before, world = everything(state), torch.get_rng_state()
    gan, scores = evaluated.prepare(state)
    evaluated.write(tmp_path, state, gan, scores)
    assert everything(state) == before
    assert torch.equal(torch.get_rng_state(), world)


def test_statistics_are_those_of_the_prior_and_of_real_images(run: tuple[TrainingState, Evaluation]) -> None:
    state, evaluated = run
    gan, _ = evaluated.prepare(state)
    seed = evaluated.settings.derived_seed("batchnorm")
    # Means and unbiased variances of the batches, each counting alike, below the first layer that normalises.
    w = state.generator_ema.get_parameter("main.0.weight").double()
    z = evaluated.prior.sample(64, seed).double()
    maps = [F.conv_transpose2d(part[:, :, None, None], w).transpose(0, 1).flatten(1) for part in z.split(16)]
    expect_statistics(gan.require_generator("the test"), "main.1", maps)

    assert gan.discriminator is not None
    chosen = torch.randperm(48, generator=torch.Generator().manual_seed(seed))
    maps = []
    for numbers in chosen.split(16):
        x = IMAGES[numbers].double() / 127.5 - 1
        x = F.conv2d(x, state.discriminator.get_parameter("main.0.weight").double(), stride=2, padding=1)
        x = torch.where(x > 0, x, 0.2 * x)
        x = F.conv2d(x, state.discriminator.get_parameter("main.2.weight").double(), stride=2, padding=1)
        maps.append(x.transpose(0, 1).flatten(1))
    expect_statistics(gan.discriminator, "main.3", maps)


def expect_statistics(network: torch.nn.Module, layer: str, maps: list[torch.Tensor]) -> None:
    norm = network.get_submodule(layer)
    mean = torch.stack([x.mean(1) for x in maps]).mean(0)
    variance = torch.stack([x.var(1, correction=1) for x in maps]).mean(0)
    torch.testing.assert_close(norm.get_buffer("running_mean").double(), mean, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(norm.get_buffer("running_var").double(), variance, rtol=1e-4, atol=1e-7)


def test_the_files_say_what_was_done(run: tuple[TrainingState, Evaluation], tmp_path: Path) -> None:
    state, evaluated = run
    gan, scores = evaluated.prepare(state)
    evaluated.write(tmp_path, state, gan, scores)
    loaded = load(tmp_path)
    metadata = loaded.provenance.metadata
    assert metadata["step"] == 2
    assert metadata["images_seen"] == 32
    assert metadata["seed"] == 5
    assert metadata["data"] == "folder"
    assert metadata["prior"] == {"kind": "uniform", "size": 8}
    assert metadata["scores"] == scores
    assert metadata["architecture"] == state.generator.architecture.to_json()
    assert metadata["trained_on"]["threads"] == 1
    assert metadata["trained_on"]["torch"] == torch.__version__
    seed = evaluated.settings.derived_seed("batchnorm")
    assert metadata["batchnorm"] == {
        "generator": f"re-estimated on 64 samples of the prior, seed {seed}",
        "discriminator": f"re-estimated on 48 real images, seed {seed}",
    }
    average, loaded_average = (
        network.state_dict() for network in (state.generator_ema, loaded.require_generator("the test"))
    )
    weights = [name for name in average if name.endswith(("weight", "bias"))]
    assert all(torch.equal(loaded_average[name], average[name]) for name in weights)


def test_the_sheet_shows_the_same_z_each_time(run: tuple[TrainingState, Evaluation], tmp_path: Path) -> None:
    state, evaluated = run
    gan, scores = evaluated.prepare(state)
    evaluated.write(tmp_path, state, gan, scores)
    images = gan.generate(gan.sample_z(64, evaluated.settings.derived_seed("sheet")))
    page = np.asarray(Image.open(tmp_path / "samples.png"))
    assert page.shape == (2 + 8 * 30, 2 + 8 * 30, 3)
    for k in (0, 9, 63):
        top, left = 2 + k // 8 * 30, 2 + k % 8 * 30
        expected = (images[k].double().numpy().transpose(1, 2, 0) + 1) / 2 * 255
        assert np.abs(page[top : top + 28, left : left + 28] - expected).max() <= 1


def test_what_is_not_rooms_is_compared_by_its_patches(run: tuple[TrainingState, Evaluation]) -> None:
    state, evaluated = run
    gan, scores = evaluated.prepare(state)
    images = gan.generate(gan.sample_z(20, evaluated.settings.derived_seed("score")))
    assert scores == {"sliced_wasserstein": sliced_wasserstein(images, IMAGES[:20].float() / 127.5 - 1)}


def held_out_rooms() -> torch.Tensor:
    pictures = np.stack([render(0, 10 * i + 9)[0] for i in range(20)])  # indices that end in 9 are held out
    return torch.from_numpy(pictures).permute(0, 3, 1, 2)


def never() -> torch.Tensor:
    pytest.fail("rooms are compared with held-out rooms")


def test_rooms_are_compared_by_the_annotator() -> None:
    score = choose_score(Settings(data="rooms"), never)
    assert score.name == "frechet_annotator"
    assert torch.equal(score.reference, held_out_rooms())
    real = held_out_rooms().float() / 127.5 - 1
    noise = torch.rand(real.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    annotator = load_segmenter("annotator")
    assert score(noise) == pytest.approx(
        frechet_distance(annotator.features(noise), annotator.features(real))
    )
    assert abs(score(real)) < 1e-3 * score(noise)


@pytest.mark.parametrize("why", ["no annotator", "another size"])
def test_without_the_annotator_rooms_are_compared_by_their_patches(
    monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if why == "no annotator":

        def missing(role: str) -> None:
            raise InputError(f"{role}: no such segmenter")

        monkeypatch.setattr(evaluation, "load_segmenter", missing)
    size = 64 if why == "no annotator" else 32
    score = choose_score(Settings(data="rooms", image_size=size), never)
    assert score.name == "sliced_wasserstein"
    assert score.reference.shape == (20, 3, size, size)


def test_a_worse_generator_scores_higher() -> None:
    real = held_out_rooms().float() / 127.5 - 1
    score = Score(held_out_rooms(), None)
    noise = 0.3 * torch.randn(real.shape, generator=torch.Generator().manual_seed(1))
    assert score(real) == 0
    assert score(real + 0.3 * noise) < score(real + noise)


def test_metadata_are_json(run: tuple[TrainingState, Evaluation]) -> None:
    assert json.loads(json.dumps(run[1].batchnorm)) == run[1].batchnorm
