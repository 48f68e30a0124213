"""The same request under the same Idempotency-Key gets the same tokens; the key tells nobody a thing."""

import hashlib
import json
from typing import Any

import pytest

from chalicelib.vault.requests import KEPT_SECONDS, LIFETIME_SECONDS
from tests.support import policies
from tests.support.answers import codes, problem, tokens
from tests.support.faults import DYNAMODB_FAULTS, dumps
from tests.support.values import batch, cached, formatted, kms, opaque
from tests.support.world import World, world

KEY = "kQ3r-9_z" * 3
ITEMS = [*opaque(1), *formatted(1), *kms(1), *cached(1)]
TABLES = ("vault", "keys", "policy", "audit", "subjects", "idempotency")


@pytest.mark.parametrize("items", [opaque(1), formatted(1), ITEMS, batch(1)], ids=len)
def test_a_retry_gets_the_same_tokens(account: World, items: list[Any]) -> None:
    """The whole answer is the same, also in another container, and nothing more is stored."""
    first = account.tokenize(*items, idempotency_key=KEY)
    stored = account.items("vault")
    account.restart()
    assert account.tokenize(*items, idempotency_key=KEY).body == first.body
    assert account.items("vault") == stored


def test_without_a_key_tokens_are_new(account: World) -> None:
    """Nobody who sends no key is taken for somebody who did."""
    known = tokens(account.tokenize(*opaque(1), idempotency_key=KEY))
    assert tokens(account.tokenize(*opaque(1))) != tokens(account.tokenize(*opaque(1))) != known


GUESSABLE = (
    "",
    "k",
    "k" * 21,
    "k" * 129,
    "k" * 21 + "=",
    "k" * 21 + " ",
    "k" * 22 + "\n",
    "é" * 22,
    "٣" * 22,
)


def test_a_key_that_anybody_could_guess_is_refused(account: World) -> None:
    """Too short, too long, or not of the alphabet: nothing is taken in, and the key is not quoted."""
    for key in GUESSABLE:
        answer = account.tokenize(*ITEMS, idempotency_key=key)
        problem(answer, 400, "invalid_request")
        assert len(key) < 2 or key not in answer.body["detail"]
    assert account.items("vault") == account.items("idempotency") == []


def test_keys_at_the_limits_are_taken(account: World) -> None:
    """22 to 128 characters of base64url."""
    for key in ("k" * 22, "k" * 128, "A-z_0" * 5):
        first = tokens(account.tokenize(*ITEMS, idempotency_key=key))
        assert tokens(account.tokenize(*ITEMS, idempotency_key=key)) == first


OTHER_BODIES: dict[str, list[Any]] = {
    "another value": opaque(2),
    "another type": [{**opaque(1)[0], "type": "text_known"}],
    "one more item": [*opaque(1), *opaque(1)],
    "a person": [{**opaque(1)[0], "subject": "p"}],
    "metadata": [{**opaque(1)[0], "metadata": {"order": "7"}}],
    "a time limit": [{**opaque(1)[0], "ttl_seconds": 60}],
    "a value that is refused": [{"type": "card_number", "value": "4"}],
}


def test_another_body_is_a_conflict(account: World) -> None:
    """Whatever differs, nothing of it is taken in, and the first request is still known."""
    first = account.tokenize(*opaque(1), idempotency_key=KEY)
    stored = account.items("vault")
    for difference, items in OTHER_BODIES.items():
        answer = account.tokenize(*items, idempotency_key=KEY)
        assert (answer.status, answer.body["code"]) == (409, "idempotency_conflict"), difference
    assert account.items("vault") == stored
    assert account.tokenize(*opaque(1), idempotency_key=KEY).body == first.body


def test_the_bytes_of_the_body_count(account: World) -> None:
    """A body that is written another way is another body: nothing is read into it."""
    body = {"items": opaque(1)}
    account.tokenize(body=json.dumps(body).encode(), idempotency_key=KEY)
    problem(
        account.tokenize(body=json.dumps(body, indent=1).encode(), idempotency_key=KEY),
        409,
        "idempotency_conflict",
    )


def test_another_clients_key_is_another_key() -> None:
    """Two clients of one tenant, and two tenants, never meet, whatever they send."""
    written = policies.document()
    written["tenants"]["shop"]["clients"]["support"]["actions"] = ["tokenize"]
    with world(written) as account:
        made = [
            tokens(account.tokenize(*opaque(1), client=client, idempotency_key=KEY))
            for client in ("checkout", "support", "intake")
        ]
        assert len({token for [token] in made}) == 3
        for client in ("checkout", "support", "intake"):
            problem(
                account.tokenize(*opaque(2), client=client, idempotency_key=KEY), 409, "idempotency_conflict"
            )
        assert len(account.items("idempotency")) == 3


def test_a_refused_client_leaves_no_trace(account: World) -> None:
    """Who may not tokenize does not use a key up either."""
    problem(account.tokenize(*opaque(1), client="support", idempotency_key=KEY), 403, "not_permitted")
    assert account.items("idempotency") == []


def age(account: World, seconds: int) -> None:
    """Makes the known requests older."""
    for item in account.items("idempotency"):
        older = int(item["created"]["N"]) - seconds
        account.store({**item, "created": {"N": str(older)}}, "idempotency")


def test_after_a_day_the_key_begins_a_new_request(account: World) -> None:
    """Also while DynamoDB has not removed the item yet, and for another body; the new one is then known."""
    first = tokens(account.tokenize(*opaque(1), idempotency_key=KEY))
    age(account, LIFETIME_SECONDS - 60)
    assert tokens(account.tokenize(*opaque(1), idempotency_key=KEY)) == first
    problem(account.tokenize(*opaque(2), idempotency_key=KEY), 409, "idempotency_conflict")
    age(account, KEPT_SECONDS - LIFETIME_SECONDS + 60)
    other = tokens(account.tokenize(*opaque(2), idempotency_key=KEY))
    assert tokens(account.tokenize(*opaque(2), idempotency_key=KEY)) == other != first
    problem(account.tokenize(*opaque(1), idempotency_key=KEY), 409, "idempotency_conflict")
    values = [entry["value"] for entry in account.detokenize(*first, *other).body["results"]]
    assert values == [opaque(1)[0]["value"], opaque(2)[0]["value"]]


def test_items_are_kept_for_a_day(account: World) -> None:
    """DynamoDB removes them by their `ttl`."""
    account.tokenize(*opaque(1), idempotency_key=KEY)
    [item] = account.items("idempotency")
    assert int(item["ttl"]["N"]) == int(item["created"]["N"]) + KEPT_SECONDS


def test_no_table_confirms_a_guess_of_key_or_body(account: World) -> None:
    """No plain hash of the key, the body, or a value stands anywhere: only a key of KMS confirms a guess."""
    body = json.dumps({"items": ITEMS}).encode()
    account.tokenize(body=body, idempotency_key=KEY)
    everything = "".join(dumps(account.items(table)) for table in TABLES)
    guesses = [body, KEY.encode(), KEY.encode() + body, *(item["value"].encode() for item in ITEMS)]
    for guess in guesses:
        for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
            digest = hashlib.new(name, guess)
            assert digest.hexdigest() not in everything
            assert json.dumps(digest.digest().decode("latin-1"))[1:-1] not in everything
    assert KEY not in everything


def test_one_body_under_two_keys_looks_like_two_bodies(account: World) -> None:
    """Whoever reads the table cannot tell that two requests were the same, of one tenant or two."""
    for key in (KEY, KEY[::-1]):
        for client in ("checkout", "intake"):
            account.tokenize(*opaque(1), client=client, idempotency_key=key)
    items = account.items("idempotency")
    for name in ("pk", "body_mac", "seed"):
        assert len({dumps(item[name]) for item in items}) == 4


def test_an_erased_token_does_not_come_back_by_a_retry(account: World) -> None:
    """The retry is told that the token is gone; its other items are answered as before."""
    made = tokens(account.tokenize(*opaque(1), *formatted(1), *opaque(2), idempotency_key=KEY))
    for token in made[:2]:
        account.erase(token=token)
    answer = account.tokenize(*opaque(1), *formatted(1), *opaque(2), idempotency_key=KEY)
    assert codes(answer) == ["token_not_found", "token_not_found", None]
    assert answer.body["results"][2]["token"] == made[2]
    assert codes(account.detokenize(*made)) == ["token_not_found", "token_not_found", None]


def test_a_retry_after_a_tokens_time(account: World) -> None:
    """The first try died before it wrote; a token that would be dead already is neither made nor answered."""
    item = {"type": "short_lived", "value": "x", "ttl_seconds": 60}
    failing = DYNAMODB_FAULTS["internal"]
    account.fault = lambda _, parameters: failing if "vault" in parameters.values() else None
    problem(account.tokenize(item, idempotency_key=KEY), 503, "store_unavailable")
    account.fault = None
    age(account, 61)
    assert codes(account.tokenize(item, idempotency_key=KEY)) == ["token_not_found"]
    assert account.items("vault") == []


def test_a_changed_item_is_corrupt(account: World) -> None:
    """A stored request that does not parse is refused, never with another error."""
    account.tokenize(*opaque(1), idempotency_key=KEY)
    [item] = account.items("idempotency")
    for name in ("body_mac", "seed", "created"):
        account.store({other: part for other, part in item.items() if other != name}, "idempotency")
        problem(account.tokenize(*opaque(1), idempotency_key=KEY), 500, "record_corrupt")
    account.store({**item, "body_mac": {"B": b"x" * 32}}, "idempotency")
    problem(account.tokenize(*opaque(1), idempotency_key=KEY), 409, "idempotency_conflict")
