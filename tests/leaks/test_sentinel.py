"""The sentinel, a marked value, goes everywhere, and shows up only in the answer of a full reveal."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chalicelib.api.bodies import TokenizeBody
from chalicelib.api.reading import read
from chalicelib.api.revealing_bodies import DetokenizeBody
from chalicelib.crypto.context import KeyContext, RecordContext
from chalicelib.errors import TokenvaultError
from chalicelib.items import Item
from chalicelib.model import TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.service.accepting import TokenizeItem
from chalicelib.service.revealer import DetokenizeRequest, Revealed
from chalicelib.vault.records import OpenedRecord
from chalicelib.vault.tokens import TokenKey
from tests.leaks.watch import CARD, SPACED, TEXT, TRACES, Watch
from tests.support import policies
from tests.support.faults import DYNAMODB_FAULTS, KMS_FAULTS, client_error, failing
from tests.support.rotations import Operator

ITEMS = [{"type": "card_number", "value": "5105 1051 0510 5100"}, {"type": "text", "value": TEXT}]
KNOWN = {"card_number": "card_known", "text": "text_known"}


def test_success_shows_it_in_one_answer_only(watch: Watch) -> None:
    """A round trip leaves the value in the answer of the full reveal, and nowhere else."""
    made = watch.account.tokenize(*ITEMS)
    tokens = [entry["token"] for entry in made.body["results"]]
    watch.answers += [
        made,
        watch.account.masked(*tokens),
        watch.account.facts(tokens[0]),
        watch.account.facts(tokens[1]),
    ]
    full = watch.account.detokenize(*tokens)
    assert [entry["value"] for entry in full.body["results"]] == [CARD, TEXT]
    watch.sees_no_sentinel()


def test_refusals_show_nothing(watch: Watch) -> None:
    """Who may not, asks for nothing, or asks in vain, gets and leaves no value."""
    tokens = [entry["token"] for entry in watch.account.tokenize(*ITEMS).body["results"]]
    watch.answers += [
        watch.account.tokenize(*ITEMS, client="support"),
        watch.account.tokenize(*ITEMS, client_id="stranger"),
        watch.account.tokenize(*ITEMS, api_key_of="support"),
        watch.account.detokenize(*tokens, client="checkout"),
        watch.account.detokenize(*tokens, purpose=None),
        watch.account.detokenize(*tokens, purpose=TEXT),
        watch.account.detokenize(CARD, TEXT),
        watch.account.detokenize(CARD, TEXT, client="checkout"),
        watch.account.search(*ITEMS),
        watch.account.search(*({**item, "type": KNOWN[item["type"]]} for item in ITEMS)),
        watch.account.search(*ITEMS, client="checkout"),
        watch.account.search({"type": TEXT, "value": CARD}),
        watch.account.erase(token=CARD),
        watch.account.erase(token=TEXT, client="checkout"),
        watch.account.erase(subject=CARD),
        watch.account.erase(subject=TEXT, client="checkout"),
        watch.account.facts(CARD),
        watch.account.facts(TEXT),
    ]
    watch.sees_no_sentinel()


def test_a_refused_request_repeats_no_value(watch: Watch) -> None:
    """Nor one that another type's tokens look like: digits of an account, where cards' tokens are as many."""
    number = CARD[:12]
    types = {**policies.TYPES, "account": {"format": "digits"}}
    assert policies.loaded(types).types["card_number"].format.recognizes(number), "the test's own premise"
    watch.account.deploy(policies.document(types))
    for value in (CARD, TEXT, number):
        watch.answers += [
            watch.account.detokenize(value, client="checkout"),
            watch.account.detokenize(value, purpose="marketing"),
            watch.account.erase(token=value, client="checkout"),
        ]
    assert {answer.status for answer in watch.answers} == {403}
    watch.account.tokenize(ITEMS[1])
    watch.sees_no_sentinel()


BODIES: list[Any] = [
    {"items": [{"type": "card_number", "value": CARD + "1"}]},
    {"items": [{"type": "card_number", "value": [CARD]}]},
    {"items": [{"type": "card_number", "value": int(CARD)}]},
    {"items": [{"type": TEXT, "value": TEXT}]},
    {"items": [{"type": TEXT * 9, "value": TEXT}]},
    {"items": [{"type": "text", "value": TEXT, TEXT: TEXT}]},
    {"items": [{"type": "text", "value": TEXT, "ttl_seconds": TEXT}]},
    {"items": [{"type": "text", "value": {TEXT: {TEXT: TEXT}}}]},
    {"items": {TEXT: TEXT}},
    {TEXT: TEXT},
    [TEXT, CARD],
    TEXT,
    int(CARD),
    {"items": [{"type": "text", "value": TEXT * 300}]},
    {"items": [{"type": "text", "value": TEXT}] * 101},
    {"items": [{"type": "text", "value": TEXT + "x" * 1_000_000}]},
    {"items": [{"token": TEXT}], "purpose": TEXT, "reveal": TEXT},
    {"items": [{"token": CARD}], "purpose": CARD},
    {"items": [{"token": {CARD: CARD}}]},
]
RAW = [
    f'{{"items": [{{"type": "text", "value": "{TEXT}", "value": "{TEXT}"}}]}}'.encode(),
    f'{{"items": [{{"{TEXT}": 1, "{TEXT}": 2}}]}}'.encode(),
    f'{{"items": [{{"type": "text", "value": "{TEXT}\\ud800"}}]}}'.encode(),
    TEXT.encode(),
    f'"{TEXT}'.encode(),
    f"{TEXT}\xff".encode("latin-1"),
]


def test_bad_bodies_show_nothing(watch: Watch) -> None:
    """Whatever is wrong with a body, its content is neither answered nor logged."""
    for body in [*(json.dumps(body).encode() for body in BODIES), *RAW]:
        watch.answers += [watch.account.tokenize(body=body), watch.account.detokenize(body=body)]
    watch.sees_no_sentinel()


FAULTS: list[tuple[str, Exception]] = [
    *(("kms.Decrypt", error) for error in KMS_FAULTS.values()),
    *(
        (f"dynamodb.{operation}", error)
        for operation in ("PutItem", "BatchWriteItem", "Query", "BatchGetItem", "GetItem")
        for error in DYNAMODB_FAULTS.values()
    ),
    # AWS and botocore quote what they were sent in some messages.
    *(
        (f"dynamodb.{operation}", client_error("ValidationException", 400, f"bad item {CARD} {TEXT}"))
        for operation in ("PutItem", "BatchWriteItem", "Query")
    ),
    ("kms.Decrypt", client_error("AccessDeniedException", 400, f"bad {TEXT}")),
]


def test_failing_aws_shows_nothing(watch: Watch) -> None:
    """Errors of KMS and DynamoDB, also ones whose messages quote the value, leave no trace of it."""
    tokens = [entry["token"] for entry in watch.account.tokenize(*ITEMS).body["results"]]
    for operation, error in FAULTS:
        watch.account.restart()
        watch.account.fault = failing(operation, error)
        watch.answers += [watch.account.tokenize(*ITEMS), watch.account.tokenize(ITEMS[1])]
        watch.answers += [watch.account.masked(*tokens), watch.account.facts(tokens[1])]
        failed = watch.account.detokenize(*tokens)
        if failed.status != 200:
            watch.answers.append(failed)
        watch.account.fault = None
    watch.sees_no_sentinel()


@pytest.mark.parametrize("kind", [RuntimeError, KeyError, ValueError, AssertionError])
def test_an_unforeseen_error_shows_nothing(watch: Watch, kind: type[Exception]) -> None:
    """An exception that nobody foresaw, with the value in its message, is a 500 that tells nothing."""
    tokens = [entry["token"] for entry in watch.account.tokenize(*ITEMS).body["results"]]
    for operation in (
        "dynamodb.PutItem",
        "dynamodb.BatchWriteItem",
        "dynamodb.Query",
        "dynamodb.BatchGetItem",
        "kms.Decrypt",
    ):
        watch.account.restart()
        watch.account.fault = failing(operation, kind(f"{CARD} {TEXT}"))
        answers = [
            watch.account.tokenize(*ITEMS),
            watch.account.detokenize(*tokens),
            watch.account.masked(tokens[0]),
        ]
        watch.answers += [answer for answer in answers if answer.status != 200]
        watch.account.fault = None
    assert any(answer.status == 500 for answer in watch.answers)
    watch.sees_no_sentinel()
    assert kind.__name__ in watch.logged.getvalue()


def test_corrupt_records_show_nothing(watch: Watch) -> None:
    """A record that does not open is refused without a word of it."""
    tokens = [entry["token"] for entry in watch.account.tokenize(*ITEMS).body["results"]]
    for token in tokens:
        watch.account.store({**watch.account.stored(token), "created": {"N": "7"}})
    watch.answers += [
        watch.account.detokenize(*tokens),
        watch.account.masked(*tokens),
        watch.account.facts(tokens[0]),
    ]
    watch.sees_no_sentinel()


def test_sealing_again_shows_nothing(watch: Watch) -> None:
    """Neither where it succeeds nor where anything fails, foreseen or not; errors name their kind alone."""
    operator, records = Operator(watch.account), list[Item]()
    for token in (entry["token"] for entry in watch.account.tokenize(*ITEMS).body["results"]):
        records.append(watch.account.stored(token))
    operator.rotate()
    operator.until_page()
    unforeseen = RuntimeError(f"{CARD} {TEXT}")
    for operation, error in (*FAULTS, ("dynamodb.PutItem", unforeseen), ("kms.Decrypt", unforeseen)):
        operator.restart()
        watch.account.fault = failing(operation, error)
        with suppress(TokenvaultError):
            operator.rewrap_page()
        watch.account.fault = None
        for record in records:
            watch.account.store(record)
    assert operator.rewrap_page()["moved"] == len(records)
    assert "unexpected RuntimeError" in watch.logged.getvalue()
    watch.sees_no_sentinel()


def test_an_opened_record_prints_nothing(watch: Watch) -> None:
    """What a rewrap holds between opening and sealing."""
    context = RecordContext(KeyContext("v", "shop", "k"), "text", "t")
    opened = OpenedRecord({"value": {"S": TEXT}}, context, CARD.encode())
    assert not [trace for trace in TRACES if trace in f"{opened} {opened!r}"]


def test_objects_on_the_way_print_nothing(watch: Watch) -> None:
    """Whatever of a request is printed by mistake, the value is not in it."""

    request = watch.account.request("POST", "/v1/tokenize", "checkout", json_body={"items": ITEMS})
    objects = [
        request,
        read(request.body, TokenizeBody),
        read(json.dumps({"items": [{"token": CARD}], "purpose": "x"}).encode(), DetokenizeBody),
        DetokenizeRequest((CARD,), "full", "x", "request"),
        TokenKey("shop", CARD),
        TokenizeItem("text", Sensitive(TEXT)),
        TokenRecord("shop", "t", "text", Sensitive(TEXT), 1),
        Revealed("t", "text", Sensitive(TEXT)),
        Sensitive(CARD),
    ]
    for printed in (*map(repr, objects), *map(str, objects), f"{Sensitive(CARD)} {Sensitive(TEXT):>9}"):
        assert not [trace for trace in (*TRACES, SPACED) if trace in printed]
    for encode in (json.dumps, msgspec.json.encode):
        with pytest.raises(TypeError):
            encode(Sensitive(CARD))


def test_no_file_is_written(watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round trip writes no file below the working directory."""
    monkeypatch.chdir(tmp_path)
    token = watch.account.tokenize(ITEMS[0]).only["token"]
    assert watch.account.detokenize(token).status == 200
    assert list(tmp_path.rglob("*")) == []
