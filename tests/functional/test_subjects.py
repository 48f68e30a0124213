"""Erasing a subject closes everything of that subject at once, in every copy, and for good."""

import os
from typing import Any

import pytest

from chalicelib.vault.token_items import SUBJECT
from tests.support.answers import codes, problem, tokens
from tests.support.mortal import mortal
from tests.support.receipts import verify
from tests.support.values import of_a_subject
from tests.support.world import World

SUBJECT_ID = "person-7"
ITEMS = of_a_subject(7)
VALUES = [item["value"] for item in ITEMS]
SEARCHED = [item for item in ITEMS if item["type"].endswith("known")]
MANY = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 2_000


def closed(account: World, made: list[str]) -> None:
    """Nobody learns anything of these tokens, by any route."""
    assert codes(account.detokenize(*made)) == ["token_not_found"] * len(made)
    assert codes(account.masked(*made)) == ["token_not_found"] * len(made)
    assert codes(account.search(*SEARCHED)) == ["token_not_found"] * len(SEARCHED)
    for token in made:
        problem(account.facts(token), 404, "token_not_found")


def test_a_subjects_tokens_are_like_any_other(account: World) -> None:
    """Until the subject is erased, values go in and come out, and are found."""
    made = tokens(account.tokenize(*ITEMS))
    assert [entry["value"] for entry in account.detokenize(*made).body["results"]] == VALUES
    assert tokens(account.search(*SEARCHED)) == made[2:]
    assert [account.facts(token).status for token in made] == [200] * 4


def test_everything_is_closed_at_once(account: World) -> None:
    """Before any clean-up no route tells anything, and after it the records are gone."""
    made = tokens(account.tokenize(*ITEMS))
    assert account.erase(subject=SUBJECT_ID).status == 200
    assert len([item for item in account.items("vault") if SUBJECT in item]) == 4
    closed(account, made)
    account.maintain()
    assert not [item for item in account.items("vault") if "value" in item]
    closed(account, made)


def test_others_keep_theirs(account: World) -> None:
    """The same values of another subject, or of nobody, have tokens of their own, which stay."""
    made = tokens(account.tokenize(*ITEMS))
    others = [{**item, "subject": "person-70"} for item in ITEMS]
    nobodys = [{name: part for name, part in item.items() if name != "subject"} for item in ITEMS]
    apart = tokens(account.tokenize(*others, *nobodys))
    assert not set(made) & set(apart)
    account.erase(subject=SUBJECT_ID)
    account.maintain()
    assert [entry["value"] for entry in account.detokenize(*apart).body["results"]] == VALUES * 2


def test_a_subject_cannot_be_attached_to_a_token_later(account: World) -> None:
    """Who tries is told what to do instead, without the token; carried out, the value is the subject's."""
    [old] = tokens(account.tokenize({"type": "text_known", "value": "x"}))
    for given in ({"token": old}, {"token": old, "type": "text_known"}):
        refused = account.tokenize({**given, "subject": SUBJECT_ID}).only["error"]
        assert refused["code"] == "invalid_value"
        assert "detokenize it, tokenize the value with the subject" in refused["detail"]
        assert old not in refused["detail"]
    [new] = tokens(account.tokenize({"type": "text_known", "value": "x", "subject": SUBJECT_ID}))
    account.erase(token=old)
    assert account.detokenize(new).only["value"] == "x"
    assert [entry["token"] for entry in account.subject(SUBJECT_ID).body["tokens"]] == [new]


@pytest.mark.parametrize("cleaned", [False, True], ids=["closed", "cleaned up"])
def test_nothing_is_taken_in_for_an_erased_subject(account: World, cleaned: bool) -> None:
    """Each item of that subject is refused, the others succeed, and nothing is written for it."""
    account.tokenize(*ITEMS)
    account.erase(subject=SUBJECT_ID)
    if cleaned:
        account.settle()
        account.maintain()
    secrets = account.items("subjects")
    answer = account.tokenize(*ITEMS, {"type": "text", "value": "x"})
    assert codes(answer) == ["subject_erased"] * 4 + [None]
    assert account.items("subjects") == secrets


def test_a_record_that_a_backup_brings_back_stays_closed(account: World) -> None:
    """Old records, put back over stubs and markers, name a secret that is no more."""
    made = tokens(account.tokenize(*ITEMS))
    backup = account.items("vault")
    account.erase(subject=SUBJECT_ID)
    account.settle()
    account.maintain()
    for item in account.items("vault"):
        account.dynamodb.delete_item(TableName="vault", Key={"pk": item["pk"], "sk": item["sk"]})
    for item in backup:
        account.store(item)
    closed(account, made)


def test_a_secret_that_comes_back_opens_nothing(account: World) -> None:
    """The marker wins over a secret, as it does where replication is late; the next run destroys it again."""
    made = tokens(account.tokenize(*ITEMS))
    secrets = [item for item in account.items("subjects") if item["sk"]["S"].startswith("secret#")]
    account.erase(subject=SUBJECT_ID)
    for item in secrets:
        account.store(item, "subjects")
    closed(account, made)
    assert codes(account.tokenize(*ITEMS)) == ["subject_erased"] * 4
    account.maintain()
    assert not [item for item in account.items("subjects") if item["sk"]["S"].startswith("secret#")]


def test_a_record_written_during_the_erasing_is_cleaned_up(account: World) -> None:
    """Whoever looked before the marker stood may still write: not answered, closed, and found by the job."""

    def erase_first(name: str, parameters: dict[str, Any]) -> None:
        if name == "dynamodb.PutItem" and parameters["TableName"] == "vault":
            account.fault = None
            account.erase(subject=SUBJECT_ID)

    account.fault = erase_first
    assert codes(account.tokenize(ITEMS[0])) == ["subject_erased"]
    [written] = [item for item in account.items("vault") if SUBJECT in item]
    closed(account, [written["pk"]["S"].removeprefix("shop#")])
    account.settle()
    account.maintain()
    assert not [item for item in account.items("vault") if SUBJECT in item]
    assert [item["sk"]["S"] for item in account.items("subjects")] == ["erased"]


def test_a_marker_that_is_on_its_way_is_waited_for(account: World) -> None:
    """A note without a marker may be of an eraser at work: for a while the job leaves that subject alone."""
    made = tokens(account.tokenize(*ITEMS))
    account.erase(subject=SUBJECT_ID)
    [marker] = [item for item in account.items("subjects") if item["sk"]["S"] == "erased"]
    account.dynamodb.delete_item(TableName="subjects", Key={"pk": marker["pk"], "sk": marker["sk"]})
    before = account.items("subjects"), account.items("vault")
    account.maintain()
    assert (account.items("subjects"), account.items("vault")) == before
    account.settle()
    account.maintain()
    assert [item["sk"]["S"] for item in account.items("subjects") if item["pk"] == marker["pk"]] == ["erased"]
    closed(account, made)


def test_a_note_that_is_none_does_not_stop_the_job(account: World) -> None:
    """The tokenizing function's role may write to the table: what it puts on the list wedges nothing."""
    account.tokenize(*ITEMS)
    account.erase(subject=SUBJECT_ID)
    account.settle()
    for number, broken in enumerate(({}, {"at": {"S": "x"}}, {"at": {"N": "1.5"}})):
        account.store({"pk": {"S": "erasing"}, "sk": {"S": f"a#{number}"}, **broken}, "subjects")
    account.maintain()
    assert not [item for item in account.items("vault") if SUBJECT in item]


def test_a_subject_whose_marker_was_changed_is_cleaned_up_like_any_other(account: World) -> None:
    """A marker that no longer says when still says that the subject was erased."""
    account.tokenize(*ITEMS, {"type": "text", "value": "x", "subject": "a-first"})
    for subject in ("a-first", SUBJECT_ID):
        account.erase(subject=subject)
    account.settle()
    account.store({"pk": {"S": "shop#a-first"}, "sk": {"S": "erased"}}, "subjects")
    account.maintain()
    assert not [item for item in account.items("vault") if SUBJECT in item]
    assert [item["sk"]["S"] for item in account.items("subjects")] == ["erased", "erased"]


def test_an_unknown_subject_can_be_erased(account: World) -> None:
    """An erasing that comes before the first value keeps all values out."""
    receipt = account.erase(subject=SUBJECT_ID).body["receipt"]
    assert (receipt["secrets_destroyed"], receipt["tokens_closed"]) == (0, 0)
    assert codes(account.tokenize(*ITEMS)) == ["subject_erased"] * 4


@pytest.mark.parametrize("subject", ["", "x" * 65, "a b", "-a", "a/b", "4111111111111111", "a@b.example"])
def test_what_is_no_id_of_a_subject_is_refused(account: World, subject: str) -> None:
    """The id stands in URLs and tables, so it must not be personal itself."""
    problem(account.erase(subject=subject), 422, "invalid_value")
    refused = account.tokenize({**ITEMS[0], "subject": subject})
    assert codes(refused) == ["invalid_value"]
    assert subject not in ("", refused.raw.body.decode())[1:] or len(subject) < 5
    assert account.items("subjects") == []


def test_thousands_of_tokens_are_closed_in_one_request() -> None:
    """The request closes them, a job that dies half way cleans up after it, and the next goes on.

    The first hundred are real. The others are copies of their records under other tokens, as good as real to
    whoever erases, which take less time to make.
    """
    with mortal() as account:
        texts = [{"type": "text", "value": f"text {n}", "subject": SUBJECT_ID} for n in range(100)]
        made = tokens(account.tokenize(*texts))
        record = account.stored(made[0])
        copies = [{**record, "pk": {"S": f"shop#text_{n}"}} for n in range(MANY - 100)]
        for start in range(0, len(copies), 25):
            puts = [{"PutRequest": {"Item": item}} for item in copies[start : start + 25]]
            account.dynamodb.batch_write_item(RequestItems={"vault": puts})
        account.calls.clear()
        assert account.erase(subject=SUBJECT_ID).body["receipt"]["tokens_closed"] == MANY
        assert len(account.calls) < 20
        assert codes(account.detokenize(*made)) == ["token_not_found"] * 100
        account.settle()
        account.die(account.maintain, at=MANY // 25, when="after")
        assert 0 < left(account) < MANY
        account.maintain()
        assert left(account) == 0
        assert [item["sk"]["S"] for item in account.items("subjects")] == ["erased"]


def left(account: World) -> int:
    """How many records of the subject the index shows."""
    pages = account.dynamodb.get_paginator("query").paginate(
        TableName="vault",
        IndexName="by_subject",
        Select="COUNT",
        KeyConditionExpression="subject = :subject",
        ExpressionAttributeValues={":subject": {"S": f"shop#{SUBJECT_ID}"}},
    )
    return sum(page["Count"] for page in pages)


@pytest.mark.parametrize(
    "spoilt", [{"NULL": True}, {"S": "text"}, {"B": b""}, {"B": b"short"}, {"B": b"l" * 33}]
)
def test_a_spoilt_secret_fails_its_subjects_items_only(account: World, spoilt: dict[str, Any]) -> None:
    """Somebody who can write to the table closes a subject's records; others go on, and it can be erased."""
    [other] = tokens(account.tokenize({"type": "text", "value": "of another", "subject": "other"}))
    made = tokens(account.tokenize(*ITEMS))
    [item] = [item for item in account.items("subjects") if item["pk"]["S"] == f"shop#{SUBJECT_ID}"]
    account.store({**item, "secret": spoilt}, "subjects")
    corrupt = ["record_corrupt"] * 4
    assert codes(account.detokenize(other, *made)) == [None, *corrupt]
    assert codes(account.tokenize({"type": "text", "value": "x", "subject": "other"}, *ITEMS)) == [
        None,
        *corrupt,
    ]
    claims = verify(account, account.erase(subject=SUBJECT_ID).body["jws"])
    assert (claims["secrets_destroyed"], claims["tokens_closed"]) == (1, 4)
    assert [item["sk"]["S"] for item in account.items("subjects") if "7" in item["pk"]["S"]] == ["erased"]
    closed(account, made)


def test_of_two_secrets_the_one_that_parses_is_used(account: World) -> None:
    """What is spoilt is passed over, so a value is taken in and opens."""
    account.store({"pk": {"S": f"shop#{SUBJECT_ID}"}, "sk": {"S": "secret#00"}}, "subjects")
    secret = {"pk": {"S": f"shop#{SUBJECT_ID}"}, "sk": {"S": "secret#01"}, "secret": {"B": b"s" * 32}}
    account.store(secret, "subjects")
    made = tokens(account.tokenize(*ITEMS))
    assert [entry["value"] for entry in account.detokenize(*made).body["results"]] == VALUES


def test_a_spoilt_marker_still_says_that_the_subject_was_erased(account: World) -> None:
    """Nothing is taken in or opens, of this subject alone; what its receipt would say is lost."""
    made = tokens(account.tokenize(*ITEMS))
    account.erase(subject=SUBJECT_ID)
    account.store({"pk": {"S": f"shop#{SUBJECT_ID}"}, "sk": {"S": "erased"}}, "subjects")
    account.store({"pk": {"S": f"shop#{SUBJECT_ID}"}, "sk": {"S": "secret#late"}}, "subjects")
    assert codes(account.tokenize({"type": "text", "value": "of nobody"}, *ITEMS)) == [
        None,
        *["subject_erased"] * 4,
    ]
    closed(account, made)
    problem(account.erase(subject=SUBJECT_ID), 500, "record_corrupt")
    assert not [item for item in account.items("subjects") if item["sk"]["S"].startswith("secret#")]
