"""Nearest neighbours against all distances, one by one."""

import numpy as np
import pytest
import torch

from dcgan_viz.data import neighbours
from dcgan_viz.data.datasets import to_float
from dcgan_viz.data.neighbours import nearest, nearest_vectors, spaces, why_no_features
from dcgan_viz.models.features import discriminator_features
from dcgan_viz.models.gan import Gan


def pictures(count, seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 3, 32, 32), generator=random, dtype=torch.uint8)


def by_hand(queries, references):
    """Every distance (N, M) in float64: root mean square difference."""
    a, b = queries.double().numpy(), references.double().numpy()
    return np.array([[np.sqrt(((x - y) ** 2).mean()) for y in b] for x in a])


@pytest.mark.parametrize("at_once", [3, 500])
def test_the_nearest_in_both_spaces_however_it_is_cut_into_batches(tiny_gan, monkeypatch, at_once):
    monkeypatch.setattr(neighbours, "AT_ONCE", at_once)
    queries, references = to_float(pictures(6)), pictures(10, seed=1)
    within = spaces(tiny_gan)
    found = nearest({space.name: space.look(queries) for space in within}, references, within)
    looks = {
        "pixels": lambda images: images.flatten(1),
        "features": lambda images: discriminator_features(tiny_gan, images),
    }
    assert list(found) == list(looks)
    for name, look in looks.items():
        expected = by_hand(look(queries), look(to_float(references)))
        assert found[name].index.tolist() == expected.argmin(axis=1).tolist()
        np.testing.assert_allclose(found[name].distance, expected.min(axis=1), rtol=1e-5)


def test_a_copy_is_at_distance_nothing_and_the_first_of_equals_wins(tiny_gan):
    references = pictures(8)
    references[6] = references[2]
    within = spaces(tiny_gan)[:1]
    queries = {"pixels": within[0].look(to_float(references[[6, 1]]))}
    found = nearest(queries, references, within)["pixels"]
    assert found.distance.tolist() == [0.0, 0.0]
    assert found.index.tolist() == [2, 1]
    assert found[1:].index.tolist() == [1]


def test_vectors_that_differ_in_the_last_digits_have_their_distance():
    base = np.full((1, 4000), 1000.0, np.float32)
    near = base.copy()
    near[0, 0] += 1e-3
    expected = float(near[0, 0]) - 1000.0
    assert nearest_vectors(near, base).distance == pytest.approx([expected], rel=1e-9)


def test_why_there_are_no_features(tiny_gan):
    assert why_no_features(tiny_gan) == ""
    blind = Gan(tiny_gan.generator, prior=tiny_gan.prior)
    assert why_no_features(blind) == "there is no discriminator"
    assert [space.name for space in spaces(blind)] == ["pixels"]
