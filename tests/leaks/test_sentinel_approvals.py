"""The sentinel stands behind approvals, and shows up in the answer of the approved reveal alone."""

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest

from chalicelib.api.approval_bodies import AskApprovalBody
from chalicelib.api.reading import read
from tests.leaks.watch import CARD, TEXT, TRACES, Watch
from tests.support import policies
from tests.support.answers import tokens
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
        world(policies.approving(over_per_hour=0)) as account,
    ):
        yield Watch(account, printed, logged)


def test_approvals_show_nothing(watch: Watch) -> None:
    """Asking, looking, deciding, and being refused, for tokens and for values in place of tokens or ids."""
    account = watch.account
    made = tokens(account.tokenize({"type": "card_number", "value": CARD}, {"type": "text", "value": TEXT}))
    body = {"items": [{"token": token} for token in made], "purpose": "settlement"}
    approval = account.ask_approval(*made).body["approval"]
    for fault in (
        None,
        failing("dynamodb.PutItem", DYNAMODB_FAULTS["throttled"]),
        failing("dynamodb.Query", client_error("ValidationException", 400, f"bad item {TEXT}")),
        failing("kms.Verify", KMS_FAULTS["throttled"]),
        failing("kms.Sign", RuntimeError(f"unforeseen {TEXT}")),
    ):
        account.fault = fault
        watch.answers += [
            account.ask_approval(*made),
            account.ask_approval(CARD, TEXT),
            account.ask_approval(*made, purpose=TEXT),
            account.ask_approval(json_body={**body, TEXT: CARD}),
            account.approval(CARD),
            account.approval(approval),
            account.decide(TEXT),
            account.decide(approval, TEXT),
            account.decide(approval, client="settlement"),
            account.detokenize(*made),
            account.detokenize(json_body={**body, "approval": CARD}),
            account.detokenize(json_body={**body, "approval": approval, "purpose": TEXT}),
        ]
    account.fault = None
    account.decide(approval)
    shown = account.detokenize(json_body={**body, "approval": approval})
    assert [entry["value"] for entry in shown.body["results"]] == [CARD, TEXT]
    watch.answers += [
        account.approval(approval),
        account.detokenize(json_body={**body, "approval": approval}),
    ]
    assert {answer.status for answer in watch.answers} >= {200, 400, 403, 404, 409, 500, 503}
    watch.sees_no_sentinel()


def test_a_value_in_place_of_a_token_is_not_printed() -> None:
    """By a line that prints the body by mistake."""
    body = read(f'{{"items": [{{"token": "{CARD}"}}], "purpose": "p"}}'.encode(), AskApprovalBody)
    assert not [trace for trace in TRACES if trace in f"{body} {body!r} {body.items!r}"]
