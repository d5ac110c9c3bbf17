"""Long work: one at a time in its place, cancelled where it is told to, bounded, its result kept."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
import torch

from apps.shell import jobs
from apps.shell.cache import RESULTS
from apps.shell.jobs import AT_ONCE, Cancelled, Job, Jobs
from dcgan_viz.errors import InputError
from dcgan_viz.models.gan import Gan
from tests.waiting import until


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    RESULTS.clear()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What holds jobs up until it is opened."""
    event = threading.Event()
    yield event
    event.set()
    until(lambda: not jobs._alive)


def held(gate: threading.Event, key: str) -> Job:
    def work(job: Job) -> str:
        while not gate.wait(0.01):
            job.check()
        return key

    return Job(key, "Holding", work)


def test_a_result_is_kept_by_its_key(gate: threading.Event) -> None:
    gate.set()
    job = held(gate, "kept by key")
    job.start()
    until(lambda: job.status == "done")
    assert RESULTS.find("kept by key") == (True, "kept by key")
    assert RESULTS.find("another") == (False, None)


def test_few_run_at_once_and_the_rest_follow(gate: threading.Event) -> None:
    many = [held(gate, f"many {n}") for n in range(AT_ONCE + 3)]
    for job in many:
        job.start()
    until(lambda: sum(job.status == "running" for job in many) == AT_ONCE)
    time.sleep(0.3)
    assert sum(job.status == "waiting" for job in many) == 3
    gate.set()
    until(lambda: all(job.status == "done" for job in many))


def test_who_came_first_goes_first(gate: threading.Event) -> None:
    began: list[str] = []

    def noting(key: str) -> Job:
        def work(job: Job) -> None:
            began.append(key)
            while not gate.wait(0.01):
                job.check()

        return Job(key, "Noting", work)

    first = [noting(f"first {n}") for n in range(AT_ONCE)]
    for job in first:
        job.start()
    until(lambda: len(began) == AT_ONCE)
    line = [noting(f"in line {n}") for n in range(8)]
    for job in line:
        job.start()
    line[2].cancel()
    until(lambda: line[2].status == "cancelled")  # though it is nobody's turn: the gate is closed
    del began[:], line[2]
    ahead = first
    for job in line:  # they end one after the other, and one comes in for each
        ahead.pop(0).cancel()
        until(lambda: began[-1:] == [job.key])  # noqa: B023
        ahead.append(job)
    assert began == [job.key for job in line]


def test_of_those_that_take_minutes_one_computes_at_a_time(gate: threading.Event) -> None:
    long = [replace(held(gate, f"long {n}"), is_long=True) for n in range(2)]
    short = [held(gate, f"short {n}") for n in range(2)]
    for job in (*long, *short):
        job.start()
    until(lambda: (long[0].status, short[0].status) == ("running", "running"))
    assert (long[1].status, short[1].status) == ("waiting", "waiting")
    short[0].cancel()
    until(lambda: short[1].status == "running")
    assert long[1].status == "waiting"
    long[0].cancel()
    until(lambda: long[1].status == "running")


def test_a_job_that_was_refused_takes_no_place(
    gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Jobs()
    before = held(gate, "before")
    session.start("page", before)
    monkeypatch.setattr(jobs, "MOST_WAITING", 1)
    with pytest.raises(InputError, match="too much to do"):
        session.start("page", held(gate, "refused"))
    assert session.of("page", "before") is before
    assert session.of("page", "refused") is None
    assert not before.is_cancelled


def test_too_many_are_refused_in_words(gate: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 1)
    held(gate, "first").start()
    with pytest.raises(InputError, match="too much to do"):
        held(gate, "second").start()


def test_another_job_takes_the_place_and_the_session_takes_all(gate: threading.Event) -> None:
    session = Jobs()
    first, second, waiting = held(gate, "a"), held(gate, "b"), held(gate, "c")
    session.start("page", first)
    session.start("page", second)
    until(lambda: first.status == "cancelled")
    assert second.is_alive
    session.start("other", waiting)
    session.cancel_all()
    until(lambda: {second.status, waiting.status} == {"cancelled"})
    assert RESULTS.find("a") == (False, None)


def test_progress_counts_and_stops(gate: threading.Event) -> None:
    job = held(gate, "progress")
    letters = job.progress("abcdef", "letters")
    for done, letter in enumerate("abc"):
        assert next(letters) == letter
        assert (job.step, job.total, job.done) == ("letters", 6, done)
    job.cancel()
    with pytest.raises(Cancelled):
        next(letters)


def test_its_own_networks_stop_a_job_and_nobody_elses(tiny_gan: Gan, gate: threading.Event) -> None:
    job = held(gate, "networks")
    mine = job.own(tiny_gan)
    z = tiny_gan.sample_z(3, seed=0)
    assert torch.equal(mine.generate(z), tiny_gan.generate(z))
    job.cancel()
    with pytest.raises(Cancelled):
        mine.generate(z)
    tiny_gan.generate(z)


def test_what_goes_wrong_is_said_and_a_defect_has_a_number(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(_: Job) -> None:
        raise InputError("seed 7: an odd one")

    def fail(_: Job) -> None:
        raise ZeroDivisionError("secret")

    refused, failed = Job("refused", "Refusing", refuse), Job("failed", "Failing", fail)
    refused.start()
    failed.start()
    until(lambda: (refused.status, failed.status) == ("failed", "failed"))
    assert refused.error == "seed 7: an odd one"
    assert "secret" not in failed.error
    (record,) = [one for one in caplog.records if one.name == "dcgan_viz.apps"]
    assert str(record.args[0]) in failed.error  # type: ignore[index]


def _zeros(size: int, _: Job) -> bytes:
    return bytes(size)


def test_results_are_bounded_by_bytes_and_the_newest_is_always_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RESULTS, "most_bytes", 250)
    for n, size in enumerate((100, 100, 100, 1000)):
        job = Job(f"bounded {n}", "Filling", partial(_zeros, size))
        job.start()
        until(lambda: job.status == "done")  # noqa: B023
        kept = [RESULTS.find(f"bounded {k}")[0] for k in range(4)]
        assert (
            kept
            == [
                [True, False, False, False],
                [True, True, False, False],
                [False, True, True, False],
                [False, False, False, True],
            ][n]
        )
    assert not any(isinstance(value, bytes) for value in vars(job).values())  # a session holds none
