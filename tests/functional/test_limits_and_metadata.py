"""Time limits end at once for every reader; metadata is small, not sensitive, and signed with its record."""

import json
import time
from datetime import datetime
from typing import Any

import pytest

from chalicelib.errors import ConfigurationError
from tests.support import policies
from tests.support.answers import codes, problem, tokens
from tests.support.forgery import variants
from tests.support.world import Answer, World, world

SHORT = {"type": "short_lived", "value": "x"}
TEXT = {"type": "text", "value": "x"}
CARD = "4111 1111 1111 1111"


def lifetime(entry: dict[str, Any]) -> float | None:
    """How long a token lives, in seconds, by what its answer says."""
    if entry["expires_at"] is None:
        return None
    created, expires = (datetime.fromisoformat(entry[name]) for name in ("created", "expires_at"))
    return (expires - created).total_seconds()


def test_limits_are_the_types_own_or_shorter(account: World) -> None:
    """Without a limit the type's default counts; the longest may be asked for, and a second more may not."""
    asked = [None, 1, 60, 3600, 3601]
    items = [{**SHORT, "ttl_seconds": seconds} for seconds in asked]
    *taken, over = account.tokenize(*items).body["results"]
    assert [lifetime(entry) for entry in taken] == [60, 1, 60, 3600]
    assert over["error"]["code"] == "invalid_value"
    assert "ttl_seconds" in over["error"]["detail"]


def test_a_type_without_limits_takes_any(account: World) -> None:
    """It lives for ever unless the caller says otherwise; deterministic types take no limit at all."""
    known = [{"type": "text_known", "value": "x", "ttl_seconds": 60}]
    none, short, refused = account.tokenize(TEXT, {**TEXT, "ttl_seconds": 5}, *known).body["results"]
    assert (lifetime(none), lifetime(short)) == (None, 5)
    assert refused["error"]["code"] == "invalid_value"


@pytest.mark.parametrize("seconds", [0, -1, 1.5, "60", True, [], 10**12])
def test_what_is_no_time_limit_fails_on_its_own(account: World, seconds: object) -> None:
    """The field is named, and the other items succeed."""
    answer = account.tokenize({**TEXT, "ttl_seconds": seconds}, TEXT)
    assert codes(answer) == ["invalid_value", None]
    assert answer.body["results"][0]["error"]["detail"].startswith("ttl_seconds: ")


def test_expired_erased_and_unknown_look_the_same() -> None:
    """To every reader, in body and status, though an expired record and a marker still lie there."""
    with world() as account:
        expired, erased = tokens(account.tokenize({**SHORT, "ttl_seconds": 1}, {**SHORT, "value": "y"}))
        account.erase(token=erased)
        unknown = "short_lived_0000"
        time.sleep(1.1)
        for read in (account.detokenize, account.masked, account.facts):
            answers = [without_id(read(token)) for token in (expired, erased, unknown)]
            assert answers == [answers[0]] * 3
        assert "value" in account.stored(expired)
        batch = account.detokenize(expired, erased, unknown)
        assert codes(batch) == ["token_not_found"] * 3
        reasons = [
            part["M"]["outcome"]["S"]
            for item in account.events()
            if len(item["outcomes"]["L"]) == 3
            for part in item["outcomes"]["L"]
        ]
        assert reasons == ["expired", "erased", "unknown"]
        assert account.erase(token=expired).status == 204
        assert "value" not in account.stored(expired)


def without_id(answer: Answer) -> tuple[int, str]:
    """An answer but for the request's own id."""
    return answer.status, json.dumps({**answer.body, "request_id": ""})


def test_dynamodb_is_told_a_week_later(account: World) -> None:
    """The item goes a week after its time, or as late as it lived; one without a limit never does."""
    week = 7 * 24 * 3600
    for lived, delay in ((60, 60), (week, week), (10 * week, week)):
        stored = account.stored(account.tokenize({**TEXT, "ttl_seconds": lived}).only["token"])
        assert int(stored["ttl"]["N"]) - int(stored["expires_at"]["N"]) == delay
    never = account.tokenize(TEXT).only["token"]
    assert not {"ttl", "expires_at"} & set(account.stored(never))


TAKEN: list[dict[str, str]] = [
    {},
    {"a": ""},
    {"order": "7", "note": "é🦉"},
    {f"name_{n}": "x" * 128 for n in range(8)},
    {"n" * 32: "x"},
    {"phone": "+1 555 0100", "date": "2026-11-25T08:00:00Z", "id": "550e8400-e29b-41d4-a716-44665544000f"},
    {"digits": "4111111111111112", "short": "411111111111"},
]


@pytest.mark.parametrize("kind", ["text", "card_known"])
def test_metadata_comes_back_as_it_was(account: World, kind: str) -> None:
    """Facts hold it; the answer of a detokenize does not."""
    cards = ["4111111111111111", "5555555555554444", "4012888888881881", "378282246310005"]
    cards += ["6011111111111117", "30569309025904", "3530111333300000"]
    for metadata, value in zip(TAKEN, cards, strict=True):
        [token] = tokens(account.tokenize({"type": kind, "value": value, "metadata": metadata}))
        assert account.facts(token).body["metadata"] == metadata
        assert "metadata" not in account.detokenize(token).only


REFUSED: dict[str, dict[str, str]] = {
    "nine": {f"name_{n}": "x" for n in range(9)},
    "long": {"a": "x" * 129},
    "a long name": {"n" * 33: "x"},
    "an empty name": {"": "x"},
    "a capital": {"A": "x"},
    "a digit first": {"1a": "x"},
    "a dash": {"a-b": "x"},
    "a card": {"a": CARD},
    "a card among words": {"a": f"paid with {CARD}, thanks"},
    "a card with its date": {"a": f"{CARD} 12/27"},
    "a card between numbers": {"a": "7 4111111111111111 737"},
    "a card with hyphens": {"a": CARD.replace(" ", "-")},
    "a card in a name": {"card_4111111111111111": "x"},
    "a card of 13 digits": {"a": "4222222222222"},
    "a card of 19 digits": {"a": "4000000000000000006"},
}


def test_metadata_over_its_bounds_fails_on_its_own(account: World) -> None:
    """Too much, wrongly named, or like a card number: refused by rule, not quoted, and the others succeed."""
    items = [{**TEXT, "metadata": metadata} for metadata in REFUSED.values()]
    answer = account.tokenize(*items, {**TEXT, "metadata": {"a": "b"}})
    assert codes(answer) == ["invalid_value"] * len(REFUSED) + [None]
    for entry in answer.body["results"][:-1]:
        assert entry["error"]["detail"].startswith("metadata: ")
        assert "4111" not in entry["error"]["detail"]
    assert len(account.items("vault")) == 1


@pytest.mark.parametrize("metadata", [[], "x", {"a": 1}, {"a": None}, {"a": {"b": "c"}}, {"a": ["x"]}])
def test_what_is_no_metadata_fails_on_its_own(account: World, metadata: object) -> None:
    """Names and strings, and nothing else; the other items succeed."""
    answer = account.tokenize({**TEXT, "metadata": metadata}, TEXT)
    assert codes(answer) == ["invalid_value", None]
    assert answer.body["results"][0]["error"]["detail"].startswith("metadata: ")


@pytest.fixture
def rich(account: World) -> str:
    """A token of a deterministic value of a subject, with metadata: a record that has all there is."""
    item = {"type": "text_known", "value": "x", "subject": "p1", "metadata": {"order": "7", "shop": "a"}}
    return tokens(account.tokenize(item))[0]


def test_no_byte_of_what_is_signed_can_be_changed(account: World, rich: str) -> None:
    """Fingerprint, subject, secret id: one byte of any is a corrupt record to every reader."""
    whole = account.stored(rich)
    scalars = {
        name: part for name, part in whole.items() if name in ("fingerprint", "subject", "subject_secret")
    }
    assert len(scalars) == 3
    for place, forged in variants(scalars):
        account.store({**whole, **forged})
        assert codes(account.detokenize(rich)) == ["record_corrupt"], place
        problem(account.facts(rich), 500, "record_corrupt")
    for name in scalars:
        account.store({other: part for other, part in whole.items() if other != name})
        assert codes(account.detokenize(rich)) == ["record_corrupt"], name
    account.store(whole)
    assert account.detokenize(rich).only["value"] == "x"


METADATA: list[Any] = [
    {"M": {"order": {"S": "8"}, "shop": {"S": "a"}}},
    {"M": {"order": {"S": "7"}}},
    {"M": {"order": {"S": "7"}, "shop": {"S": "a"}, "more": {"S": "x"}}},
    {"M": {"order": {"S": "a"}, "shop": {"S": "7"}}},
    {"M": {"order": {"N": "7"}, "shop": {"S": "a"}}},
    {"M": {}},
    {"S": "x"},
    None,
]


def test_metadata_cannot_be_changed_in_the_table(account: World, rich: str) -> None:
    """It is signed with the record: changed, it closes the record, and is not told."""
    whole = account.stored(rich)
    for forged in METADATA:
        changed = {**whole, "metadata": forged}
        account.store({name: part for name, part in changed.items() if part is not None})
        assert codes(account.detokenize(rich)) == ["record_corrupt"], forged
        problem(account.facts(rich), 500, "record_corrupt")
    account.store(whole)
    assert account.facts(rich).body["metadata"] == {"order": "7", "shop": "a"}


def test_a_deterministic_token_keeps_its_first_metadata(account: World, rich: str) -> None:
    """Records are written once: who tokenizes the value again gets the token, and changes nothing."""
    again = {"type": "text_known", "value": "x", "subject": "p1", "metadata": {"order": "8"}}
    assert tokens(account.tokenize(again)) == [rich]
    assert account.facts(rich).body["metadata"] == {"order": "7", "shop": "a"}


def test_a_token_that_no_table_could_hold_is_unknown(account: World) -> None:
    """Text of any length in a path looks like a token that nobody has."""
    for length in (257, 3000, 100_000):
        problem(account.facts("x" * length), 404, "token_not_found")
        assert account.erase(token="x" * length).status == 204


def test_a_policy_may_not_limit_deterministic_types() -> None:
    """Their places never fall free, so their tokens never end by time."""
    written = policies.document({"known": {"format": "text", "mode": "deterministic", "max_ttl_seconds": 60}})
    with pytest.raises(ConfigurationError, match="takes no time limit"), world(written):
        pass
