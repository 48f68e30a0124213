"""When AWS fails, nothing is half done, the answer says whether a retry helps, and a later one is right."""

import json
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.api.handler import Service, respond
from tests.support.answers import problem
from tests.support.faults import DYNAMODB_FAULTS, KMS_FAULTS, answered, failing
from tests.support.world import Answer, World

CARD = {"type": "card_number", "value": "4111111111111111"}
TEXT = {"type": "text", "value": "some text"}


@pytest.mark.parametrize("error", KMS_FAULTS.values(), ids=KMS_FAULTS.keys())
def test_a_failing_kms_keeps_values_out_and_in(account: World, error: Exception) -> None:
    """Without KMS nothing is taken in and nothing revealed; afterwards both work."""
    token = account.tokenize(CARD).only["token"]
    stored = account.items("vault")
    account.restart()
    account.fault = failing("kms.Decrypt", error)
    for answer in (account.tokenize(CARD), account.detokenize(token), account.facts(token)):
        problem(answer, *answered("key", error))
        assert ("Retry-After" in answer.raw.headers) == (answer.status == 503)
    assert account.items("vault") == stored

    account.fault = None
    assert account.tokenize(CARD).status == 200
    assert account.detokenize(token).only["value"] == CARD["value"]


@pytest.mark.parametrize("error", DYNAMODB_FAULTS.values(), ids=DYNAMODB_FAULTS.keys())
@pytest.mark.parametrize(
    ("items", "operation"),
    [([CARD], "PutItem"), ([TEXT], "PutItem"), ([TEXT] * 2, "BatchWriteItem")],
    ids=["formatted", "opaque", "opaque batch"],
)
def test_a_failing_store_takes_nothing_in(
    account: World, error: Exception, items: list[dict[str, Any]], operation: str
) -> None:
    """Where nothing was stored, the whole request fails, and the next one works."""
    account.fault = failing(f"dynamodb.{operation}", error)
    problem(account.tokenize(*items), *answered("store", error))
    assert account.items("vault") == []
    account.fault = None
    tokens = [entry["token"] for entry in account.tokenize(*items).body["results"]]
    shown = [entry["value"] for entry in account.detokenize(*tokens).body["results"]]
    assert shown == [item["value"] for item in items]


@pytest.mark.parametrize("error", DYNAMODB_FAULTS.values(), ids=DYNAMODB_FAULTS.keys())
@pytest.mark.parametrize("operation", ["Query", "BatchGetItem", "PutItem"])
def test_a_failing_store_reveals_nothing(account: World, error: Exception, operation: str) -> None:
    """Neither without the record nor without its audit item is anything revealed."""
    tokens = [account.tokenize(CARD).only["token"] for _ in range(1 if operation == "Query" else 2)]
    account.fault = failing(f"dynamodb.{operation}", error)
    problem(account.detokenize(*tokens), *answered("store", error))
    account.fault = None
    assert [entry["value"] for entry in account.detokenize(*tokens).body["results"]] == [CARD["value"]] * len(
        tokens
    )


def test_some_of_a_batch_may_fail(account: World) -> None:
    """Items that were stored are answered, those that were not say that a retry helps."""
    account.fault = failing("dynamodb.PutItem", DYNAMODB_FAULTS["throttled"], times=2)
    results = account.tokenize(*[CARD] * 5).body["results"]
    failed = [entry["error"]["code"] for entry in results if "error" in entry]
    assert failed == ["store_unavailable"] * 2
    account.fault = None
    made = [entry["token"] for entry in results if "token" in entry]
    assert [entry["value"] for entry in account.detokenize(*made).body["results"]] == [CARD["value"]] * 3


def test_a_lost_answer_is_not_a_taken_place(account: World) -> None:
    """A write that botocore repeats meets its own item and is the same success."""
    lost: list[dict[str, Any]] = []

    def write_twice(name: str, parameters: dict[str, Any]) -> None:
        if name == "dynamodb.PutItem" and not lost:
            lost.append(parameters["Item"])
            account.store(parameters["Item"])

    account.fault = write_twice
    token = account.tokenize(CARD).only["token"]
    assert lost[0]["pk"]["S"] == f"shop#{token}"
    assert len(account.items("vault")) == 1


def test_a_write_that_failed_after_it_was_applied_leaves_a_whole_record(account: World) -> None:
    """The caller gets a 503 and tries again; what was stored opens, and belongs to its value."""

    def apply_and_fail(name: str, parameters: dict[str, Any]) -> Exception | None:
        if name != "dynamodb.PutItem":
            return None
        account.store(parameters["Item"])
        return DYNAMODB_FAULTS["read timeout"]

    account.fault = apply_and_fail
    problem(account.tokenize(CARD), 503, "store_unavailable")
    account.fault = None
    token = account.tokenize(CARD).only["token"]
    tokens = [item["pk"]["S"].removeprefix("shop#") for item in account.items("vault")]
    assert token in tokens
    assert {entry["value"] for entry in account.detokenize(*tokens).body["results"]} == {CARD["value"]}


def test_a_taken_place_is_drawn_again(account: World) -> None:
    """A formatted token that somebody else drew first is left alone, and another is found."""
    taken: list[str] = []

    def occupy(name: str, parameters: dict[str, Any]) -> None:
        if name == "dynamodb.PutItem" and len(taken) < 3:
            other = {**parameters["Item"], "*amzn-ddb-map-sig*": {"B": b"another record"}}
            account.store(other)
            taken.append(parameters["Item"]["pk"]["S"])

    account.fault = occupy
    token = account.tokenize(CARD).only["token"]
    assert f"shop#{token}" not in taken
    assert account.detokenize(token).only["value"] == CARD["value"]


def test_a_space_that_is_full_says_so(account: World) -> None:
    """After four taken places the item fails, and nothing was overwritten."""

    def occupy(name: str, parameters: dict[str, Any]) -> None:
        if name == "dynamodb.PutItem":
            account.store({**parameters["Item"], "*amzn-ddb-map-sig*": {"B": b"another record"}})

    account.fault = occupy
    made = account.tokenize(CARD, TEXT).body["results"]
    assert made[0]["error"]["code"] == "token_space_exhausted"
    assert "token" in made[1]
    assert account.calls.count("dynamodb.PutItem") == 4 + 1, "four for the card, and one for the text"


def test_the_policy_must_be_the_deployed_one(account: World) -> None:
    """Whoever can write to the policy table but not deploy changes nothing."""
    key = {"pk": {"S": "policy"}, "sk": {"S": account.policy_digest}}
    account.store({**key, "document": {"S": "{}"}}, "policy")
    answer = _first_answer(account)
    problem(answer, 500, "misconfigured")


def test_a_policy_table_that_fails_is_asked_again(account: World) -> None:
    """A container that could not read its policy answers 503, and works at the next request."""
    account.fault = failing("dynamodb.GetItem", DYNAMODB_FAULTS["throttled"])
    problem(_first_answer(account), 503, "store_unavailable")
    account.fault = None
    assert _first_answer(account).status == 200


def _first_answer(account: World) -> Any:
    """A tokenize request to a new container, whose service is built within the request."""

    def build() -> Service:
        return wiring.build(account.env("tokenize"), account.client, account.telemetry)

    request = account.request(
        "POST", "/v1/tokenize", "checkout", json_body={"items": [TEXT]}, scopes=("tokenize",)
    )
    answer = respond(request, build, account.telemetry)
    return Answer(answer.status, json.loads(answer.body), answer)


def test_duplicates_of_a_value_that_cannot_be_written_are_unavailable(account: World) -> None:
    """However often it stands in a request, a value whose places are free has not run out of tokens."""
    account.fault = failing("dynamodb.PutItem", DYNAMODB_FAULTS["throttled"])
    problem(account.tokenize(*[{"type": "text_known", "value": "same"}] * 6), 503, "store_unavailable")
    account.fault = None
    tokens = {
        entry["token"]
        for entry in account.tokenize(*[{"type": "text_known", "value": "same"}] * 6).body["results"]
    }
    assert len(tokens) == 1
