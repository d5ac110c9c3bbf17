"""What is kept is bounded by bytes, and keeps no networks alive that nobody looks at."""

import gc
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
import torch
from torch import nn

from apps.arithmetic import drawn, fields
from apps.arithmetic.draft import blank
from apps.latent_walk import audit
from apps.latent_walk.audit import frames_of
from apps.latent_walk.waypoints import Route
from apps.remove_objects import trial
from apps.shell import pictures
from apps.shell.bench import Bench
from apps.shell.cache import MOST_RESULTS, PICTURES, Cache, size_of
from apps.shell.checkpoints import Checkpoint
from apps.shell.fields import Pick
from dcgan_viz.latent_walk.settings import WalkSettings
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.models.gan import Gan
from dcgan_viz.models.layers import hidden_layers
from dcgan_viz.models.loading import load


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    PICTURES.clear()


def bench_of(path: Path, seed: int = 0) -> Bench:
    options = ModelOptions(checkpoint=str(path))
    checkpoint = Checkpoint("given", options, "tiny")
    return Bench(checkpoint, load(path), "tiny", options, "cpu", seed, 1.0)


def test_the_oldest_goes_when_there_are_too_many_bytes() -> None:
    cache = Cache(250)
    for name in "abc":
        cache.get(name, lambda: np.zeros(100, np.uint8))
    assert cache.n_bytes == 200
    cache.get("b", lambda: pytest.fail("it was kept"))
    cache.get("d", lambda: np.zeros(100, np.uint8))
    cache.get("b", lambda: pytest.fail("it was asked for last"))
    cache.get("d", lambda: pytest.fail("it was made last"))
    assert cache.get("c", lambda: "anew") == "anew"


def test_what_is_larger_than_all_is_not_kept() -> None:
    cache = Cache(10)
    assert len(cache.get("a", lambda: bytes(11))) == 11
    assert cache.n_bytes == 0


def test_the_newest_may_be_spared() -> None:
    cache = Cache(10, spares_newest=True)
    cache.put("a", bytes(11))
    assert cache.find("a") == (True, bytes(11))
    cache.put("b", bytes(10))
    assert cache.find("a") == (False, None)
    assert cache.n_bytes == 10
    cache.put("b", bytes(3))
    assert cache.n_bytes == 3


def test_what_results_share_is_counted_once_for_all_of_them() -> None:
    cache, rooms = Cache(150), np.zeros(100, np.uint8)
    for name in "abcde":
        cache.put(name, (rooms, np.zeros(10, np.uint8)))
    assert [cache.find(name)[0] for name in "abcde"] == [True] * 5
    assert cache.n_bytes == 150
    cache.put("f", (rooms[:5], np.zeros(10, np.uint8)))
    assert not cache.find("a")[0]
    assert cache.n_bytes == 150
    for name in "bcdef":
        cache.put(name, bytes(1))
    assert cache.n_bytes == 5


def test_no_cache_holds_any_number_of_small_things() -> None:
    cache = Cache(10)
    for n in range(MOST_RESULTS + 5):
        cache.put(n, n)
    assert [cache.find(n)[0] for n in (4, 5)] == [False, True]


def test_size_counts_what_is_shared_once() -> None:
    weights = nn.Linear(10, 10)
    assert size_of([weights, weights, (weights.weight,)]) == 4 * 110
    assert size_of(trial.Look(("a",), np.zeros(3), torch.zeros(2, 2))) == 24 + 16 + 1
    circle: list[object] = [bytes(5)]
    circle.append(circle)
    assert size_of(circle) == 5


def test_results_are_shared_and_counted(tiny_checkpoint: Path) -> None:
    bench = bench_of(tiny_checkpoint)
    found = pictures.samples(bench, 5)
    assert pictures.samples(bench, 5) is found
    assert PICTURES.n_bytes >= found.images.nbytes
    assert pictures.samples(bench, 5, seed=1) is not found


def test_no_network_outlives_those_who_look_at_it(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", session)

    def look() -> "weakref.ref[Gan]":
        bench = bench_of(tiny_checkpoint)
        z = bench.gan.sample_z(4, 0)
        pictures.sample_pngs(bench, 4)
        pictures.picked(bench, [Pick(0, 1), Pick(2, 3)])
        frames_of(bench, Route(z, ("a", "b", "c", "d"), WalkSettings(), ()))
        draft = blank().with_numbers(0, (1, 2))
        recipe = fields.recipe(bench, draft)
        assert recipe is not None
        drawn.pictures(bench, recipe)
        layer = hidden_layers(bench.gan.generator, bench.gan.z_input(z))[-1]  # type: ignore[arg-type]
        stage = trial._stage(bench, layer, z.numpy())
        assert trial._stage(bench, layer, z.numpy()) is stage
        assert trial._stage(bench, layer, z.numpy() + 1) is not stage
        return weakref.ref(bench.gan)

    gan = look()
    assert PICTURES.n_bytes > 0
    session.clear()
    gc.collect()
    assert gan() is None


def test_what_is_measured_is_known_by_its_seed(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of rooms, which are the same for all seeds."""
    monkeypatch.setattr(sys, "argv", ["dashboard.py"])
    keys: list[object] = []
    monkeypatch.setattr(audit, "result", lambda _, key, *__, **___: keys.append(key))
    benches = [bench_of(tiny_checkpoint, seed) for seed in (0, 1)]
    route = Route(benches[0].gan.sample_z(2, 0), ("a", "b"), WalkSettings(), ())
    for bench in benches:
        audit.measured(bench, route)
    assert keys[0] != keys[1]
