"""What is kept of a subject can be read: tokens, types and times, page by page, never a value."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import revealing_wiring
from chalicelib.vault.token_items import SUBJECT
from tests.support import policies
from tests.support.answers import problem, tokens
from tests.support.faults import DYNAMODB_FAULTS
from tests.support.values import of_a_subject
from tests.support.world import World

SUBJECT_ID = "person-7"
ITEMS = of_a_subject(7)
NOTHING = {"tokens": [], "failed": [], "erased_at": None, "next_cursor": None}


def listed(account: World, subject: str = SUBJECT_ID) -> list[str]:
    return sorted(entry["token"] for entry in account.subject(subject).body["tokens"])


def failed(account: World) -> list[tuple[str, str]]:
    return [(entry["token"], entry["error"]["code"]) for entry in account.subject(SUBJECT_ID).body["failed"]]


def last_event(account: World) -> dict[str, Any]:
    return max(
        (event for event in account.events() if event["action"]["S"] == "subjects.read"),
        key=lambda event: int(event["sequence"]["N"]),
    )


def outcomes(account: World) -> list[dict[str, str]]:
    found = last_event(account)["outcomes"]["L"]
    return [{name: text["S"] for name, text in outcome["M"].items()} for outcome in found]


def test_tokens_types_and_times_are_told(account: World) -> None:
    """Those that tokenizing answered, of every kind of type; nothing of another's, and no value."""
    made = {entry["token"]: entry for entry in account.tokenize(*ITEMS).body["results"]}
    account.tokenize({"type": "text", "value": "x"}, {"type": "text", "value": "y", "subject": "person-70"})
    answer = account.subject(SUBJECT_ID)
    assert {entry["token"]: entry for entry in answer.body["tokens"]} == made
    assert {**answer.body, "tokens": []} == NOTHING
    assert not [item for item in ITEMS if item["value"] in answer.raw.body.decode()]


def test_it_is_on_record_before_it_is_answered(account: World) -> None:
    """Each token with its type; where the event cannot be written, nothing is told."""
    made = tokens(account.tokenize(*ITEMS))
    account.fault = lambda name, given: (
        DYNAMODB_FAULTS["throttled"] if given.get("TableName") == "audit" else None
    )
    problem(account.subject(SUBJECT_ID), 503, "store_unavailable")
    account.fault = None
    account.subject(SUBJECT_ID)
    assert last_event(account)["subject"] == {"S": SUBJECT_ID}
    assert {(each["outcome"], each["token"]) for each in outcomes(account)} == {("listed", t) for t in made}
    assert {each["type"] for each in outcomes(account)} == {item["type"] for item in ITEMS}


def test_no_value_can_be_opened_on_the_way(account: World) -> None:
    """The key that opens records is not asked for: signatures are checked with the tokenizing key."""
    account.tokenize(*ITEMS)
    account.restart()
    asked: list[Any] = []
    account.fault = lambda name, given: asked.append(given) if name == "kms.Decrypt" else None
    assert account.subject(SUBJECT_ID).status == 200
    assert [given["EncryptionContext"]["purpose"] for given in asked] == ["tokenizing-bundle"]


def test_a_long_list_comes_in_pages(account: World) -> None:
    """A hundred a page; together they are all tokens, each once, and each page is on record."""
    texts = [{"type": "text", "value": f"text {n}", "subject": SUBJECT_ID} for n in range(130)]
    made = tokens(account.tokenize(*texts[:100])) + tokens(account.tokenize(*texts[100:]))
    first = account.subject(SUBJECT_ID).body
    assert len(first["tokens"]) == len(outcomes(account)) == 100
    second = account.subject(SUBJECT_ID, cursor=first["next_cursor"]).body
    assert second["next_cursor"] is None
    assert len(outcomes(account)) == 30
    assert sorted(e["token"] for e in first["tokens"] + second["tokens"]) == sorted(made)


@pytest.mark.parametrize("cursor", ["", "no base64!", "A", "A=", "A" * 1369])
def test_what_is_no_cursor_is_refused(account: World, cursor: str) -> None:
    """The answer says where a cursor comes from, and repeats nothing."""
    account.tokenize(*ITEMS)
    problem(account.subject(SUBJECT_ID, cursor=cursor), 400, "invalid_request")


@pytest.mark.parametrize("cursor", ["_" * 1368, "A" * 1368, "gICA"])
def test_what_no_answer_gave_is_a_place_all_the_same(account: World, cursor: str) -> None:
    """Its text fits into a key of DynamoDB, of 2,048 bytes at most, with the tenant before it."""
    account.tokenize(*ITEMS)
    asked = list[dict[str, Any]]()
    account.fault = lambda name, given: asked.append(given) if name == "dynamodb.Query" else None
    assert account.subject(SUBJECT_ID, cursor=cursor).status == 200
    [start] = [given["ExclusiveStartKey"] for given in asked if "ExclusiveStartKey" in given]
    assert len(start["pk"]["S"].encode()) < 1100


def test_an_unknown_subject_has_nothing(account: World) -> None:
    """It is no error, nothing is written for it, and the audit event does not repeat what was sent."""
    assert account.subject("4111111111111111").body == NOTHING
    assert account.items("subjects") == []
    assert "subject" not in last_event(account)
    assert outcomes(account) == [{"outcome": "unknown"}]


def test_an_erased_subject_has_nothing_left(account: World) -> None:
    """The time of its erasure is told, as its receipt has it, before the clean-up and after it."""
    account.tokenize(*ITEMS)
    receipt = account.erase(subject=SUBJECT_ID).body["receipt"]
    for _ in range(2):
        assert account.subject(SUBJECT_ID).body == {**NOTHING, "erased_at": receipt["erased_at"]}
        assert outcomes(account) == [{"outcome": "erased"}]
        account.settle()
        account.maintain()


def test_a_spoilt_marker_is_an_error(account: World) -> None:
    """The subject is erased, and when is lost; that is on record as well."""
    account.tokenize(*ITEMS)
    account.store({"pk": {"S": f"shop#{SUBJECT_ID}"}, "sk": {"S": "erased"}}, "subjects")
    problem(account.subject(SUBJECT_ID), 500, "record_corrupt")
    assert outcomes(account) == [{"outcome": "erased"}]


def test_a_subject_that_looks_like_a_card_can_be_read(account: World) -> None:
    """Ids that were taken before the detector knew them stay reachable, as for erasing."""
    [token] = tokens(account.tokenize({"type": "text", "value": "x", "subject": "p4111111111111111"}))
    record = account.stored(token)
    record[SUBJECT] = {"S": "shop#4111111111111111"}
    account.store(record)
    [entry] = account.subject("4111111111111111").body["failed"]
    assert entry["token"] == token  # found under that id; the signature tells that it was moved there
    assert entry["error"]["code"] == "record_corrupt"


def test_an_erased_token_is_not_told(account: World) -> None:
    """The others stay."""
    made = tokens(account.tokenize(*ITEMS))
    account.erase(token=made[0])
    assert listed(account) == sorted(made[1:])


def test_what_erasing_would_close_besides_is_named_as_failed(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An expired token until it is removed, and a record that somebody changed."""
    passed = {"type": "short_lived", "value": "x", "subject": SUBJECT_ID, "ttl_seconds": 1}
    [brief] = tokens(account.tokenize(passed))
    made = tokens(account.tokenize(*ITEMS[:2]))
    account.store({**account.stored(made[0]), "type": {"S": "text_known"}})
    later = time.time() + 60
    monkeypatch.setattr(revealing_wiring, "time", SimpleNamespace(time=lambda: later))
    account.restart()
    assert sorted(failed(account)) == sorted([(brief, "token_not_found"), (made[0], "record_corrupt")])
    seen = {(each["outcome"], each["token"]) for each in outcomes(account)}
    assert seen == {("expired", brief), ("record_corrupt", made[0]), ("listed", made[1])}
    assert listed(account) == [made[1]]


def test_types_that_the_caller_may_not_use_are_not_told(account: World) -> None:
    """The token is named, so that the list is whole, and neither its type nor its times are."""
    made = tokens(account.tokenize(*ITEMS))
    written = policies.document()
    written["tenants"]["shop"]["clients"]["privacy"]["types"] = ["text"]
    account.deploy(written)
    assert {code for _, code in failed(account)} == {"not_permitted"}
    assert {token for token, _ in failed(account)} | set(listed(account)) == set(made)


def test_it_takes_a_scope_of_its_own(account: World) -> None:
    """Neither reading facts nor erasing includes it, and the tokenizing function refuses such a token."""
    for scopes in (("read",), ("erase",), ("detokenize",)):
        problem(account.subject(SUBJECT_ID, client="intake", scopes=scopes), 403, "not_permitted")
    replayed = account.tokenize(ITEMS[0], client="intake", scopes=("tokenize", "subjects.read"))
    problem(replayed, 403, "not_permitted")
