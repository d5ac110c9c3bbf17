"""Where objects appear and vanish, in areas made up for it."""

import numpy as np

from dcgan_viz.data.rooms import OBJECTS
from dcgan_viz.latent_walk.objects import APPEARS_SHARE, VANISHES_SHARE, ObjectAudit, find_events

THERE, GONE, UNSURE = APPEARS_SHARE, VANISHES_SHARE * 0.99, (APPEARS_SHARE + VANISHES_SHARE) / 2


def events(*shares, n_steps=3):
    found = find_events({"window": np.array(shares)}, n_steps)
    return [(event.kind, event.pair, event.step) for event in found]


def test_an_object_appears_and_vanishes_in_its_step():
    assert events(GONE, GONE, THERE, THERE, THERE, GONE, GONE) == [("appears", 0, 1), ("vanishes", 1, 1)]
    assert events(THERE, THERE) == events(GONE, GONE) == []


def test_what_is_neither_here_nor_gone_is_no_event():
    assert events(GONE, UNSURE, GONE, UNSURE) == []
    assert events(THERE, UNSURE, THERE, UNSURE, UNSURE) == []
    assert events(GONE, UNSURE, THERE, UNSURE, GONE) == [("appears", 0, 1), ("vanishes", 1, 0)]


def test_a_walk_may_begin_with_an_unsure_object():
    assert events(UNSURE, THERE) == [("appears", 0, 0)]
    assert events(UNSURE, GONE, GONE) == []


def test_events_of_several_objects_are_in_the_order_of_the_walk():
    found = find_events(
        {"bed": np.array([GONE, GONE, THERE]), "lamp": np.array([THERE, GONE, THERE])}, n_steps=1
    )
    assert [(event.name, event.pair) for event in found] == [("lamp", 0), ("bed", 1), ("lamp", 1)]
    counts = ObjectAudit({}, {"bed": np.zeros(3), "lamp": np.zeros(3)}, found).to_json()["counts"]
    assert counts == {"bed": {"appears": 1, "vanishes": 0}, "lamp": {"appears": 1, "vanishes": 1}}


def test_objects_are_what_stands_or_hangs_in_a_room():
    assert OBJECTS == ("window", "bed", "lamp", "picture", "door", "rug")
