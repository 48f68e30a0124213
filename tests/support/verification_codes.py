"""An account that takes card verification codes, and what is left of them in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.vault.short_lived import SHORT_LIVED, SLICE_SECONDS
from tests.support import policies
from tests.support.answers import codes
from tests.support.world import World, world

LIMIT = 2400
"""Seconds: the longest that the format allows."""
CODE: dict[str, Any] = {"format": "card_verification_code", "default_ttl_seconds": LIMIT}
TYPES = {"cvc": CODE, "text": {"format": "text"}}
ITEM = {"type": "cvc", "value": "123"}
OF_SUBJECT = {**ITEM, "subject": "p1"}
LATER = LIMIT + SLICE_SECONDS


@contextmanager
def account_of_codes() -> Iterator[World]:
    """An account that takes codes, whose functions go by the test's clock."""
    with world(policies.document(TYPES)) as made:
        made.restart()
        yield made


def tokens(account: World, *items: dict[str, Any], **options: Any) -> list[str]:
    return [result["token"] for result in account.tokenize(*items, **options).body["results"]]


def values(account: World, *asked: str) -> list[str | None]:
    """The value of each token, None where it is not found."""
    answer = account.detokenize(*asked)
    assert set(codes(answer)) <= {None, "token_not_found"}
    return [result.get("value") for result in answer.body["results"]]


def secrets(account: World) -> list[dict[str, Any]]:
    """The items of the short-lived secrets."""
    return [item for item in account.items("subjects") if item["pk"]["S"].endswith(f"#{SHORT_LIVED}")]


def outcomes(account: World) -> list[str]:
    """What the trail says became of the last request's tokens."""
    last = max(account.events(), key=lambda event: event["sk"]["S"])
    return [outcome["M"]["outcome"]["S"] for outcome in last["outcomes"]["L"]]
