"""A function that dies at any call of an import leaves nothing wrong behind; see `test_crash_everywhere`."""

from collections.abc import Iterator

import pytest

from tests.support import policies
from tests.support.answers import codes, tokens
from tests.support.deaths import every_death, revealed
from tests.support.mortal import Mortal, mortal
from tests.support.values import Item, card


@pytest.fixture(scope="module")
def account() -> Iterator[Mortal]:
    with mortal(policies.importing()) as made:
        yield made


def items(n: int, kind: str = "k") -> list[Item]:
    """Two of what is written side by side, one of them of a subject."""
    return [
        {"type": "card_number", "value": card(n), "token": f"old_{kind}c{n:06}", "subject": f"person-{n}"},
        {"type": "text", "value": f"text {n}", "token": f"old_{kind}t{n:06}"},
    ]


def values(n: int) -> list[str]:
    return [item["value"] for item in items(n)]


def test_an_import_under_a_key(account: Mortal) -> None:
    """A retry stores what is missing, and answers the same however often it is sent; each is on record."""

    def send(n: int) -> list[str]:
        return tokens(account.import_tokens(*items(n), idempotency_key=f"{n:022}"))

    for n in every_death(account, lambda n: lambda: send(n)):
        made = send(n)
        assert made == send(n)
        assert revealed(account, made) == values(n)
    named = str([event["outcomes"] for event in account.events() if event["action"]["S"] == "import"])
    records = [item for item in account.items("vault") if "imported" in item]
    assert all(record["pk"]["S"].removeprefix("shop#") in named for record in records)


def test_an_import_without_a_key(account: Mortal) -> None:
    """A retry is told of what the first try stored: it is taken, by the very value, or stored now."""
    for n in every_death(account, lambda n: lambda: account.import_tokens(*items(n, "u"))):
        assert set(codes(account.import_tokens(*items(n, "u")))) <= {None, "token_taken"}
        assert revealed(account, [item["token"] for item in items(n, "u")]) == values(n)
