"""What several looks share changes nothing of what they find."""

import threading

import pytest
import torch

from dcgan_viz.errors import InputError
from dcgan_viz.guided_backprop import GuidedSettings, guided_backprop
from dcgan_viz.guided_backprop.analysis import look_again
from dcgan_viz.guided_backprop.bank import FilterBank
from dcgan_viz.guided_backprop.look import Known, Look, layers
from dcgan_viz.guided_backprop.strongest import overview
from dcgan_viz.output import dump_json
from tests.guided_backprop.planted import GREEN, RED, SILENT, colour_gan, shapes

FIRST = GuidedSettings(filters=(RED,), n_top=3, n_measured=12)
CASES = [
    (FIRST, 0),
    (GuidedSettings(filters=(RED, GREEN, SILENT), n_top=3, n_measured=12), 0),
    (GuidedSettings(filters=(RED,), n_top=3, n_measured=12, rule="plain"), 0),
    (GuidedSettings(filters=(RED,), n_top=2, n_measured=12), 0),
    (GuidedSettings(layer="conv1", n_top=3, n_measured=12), 0),
    (FIRST, 1),
]


def same(one, other):
    assert dump_json(one.to_json()) == dump_json(other.to_json())
    for mine, its in zip(one.filters, other.filters, strict=True):
        assert torch.equal(mine.maps, its.maps)
        assert torch.equal(mine.control_maps, its.control_maps)


def test_a_look_that_knows_something_finds_the_same():
    gan, real = colour_gan(), shapes()
    look = Look.at(gan, real, FIRST, 0)
    for settings, seed in [*CASES, *CASES]:
        same(look_again(look.again(settings, seed)), guided_backprop(gan, real, settings, seed))


def test_responses_are_looked_for_once(monkeypatch):
    calls = []
    responses = FilterBank.responses

    def counted(*everything):
        calls.append(1)
        return responses(*everything)

    monkeypatch.setattr(FilterBank, "responses", counted)
    look = Look.at(colour_gan(), shapes(), FIRST, 0)
    look.respond()
    for settings, seed in CASES:
        look_again(look.again(settings, seed))
    assert len(calls) == 1


def test_a_look_does_not_hand_on_what_is_not_there():
    look = Look.at(colour_gan(), shapes(), FIRST, 0)
    with pytest.raises(InputError, match="no convolution of that name"):
        look.again(GuidedSettings(layer="conv9"), 0)
    with pytest.raises(InputError, match="too few"):
        look.again(GuidedSettings(n_top=1000), 0)


def test_the_overview_shows_the_first_image_of_every_filter():
    gan, real = colour_gan(), shapes()
    look = Look.at(gan, real, FIRST, 0)
    look.respond()
    found = overview(look)
    n = look.convolution.shape[0]
    whole = guided_backprop(gan, real, GuidedSettings(filters=tuple(range(n)), n_top=3, n_measured=12), 0)
    assert [one.index for one in found.filters] == list(range(n))
    height, width = found.pictures.shape[2:]
    for one, shown in zip(found.filters, whole.filters, strict=True):
        if one.peak is None:
            assert one.index in whole.dead
            assert not found.pictures[one.index].any()
            continue
        if not shown.dead:
            assert one.peak == shown.top[0]
            x0, y0, x1, y1 = shown.boxes[0]
            y, x = min(y0, real.images.shape[2] - height), min(x0, real.images.shape[3] - width)
            assert y <= y0 < y1 <= y + height
            assert x <= x0 < x1 <= x + width
            seen = real.images[one.peak.image, :, y : y + height, x : x + width]
            assert torch.equal(found.pictures[one.index], seen)


def test_layers_are_those_that_can_be_chosen():
    assert [one.name for one in layers(colour_gan())] == [
        one.name for one in Look.at(colour_gan(), shapes(), FIRST, 0).found
    ]


def test_progress_may_end_it():
    class Enough(BaseException):
        pass

    def progress(batches):
        yield batches[0]
        raise Enough

    look = Look.at(colour_gan(), shapes(), FIRST, 0)
    with pytest.raises(Enough):
        look.respond(progress)
    same(look_again(look), guided_backprop(colour_gan(), shapes(), FIRST, 0))


def test_known_keeps_the_last_and_serves_threads():
    known, made = Known(), []
    threads = [
        threading.Thread(target=lambda k=k: made.append((k % 200, known.get(k % 200, lambda: k % 200))))
        for k in range(400)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(key == value for key, value in made)
    assert len(known._results) <= 128
