"""Batches go out side by side and come out in order, with a slow input or a slow caller as well."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from tokenvault_client import Unavailable
from tokenvault_client.batches import stream

WAIT = 30


def echo(name: str, batch: Sequence[int]) -> list[int]:
    """A service that answers at once."""
    return list(batch)


def test_an_answer_does_not_wait_for_the_next_input() -> None:
    """The first batch comes out while the second is still being typed."""
    go_on = threading.Event()

    def slow() -> Iterator[int]:
        yield from (1, 2)
        assert go_on.wait(WAIT)
        yield 3

    answers = stream(slow(), echo, parallel=4, size=2)
    assert next(answers) == ([1, 2], [1, 2])
    go_on.set()
    assert list(answers) == [([3], [3])]


def test_answers_come_in_the_order_of_the_input() -> None:
    """The second is there first, and waits for its turn."""
    second = threading.Event()

    def request(name: str, batch: Sequence[int]) -> list[int]:
        if name == "0":
            assert second.wait(WAIT)
        second.set()
        return list(batch)

    assert [answer for _, answer in stream(range(4), request, parallel=2, size=2)] == [[0, 1], [2, 3]]


def test_a_slow_caller_has_a_bounded_number_of_answers_waiting() -> None:
    """An input of any length is read as it is needed: memory stays bounded."""
    read: list[int] = []

    def endless() -> Iterator[int]:
        number = 0
        while True:
            read.append(number)
            yield number
            number += 1

    answers = stream(endless(), echo, parallel=3, size=1)
    for expected in range(50):
        assert next(answers)[0] == [expected]
        assert len(read) <= expected + 2 * 3 + 3
    answers.close()


def test_an_input_that_fails_does_so_behind_what_was_sent() -> None:
    """The batches before it come out first; an incomplete one is not sent."""

    def broken() -> Iterator[int]:
        yield from range(5)
        raise OSError("the disk")

    answers = stream(broken(), echo, parallel=4, size=2)
    assert [next(answers)[0] for _ in range(2)] == [[0, 1], [2, 3]]
    with pytest.raises(OSError, match="the disk"):
        next(answers)


def test_after_a_failure_nothing_is_begun_and_nobody_waits_for_input() -> None:
    """What was begun comes out, and the end does not wait for an input that does not go on."""
    never, sent = threading.Event(), list[int]()

    def stuck() -> Iterator[int]:
        yield from range(2)
        never.wait(WAIT)
        yield 2

    def failing(name: str, batch: Sequence[int]) -> list[int]:
        sent.append(name)
        raise Unavailable.of("unreachable", "no answer came")

    [(batch, answer)] = list(stream(stuck(), failing, parallel=2, size=2))
    assert (batch, type(answer)) == ([0, 1], Unavailable)
    never.set()
    assert sent == ["0"]


def test_a_fault_of_our_own_is_raised_where_the_caller_is() -> None:
    """Not swallowed by a thread."""

    def faulty(name: str, batch: Sequence[int]) -> list[int]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(stream(range(10), faulty, parallel=2, size=2))


def test_threads_end_with_the_work() -> None:
    """A long-lived process keeps none of them."""
    before = set(threading.enumerate())
    assert len(list(stream(range(100), echo, parallel=4, size=2))) == 50
    answers = stream(range(100), echo, parallel=4, size=2)
    next(answers)
    answers.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(WAIT)
        assert not thread.is_alive()


def test_an_interruption_while_threads_are_started_loses_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ones have sent their batches by then: these come out before the interruption does."""
    sent, start, started = threading.Semaphore(0), threading.Thread.start, list[threading.Thread]()

    def interrupted(thread: threading.Thread) -> None:
        if len(started) == 2:
            assert all(sent.acquire(timeout=WAIT) for _ in range(2))
            raise KeyboardInterrupt
        started.append(thread)
        start(thread)

    def request(name: str, batch: Sequence[int]) -> list[int]:
        sent.release()
        return list(batch)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    answers = stream(range(100), request, parallel=4, size=1)
    seen: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        seen.extend(batch[0] for batch, _ in answers)
    assert seen[:2] == [0, 1]
