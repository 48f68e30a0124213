"""What holds under real threads: one value, one token, whoever writes, erases and retries beside it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import pytest

from chalicelib.telemetry import RequestLog, Telemetry
from chalicelib.vault.token_items import SUBJECT
from tests.support.answers import codes, tokens
from tests.support.values import batch, cached, kms, of_a_subject
from tests.support.world import Answer, World

R = TypeVar("R")
ROUNDS = 6


class Quiet(Telemetry):
    """Counts nothing: a container serves one request at a time, and what it counts is of that one."""

    def _count(self, name: str, value: int = 1) -> None:
        pass

    def _finish(self, watched: RequestLog, milliseconds: float) -> None:
        pass


@pytest.fixture
def account(account: World) -> World:
    """An account whose functions may be called by many threads at a time."""
    account.telemetry = Quiet("test")
    account.restart()
    return account


def at_once(*work: Callable[[], R]) -> list[R]:
    """What each returns, all of them begun at the same moment."""
    barrier = threading.Barrier(len(work))

    def run(task: Callable[[], R]) -> R:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))


def erasing(account: World, done: threading.Event, **named: str) -> list[tuple[bool, Answer]]:
    """Erases, says so, and has no answers to show."""
    account.erase(**named)
    done.set()
    return []


def writing(
    account: World, erased: threading.Event, items: list[Any], times: int
) -> list[tuple[bool, Answer]]:
    """The answers of as many writes, each with whether the eraser was done when it began."""
    return [(erased.is_set(), account.tokenize(*items)) for _ in range(times)]


def test_two_erasers_of_a_token(account: World) -> None:
    """Both are told that it is erased, and it is, once and for all."""
    for n in range(ROUNDS):
        [token] = tokens(account.tokenize(*kms(n)))
        answers = at_once(*[partial(account.erase, token=token)] * 4)
        assert [answer.status for answer in answers] == [204] * 4
        assert codes(account.detokenize(token)) == ["token_not_found"]
    assert not [item for item in account.items("vault") if "value" in item]


def test_two_erasers_of_a_subject(account: World) -> None:
    """All get the same receipt, and nothing of the subject is left open."""
    for n in range(ROUNDS):
        made = tokens(account.tokenize(*of_a_subject(n)))
        answers = at_once(*[partial(account.erase, subject=f"person-{n}")] * 4)
        receipts = [answer.body["receipt"] for answer in answers]
        assert receipts == [receipts[0]] * 4
        assert receipts[0]["tokens_closed"] == 4
        assert codes(account.detokenize(*made)) == ["token_not_found"] * 4


@pytest.mark.parametrize("kind", [kms, cached])
def test_an_eraser_of_a_token_against_writers(account: World, kind: Callable[[int], Any]) -> None:
    """Once the eraser is done, nobody is answered the erased token; all are answered the same other one."""
    for n in range(ROUNDS):
        [old] = tokens(account.tokenize(*kind(n)))
        erased = threading.Event()
        erase = partial(erasing, account, erased, token=old)
        write = partial(writing, account, erased, kind(n), 6)
        answers = [answer for many in at_once(erase, *[write] * 4) for answer in many]
        assert [old] not in [tokens(answer) for after, answer in answers if after]
        others = {tokens(answer)[0] for _, answer in answers} - {old}
        assert len(others) <= 1
        [now] = tokens(account.tokenize(*kind(n)))
        assert others <= {now}
        assert account.detokenize(now).only["value"] == kind(n)[0]["value"]


def test_an_eraser_of_a_subject_against_writers(account: World) -> None:
    """What is answered after the erasing is that the subject was erased; afterwards nothing opens."""
    for n in range(ROUNDS):
        erased = threading.Event()
        erase = partial(erasing, account, erased, subject=f"person-{n}")
        write = partial(writing, account, erased, of_a_subject(n), 4)
        answers = [answer for many in at_once(erase, *[write] * 4) for answer in many]
        for after, answer in answers:
            assert set(codes(answer)) <= ({"subject_erased"} if after else {"subject_erased", None})
        made = {e["token"] for _, answer in answers for e in answer.body["results"] if "token" in e}
        if made:
            assert set(codes(account.detokenize(*made))) == {"token_not_found"}
        assert codes(account.search(*of_a_subject(n)[2:])) == ["token_not_found"] * 2
    account.settle()
    account.telemetry = Telemetry("test")
    account.maintain()
    assert not [item for item in account.items("vault") if SUBJECT in item]
    assert {item["sk"]["S"] for item in account.items("subjects")} == {"erased"}


def results(answers: Sequence[Answer]) -> list[Any]:
    assert {answer.status for answer in answers} == {200}
    return [answer.body["results"] for answer in answers]


def test_sixteen_writers_of_one_deterministic_value(account: World) -> None:
    """All are answered the one token, and one record is written."""
    for n in range(3):
        items = [*kms(n), *cached(n)]
        answers = results(at_once(*[partial(account.tokenize, *items)] * 16))
        assert [[entry["token"] for entry in answer] for answer in answers] == [
            [entry["token"] for entry in answers[0]]
        ] * 16
    assert len(account.items("vault")) == 6


def test_sixteen_tries_of_one_idempotent_request(account: World) -> None:
    """All are answered the same, and nothing is written twice."""
    for n in range(3):
        send = partial(account.tokenize, *batch(n), idempotency_key=f"{n:022}")
        answers = results(at_once(*[send] * 16))
        assert answers == [answers[0]] * 16
        made = [entry["token"] for entry in answers[0]]
        values = [item["value"] for item in batch(n)]
        assert [entry["value"] for entry in account.detokenize(*made).body["results"]] == values
    assert len(account.items("vault")) == 3 * 6


def test_two_bodies_under_one_key(account: World) -> None:
    """One of them is taken in, and every other try of another body is a conflict."""
    for n in range(ROUNDS):
        answers = at_once(
            *(
                partial(account.tokenize, *batch(10 * n + body), idempotency_key=f"{n:022}")
                for body in range(4)
            )
        )
        assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
        conflicts = {answer.body["code"] for answer in answers if answer.status == 409}
        assert conflicts == {"idempotency_conflict"}
    assert len([item for item in account.items("vault") if "value" in item]) == ROUNDS * 6
