"""What a link holds: read back as written, refused where it is wrong, kept from page to page."""

from typing import Any

import pytest

from apps.shell import state
from apps.shell.field import Field, choice, flag, number, numbers, whole, words
from apps.shell.fields import PICKS, SEED, TRUNCATION, Pick
from dcgan_viz.errors import InputError

STEPS = whole("walk_steps", 9, 2, 100)
ORDER = choice("order", "number", ("number", "best"))
SHARE = number("share", 0.5, 0.0, 1.0)
LOOP = flag("loop")
LAYERS = numbers("filters", (0, 1), most=511, count=4)
NAME = words("layer", "penultimate", r"[a-z0-9.]{1,20}")


@pytest.mark.parametrize(
    ("one", "values"),
    [
        (STEPS, [2, 100]),
        (ORDER, ["best"]),
        (SHARE, [0.0, 0.25, 1.0, 0.12345678, 1 / 3, 5e-324, 0.1 + 0.2]),
        (LOOP, [True, False]),
        (LAYERS, [(), (3,), (511, 0, 7, 7)]),
        (NAME, ["main.8"]),
        (SEED, [0, 2**32 - 1]),
        (TRUNCATION, [0.05, 1.0, 0.12345678]),
        (PICKS, [(), (Pick(0, 3),), (Pick(2**32 - 1, 239), Pick(1, 0))]),
    ],
)
def test_values_are_read_as_they_were_written(one: Field[Any], values: list[Any]) -> None:
    assert [one.parse(one.text(value)) for value in values] == values


@pytest.mark.parametrize(
    ("one", "texts"),
    [
        (STEPS, ["", "1", "101", "9.5", "٣", "1e3", "9" * 400]),
        (ORDER, ["", "Best", "number,best"]),
        (SHARE, ["", "nan", "inf", "1.5", "half"]),
        (LOOP, ["", "true", "2"]),
        (LAYERS, ["-1", "512", "1,2,3,4,5", "1;2", "1,,2"]),
        (NAME, ["", "A", "x" * 21, "a\nb"]),
        (PICKS, ["3", "0.3,", "0.240", "4294967296.0", ",".join(f"0.{n}" for n in range(25))]),
    ],
)
def test_what_is_wrong_is_refused(one: Field[Any], texts: list[str]) -> None:
    for text in texts:
        with pytest.raises(InputError):
            one.parse(text)


def test_a_sample_is_picked_once() -> None:
    assert PICKS.parse("0.3,0.4,0.3") == (Pick(0, 3), Pick(0, 4))


@pytest.fixture
def store() -> state.Store:
    return state.Store()


def test_values_stay_from_page_to_page_and_only_those_in_use_are_in_the_address(store: state.Store) -> None:
    store.begin("samples", {"seed": "4"}, False)
    assert store.get(SEED) == 4
    store.set(PICKS, (Pick(4, 1),))
    store.set(ORDER, "best")
    assert store.end(partial=False) == {"seed": "4", "picks": "4.1", "order": "best"}
    store.begin("walk", {}, False)  # the browser's address is empty after a click on another page
    assert (store.get(SEED), store.get(PICKS), store.get(STEPS)) == (4, (Pick(4, 1),), 9)
    assert store.end(partial=False) == {"seed": "4", "picks": "4.1"}
    store.begin("samples", {}, False)
    assert store.get(ORDER) == "best"


def test_back_and_forward_of_the_browser_are_obeyed(store: state.Store) -> None:
    store.begin("samples", {"seed": "4"}, False)
    assert (store.get(SEED), store.get(ORDER)) == (4, "number")
    store.end(partial=False)
    store.begin("samples", {"seed": "4"}, False)
    store.set(SEED, 5)
    store.set(ORDER, "best")
    assert store.end(partial=False) == {"seed": "5", "order": "best"}
    store.begin("samples", {"seed": "4"}, True)
    assert (store.get(SEED), store.get(ORDER)) == (4, "number")
    store.end(partial=False)
    store.begin("samples", {}, True)
    assert store.get(SEED) == 0


def test_an_address_that_is_late_takes_nothing_back(store: state.Store) -> None:
    store.begin("samples", {"seed": "4"}, False)
    assert (store.get(SEED), store.get(PICKS)) == (4, ())
    store.set(PICKS, (Pick(0, 1),))
    store.end(partial=False)
    store.set(PICKS, (Pick(0, 1), Pick(0, 2)))  # a click, before the browser has heard of the new address
    store.begin("samples", {"seed": "4"}, False)
    assert (store.get(SEED), store.get(PICKS)) == (4, (Pick(0, 1), Pick(0, 2)))


def test_a_fragment_changes_its_own_values_alone(store: state.Store) -> None:
    store.begin("samples", {"seed": "4", "order": "best"}, False)
    store.get(SEED)
    store.get(ORDER)
    store.end(partial=False)
    store.used.clear()
    store.set(ORDER, "number")
    assert store.end(partial=True) == {"seed": "4"}


def test_each_wrong_value_is_told_once_and_named(store: state.Store) -> None:
    store.begin("samples", {"seed": "x" * 500, "order": "best"}, False)
    assert (store.get(SEED), store.get(SEED), store.get(ORDER)) == (0, 0, "best")
    (sentence,) = store.complaints
    assert "seed" in sentence
    assert len(sentence) < 400
