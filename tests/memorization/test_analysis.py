"""Generators that copy, that do not, and that only blur, against what has to be said of each."""

import json
import re

import numpy as np
import pytest
import torch
from torch import nn

from dcgan_viz.data.datasets import to_float
from dcgan_viz.errors import InputError
from dcgan_viz.memorization import memorization
from dcgan_viz.models.features import discriminator_features
from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.output import dump_json
from tests.memorization.planted import NZ, FromAList, blurred, gan_of, real, rooms
from tests.models.strangers import Judging

N = 60
OTHERS = rooms("held_out", 300, start=5000)  # neither trained on nor held out here


def numbers(images, z):
    """Which of the pictures a generator `FromAList` draws."""
    return FromAList(images).numbers(z).tolist()


@pytest.fixture(scope="module")
def copied():
    """Of a generator that draws its training images, with a little grain."""
    images = real()
    return memorization(gan_of(images.training, noise=0.02), images, N, seed=0)


@pytest.fixture(scope="module")
def honest():
    return memorization(gan_of(OTHERS), real(), N, seed=0)


def test_a_generator_that_copies_is_closer_than_held_out_images(copied):
    assert copied.verdict.word == "closer than held-out"
    assert copied.verdict.copies
    assert copied.verdict.sentence.endswith("the generator repeats training images.")
    for comparison in copied.comparisons.values():
        assert comparison.closer.value == comparison.nearest_is_training.value == 1.0


def test_the_images_that_it_copied_are_named(copied):
    expected = numbers(copied.real.training, copied.z)
    for nearest in copied.samples.nearest.values():
        assert nearest.index.tolist() == expected


def test_an_honest_generator_shows_no_sign_of_copying(honest):
    assert honest.verdict.word == "as far as held-out"
    assert not honest.verdict.copies
    assert "no sign" in honest.verdict.sentence
    assert "200 training images" in honest.verdict.sentence


def test_a_generator_without_detail_is_closer_in_pixels_but_does_not_copy():
    result = memorization(gan_of(blurred(OTHERS)), real(), 300, seed=0)
    assert result.comparisons["pixels"].closer.is_above_chance
    assert result.verdict.word == "closer than held-out"
    assert not result.verdict.copies
    assert "detail explains that as well" in result.verdict.sentence


def test_copies_among_many_others_are_found():
    images = real()
    mixed = torch.cat([OTHERS[:160], images.training[:40]])
    result = memorization(gan_of(mixed), images, 300, seed=0)
    assert result.verdict.word == "closer than held-out"
    assert result.verdict.sentence.startswith("Some samples lie closer")
    copies = result.z[:, 0].numpy() >= 0.6  # 40 of 200 pictures
    assert np.array_equal(result.samples.nearest["pixels"].distance == 0, copies)


def test_noise_is_farther_than_held_out_images():
    noise = torch.rand(300, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    result = memorization(gan_of(noise), real(), N, seed=0)
    assert result.verdict.word == "farther than held-out"
    assert result.verdict.sentence.startswith("Samples lie farther from")


def test_distances_are_root_mean_square_differences_to_the_nearest(honest):
    gan = gan_of(OTHERS)
    training = to_float(honest.real.training)
    looks = {"pixels": lambda x: x.flatten(1), "features": lambda x: discriminator_features(gan, x)}
    sides = {
        "samples": (honest.samples, gan.generate(honest.z)),
        "held_out": (honest.held_out, to_float(honest.real.held_out)),
    }
    assert list(honest.samples.nearest) == list(looks)
    for side, images in sides.values():
        for name, look in looks.items():
            difference = look(images)[:, None].double() - look(training)[None].double()  # (N, M, F)
            expected, index = difference.square().mean(2).sqrt().min(1)
            np.testing.assert_allclose(side.nearest[name].distance, expected.numpy(), rtol=1e-5)
            assert side.nearest[name].index.tolist() == index.tolist()


def test_planted_duplicates_among_samples_are_found():
    twins = OTHERS.clone()
    twins[100:200] = twins[:100]  # the k-th and the 100 + k-th picture are the same
    gan = gan_of(twins)
    result = memorization(gan, real(), N, seed=0)
    same = [number - 100 if 100 <= number < 200 else number for number in numbers(twins, result.z)]
    expected = [(k, j) for k in range(N) for j in range(k + 1, N) if same[k] == same[j]]
    assert len(expected) > 2
    assert result.duplicate_pairs == expected
    fields = json.loads(dump_json(result.to_json()))
    assert fields["n_duplicates"] == len(expected)
    assert fields["duplicates"]["first_pairs"] == [list(pair) for pair in expected[:20]]
    assert result.duplicates["pixels"].n_held_out_pairs == 0


def test_without_a_discriminator_pixels_alone_are_compared(honest):
    result = memorization(gan_of(OTHERS, discriminator=False), real(), N, seed=0)
    assert list(result.comparisons) == ["pixels"]
    assert result.comparisons["pixels"] == honest.comparisons["pixels"]
    assert result.to_json()["left_out"] == "there is no discriminator"


def test_features_that_depend_on_the_batch_are_left_out():
    discriminator = Judging()
    discriminator.bn2 = nn.BatchNorm2d(8, track_running_stats=False)
    gan = Gan(FromAList(OTHERS).eval(), discriminator.eval(), Prior("uniform", NZ))
    result = memorization(gan, real(), N, seed=0)
    assert list(result.comparisons) == ["pixels"]
    assert "statistics of the batch" in result.left_out


def test_a_split_that_training_may_have_seen_is_said(honest):
    result = memorization(gan_of(OTHERS), real(is_split=True), N, seed=0)
    assert "training may have seen the held-out images" in result.verdict.sentence
    assert "may have seen" not in honest.verdict.sentence


def test_every_rank_is_shown_in_its_order(honest):
    shown = honest.to_json()["samples"]["shown"]
    distance = honest.samples.nearest["features"].distance
    order = np.sort(distance)
    by_rank = {
        rank: [one["image"] for one in shown if one["rank"] == rank] for rank in ("closest", "farthest")
    }
    assert distance[by_rank["closest"]].tolist() == order[:4].tolist()
    assert distance[by_rank["farthest"]].tolist() == order[-4:].tolist()
    assert len(shown) == 12


def test_numbers_of_the_sentence_are_those_of_the_result(honest):
    numbers = [float(one) for one in re.findall(r"\d\.\d+", honest.verdict.sentence)]
    expected = [
        round(x, 2) for one in honest.comparisons.values() for x in (one.closer.value, *one.closer.ci95)
    ]
    assert numbers == [*expected, 0.5]


def test_the_seed_decides_and_the_global_random_state_is_left_alone():
    state = torch.get_rng_state()
    first, again, other = (
        memorization(gan_of(OTHERS), real(60, 30), 30, seed).to_json() for seed in (0, 0, 1)
    )
    assert first == again != other
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("n_samples", "images", "says"),
    [
        (19, {}, "19 samples: too few"),
        (20, {"training": rooms("train", 19)}, "19 training images: too few"),
        (20, {"held_out": rooms("held_out", 3)}, "3 held-out images: too few"),
        (20, {"training": torch.zeros(30, 1, 32, 32, dtype=torch.uint8)}, "training images of 1x32x32"),
    ],
)
def test_what_cannot_be_compared_is_refused(n_samples, images, says):
    with pytest.raises(InputError, match=says):
        memorization(gan_of(OTHERS), real(40, 30, **images), n_samples, seed=0)
