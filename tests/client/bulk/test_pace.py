"""How many requests go out at once, and when the next one may."""

import threading

import pytest
from tokenvault_client.bulk.pace import Pace, Stopped


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_answer_lets_a_little_more_through() -> None:
    """By about one more request for as many answers as are under way, up to the most."""
    pace = Pace(6)
    for _ in range(4):
        pace.answered()
    assert 4.5 < pace.allowed < 5.5
    for _ in range(100):
        pace.answered()
    assert pace.allowed == 6


def test_refusals_halve_it_once_for_all_that_were_under_way() -> None:
    """Eight requests that met the same full bucket are one sign of it."""
    clock = Clock()
    pace = Pace(8, clock=clock)
    for _ in range(100):
        pace.answered()
    began = clock.now
    clock.now += 1
    for _ in range(8):
        pace.refused(began, None)
    assert pace.allowed == 4
    clock.now += 1
    pace.refused(clock.now, None)
    assert pace.allowed == 2


def test_nothing_goes_out_before_retry_after_is_over() -> None:
    """Of no thread; and then it does."""
    clock = Clock()
    pace = Pace(4, clock=clock, draw=lambda: 0.0)
    pace.refused(clock.now, 30.0)
    went = threading.Event()

    def go() -> None:
        with pace.turn():
            went.set()

    thread = threading.Thread(target=go)
    thread.start()
    clock.now += 29.9
    assert not went.wait(0.3)
    clock.now += 0.2
    assert went.wait(5)
    thread.join()


def test_without_retry_after_the_pauses_grow_and_are_drawn() -> None:
    """Full jitter, at most twenty seconds."""
    clock = Clock()
    pauses = []
    pace = Pace(4, clock=clock, draw=lambda: 1.0)
    for _ in range(12):
        pace.refused(clock.now, None)
        pauses.append(pace.resume_at - clock.now)
        clock.now = pace.resume_at
    assert pauses[:4] == pytest.approx([0.4, 0.8, 1.6, 3.2])
    assert max(pauses) == pytest.approx(20.0)


def test_it_says_for_how_long_nothing_was_carried_out() -> None:
    """So that a run can give up."""
    clock = Clock()
    pace = Pace(4, clock=clock)
    clock.now += 5
    pace.answered()
    clock.now += 7
    assert pace.refused(clock.now, None) == pytest.approx(7.0)


def test_who_waits_is_sent_away_at_the_end() -> None:
    """However long the wait would have been."""
    pace = Pace(1)
    pace.refused(0.0, 3600.0)
    ended = list[bool]()

    def go() -> None:
        try:
            with pace.turn():
                ended.append(False)
        except Stopped:
            ended.append(True)

    thread = threading.Thread(target=go)
    thread.start()
    pace.stop()
    thread.join(5)
    assert ended == [True]
