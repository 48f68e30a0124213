"""One card is known as one by its fingerprint, and by nothing else that is answered or stored."""

import random
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.model import CardFacts, TokenFacts
from tests.support import policies
from tests.support.answers import problem
from tests.support.deaths import every_death
from tests.support.faults import KMS_FAULTS, answered, failing
from tests.support.mortal import mortal
from tests.support.vault_in_regions import Vault
from tests.support.world import World, world

CARD, OTHER = "4111111111111111", "5555555555554444"
FINGERPRINT = {"fingerprint": True}
TYPES: dict[str, dict[str, Any]] = {
    "card": {"format": "card_number", "options": FINGERPRINT},
    "stored_card": {"format": "card_number", "options": {**FINGERPRINT, "keep_last": 0, "brand": True}},
    "card_known": {"format": "card_number", "mode": "deterministic", "options": FINGERPRINT},
    "card_cached": {
        "format": "card_number",
        "mode": "deterministic",
        "derivation": "cached",
        "options": FINGERPRINT,
    },
    "record": {"format": "card", "options": FINGERPRINT},
    "record_known": {"format": "card", "mode": "deterministic", "options": FINGERPRINT},
    "plain": {"format": "card_number"},
    "text": {"format": "text"},
}
WITH_FINGERPRINT = ("card", "stored_card", "card_known", "card_cached")


@pytest.fixture
def account() -> Iterator[World]:
    with world(policies.document(TYPES)) as made:
        yield made


def fingerprint(answer: Any) -> str:
    """That of an answer."""
    found = answer["card"]["fingerprint"]
    assert isinstance(found, str)
    return found


def test_one_card_has_one_fingerprint(account: World) -> None:
    """Of two types, two tokens, two expiries, two spellings and two subjects, random and deterministic."""
    items = [{"type": name, "value": CARD} for name in WITH_FINGERPRINT]
    items += [{"type": "card", "value": CARD, "metadata": {"expiry": expiry}} for expiry in ("1227", "0131")]
    items += [{"type": "card", "value": "4111 1111-1111 1111"}]
    items += [
        {"type": name, "value": {"number": CARD, **more}}
        for name in ("record", "record_known")
        for more in ({}, {"expiry": "12/27"}, {"expiry": "01/31", "holder": "Ada"})
    ]
    items += [{"type": name, "value": CARD, "subject": "customer-1"} for name in WITH_FINGERPRINT[::2]]
    made = account.tokenize(*items).body["results"]
    assert len({answer["token"] for answer in made}) == len(items)
    assert len({fingerprint(answer) for answer in made}) == 1


def test_two_cards_have_two(account: World) -> None:
    """Also where they differ in the check digit and one other alone."""
    cards = (CARD, OTHER, "4111111111111103", "4111111111111129")
    made = account.tokenize(*({"type": "card", "value": card} for card in cards)).body["results"]
    assert len({fingerprint(answer) for answer in made}) == len(cards)


def test_facts_and_search_answer_the_same(account: World) -> None:
    """From the record, in a container that never saw the number and asks KMS for no MAC."""
    made = account.tokenize({"type": "card_known", "value": CARD}).only
    account.restart()
    account.calls.clear()
    assert fingerprint(account.facts(made["token"]).body) == fingerprint(made)
    assert "kms.GenerateMac" not in account.calls
    assert fingerprint(account.search({"type": "card_known", "value": CARD}).only) == fingerprint(made)


def test_two_tenants_share_no_fingerprint(account: World) -> None:
    """The same card of another tenant has an unrelated one."""
    for item in ({"type": "card", "value": CARD}, {"type": "record", "value": {"number": CARD}}):
        ours = fingerprint(account.tokenize(item).only)
        theirs = fingerprint(account.tokenize(item, client="intake").only)
        assert ours != theirs
        assert _shared(ours, theirs) <= 8


def test_it_is_not_the_tokens_bytes(account: World) -> None:
    """Nothing else that is stored or answered of a deterministic card has a part in common with it."""
    made = account.tokenize({"type": "card_known", "value": CARD}).only
    own = fingerprint(made).removeprefix("fp_")
    stored = account.stored(made["token"])
    parts = [bytes(stored["fingerprint"]["B"]).hex(), made["token"]]
    assert all(_shared(own, part) <= 6 for part in parts)


def _shared(first: str, second: str) -> int:
    """The length of the longest text that two texts have in common."""
    spans = (first[start:end] for start, end in combinations(range(len(first) + 1), 2))
    return max((len(span) for span in spans if span in second), default=0)


def test_a_type_without_the_switch_answers_and_stores_none(account: World) -> None:
    """Nor does it ask KMS."""
    account.tokenize({"type": "plain", "value": CARD})
    account.calls.clear()
    made = account.tokenize({"type": "plain", "value": CARD}).only
    assert "card" not in made
    assert "card" not in account.stored(made["token"])
    assert not [call for call in account.calls if call.startswith("kms.")]


def test_rotating_the_tenants_keys_changes_no_fingerprint(account: World) -> None:
    """A new version of the branch key seals; fingerprints come from keys that are never replaced."""
    item = {"type": "card", "value": CARD}
    before = account.tokenize(item).only
    for _ in range(2):
        wiring.maintain(account.env("maintain"), account.client, account.telemetry, "shop")
    account.restart()
    after = account.tokenize(item).only
    assert (
        account.stored(before["token"])["*amzn-ddb-map-desc*"]
        != account.stored(after["token"])["*amzn-ddb-map-desc*"]
    )
    assert fingerprint(before) == fingerprint(after)


def test_both_regions_answer_the_same() -> None:
    """Also a Region that has heard of nothing that the other wrote since the keys were ready.

    One takes the number in by itself, and the other with an expiry.
    """
    items = (
        {"type": "card", "value": CARD},
        {"type": "record", "value": {"number": CARD, "expiry": "12/27"}},
    )
    vault = Vault(random.Random(0), types={name: TYPES[name] for name in ("card", "record")})
    [here], [there] = (region.tokenize([item]) for region, item in zip(vault.regions, items, strict=True))
    assert isinstance(here, TokenFacts)
    assert isinstance(there, TokenFacts)
    assert here.token != there.token
    assert here.card == there.card == CardFacts(fingerprint=here.card.fingerprint)
    assert here.card.fingerprint is not None


def test_each_distinct_card_costs_one_mac(account: World) -> None:
    """Beside that of a `kms` type; a card that comes twice in a request is asked for once."""
    account.tokenize({"type": "card", "value": CARD})
    account.calls.clear()
    account.tokenize(*({"type": name, "value": card} for name in ("card", "text") for card in [CARD] * 2))
    assert account.calls.count("kms.GenerateMac") == 1
    account.calls.clear()
    account.tokenize({"type": "card_known", "value": CARD}, {"type": "card_cached", "value": OTHER})
    assert account.calls.count("kms.GenerateMac") == 3


def test_without_kms_nothing_is_written(account: World) -> None:
    """The request fails as a whole, and leaves no record without its fingerprint."""
    account.tokenize({"type": "text", "value": "x"})
    before = account.items("vault")
    for error in KMS_FAULTS.values():
        account.fault = failing("kms.GenerateMac", error)
        problem(account.tokenize({"type": "card", "value": CARD}), *answered("key", error))
    account.fault = None
    assert account.items("vault") == before


def test_a_death_leaves_no_record_without_its_fingerprint() -> None:
    """At each call of the function; the retry finds the token of the first try, or makes it, all the same."""
    item = {"type": "card", "value": CARD}
    with mortal(policies.document(TYPES)) as account:
        expected = fingerprint(account.tokenize(item).only)

        def send(n: int) -> Any:
            return account.tokenize(item, idempotency_key=f"{n:022}").only

        for n in every_death(account, lambda n: lambda: send(n)):
            made = send(n)
            assert fingerprint(made) == fingerprint(account.facts(made["token"]).body) == expected
        stored = [record["card"]["M"]["fingerprint"]["S"] for record in account.items("vault")]
        assert set(stored) == {expected}


def test_a_replay_answers_the_same(account: World) -> None:
    """The same tokens and the same fingerprint, under one idempotency key."""
    first, again = (
        account.tokenize({"type": "card", "value": CARD}, idempotency_key="k" * 22).only for _ in range(2)
    )
    assert first == again


def test_guessing_by_fingerprints_is_limited() -> None:
    """A random card with a fingerprint spends what a deterministic value does: both confirm a guess."""
    written = policies.document(TYPES)
    written["tenants"]["shop"]["clients"]["checkout"] |= {"deterministic_tokens_per_hour": 2}
    with world(written) as account:
        assert account.tokenize(*[{"type": "card", "value": CARD}] * 2).status == 200
        problem(account.tokenize({"type": "card", "value": OTHER}), 429, "budget_exceeded")
        assert account.tokenize({"type": "plain", "value": OTHER}).status == 200


def test_a_changed_fingerprint_is_a_corrupt_record(account: World) -> None:
    """Who can write to the table does not make two cards one."""
    tokens = [account.tokenize({"type": "card", "value": card}).only["token"] for card in (CARD, OTHER)]
    first, second = map(account.stored, tokens)
    account.store({**first, "card": second["card"]})
    assert account.facts(tokens[0]).body["code"] == "record_corrupt"


def test_erasing_takes_it_from_the_table(account: World) -> None:
    """Neither tombstone nor marker holds it."""
    made = account.tokenize({"type": "card", "value": CARD}).only
    account.erase(token=made["token"])
    assert fingerprint(made) not in repr(account.items("vault"))
