"""BatchNorm's statistics: calibrated ones against a literal computation, modes, and what they do."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dcgan_viz.errors import InputError
from dcgan_viz.models.batchnorm import (
    Calibration,
    batch_dependence,
    calibrate,
    dependence_warnings,
    parse_batchnorm,
    with_batchnorm,
    with_real_images,
)
from dcgan_viz.models.gan import Gan, Prior
from dcgan_viz.models.statistics import Statistics
from tests.models.strangers import Judging, Upsampling

PRIOR = Prior("normal", 5)


class Two(nn.Module):
    """Two normalised layers: BatchNorm per unit, then per map."""

    def __init__(self, track=True):
        super().__init__()
        self.fc, self.bn1 = nn.Linear(5, 12), nn.BatchNorm1d(12, eps=1e-8, track_running_stats=track)
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(3, track_running_stats=track)
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.normal_(0.5, 1.0, generator=generator)

    def forward(self, z):
        x = F.relu(self.bn1(self.fc(z))).view(-1, 3, 2, 2)
        return torch.tanh(self.bn2(self.conv(F.interpolate(x, scale_factor=4))))


def normalised(
    x: np.ndarray, layer: nn.BatchNorm1d | nn.BatchNorm2d
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """BatchNorm with the batch's mean and biased variance, in float64: result, mean, variance."""
    axes = (0, *range(2, x.ndim))
    shape = (1, -1, *[1] * (x.ndim - 2))
    mean = x.mean(axis=axes)
    variance = ((x - mean.reshape(shape)) ** 2).mean(axis=axes)
    gain, bias = (p.detach().double().numpy().reshape(shape) for p in (layer.weight, layer.bias))
    scale = np.sqrt(variance.reshape(shape) + layer.eps)
    return (x - mean.reshape(shape)) / scale * gain + bias, mean, variance


def test_calibration_is_the_mean_of_batch_means_and_biased_variances():
    network = Two().train()
    batches = torch.randn(4, 16, 5, generator=torch.Generator().manual_seed(1))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    calibrated = calibrate(network, batches)
    wanted: dict[str, list[np.ndarray]] = {"bn1": [], "bn2": []}
    for batch in batches.double().numpy():
        x = batch @ network.fc.weight.detach().double().numpy().T
        x, *moments = normalised(x + network.fc.get_parameter("bias").detach().double().numpy(), network.bn1)
        wanted["bn1"].append(np.stack(moments))
        x = np.maximum(x, 0).reshape(-1, 3, 2, 2).repeat(4, axis=2).repeat(4, axis=3)
        kernel, bias = network.conv.weight.double(), network.conv.get_parameter("bias").double()
        x = F.conv2d(torch.from_numpy(x), kernel, bias, padding=1).detach().numpy()
        wanted["bn2"].append(np.stack(normalised(x, network.bn2)[1:]))
    for name, moments in wanted.items():
        layer = calibrated.get_submodule(name)
        mean, variance = np.mean(moments, axis=0)
        np.testing.assert_allclose(layer.get_buffer("running_mean").numpy(), mean, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(layer.get_buffer("running_var").numpy(), variance, rtol=1e-5, atol=1e-6)
    assert not calibrated.training
    assert network.training
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


def test_a_network_without_running_statistics_gets_some():
    gan = Gan(Two(track=False).eval(), prior=PRIOR)
    assert gan.batchnorm["generator"].mode == "batch"
    calibrated = with_batchnorm(gan, "calibrated", Calibration(512, seed=3))
    assert calibrated.batchnorm["generator"] == Statistics("calibrated", 512, 3, "prior")
    z = gan.sample_z(512, seed=9)
    alone = torch.cat([calibrated.generate(one[None]) for one in z[:4]])
    torch.testing.assert_close(calibrated.generate(z)[:4], alone, atol=1e-5, rtol=0)
    # Other z of the same prior, in a batch so large that its statistics are the prior's, too.
    assert (calibrated.generate(z) - gan.generate(z, batch_size=512)).abs().mean() < 0.05


def test_a_layer_that_never_runs_does_not_hinder_calibration():
    network = Two()
    network.unused = nn.BatchNorm2d(4, track_running_stats=False)
    calibrated = calibrate(network, torch.randn(2, 16, 5, generator=torch.Generator().manual_seed(1)))
    alone = calibrate(Two(), torch.randn(2, 16, 5, generator=torch.Generator().manual_seed(1)))
    torch.testing.assert_close(calibrated.bn2.running_var, alone.bn2.running_var)
    assert Statistics.found_in(calibrated).mode == "running"


def test_what_is_calibrated_in_inference_mode_passes_gradients():
    gan = Gan(Two(), None, PRIOR)
    with torch.inference_mode():
        calibrated = with_batchnorm(gan, "calibrated", Calibration(n=4))
    calibrated.draw(gan.sample_z(2, seed=0)).sum().backward()
    assert calibrated.require_generator("").get_parameter("fc.weight").grad is not None


def test_in_batch_mode_an_image_depends_on_the_batch():
    gan = with_batchnorm(Gan(Two().eval(), prior=PRIOR), "batch")
    assert gan.batchnorm["generator"].mode == "batch"
    z = gan.sample_z(8, seed=0)
    expected = Two().train()  # training mode is what the statistics of the batch are
    torch.testing.assert_close(gan.generate(z), expected(z).detach(), atol=1e-6, rtol=0)
    assert not torch.allclose(gan.generate(z)[:4], gan.generate(z[:4]), atol=0.01)
    with pytest.raises(InputError, match=r"1 sample.*at least 2.*calibrate"):
        gan.generate(z[:1])
    assert len(gan.generate(gan.sample_z(251, seed=0))) == 251  # no batch of one is left over


def test_in_batch_mode_no_image_is_judged_alone():
    gan = with_batchnorm(Gan(discriminator=Judging().eval()), "batch")
    assert gan.discriminate(torch.zeros(2, 3, 32, 32)).shape == (2,)
    with pytest.raises(InputError, match=r"1 image.*at least 2.*--calibrate-on"):
        gan.discriminate(torch.zeros(1, 3, 32, 32))


def test_running_statistics_have_to_be_there():
    with pytest.raises(InputError, match=r"Two: its generator has no running statistics; use 'calibrated'"):
        with_batchnorm(Gan(Two(track=False).eval(), prior=PRIOR), "running")
    gan = Gan(Two().eval(), prior=PRIOR)
    assert with_batchnorm(gan, "running") is gan


def test_a_calibrated_gan_has_lost_the_running_statistics():
    gan = with_batchnorm(Gan(Two(), None, PRIOR), "calibrated", Calibration(n=4))
    with pytest.raises(
        InputError, match=r"its generator is calibrated on 4 inputs \(prior\), seed 0 already"
    ):
        with_batchnorm(gan, "running")


def test_a_mixture_is_refused():
    network = Two()
    network.bn2 = nn.BatchNorm2d(3, track_running_stats=False)
    with pytest.raises(InputError, match="layer 'bn2': it has no running statistics while other"):
        Gan(network.eval(), prior=PRIOR)


def test_a_discriminator_is_calibrated_on_real_images():
    judging = Judging().eval()
    gan = Gan(discriminator=judging)
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (300, 3, 32, 32), dtype=torch.uint8, generator=random)
    calibrated = with_real_images(gan, images, "photos", Calibration(256, seed=5))
    assert calibrated.batchnorm["discriminator"] == Statistics("calibrated", 256, 5, "photos")
    order = torch.randperm(300, generator=torch.Generator().manual_seed(5))[:256]
    real = images[order].double() / 127.5 - 1
    x = F.leaky_relu(
        F.conv2d(real, judging.conv1.weight.double(), judging.conv1.get_parameter("bias").double(), 2, 1), 0.2
    )
    x = F.conv2d(
        x, judging.conv2.weight.double(), judging.conv2.get_parameter("bias").double(), 2, 1
    )  # (256, 8, 8, 8)
    mean = torch.stack([part.mean(dim=(0, 2, 3)) for part in x.split(128)]).mean(dim=0)
    found = calibrated.require_discriminator("the test").get_submodule("bn2")
    torch.testing.assert_close(found.get_buffer("running_mean").double(), mean, rtol=1e-4, atol=1e-5)
    assert torch.equal(judging.bn2.get_buffer("running_mean"), torch.zeros(8))
    with pytest.raises(InputError, match="photos: 1 image"):
        with_real_images(gan, images[:1], "photos")
    with pytest.raises(InputError, match="no discriminator"):
        with_real_images(Gan(Two(), prior=PRIOR), images, "photos")


def test_batch_dependence_is_none_where_statistics_stand():
    found = {one.mode: one for one in batch_dependence(Gan(Two().eval(), prior=PRIOR), 0, Calibration(256))}
    assert list(found) == ["running", "batch", "calibrated"]
    assert found["running"].in_small_batch < 1e-6
    assert found["calibrated"].in_small_batch < 1e-6
    assert found["batch"].in_small_batch > found["batch"].in_large_batch > 0.01


def test_batch_dependence_by_hand():
    gan = Gan(Two(track=False).eval(), prior=PRIOR)
    found = batch_dependence(gan, 0, Calibration(256))[0]
    z = gan.sample_z(16 + 2 * 128, seed=0)
    batches = [[torch.cat([one[None], z[16 + 8 * k : 23 + 8 * k]]) for k in range(2)] for one in z[:16]]
    with torch.no_grad():
        train = Two(track=False).train()
        differences = [(train(a)[0] - train(b)[0]).abs().mean() for a, b in batches]
    assert found.in_small_batch == pytest.approx(float(torch.stack(differences).mean()), abs=1e-6)


def test_statistics_that_disagree_with_the_prior_are_warned_of():
    network = Two().eval()
    fitting = calibrate(network, torch.randn(8, 128, 5, generator=torch.Generator().manual_seed(2)))
    assert dependence_warnings(batch_dependence(Gan(fitting, prior=PRIOR), 0)) == []
    network.bn1.get_buffer("running_mean").fill_(4.0)
    (sentence,) = dependence_warnings(batch_dependence(Gan(network, prior=PRIOR), 0))
    assert "running statistics disagree with the prior's" in sentence
    (other,) = dependence_warnings(batch_dependence(Gan(Two(track=False).eval(), prior=PRIOR), 0))
    assert "no running statistics in the file" in other


class Plain(Upsampling):
    def __init__(self):
        super().__init__()
        self.bn1 = nn.Identity()  # type: ignore[assignment]


def test_a_generator_without_batchnorm():
    gan = Gan(Plain().eval(), prior=PRIOR)
    assert gan.batchnorm["generator"].mode == "none"
    assert batch_dependence(gan, 0) == []
    assert with_batchnorm(gan, "calibrated") is gan


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("train", "batchnorm 'train': not known; use one of running, batch, calibrated"),
        ("calibrated:many", "not understood"),
        ("calibrated:1:2:3", "not understood"),
        ("running:5", "not understood"),
        ("calibrated:1", "calibration on 1 inputs"),
        ("calibrated:²", "not understood"),
        (f"calibrated:{'9' * 5000}", "not understood"),
        ("calibrated:1000001", "more than 1,000,000"),
    ],
)
def test_a_choice_that_is_none(spec, words):
    with pytest.raises(InputError, match=words):
        parse_batchnorm(spec)
