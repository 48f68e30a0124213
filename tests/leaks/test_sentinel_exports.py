"""The sentinel is exported, and shows up in the opened file alone."""

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest

from chalicelib.api.export_bodies import ExportBody
from chalicelib.api.reading import read
from tests.leaks.watch import CARD, TEXT, TRACES, Watch
from tests.support import policies
from tests.support.answers import tokens
from tests.support.exports import (
    begin,
    begun,
    begun_in_parts,
    opened,
    opened_parts,
    page,
    send,
    terms,
)
from tests.support.faults import DYNAMODB_FAULTS, KMS_FAULTS, client_error, failing
from tests.support.logs import captured_logs
from tests.support.world import world


@pytest.fixture
def watch() -> Iterator[Watch]:
    printed = StringIO()
    with (
        captured_logs() as logged,
        redirect_stdout(printed),
        redirect_stderr(printed),
        world(policies.exporting()) as account,
    ):
        yield Watch(account, printed, logged)


def test_exports_show_nothing(watch: Watch) -> None:
    """Beginning, going on, failing, and being refused, also with a value in place of anything else."""
    account = watch.account
    tokens(account.tokenize({"type": "card_number", "value": CARD}, {"type": "text", "value": TEXT}))
    carried = begun(account)
    opening, cursor = carried.opening, str(carried.cursor)
    parts = begun_in_parts(account, 4)
    for fault in (
        None,
        failing("dynamodb.Scan", DYNAMODB_FAULTS["throttled"]),
        failing("dynamodb.Query", client_error("ValidationException", 400, f"bad item {TEXT}")),
        failing("dynamodb.BatchGetItem", client_error("ValidationException", 400, f"bad item {TEXT}")),
        failing("dynamodb.PutItem", DYNAMODB_FAULTS["throttled"]),
        failing("kms.Verify", KMS_FAULTS["throttled"]),
        failing("kms.Sign", RuntimeError(f"unforeseen {TEXT}")),
    ):
        account.fault = fault
        watch.answers += [
            begin(account),
            begin(account, {"recipient": TEXT}),
            begin(account, {"purpose": CARD}),
            begin(account, {"types": [TEXT]}),
            begin(account, {"approval": CARD}),
            begin(account, {"parts": CARD}),
            begin(account, {"parts": 4}),
            page(account, opening, str(parts[1].cursor)),
            page(account, parts[0].opening, cursor),
            begin(account, {TEXT: CARD}),
            page(account, opening, cursor),
            page(account, CARD, cursor),
            page(account, opening, TEXT),
            send(account, "/v1/exports/approvals", terms(purpose=TEXT)),
        ]
    account.fault = None
    lines = carried.finish()
    assert not [trace for trace in TRACES if trace in "".join(lines)]
    assert {entry["value"] for entry in opened(account, lines)} == {CARD, TEXT}
    files = [part.finish() for part in parts]
    assert not [trace for trace in TRACES if trace in "".join(line for file in files for line in file)]
    assert {entry["value"] for entry in opened_parts(account, files)} == {CARD, TEXT}
    assert {answer.status for answer in watch.answers} >= {200, 201, 400, 403, 409, 500, 503}
    watch.sees_no_sentinel()


def test_a_changed_record_shows_nothing(watch: Watch) -> None:
    """Neither where its value does not open, nor where it is none of its type any more."""
    account = watch.account
    [text] = tokens(account.tokenize({"type": "text", "value": TEXT}))
    account.store(account.stored(text) | {"created": {"N": "1"}})
    lines = begun(account).finish()
    assert opened(account, lines) == [{"token": text, "error": "record_corrupt"}]
    watch.sees_no_sentinel()


def test_a_value_in_place_of_a_key_is_not_printed() -> None:
    """By a line that prints the body by mistake."""
    body = read(f'{{"recipient": "{CARD}", "purpose": "p"}}'.encode(), ExportBody)
    assert not [trace for trace in TRACES if trace in f"{body} {body!r}"]
