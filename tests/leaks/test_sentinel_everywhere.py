"""The sentinel on the ways that subjects, search, erasing and idempotent requests opened."""

import json
import traceback
from typing import Any

import pytest

from chalicelib.api.bodies import SearchBody
from chalicelib.api.reading import read
from chalicelib.crypto.prf import Derived, Draws, PrfKey
from chalicelib.errors import StoreUnavailable
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.service.accepting import TokenizeItem, ValueItem
from chalicelib.service.requests import IdempotentRequest, RequestKey
from chalicelib.vault.requests import StoredRequest
from chalicelib.vault.subjects import StoredSubject
from tests.leaks.watch import CARD, SPACED, TEXT, TRACES, Watch
from tests.support.faults import DYNAMODB_FAULTS, KMS_FAULTS, client_error, failing
from tests.support.world import Answer, World

KEY = "k" * 22
KNOWN = [
    {"type": "card_known", "value": "5105 1051 0510 5100"},
    {"type": "text_known", "value": TEXT},
]
OF_A_SUBJECT = [{**item, "subject": "person-7", "metadata": {"order": "7"}} for item in KNOWN]
DRAWN = [{"type": "card_number", "value": CARD, "subject": "person-7"}, {"type": "text", "value": TEXT}]


def made(answer: Answer) -> list[str]:
    return [entry["token"] for entry in answer.body["results"] if "token" in entry]


def everything(account: World, tokens: list[str]) -> list[Answer]:
    """Every route but the full reveal, with and without a key, all of them with the sentinel."""
    return [
        account.tokenize(*KNOWN, *OF_A_SUBJECT, *DRAWN),
        account.tokenize(*OF_A_SUBJECT, *DRAWN, idempotency_key=KEY),
        account.tokenize(*DRAWN, idempotency_key=KEY),
        account.search(*KNOWN),
        account.search(*OF_A_SUBJECT[:1], *KNOWN[1:]),
        account.search(*({**item, "subject": "person-7"} for item in KNOWN)),
        account.masked(*tokens),
        *(account.facts(token) for token in tokens[:2]),
        account.erase(token=tokens[0]),
        account.subject("person-7"),
        account.subject(CARD),
        account.erase(token=TEXT),
        account.erase(token=CARD),
        account.erase(subject="person-7"),
    ]


def test_success_shows_nothing(watch: Watch) -> None:
    """Deterministic types, subjects, search, erasing, receipts and retries leave no trace of the value."""
    account = watch.account
    tokens = made(account.tokenize(*KNOWN, *OF_A_SUBJECT, *DRAWN))
    assert made(account.search(*KNOWN)) == tokens[:2]
    watch.answers += everything(account, tokens)
    assert account.erase(subject="person-7").status == 200
    account.settle()
    account.maintain()
    watch.sees_no_sentinel()


def test_refusals_show_nothing(watch: Watch) -> None:
    """Wherever a value stands that should not, it is neither answered nor logged."""
    account = watch.account
    text = {"type": "text", "value": "x"}
    watch.answers += [
        account.tokenize({**text, "subject": CARD}),
        account.tokenize({**text, "subject": f"{TEXT} {TEXT}"}),
        account.tokenize({**text, "subject": [CARD]}),
        account.tokenize({**text, "metadata": {"a": f"no. {CARD}"}}),
        account.tokenize({**text, "metadata": {TEXT: "x"}}),
        account.tokenize({**text, "metadata": {"a": TEXT * 9}}),
        account.tokenize({**text, "metadata": {"a": [TEXT]}}),
        account.tokenize({**text, "metadata": CARD}),
        account.tokenize({**KNOWN[1], "ttl_seconds": 60}),
        account.tokenize(*KNOWN, idempotency_key=TEXT[:21]),
        account.tokenize(*KNOWN, idempotency_key=CARD),
        account.tokenize(*DRAWN, idempotency_key=KEY),
        account.tokenize(*KNOWN, idempotency_key=KEY),
        account.search(*DRAWN),
        account.search({**KNOWN[0], "value": CARD + "1"}, {**KNOWN[1], "value": {TEXT: CARD}}),
        account.search({"type": TEXT, "value": TEXT}),
        account.search({**KNOWN[0], TEXT: TEXT}),
        account.search({**KNOWN[0], "subject": CARD}),
        account.search(*KNOWN, client="checkout"),
        account.search(*KNOWN, scopes=("read",)),
        account.erase(subject=CARD),
        account.erase(subject=f"{TEXT}/{TEXT}"),
        account.erase(client="checkout", subject=CARD),
        account.subject(f"{TEXT}/{TEXT}"),
        account.subject(CARD, client="checkout"),
        account.subject("person-7", cursor=f"{TEXT} {CARD}"),
        account.erase(client="checkout", token=TEXT),
        account.erase(token=TEXT * 200),
        account.facts(TEXT * 200),
    ]
    assert {answer.status for answer in watch.answers} == {200, 204, 400, 403, 404, 409, 422}
    watch.sees_no_sentinel()


QUOTING = f"bad item {CARD} {TEXT} 5105 1051"
FAULTS: list[tuple[str, Exception]] = [
    *(("kms.GenerateMac", error) for error in KMS_FAULTS.values()),
    *(("kms.Sign", error) for error in KMS_FAULTS.values()),
    *(("dynamodb.DeleteItem", error) for error in DYNAMODB_FAULTS.values()),
    # AWS and botocore quote what they were sent in some messages.
    *(
        (f"kms.{operation}", client_error("ValidationException", 400, QUOTING))
        for operation in ("GenerateMac", "Sign", "Decrypt")
    ),
    *(
        (f"dynamodb.{operation}", client_error("ValidationException", 400, QUOTING))
        for operation in ("PutItem", "BatchWriteItem", "Query", "BatchGetItem", "GetItem", "DeleteItem")
    ),
    *(
        (f"{service}.{operation}", RuntimeError(QUOTING))
        for service, operation in (
            ("kms", "GenerateMac"),
            ("kms", "Sign"),
            ("dynamodb", "PutItem"),
            ("dynamodb", "Query"),
            ("dynamodb", "BatchWriteItem"),
            ("dynamodb", "DeleteItem"),
        )
    ),
]


def test_failing_aws_shows_nothing(watch: Watch) -> None:
    """Every call of every route fails in every way, also with the value in its message."""
    account = watch.account
    tokens = made(account.tokenize(*KNOWN))
    statuses = set()
    for operation, error in FAULTS:
        account.restart()
        account.fault = failing(operation, error)
        answers = everything(account, tokens)
        account.fault = None
        statuses |= {answer.status for answer in answers}
        watch.answers += answers
    assert {200, 500, 503} <= statuses
    watch.sees_no_sentinel()


@pytest.mark.parametrize("operation", ["Query", "PutItem", "DeleteItem", "BatchWriteItem"])
def test_a_failing_maintenance_shows_nothing(watch: Watch, operation: str) -> None:
    """The job that cleans up knows no values; what AWS quotes to it is not in its error either."""
    account = watch.account
    account.tokenize(*OF_A_SUBJECT)
    account.erase(subject="person-7")
    account.settle()
    for item in account.items("subjects"):
        if item["sk"]["S"] == "erased" and operation == "PutItem":
            account.dynamodb.delete_item(TableName="subjects", Key={"pk": item["pk"], "sk": item["sk"]})
    account.fault = failing(f"dynamodb.{operation}", client_error("ValidationException", 400, QUOTING))
    with pytest.raises(StoreUnavailable) as failed:
        account.maintain()
    account.fault = None
    # As Lambda prints what a handler raises: with whatever is chained to it.
    printed = "".join(traceback.format_exception(failed.value))
    assert not [trace for trace in (*TRACES, SPACED) if trace in printed]
    watch.sees_no_sentinel()


def test_changed_items_show_nothing(watch: Watch) -> None:
    """Records, subjects and requests that do not parse are refused without a word of them."""
    account = watch.account
    tokens = made(account.tokenize(*KNOWN, *OF_A_SUBJECT, idempotency_key=KEY))
    for table in ("vault", "subjects", "idempotency"):
        for item in account.items(table):
            account.store({**item, "metadata": {"S": "x"}, "secret": {"S": "x"}, "seed": {"N": "1"}}, table)
    watch.answers += everything(account, tokens)
    assert "record_corrupt" in watch.logged.getvalue()
    watch.sees_no_sentinel()


def test_objects_on_the_way_print_nothing() -> None:
    """What is derived from a value, or opens it, is not printed by mistake either."""
    body = json.dumps({"items": KNOWN}).encode()
    secret = TEXT.encode().ljust(32)
    objects: list[Any] = [
        read(body, SearchBody),
        ValueItem("text", Sensitive(TEXT)),
        TokenizeItem("text", Sensitive(TEXT), metadata={"a": TEXT}),
        RequestKey(TEXT, Sensitive(body)),
        IdempotentRequest(1, seed=secret),
        StoredRequest("00", secret, secret, 1),
        SubjectSecret("p", "1", Sensitive(secret)),
        StoredSubject({"1": secret}),
        PrfKey(secret, secret, secret),
        Derived(secret),
        Draws(secret, 0),
    ]
    for printed in (*map(repr, objects), *map(str, objects)):
        assert not [trace for trace in (*TRACES, SPACED) if trace in printed], printed
