"""Walks of generators that jump, and of one that glides, whose every step is known."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from dcgan_viz.data.datasets import to_float
from dcgan_viz.data.held_out import real_images
from dcgan_viz.errors import InputError
from dcgan_viz.latent_walk import WalkSettings, judge_for, latent_walk
from dcgan_viz.models.features import discriminator_features
from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.models.loading import load
from dcgan_viz.output import dump_json
from dcgan_viz.remove_objects.judges import NoJudge
from tests.memorization.planted import NZ, gan_of, real, rooms

WAYPOINTS = torch.tensor([[-0.9, 0.2, 0.1], [0.7, -0.4, 0.3], [-0.2, 0.9, -0.5]])
STEPS = WalkSettings(n_steps=4)


class Gliding(nn.Module):
    """A picture that is a sum of patterns, as bright as the numbers of z say."""

    def __init__(self) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(0)
        self.register_buffer("patterns", torch.rand(NZ, 3, 32, 32, generator=random) / 4)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.einsum("nk,kchw->nchw", z, self.patterns)


class Painter:
    """A judge that calls bright red pixels a window, and dark ones the floor."""

    name, classes, fitted_on = "painter", ("floor", "window"), ()

    def predict(self, images):
        return (images[:, 0] > 0.5).to(torch.uint8)

    def distance(self, edited, untouched, target):
        raise NotImplementedError

    def to_json(self):
        return {"name": self.name}


def written(result):
    """The fields as result.json holds them."""
    return json.loads(dump_json(result.to_json()))


def gliding():
    gan = gan_of(rooms("train", 2))
    return Gan(Gliding(), gan.discriminator, Prior("uniform", NZ))


def test_a_generator_that_glides_takes_even_steps():
    result = latent_walk(gliding(), WAYPOINTS, STEPS, seed=0)
    steps = result.steps["pixels"]
    assert steps.distance == pytest.approx(np.repeat(steps.waypoints / 4, 4), rel=1e-4)
    assert steps.share(steps.distance) == pytest.approx(0.25, rel=1e-4)


def test_a_generator_that_repeats_its_training_images_jumps():
    images = real(30, 20)
    gan = gan_of(images.training)
    result = latent_walk(gan, WAYPOINTS, WalkSettings(n_steps=40), seed=0, real=images)
    shown = gan.generator.numbers(result.z)  # type: ignore[operator, union-attr]
    for steps in result.steps.values():
        assert (steps.distance == 0).tolist() == (shown[1:] == shown[:-1]).tolist()
        assert steps.distance.max() > 0.5 * steps.waypoints.mean()
        assert steps.replay == pytest.approx(steps.distance, rel=1e-6)  # it is its own replay
    assert result.likeness is not None
    assert result.likeness.frames.index.tolist() == shown.tolist()
    assert result.likeness.frames.distance.max() == 0


def test_frames_and_their_distances_are_those_of_the_networks():
    gan = gan_of(rooms("held_out", 60))
    images = real(30, 20)
    result = latent_walk(gan, WAYPOINTS, STEPS, seed=0, real=images)
    assert torch.equal(result.frames, gan.generate(result.z))
    looks = {"pixels": lambda x: x.flatten(1), "features": lambda x: discriminator_features(gan, x)}
    for name, look in looks.items():
        seen = look(result.frames).double()
        expected = (seen[1:] - seen[:-1]).square().mean(1).sqrt()
        np.testing.assert_allclose(result.steps[name].distance, expected.numpy(), rtol=1e-5, atol=1e-7)
    assert result.likeness is not None
    real_features = discriminator_features(gan, to_float(images.training)).double()
    for found, queries in (
        (result.likeness.frames, result.frames),
        (result.likeness.held_out, to_float(images.held_out)),
    ):
        between = discriminator_features(gan, queries).double()[:, None] - real_features[None]
        distance, index = between.square().mean(2).sqrt().min(1)
        np.testing.assert_allclose(found.distance, distance.numpy(), rtol=1e-5)
        assert found.index.tolist() == index.tolist()


def test_logits_are_those_of_the_discriminator():
    gan, images = gliding(), real(30, 20)
    result = latent_walk(gan, WAYPOINTS, STEPS, seed=0, real=images)
    fields = written(result)["logit"]
    torch.testing.assert_close(torch.tensor(fields["frames"]), gan.discriminate(result.frames))
    held_out = np.sort(gan.discriminate(to_float(images.held_out)).numpy())
    assert fields["held_out"]["n_images"] == 20
    assert fields["held_out"]["median"] == pytest.approx((held_out[9] + held_out[10]) / 2)
    assert held_out[0] <= fields["held_out"]["q05"] <= held_out[1]


def test_objects_are_what_the_judge_sees():
    dark, bright = torch.zeros(3, 32, 32, dtype=torch.uint8), torch.zeros(3, 32, 32, dtype=torch.uint8)
    bright[0, :8, :8] = 255
    gan = gan_of(torch.stack([dark, bright]))  # the second for z_0 > 0
    result = latent_walk(gan, WAYPOINTS, STEPS, seed=0, judge=Painter())
    found = result.objects
    is_bright = [float(z[0]) >= 0 for z in result.z]
    assert list(found.areas) == ["window"]  # floors are no objects
    assert found.areas["window"].tolist() == [64 / 1024 if bright else 0.0 for bright in is_bright]
    changes = [k for k in range(8) if is_bright[k] != is_bright[k + 1]]
    assert [(e.kind, e.pair * 4 + e.step) for e in found.events] == list(
        zip(("appears", "vanishes"), changes, strict=True)
    )


def test_without_a_discriminator_its_parts_are_left_out_and_named():
    gan, images = gan_of(rooms("train", 30), discriminator=False), real(30, 20)
    result = latent_walk(gan, WAYPOINTS, STEPS, seed=0, real=images)
    assert (list(result.steps), result.logits, result.likeness) == (["pixels"], None, None)
    fields = written(result)
    assert (fields["step_distance"]["features"], fields["logit"], fields["nearest_training"]) == (None,) * 3
    assert set(fields["left_out"]) == {"step_distance.features", "logit", "nearest_training"}
    assert set(fields["left_out"].values()) == {"there is no discriminator"}
    assert "in pixels" in fields["finding"]


def test_without_training_images_the_likeness_is_left_out_and_named():
    result = latent_walk(gliding(), WAYPOINTS, STEPS, seed=0)
    assert list(result.left_out) == ["nearest_training"]
    assert "--images" in result.left_out["nearest_training"]
    assert result.steps["features"].replay is None
    assert written(result)["objects"]["judge"]["reason"]


def test_a_loop_ends_where_it_began():
    result = latent_walk(gliding(), WAYPOINTS, WalkSettings("spherical", 4, loop=True), seed=0)
    fields = written(result)
    assert (fields["n_waypoints"], fields["n_pairs"], fields["n_steps"]) == (3, 3, 4)
    assert torch.equal(result.frames[0], result.frames[-1])
    assert len(result.frames) == 13


def test_the_finding_holds_the_numbers_of_the_result():
    images = real(30, 20)
    fields = written(latent_walk(gan_of(images.training), WAYPOINTS, STEPS, seed=0, real=images))
    features = fields["step_distance"]["features"]
    assert f"covers {features['largest']['share_of_waypoint_distance']:.2f}" in fields["finding"]
    assert f"cover {features['replay']['max_share_of_waypoint_distance']:.2f}" in fields["finding"]
    assert "largest of 8 steps" in fields["finding"]


def test_frames_with_one_nearest_training_image_have_no_replay_to_speak_of():
    images = real(30, 20)
    black = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    result = latent_walk(gan_of(black), WAYPOINTS, STEPS, seed=0, real=images)
    assert result.finding.endswith("; all frames have the same nearest training image.")


def test_the_global_random_state_is_left_alone():
    state = torch.get_rng_state()
    latent_walk(gliding(), WAYPOINTS, STEPS, seed=0)
    assert torch.equal(torch.get_rng_state(), state)


def test_judges():
    assert isinstance(judge_for(gliding(), "auto"), NoJudge)
    assert isinstance(judge_for(load("rooms"), "none"), NoJudge)
    assert "window" in judge_for(load("rooms")).classes
    with pytest.raises(InputError, match="draws 3x32x32, but the judge knows rooms of 3x64x64"):
        judge_for(gliding(), "rooms")
    with pytest.raises(InputError, match="choose from auto, rooms, none"):
        judge_for(gliding(), "me")


def test_walks_that_cannot_be_are_refused():
    gan = gliding()
    with pytest.raises(InputError, match=r"waypoints \(3, 2\): this generator takes z of 3 numbers"):
        latent_walk(gan, WAYPOINTS[:, :2], STEPS, seed=0)
    with pytest.raises(InputError, match="6001 frames: more than 5000"):
        latent_walk(gan, WAYPOINTS, WalkSettings(n_steps=3000), seed=0)
    grey = real(30, 20, held_out=torch.zeros(20, 1, 32, 32, dtype=torch.uint8))
    with pytest.raises(InputError, match="real images of 1x32x32: the generator draws 3x32x32"):
        latent_walk(gan, WAYPOINTS, STEPS, seed=0, real=grey)


def test_a_generator_whose_pictures_depend_on_their_batch_is_refused():
    generator = nn.Sequential(
        nn.ConvTranspose2d(3, 3, 8), nn.BatchNorm2d(3, track_running_stats=False), nn.Tanh()
    )
    gan = Gan(generator.eval(), prior=Prior("uniform", 3))
    with pytest.raises(InputError, match="--batchnorm calibrated"):
        latent_walk(gan, WAYPOINTS, STEPS, seed=0)


def test_a_walk_through_rooms():
    """The embedded generator, by the embedded judge, against rooms at 64 px."""
    gan = load("rooms")
    images = real_images("rooms", None, 64, 3, n_training=40, n_held_out=20)
    result = latent_walk(gan, gan.sample_z(3, 0), STEPS, seed=0, real=images, judge=judge_for(gan))
    fields = written(result)
    assert fields["left_out"] == {}
    assert set(fields["objects"]["areas"]) == {"window", "bed", "lamp", "picture", "door", "rug"}
    assert max(fields["objects"]["areas"]["bed"]) > 0.05
    assert fields["step_distance"]["features"]["replay"]["still_share"] > 0
