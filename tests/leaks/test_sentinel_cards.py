"""The sentinel as a card of which the policy tells as much as it can: that much, and no more."""

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

import pytest

from tests.leaks.watch import CARD, TEXT, Watch
from tests.support import policies
from tests.support.faults import KMS_FAULTS, client_error, dumps, failing
from tests.support.logs import captured_logs
from tests.support.world import world

OPTIONS = {"brand": True, "bin_digits": 6, "fingerprint": True}
TYPES: dict[str, dict[str, Any]] = {
    "card": {"format": "card_number", "options": OPTIONS},
    "card_known": {"format": "card_number", "mode": "deterministic", "options": OPTIONS},
    "record": {"format": "card", "options": OPTIONS},
    "record_known": {"format": "card", "mode": "deterministic", "options": OPTIONS},
}
HOLDER = f"Ada {TEXT}"
RECORD = {"number": CARD, "expiry": "2087-11", "holder": HOLDER}
ITEMS = [{"type": name, "value": RECORD if TYPES[name]["format"] == "card" else CARD} for name in TYPES]
SHOWN = ("2087-11", "11/87", "Ada")
"""Traces of a record beside those of the sentinel."""


@pytest.fixture
def watch() -> Iterator[Watch]:
    printed, opened = StringIO(), world(policies.document(TYPES))
    with captured_logs() as logged, redirect_stdout(printed), redirect_stderr(printed), opened as account:
        yield Watch(account, printed, logged)


def test_answers_and_records_hold_what_the_policy_tells(watch: Watch) -> None:
    """Tokenize, search, facts and masks show no more of the number than the BIN and the last four."""
    made = watch.account.tokenize(*ITEMS)
    tokens = [entry["token"] for entry in made.body["results"]]
    watch.answers += [made, watch.account.search(ITEMS[1], ITEMS[3]), watch.account.masked(*tokens)]
    watch.answers += [watch.account.facts(token) for token in tokens]
    assert [answer.status for answer in watch.answers] == [200] * len(watch.answers)
    watch.sees_no_sentinel()
    assert not [text for text in SHOWN for answer in watch.answers if text in answer.raw.body.decode()]


def test_a_reveal_of_some_fields_leaves_no_trace_of_any(watch: Watch) -> None:
    """Neither in logs nor in the trail, which have the fields' names; what was not asked for is not shown."""
    token = watch.account.tokenize(ITEMS[2]).only["token"]
    body = {"items": [{"token": token}], "purpose": "settlement", "fields": ["expiry"]}
    answer = watch.account.detokenize(json_body=body)
    assert answer.only["value"] == {"expiry": "2087-11"}
    watch.answers.append(answer)
    watch.sees_no_sentinel()
    seen = watch.logged.getvalue() + watch.printed.getvalue() + dumps(watch.account.items("audit"))
    assert not [text for text in SHOWN if text in seen]
    assert '"fields"' in seen


def test_a_record_that_is_refused_is_not_quoted(watch: Watch) -> None:
    """Whatever is wrong with it, also where a secret stands as the name of a field."""
    wrong = (
        {**RECORD, "cvv": CARD},
        {**RECORD, CARD: TEXT},
        {**RECORD, "expiry": TEXT},
        {**RECORD, "holder": f"{TEXT} {CARD}"},
        {"number": TEXT},
        [CARD],
    )
    answer = watch.account.tokenize(*({"type": "record", "value": value} for value in wrong))
    assert {entry["error"]["code"] for entry in answer.body["results"]} == {"invalid_value"}
    watch.answers.append(answer)
    watch.sees_no_sentinel()


def test_logs_hold_nothing_of_the_card(watch: Watch) -> None:
    """Neither BIN nor fingerprint: what is answered to who may ask is not told to who reads logs."""
    card = watch.account.tokenize(*ITEMS).body["results"][0]["card"]
    assert card["bin"] == CARD[:6]
    watch.account.detokenize("unknown")
    logged = watch.logged.getvalue() + watch.printed.getvalue()
    assert '"message":"request"' in logged
    assert not [part for part in (card["bin"], card["fingerprint"]) if part in logged]


def test_failing_kms_shows_nothing(watch: Watch) -> None:
    """Of a fingerprint that cannot be made, also where KMS quotes what it was sent."""
    quoting = client_error("ValidationException", 400, f"bad message {CARD}")
    for error in [*KMS_FAULTS.values(), quoting]:
        watch.account.fault = failing("kms.GenerateMac", error)
        watch.answers.append(watch.account.tokenize(*ITEMS))
        watch.account.fault = None
    assert {answer.status for answer in watch.answers} == {500, 503}
    watch.sees_no_sentinel()
