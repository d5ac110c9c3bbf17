"""Whose turn it is: one after the other, persons before jobs, and nobody for ever."""

import threading
from collections.abc import Callable, Iterator

import pytest

from apps.shell import turns as module
from apps.shell.turns import Turns
from tests.waiting import until


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No turn is taken for want of patience, however busy the machine is."""
    monkeypatch.setattr(module, "SHORT_PATIENCE_S", 60.0)
    monkeypatch.setattr(module, "LONG_PATIENCE_S", 60.0)


@pytest.fixture
def begin() -> Iterator[Callable[[Callable[[], None]], threading.Thread]]:
    """Run something in a thread that ends with the test."""
    threads: list[threading.Thread] = []

    def started(work: Callable[[], None]) -> threading.Thread:
        threads.append(threading.Thread(target=work, daemon=True))
        threads[-1].start()
        return threads[-1]

    yield started
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def test_jobs_compute_step_by_step_in_turn(begin: Callable[..., threading.Thread]) -> None:
    turns, log, both = Turns(1), list[str](), threading.Barrier(2)

    def job(name: str) -> None:
        both.wait()
        with turns.long():
            until(lambda: turns._long or name in log or len(log) >= 6)
            for _ in range(3):
                log.append(name)
                turns.pause()

    for thread in [begin(lambda: job("a")), begin(lambda: job("b"))]:
        thread.join(60)
    assert sorted(log) == list("aaabbb")
    assert log[:4] in (list("abab"), list("baba"))
    assert turns.n_free == 1


def test_what_a_person_waits_for_comes_before_jobs(begin: Callable[..., threading.Thread]) -> None:
    turns, log, go_on = Turns(1), list[str](), threading.Event()

    def job() -> None:
        with turns.long():
            log.append("job")

    def person() -> None:
        with turns.short():
            log.append("person")

    def first() -> None:
        with turns.long():
            go_on.wait(60)
            turns.pause()
            log.append("first")

    begin(first)
    until(lambda: turns.n_free == 0)
    begin(job)
    until(lambda: turns._long)
    begin(person)
    until(lambda: turns._short)
    go_on.set()
    until(lambda: len(log) == 3)
    assert log == ["person", "job", "first"]


def test_as_many_compute_at_once_as_there_is_room_for(begin: Callable[..., threading.Thread]) -> None:
    turns, go_on = Turns(2), threading.Event()

    def person() -> None:
        with turns.short():
            go_on.wait(60)

    for _ in range(3):
        begin(person)
    until(lambda: turns._short and turns.n_free == 0)
    assert len(turns._short) == 1
    go_on.set()
    until(lambda: turns.n_free == 2)


def test_a_job_has_no_second_turn_for_what_is_short(begin: Callable[..., threading.Thread]) -> None:
    turns = Turns(1)
    with turns.long(), turns.short():
        assert turns.n_free == 0
    assert turns.n_free == 1


def test_who_waits_for_one_who_waits_for_them_goes_on(
    begin: Callable[..., threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job has a lock and pauses; another has the turn and wants the lock."""
    monkeypatch.setattr(module, "LONG_PATIENCE_S", 1.0)
    turns, lock, has_lock = Turns(1), threading.Lock(), threading.Event()
    ended: list[str] = []

    def one() -> None:
        with turns.long(), lock:
            has_lock.set()
            until(lambda: turns._long)
            turns.pause()
            ended.append("one")

    def other() -> None:
        has_lock.wait(60)
        with turns.long(), lock:
            ended.append("other")

    for thread in [begin(one), begin(other)]:
        thread.join(60)
    assert sorted(ended) == ["one", "other"]
    assert turns.n_free == 1


def test_an_error_gives_the_turn_back() -> None:
    turns = Turns(1)
    for turn in (turns.short, turns.long):
        with pytest.raises(ZeroDivisionError), turn():
            raise ZeroDivisionError
    assert turns.n_free == 1
