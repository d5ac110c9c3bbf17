"""The pictures of a recipe, each drawn once more from a z that is put together by hand."""

from dataclasses import replace

import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.prior import Prior
from dcgan_viz.vector_arithmetic.pictures import draw_recipe
from dcgan_viz.vector_arithmetic.vectors import PriorNorms
from tests.vector_arithmetic.planted import Painter, recipe_for


def painter(size, channels, kind="normal"):
    return Gan(Painter(size, channels), prior=Prior(kind, 6))


@pytest.fixture
def gan():
    return painter(32, 3)


def mean_of(sheet, indices):
    total = torch.zeros(6, dtype=torch.float64)
    for index in indices:
        total += sheet[index].double()
    return total / len(indices)


def drawn_alike(gan, z, image):
    return torch.allclose(gan.generate(z.float()[None].expand(2, -1))[0], image, atol=1e-5)


def test_every_picture_is_drawn_from_the_z_it_claims(gan):
    recipe = recipe_for(gan)
    found = draw_recipe(gan, recipe)
    sheet = gan.sample_z(recipe.sheet_size, recipe.seed)
    means = {name: mean_of(sheet, indices) for name, indices in recipe.concepts.items()}
    for name, indices in recipe.concepts.items():
        one = found.concepts[name]
        for z, image, index in zip(one.z, one.exemplars, indices, strict=True):
            assert torch.equal(z, sheet[index])
            assert drawn_alike(gan, z, image)
        assert drawn_alike(gan, means[name], one.mean)
        assert found.norms.means[name] == pytest.approx(float(means[name].norm()), rel=1e-5)
    total = means["a"] - means["b"] + means["c"]
    assert found.sum is not None
    assert drawn_alike(gan, total, found.sum.result)
    assert found.norms.result == found.norms.drawn == pytest.approx(float(total.norm()), rel=1e-5)
    assert len(found.sum.single) == 2  # concept b has two exemplars
    assert drawn_alike(gan, sheet[5] - sheet[2] + sheet[3], found.sum.single[1])


def test_neighbours_differ_from_the_result_as_little_as_the_noise(gan):
    near = draw_recipe(gan, recipe_for(gan, noise=1e-4)).sum
    far = draw_recipe(gan, recipe_for(gan, noise=0.5, n_neighbours=5)).sum
    none = draw_recipe(gan, recipe_for(gan, noise=0.0)).sum
    assert near is not None
    assert far is not None
    assert none is not None
    assert len(near.neighbours) == 8
    assert len(far.neighbours) == 5
    assert (
        (near.neighbours - near.result).abs().max()
        < 0.01
        < (far.neighbours - far.result).abs().min(0)[0].max()
    )
    assert torch.allclose(none.neighbours, none.result.expand(8, -1, -1, -1), atol=1e-6)


def test_the_control_adds_pictures_and_cuts_them_off(gan):
    found = draw_recipe(gan, recipe_for(gan))
    means = {name: sum(image.double() for image in one.exemplars) / len(one.exemplars)
             for name, one in found.concepts.items()}  # fmt: skip
    expected = (means["a"] - means["b"] + means["c"]).clamp(-1, 1)
    assert found.sum is not None
    assert torch.allclose(found.sum.pixels.double(), expected, atol=1e-6)
    loud = recipe_for(gan, expression={"a": "+", "b": "+", "c": "+"})
    ghosts = draw_recipe(gan, loud).sum
    assert ghosts is not None
    assert ghosts.pixels.abs().max() <= 1


def test_rescaled_results_have_the_typical_norm(gan):
    found = draw_recipe(gan, recipe_for(gan, rescale=True))
    plain = draw_recipe(gan, recipe_for(gan))
    assert gan.prior is not None
    typical = PriorNorms.of(gan.prior).p50
    assert found.sum is not None
    assert plain.sum is not None
    assert float(found.sum.z.norm()) == pytest.approx(typical, rel=1e-5)
    assert found.norms.drawn == pytest.approx(typical, rel=1e-5)
    assert found.norms.result == pytest.approx(plain.norms.result)
    ratio = found.sum.z / plain.sum.z  # one number for all: the direction stays
    assert torch.allclose(ratio, ratio[:1].expand(6), rtol=1e-4)


@pytest.mark.parametrize(
    ("size", "channels", "kind"), [(28, 1, "uniform"), (32, 3, "normal"), (64, 1, "normal")]
)
def test_any_size_and_number_of_channels(size, channels, kind):
    gan = painter(size, channels, kind)
    found = draw_recipe(gan, recipe_for(gan))
    assert found.sum is not None
    assert found.sum.neighbours.shape == (8, channels, size, size)
    assert (found.norms.outside_prior is None) == (kind == "normal")


def test_a_recipe_of_a_turn_alone_has_no_sum(gan):
    recipe = recipe_for(gan, concepts={"b": (1,), "c": (0, 2)}, expression={})
    found = draw_recipe(gan, recipe)
    assert found.sum is None
    assert found.norms.result is None
    assert set(found.concepts) == {"b", "c"}


def test_the_same_recipe_gives_the_same_bytes_and_leaves_random_state_alone(gan):
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    first, second = (draw_recipe(gan, recipe_for(gan)).sum for _ in range(2))
    assert torch.equal(torch.rand(3), expected)
    assert first is not None
    assert second is not None
    for name, part in vars(first).items():
        assert part.numpy().tobytes() == vars(second)[name].numpy().tobytes(), name


def test_the_first_samples_of_a_larger_sheet_are_the_same(gan):
    small, large = (draw_recipe(gan, recipe_for(gan, sheet_size=size)).sum for size in (20, 50))
    assert small is not None
    assert large is not None
    assert torch.equal(small.z, large.z)


def test_another_checkpoints_recipe_is_refused(gan):
    recipe = replace(recipe_for(gan), checkpoint_sha256="f" * 64)
    with pytest.raises(InputError, match="ffffffffffff"):
        draw_recipe(gan, recipe)
