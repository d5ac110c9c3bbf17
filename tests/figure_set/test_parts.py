"""Every part on a small GAN: what its figure says it rests on, and the numbers that are set beside others."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan_viz.errors import InputError
from dcgan_viz.figure_set import FigureSetSettings
from dcgan_viz.figure_set.bench import Bench
from dcgan_viz.figure_set.part import Need
from dcgan_viz.figure_set.parts import PARTS
from dcgan_viz.figure_set.parts.arithmetic import Arithmetic, Turn
from dcgan_viz.figure_set.parts.filters import Filters
from dcgan_viz.figure_set.parts.memorisation import Memorisation
from dcgan_viz.figure_set.parts.removal import Removal
from dcgan_viz.figure_set.parts.walk import Walk, WalkAudit
from dcgan_viz.figures.print.document import draw
from dcgan_viz.image_options import ImageOptions
from dcgan_viz.model_options import ModelOptions
from dcgan_viz.models.loading import load
from dcgan_viz.provenance import ResultProvenance
from tests.figure_set.conftest import bench
from tests.figures.drawn import faults

N_IMAGES = 100
OF_ANY_GAN = [part for part in PARTS if not part.needs & {Need.JUDGE, Need.RUN}]
BY_NAME = {part.name: part for part in PARTS}


@pytest.fixture(scope="module")
def own(tiny_checkpoint, tmp_path_factory):
    """A bench with real images of its own, which nobody can judge."""
    directory = tmp_path_factory.mktemp("images")
    random = np.random.default_rng(0)
    for k in range(N_IMAGES):
        Image.fromarray(random.integers(0, 256, (32, 32, 3), np.uint8)).save(directory / f"{k:02}.png")
    return bench(tiny_checkpoint, FigureSetSettings(real=ImageOptions(f"folder:{directory}")))


@pytest.fixture(scope="module")
def drawn(own):
    """Record and figure of a part, made once each."""

    def make(part):
        def once():
            result = part.run(own, 7)
            fields = part.record(result)
            made = ResultProvenance.of(own.gan, command="c", seed=7, duration_s=0.0)
            provenance = json.loads(json.dumps(made.to_json(), default=str))
            return fields, part.figure(result, {**fields, "provenance": provenance})

        return own.once(("drawn", part.name), once)

    return make


@pytest.mark.parametrize("part", OF_ANY_GAN, ids=lambda part: part.name)
def test_a_figure_of_any_gan_says_what_it_rests_on_and_nothing_overlaps(part, own, drawn):
    assert not own.lack(part.needs)
    _, figure = drawn(part)
    assert faults(draw(figure)) == []
    for words in ("Seed 7", own.gan.provenance.sha256[:12], "BatchNorm"):
        assert words in figure.caption


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("samples", ["80 z"]),
        ("walk", ["9 waypoints", "80 images", "20 other images"]),
        ("filters", [f"{N_IMAGES} images", "Layer main.5", "Rule strict"]),
        ("arithmetic", ["48 samples"]),
        ("turn", ["3 and 3 exemplars", "48 samples"]),
        ("memorization", ["500 samples", "80 training images"]),
    ],
)
def test_captions_say_how_many_and_where(name, words, drawn):
    _, figure = drawn(BY_NAME[name])
    said = f"{figure.subtitle} {figure.caption}"
    assert [one for one in words if one not in said] == []


def test_parts_of_rooms_say_what_is_missing(own):
    lacking = {part.name: own.lack(part.needs) for part in PARTS if own.lack(part.needs)}
    assert list(lacking) == ["removal", "training", "snapshots"]
    assert lacking["removal"].startswith("needs the judge of rooms: the GAN does not say")


def test_figures_of_one_analysis_share_it(own):
    for one, other in ((Walk(), WalkAudit()), (Arithmetic(), Turn())):
        assert one.run(own, 7) is other.run(own, 7)
        assert one.run(own, 7) is not other.run(own, 8)


def test_what_failed_is_not_tried_again(own):
    tries = []

    def fail():
        tries.append(1)
        raise InputError("no")

    for _ in range(2):
        with pytest.raises(InputError, match="no"):
            own.once("failing", fail)
    assert len(tries) == 1


def test_numbers_of_the_walk_and_of_memorisation_are_of_the_widest_space(drawn):
    fields, _ = drawn(WalkAudit())
    (largest,) = WalkAudit().numbers(fields)
    steps = fields["step_distance"]["features"]
    assert largest.value == steps["largest"]["share_of_waypoint_distance"]
    assert largest.control == steps["replay"]["max_share_of_waypoint_distance"]
    fields, _ = drawn(Memorisation())
    distance, duplicates = Memorisation().numbers(fields)
    assert distance.value == fields["samples"]["features"]["median"]
    assert distance.control == fields["held_out"]["features"]["median"]
    assert duplicates.value == fields["n_duplicates"]


def test_nobody_judged_so_that_there_are_no_numbers(drawn):
    for part in (Arithmetic(), Turn(), Filters()):
        assert part.numbers(drawn(part)[0]) == ()


def test_numbers_that_the_judge_found_stand_beside_their_controls():
    (arithmetic,) = Arithmetic().numbers(
        {"recipe": {"target": "bed"}, "success_rate": 0.9, "success_rate_control": 0.4, "n_cases": 64}
    )
    (turn,) = Turn().numbers(
        {"turn": {"spearman_mean": 0.8, "n_cases": 63, "control": {"spearman_mean": 0.1}}}
    )
    (left,) = Removal().numbers(
        {"target": "bed", "methods": [
            {"name": "drop", "target_area_ratio": 0.3, "control": {"target_area_ratio": 1.1}}
        ]}
    )  # fmt: skip
    classes = {"bed": {"ratio": 4.1, "random": {"ratio": 1.2}}}
    (answer,) = Filters().numbers(
        {"filters": [
            {"index": 3, "answers_to": "bed", "selectivity": classes},
            {"index": 4, "answers_to": None, "selectivity": {}},
        ]}
    )  # fmt: skip
    assert [one.words() for one in (arithmetic, turn, left, answer)] == [
        "0.90 (0.40)", "0.80 (0.10)", "0.30 (1.10)", "4.1 (1.2)"
    ]  # fmt: skip
    assert "filter 3" in answer.label
    assert not any(map(str.isdigit, arithmetic.label + turn.label))  # the same words for every seed
    assert "bed" in answer.label


def test_a_seed_deals_a_folder_and_leaves_rooms_alone(own, tiny_checkpoint):
    assert own.real_images(1) is own.real_images(1)
    assert not own.real_images(1).held_out.equal(own.real_images(2).held_out)
    of_rooms = bench(tiny_checkpoint, FigureSetSettings(real=ImageOptions("rooms", None, 20, 20)))
    assert of_rooms.real_images(1) is of_rooms.real_images(2)
    real = ImageOptions("rooms", None, 20, 20).load(of_rooms.gan, 2)
    assert real is not None
    assert real.training.equal(of_rooms.real_images(1).training)
    assert real.held_out.equal(of_rooms.real_images(1).held_out)


def test_a_run_that_is_called_as_an_embedded_checkpoint_is_not_taken_for_it(tmp_path, monkeypatch):
    (tmp_path / "rooms" / "snapshots").mkdir(parents=True)
    (tmp_path / "rooms" / "stats.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    gan = load("rooms")
    assert Bench(gan, ModelOptions(), FigureSetSettings()).run is None
    assert Bench(gan, ModelOptions("./rooms"), FigureSetSettings()).run == Path("rooms")
