"""Cases on the planted generator: what the judge is to see follows from z."""

import numpy as np
import pytest
import torch

from dcgan_viz.seeds import derived_seed
from dcgan_viz.vector_arithmetic.case_vectors import draw_cases
from dcgan_viz.vector_arithmetic.cases import measure_cases
from dcgan_viz.vector_arithmetic.recipe import target_expression
from tests.vector_arithmetic.planted import (
    Blind,
    Decoder,
    classes_of,
    planted_gan,
    planted_looks,
    recipe_for,
    window_side,
)

N, D = 10, 3


@pytest.fixture(scope="module")
def gan():
    return planted_gan()


@pytest.fixture(scope="module")
def recipe(gan):
    expression = target_expression("window")
    concepts = {name: (k,) for k, name in enumerate(expression)}
    return recipe_for(
        gan, sheet_size=40, concepts=concepts, expression=expression, target="window", turn=None
    )


@pytest.fixture(scope="module")
def vectors(gan, recipe):
    return draw_cases(gan, planted_looks(), recipe, 3, N, D)


@pytest.fixture(scope="module")
def cases(gan, recipe, vectors):
    return measure_cases(gan, Decoder(), recipe, vectors)  # type: ignore[arg-type]


def test_every_case_has_a_sheet_and_exemplars_of_its_own(gan, recipe, vectors):
    assert len(set(vectors.seeds)) == N
    for k, (seed, concepts) in enumerate(zip(vectors.seeds, vectors.indices, strict=True)):
        sheet = gan.sample_z(40, seed)
        assert torch.equal(vectors.exemplars[k], torch.stack([sheet[list(one)] for one in concepts]))
    assert vectors.seeds[0] == derived_seed(recipe.seed, "case", 0)


def test_random_exemplars_have_the_norms_of_those_they_replace(vectors):
    means = vectors.exemplars.double().mean(dim=2)
    for k in range(N):
        for d in range(D):
            for concept in range(2):
                wanted = float(means[k, concept].norm())
                assert float(vectors.control[k, d, concept].norm()) == pytest.approx(wanted, rel=1e-4)
        for concept in range(2):
            wanted = float(vectors.exemplars[k, concept, 0].norm())
            assert float(vectors.single_control[k, concept].norm()) == pytest.approx(wanted, rel=1e-4)
    directions = vectors.control / vectors.control.norm(dim=-1, keepdim=True)
    assert (directions[:, 0, 0] * directions[:, 1, 0]).sum(dim=-1).max() < 0.999  # another draw each time


def is_room(room, least):
    return all(
        np.count_nonzero(room == k) >= least[name] for k, name in enumerate(("wall", "floor", "ceiling"))
    )


def test_success_is_counted_from_z_by_hand(gan, recipe, vectors, cases):
    reference = [classes_of(z) for z in gan.sample_z(500, derived_seed(recipe.seed, "rooms")).numpy()]
    least = {
        name: np.quantile([np.count_nonzero(room == k) for room in reference], 0.01)
        for k, name in enumerate(("wall", "floor", "ceiling"))
    }
    assert cases.least_areas == pytest.approx(least)
    shown, without, other = (vectors.exemplars[:, k].numpy() for k in range(3))
    for k in range(N):
        base, single_base = other[k].mean(axis=0), other[k, 0]
        total = shown[k].mean(axis=0) - without[k].mean(axis=0) + base
        random = [
            vectors.control[k, d, 0] - vectors.control[k, d, 1] + torch.from_numpy(base) for d in range(D)
        ]
        single = shown[k, 0] - without[k, 0] + single_base

        def success(z, start):
            return window_side(start[0]) < 4 <= window_side(z[0]) and is_room(classes_of(z), least)

        assert cases.verdicts["result"].success[k] == success(total, base)
        assert cases.verdicts["control"].success[k].tolist() == [success(z.numpy(), base) for z in random]
        assert cases.verdicts["single"].success[k] == success(single, single_base)
    assert cases.verdicts["result"].success.sum() > 0
    assert cases.verdicts["result"].success.mean() > cases.verdicts["control"].success.mean() + 0.3


def test_a_window_that_was_there_before_is_no_success(gan, recipe, vectors):
    swapped = vectors.exemplars[:, [1, 2, 0]]  # the other rooms have windows now
    moved = type(vectors)(
        vectors.seeds, vectors.indices, swapped, vectors.control, vectors.single_control, vectors.n_sheets
    )
    found = measure_cases(gan, Decoder(), recipe, moved)  # type: ignore[arg-type]
    bases = [window_side(float(z[0])) < 4 for z in swapped[:, 2].mean(dim=1)]
    assert not all(bases)
    for name in ("result", "neighbours", "control"):
        success = found.verdicts[name].success.reshape(N, -1)
        assert not success[~np.array(bases)].any()


def test_a_sum_of_pictures_is_judged_as_it_is_drawn(gan, cases, vectors):
    k = 0
    pictures = [
        np.mean([classes_of(z) / 8 * 2 - 1 for z in concept.numpy()], axis=0)
        for concept in vectors.exemplars[k]
    ]
    ghost = np.clip(pictures[0] - pictures[1] + pictures[2], -1, 1)
    assert np.allclose(cases.pictures["pixels"][k, 0].numpy(), ghost, atol=1e-5)
    area = np.count_nonzero(np.round((ghost + 1) / 2 * 8) == 3)
    assert cases.verdicts["pixels"].shows[k] == (area >= 16)


def test_numbers_are_means_over_cases_with_draws_kept_together(cases):
    told = cases.to_json()
    assert told["n_cases"] == N
    assert told["n_control_draws"] == D
    for name, verdict in cases.verdicts.items():
        assert told[name]["success_rate"] == pytest.approx(np.mean(verdict.success))
        low, high = told[name]["success_rate_ci95"]
        assert low <= told[name]["success_rate"] <= high
    difference = cases.verdicts["result"].success.mean() - cases.verdicts["control"].success.mean()
    assert cases.above_control.value == pytest.approx(difference)


def test_a_blind_judge_sees_no_success(gan, recipe, vectors):
    found = measure_cases(gan, Blind(), recipe, vectors)  # type: ignore[arg-type]
    assert not found.verdicts["result"].success.any()
    assert found.verdicts["result"].base_free.all()


def test_rescaling_reaches_all_that_is_drawn(gan, recipe, vectors):
    plain = measure_cases(gan, Decoder(), recipe, vectors)  # type: ignore[arg-type]
    rescaled = recipe_for(
        gan, sheet_size=40, concepts=recipe.concepts, expression=recipe.expression, target="window",
        turn=None, rescale=True,
    )  # fmt: skip
    found = measure_cases(gan, Decoder(), rescaled, vectors)  # type: ignore[arg-type]
    assert not torch.equal(found.pictures["result"], plain.pictures["result"])
    assert not torch.equal(found.pictures["other"], plain.pictures["other"])
    assert torch.equal(found.pictures["pixels"], plain.pictures["pixels"])


@pytest.mark.parametrize("at_once", [1, 4, N])
def test_how_many_cases_are_drawn_at_once_changes_nothing(at_once, gan, recipe, vectors, cases, monkeypatch):
    monkeypatch.setattr("dcgan_viz.vector_arithmetic.cases.AT_ONCE", at_once)
    monkeypatch.setattr("dcgan_viz.vector_arithmetic.looks.AT_ONCE", 7)
    found = measure_cases(gan, Decoder(), recipe, vectors)  # type: ignore[arg-type]
    assert found.least_areas == cases.least_areas
    for name, verdict in cases.verdicts.items():
        for part, values in vars(verdict).items():
            np.testing.assert_array_equal(getattr(found.verdicts[name], part), values)
    assert len(found.pictures["other"]) == min(8, at_once)


def test_rare_targets_give_fewer_cases(gan, recipe):
    few = recipe_for(
        gan, sheet_size=12, concepts=dict.fromkeys(recipe.concepts, (0,)), expression=recipe.expression,
        target="window", turn=None,
    )  # fmt: skip
    found = draw_cases(gan, planted_looks(), few, 3, 12, 1)
    assert found.n_sheets > 12
    none = draw_cases(gan, planted_looks(), few, 6, 2, 1)
    assert (len(none.seeds), none.n_sheets) == (0, 8)
