"""What tests of moves have tokenized, and see of it."""

from typing import Any

from tests.support import policies
from tests.support.answers import tokens
from tests.support.retokenizing import naming
from tests.support.world import World

TYPES = {**policies.TYPES, "card_known": {"format": "card_number", "mode": "deterministic"}}
SECOND = naming(text_known=2, card_known=2)
OTHER_RUN = "f" * 32


def texts(account: World, count: int, first: int = 0, **more: Any) -> list[str]:
    items = ({"type": "text_known", "value": f"text {n}", **more} for n in range(first, first + count))
    return tokens(account.tokenize(*items))


def values(account: World, made: list[str]) -> list[str]:
    shown = account.detokenize(*made).body["results"]
    return [entry.get("value", entry.get("error", {}).get("code")) for entry in shown]
