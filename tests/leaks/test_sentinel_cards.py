"""The sentinel as a card of which the policy tells as much as it can: that much, and no more."""

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

import pytest

from tests.leaks.watch import CARD, Watch
from tests.support import policies
from tests.support.faults import KMS_FAULTS, client_error, failing
from tests.support.world import captured_logs, world

OPTIONS = {"brand": True, "bin_digits": 6, "fingerprint": True}
TYPES: dict[str, dict[str, Any]] = {
    "card": {"format": "card_number", "options": OPTIONS},
    "card_known": {"format": "card_number", "mode": "deterministic", "options": OPTIONS},
}
ITEMS = [{"type": name, "value": CARD} for name in TYPES]


@pytest.fixture
def watch() -> Iterator[Watch]:
    printed, opened = StringIO(), world(policies.document(TYPES))
    with captured_logs() as logged, redirect_stdout(printed), redirect_stderr(printed), opened as account:
        yield Watch(account, printed, logged)


def test_answers_and_records_hold_what_the_policy_tells(watch: Watch) -> None:
    """Tokenize, search, facts and masks show no more of the number than the BIN and the last four."""
    made = watch.account.tokenize(*ITEMS)
    tokens = [entry["token"] for entry in made.body["results"]]
    watch.answers += [made, watch.account.search(ITEMS[1]), watch.account.masked(*tokens)]
    watch.answers += [watch.account.facts(token) for token in tokens]
    assert [answer.status for answer in watch.answers] == [200] * len(watch.answers)
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
