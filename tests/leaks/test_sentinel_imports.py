"""The sentinel on the way of an import, as a value and in the place of a token."""

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

import pytest

from chalicelib.api.bodies import ImportBody
from chalicelib.api.reading import read
from chalicelib.sensitive import Sensitive
from chalicelib.service.accepting import ImportItem
from tests.leaks.watch import CARD, SPACED, TEXT, TRACES, Watch
from tests.support import policies
from tests.support.faults import client_error, failing
from tests.support.logs import captured_logs
from tests.support.world import world

QUOTING = f"bad item {CARD} {TEXT} 5105 1051"
ITEMS: list[dict[str, Any]] = [
    {"type": "card_number", "value": "5105 1051 0510 5100", "token": "old_sentinl1"},
    {"type": "text", "value": TEXT, "token": "old_sentinl2", "subject": "person-7"},
]


@pytest.fixture
def watch() -> Iterator[Watch]:
    printed = StringIO()
    output = redirect_stdout(printed), redirect_stderr(printed)
    with captured_logs() as logged, output[0], output[1], world(policies.importing()) as account:
        yield Watch(account, printed, logged)


def test_success_and_refusals_show_nothing(watch: Watch) -> None:
    """Stored, sent again, taken, erased; and a value where the token should be is written nowhere."""
    account = watch.account
    watch.answers += [
        account.import_tokens(*ITEMS, idempotency_key="k" * 22),
        account.import_tokens(*ITEMS, idempotency_key="k" * 22),
        account.import_tokens(*ITEMS),
        account.facts("old_sentinl1"),
        account.import_tokens(*({**item, "token": CARD} for item in ITEMS)),
        account.import_tokens(*({**item, "token": TEXT} for item in ITEMS)),
        account.import_tokens(*({**item, "token": [TEXT]} for item in ITEMS)),
        account.import_tokens({**ITEMS[0], "token": f"old_{CARD[:8]}"} | {"value": CARD + "1"}),
        account.import_tokens({**ITEMS[1], TEXT: CARD}),
        account.import_tokens(*ITEMS, client="checkout"),
        account.erase(token="old_sentinl1"),
        account.erase(subject="person-7"),
    ]
    assert {answer.status for answer in watch.answers} == {200, 204, 403}
    watch.sees_no_sentinel()


def test_failing_aws_shows_nothing(watch: Watch) -> None:
    """Every call of an import fails, also with the value in its message."""
    errors = [client_error(code, 400, QUOTING) for code in ("ValidationException", "ThrottlingException")]
    errors.append(RuntimeError(QUOTING))
    for operation in ("PutItem", "Query", "BatchGetItem"):
        for error in errors:
            watch.account.restart()
            watch.account.fault = failing(f"dynamodb.{operation}", error)
            watch.answers.append(watch.account.import_tokens(*ITEMS))
            watch.account.fault = None
    assert {500, 503} <= {answer.status for answer in watch.answers}
    watch.sees_no_sentinel()


def test_what_is_on_the_way_prints_nothing(watch: Watch) -> None:
    """Bodies and items; a token that is not checked yet may be a value."""
    request = watch.account.request("POST", "/v1/import", "migration", json_body={"items": ITEMS})
    item = ImportItem("text", Sensitive(TEXT), token=CARD)
    for thing in (request, read(request.body, ImportBody), item):
        assert not [trace for trace in (*TRACES, SPACED) if trace in f"{thing!r} {thing}"]
