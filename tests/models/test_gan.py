import json

import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan, Prior, Provenance


def test_the_uniform_prior_fills_the_open_cube() -> None:
    z = Prior("uniform", 50).sample(2_000, seed=0)
    assert z.shape == (2_000, 50)
    assert z.dtype == torch.float32
    assert -1 <= z.min() < -0.999
    assert 0.999 < z.max() <= 1
    assert abs(z.double().var() - 1 / 3) < 0.01  # (b - a)^2 / 12


def test_the_normal_prior_is_standard() -> None:
    z = Prior("normal", 50).sample(2_000, seed=0).double()
    assert abs(z.mean()) < 0.02
    assert abs(z.var() - 1) < 0.03
    assert abs((z**4).mean() - 3) < 0.15  # kurtosis


@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_a_sample_is_a_function_of_its_seed(kind: str) -> None:
    prior = Prior(kind, 7)  # type: ignore[arg-type]
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, again, other = (prior.sample(5, seed) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("kind", ["uniform", "normal"])
@pytest.mark.parametrize("size", [3, 16, 100])
def test_few_z_are_those_with_which_many_begin(kind: str, size: int) -> None:
    prior = Prior(kind, size)  # type: ignore[arg-type]
    many = prior.sample(60, seed=0)
    for n in (1, 2, 7, 59):
        assert torch.equal(prior.sample(n, seed=0), many[:n])


def test_draws_go_on_where_the_last_one_ended() -> None:
    prior, random = Prior("uniform", 16), torch.Generator().manual_seed(1)
    drawn = torch.cat([prior.draw(2, random), prior.draw(3, random)])
    assert torch.equal(drawn, torch.empty(5, 16).uniform_(-1, 1, generator=torch.Generator().manual_seed(1)))


@pytest.mark.parametrize(
    ("kind", "size", "words"),
    [
        ("cauchy", 3, "'cauchy'.*uniform, normal"),
        ("normal", 0, "size 0.*at least one"),
        ("normal", 10**13, "size 10000000000000: more than 1,000,000"),
    ],
)
def test_an_impossible_prior_is_named(kind: str, size: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Prior(kind, size)  # type: ignore[arg-type]


def test_generate_is_the_generator_in_eval_mode(tiny_gan: Gan) -> None:
    z = tiny_gan.sample_z(7, seed=0)
    with torch.no_grad():
        expected = torch.stack([tiny_gan.require_generator("the test").eval()(one[None])[0] for one in z])
    images = tiny_gan.generate(z, batch_size=3)  # batches of 3, 3 and 1
    assert images.shape == (7, 3, 32, 32)
    assert images.dtype == torch.float32
    torch.testing.assert_close(images, expected, rtol=0, atol=1e-6)


def test_generate_leaves_modes_and_statistics_as_they_were(tiny_gan: Gan) -> None:
    generator = tiny_gan.require_generator("the test")
    generator.train()
    generator.get_submodule("main.1").eval()
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    modes = [module.training for module in generator.modules()]
    tiny_gan.generate(tiny_gan.sample_z(4, seed=0))
    assert [module.training for module in generator.modules()] == modes
    assert all(torch.equal(tensor, before[name]) for name, tensor in generator.state_dict().items())


def test_generate_restores_the_mode_after_an_error(tiny_gan: Gan) -> None:
    tiny_gan.require_generator("the test").train()
    with pytest.raises(RuntimeError):
        tiny_gan.generate(torch.zeros(2, 5))  # the generator takes 8 numbers
    assert tiny_gan.require_generator("the test").training


def test_a_gan_moves_both_networks(tiny_gan: Gan) -> None:
    tiny_gan.discriminator = torch.nn.Linear(2, 1)
    assert tiny_gan.to("meta") is tiny_gan
    assert tiny_gan.device.type == "meta"
    assert tiny_gan.discriminator.weight.is_meta


def test_a_provenance_survives_json() -> None:
    provenance = Provenance("a.safetensors", "ab12", "dcgan_viz", {"step": 3}, ("z is normal",), {"a": "b"})
    assert json.loads(json.dumps(provenance.to_json())) == {
        "path": "a.safetensors",
        "sha256": "ab12",
        "importer": "dcgan_viz",
        "metadata": {"step": 3},
        "assumptions": ["z is normal"],
        "files": {"a": "b"},
    }
