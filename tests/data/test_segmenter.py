"""The segmenters: as good as the docs say, different from one another, honest about size."""

import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from safetensors import safe_open

from dcgan_viz.data.rooms import CLASSES, render_split
from dcgan_viz.data.segmenter import ASSETS, AnnotatorNet, JudgeNet, Segmenter, load_segmenter
from dcgan_viz.errors import InputError
from train.segmenter import blur_and_noise, class_iou, degrade, to_unit

START = 1000  # beyond the held-out rooms on which the training command scores


@pytest.fixture(scope="module")
def held_out():
    images, masks = render_split("held_out", 250, start=START)
    return to_unit(images), torch.from_numpy(masks)


@pytest.mark.parametrize("role", ["annotator", "judge"])
@pytest.mark.parametrize("degraded", [False, True])
def test_mean_iou_on_held_out_rooms(role, degraded, held_out):
    images, masks = held_out
    iou = class_iou(load_segmenter(role).network, blur_and_noise(images) if degraded else images, masks)
    assert sum(iou.values()) / len(iou) >= 0.85, iou


@pytest.mark.parametrize("role", ["annotator", "judge"])
def test_recorded_scores_and_role(role):
    with safe_open(ASSETS / f"{role}.safetensors", framework="pt") as file:
        metadata = json.loads(file.metadata()["dcgan_viz"])
    assert metadata["held_out_iou"]["degraded"]["mean"] >= 0.85
    assert metadata["role"] == role


def test_roles_share_neither_seed_nor_rooms_nor_architecture():
    one, other = (load_segmenter(role).metadata["settings"] for role in ("annotator", "judge"))
    assert one["seed"] != other["seed"]
    spans = sorted((s["first_room"], s["first_room"] + s["room_count"]) for s in (one, other))
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    kinds = [{type(module) for module in network.modules()} for network in (AnnotatorNet(), JudgeNet())]
    assert AnnotatorNet in kinds[0]
    assert JudgeNet in kinds[1]
    shapes = [[tuple(p.shape) for p in network.parameters()] for network in (AnnotatorNet(), JudgeNet())]
    assert shapes[0] != shapes[1]


def test_iou_against_sets():
    """On masks small enough to count: intersection and union as sets of positions."""

    class Fixed(torch.nn.Module):
        def forward(self, images):
            return torch.nn.functional.one_hot(images[:, 0].long(), len(CLASSES)).permute(0, 3, 1, 2).float()

    random = np.random.default_rng(0)
    truth, said = random.integers(0, len(CLASSES), (2, 6, 8, 8))
    iou = class_iou(Fixed(), torch.from_numpy(said[:, None]), torch.from_numpy(truth).to(torch.uint8))
    for k, name in enumerate(CLASSES):
        a = set(np.flatnonzero(truth == k).tolist())
        b = set(np.flatnonzero(said == k).tolist())
        assert iou[name] == pytest.approx(len(a & b) / len(a | b))


def test_predictions_do_not_depend_on_the_batch(held_out):
    judge = load_segmenter("judge")
    images = held_out[0][:7]
    assert torch.equal(judge.predict(images, batch_size=7), judge.predict(images, batch_size=2))
    assert torch.allclose(judge.features(images, 7), judge.features(images, 2), atol=1e-4)


def test_degraded_images_stay_in_range_and_some_stay_sharp():
    images = torch.rand(64, 3, 64, 64) * 2 - 1
    degraded = degrade(images, torch.Generator().manual_seed(3))
    assert degraded.shape == images.shape
    assert degraded.min() >= -1
    assert degraded.max() <= 1
    same = (degraded == images).all(dim=(1, 2, 3)).float().mean()
    assert 0 < same < 0.6


def test_wrong_images_and_missing_files_are_one_line(tmp_path):
    judge = load_segmenter("judge")
    with pytest.raises(InputError, match=r"judge: images of shape \(2, 1, 28, 28\).*64 px in colour"):
        judge.predict(torch.zeros(2, 1, 28, 28))
    with pytest.raises(InputError, match="choose from annotator, judge"):
        load_segmenter("referee")
    with pytest.raises(InputError, match="no such segmenter"):
        load_segmenter("judge", path=tmp_path / "none.safetensors")
    assert isinstance(judge, Segmenter)
