"""A function that dies at any call of a capture leaves a session in use: see `test_crash_everywhere`."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.answers import codes, problem, tokens
from tests.support.capturing import OTHER_CARD, capture, session
from tests.support.deaths import every_death, revealed
from tests.support.mortal import Mortal, mortal
from tests.support.values import Item, card
from tests.support.world import Answer


@pytest.fixture(scope="module")
def account() -> Iterator[Mortal]:
    with mortal() as made:
        yield made


def items(n: int) -> list[Item]:
    return [{"type": "card_number", "value": card(n)}, {"type": "text", "value": f"text {n}"}]


def values(n: int) -> list[str]:
    return [item["value"] for item in items(n)]


def records_of(account: Mortal, subject: str) -> int:
    return sum(item.get("subject", {}).get("S") == f"shop#{subject}" for item in account.items("vault"))


def test_a_session_for_one_request(account: Mortal) -> None:
    """The page sends the same again and gets its tokens, however often; other values come too late."""
    by: dict[int, str] = {}

    def prepare(n: int) -> Callable[[], Answer]:
        terms = {"types": ["card_number", "text"], "max_values": 2, "subject": f"person-{n}"}
        by[n] = session(account, **terms)
        return lambda: capture(account, by[n], *items(n))

    for n in every_death(account, prepare, by_day=5):
        made = tokens(capture(account, by[n], *items(n)))
        assert made == tokens(capture(account, by[n], *items(n)))
        assert revealed(account, made) == values(n)
        assert records_of(account, f"person-{n}") == 2
        problem(capture(account, by[n], OTHER_CARD), 409, "capture_session_used")


def test_a_session_for_several_requests(account: Mortal) -> None:
    """What died may have counted, and never counts for less: more than its values never come in."""
    by: dict[int, str] = {}

    def prepare(n: int) -> Callable[[], Answer]:
        terms = {"types": ["text"], "max_values": 2, "subject": f"several-{n}", "single_use": False}
        by[n] = session(account, **terms)
        return lambda: capture(account, by[n], items(n)[1])

    for n in every_death(account, prepare, by_day=6):
        answer = capture(account, by[n], items(n)[1])
        assert codes(answer) == [None]
        capture(account, by[n], items(n)[1])
        problem(capture(account, by[n], items(n)[1]), 409, "capture_session_used")
        assert 1 <= records_of(account, f"several-{n}") <= 2
