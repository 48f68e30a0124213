"""The sentinel on the way of a capture, and the session itself: whoever reads it can use it once."""

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from chalicelib.api.capture_bodies import CaptureBody, OpenedSessionBody
from chalicelib.api.reading import read
from chalicelib.model import TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.capture_sessions import OpenedSession, SessionTerms
from chalicelib.service.capturer import Captured
from tests.leaks.watch import CARD, SPACED, TEXT, TRACES, Watch
from tests.support.capturing import SHOP, ask_session, capture, session
from tests.support.faults import client_error, dumps, failing
from tests.support.logs import captured_logs
from tests.support.world import TABLES, world

QUOTING = f"bad item {CARD} {TEXT} 5105 1051"
ITEMS: list[dict[str, Any]] = [
    {"type": "card_number", "value": "5105 1051 0510 5100"},
    {"type": "text", "value": TEXT},
]
TERMS: dict[str, Any] = {"types": ["card_number", "text"], "max_values": 3, "subject": "person-7"}


@pytest.fixture
def watch() -> Iterator[Watch]:
    printed = StringIO()
    output = redirect_stdout(printed), redirect_stderr(printed)
    with captured_logs() as logged, output[0], output[1], world() as account:
        yield Watch(account, printed, logged)


def no_session(watch: Watch, *texts: str) -> None:
    """Fails if a session, its payload or its MAC is anywhere but in the answer to whoever began it."""
    tables = [dumps(watch.account.items(table)) for table in TABLES]
    answers = [answer.raw.body.decode() for answer in watch.answers]
    for text in texts:
        for part in text.split("."):
            for content in (watch.logged.getvalue(), watch.printed.getvalue(), *tables, *answers):
                assert part not in content


def test_success_and_refusals_show_nothing(watch: Watch) -> None:
    """Taken in, sent again, refused for each reason; what a page sends besides is written nowhere."""
    account = watch.account
    by = session(account, **TERMS)
    watch.answers += [
        capture(account, by, *ITEMS),
        capture(account, by, *ITEMS),
        capture(account, by, ITEMS[1]),
        capture(account, by, *ITEMS, *ITEMS),
        capture(account, by, *ITEMS, origin=f"https://{CARD}.example"),
        capture(account, f"{TEXT}{CARD}", *ITEMS),
        capture(account, f"{by}A", *ITEMS),
        capture(account, by, {**ITEMS[0], TEXT: CARD}),
        capture(account, by, {"type": TEXT, "value": CARD}),
        capture(account, by, json_body={TEXT: CARD}),
        ask_session(account, types=[TEXT], origin=SHOP),
        ask_session(account, origin=f"https://{TEXT}.example/{CARD}"),
        ask_session(account, subject=CARD),
        ask_session(account, **{TEXT: CARD}),
    ]
    assert {answer.status for answer in watch.answers} == {200, 400, 401, 403, 409, 413, 422}
    watch.sees_no_sentinel()
    no_session(watch, by)


def test_failing_aws_shows_nothing(watch: Watch) -> None:
    """Every call of a capture fails, also with the value in its message."""
    by = session(watch.account, **TERMS)
    for operation in ("kms.GenerateMac", "dynamodb.PutItem", "dynamodb.Query", "kms.Decrypt"):
        code = client_error("ValidationException", 400, QUOTING + by)
        watch.account.restart()
        watch.account.fault = failing(operation, code if "Put" in operation else RuntimeError(QUOTING + by))
        watch.answers.append(capture(watch.account, by, *ITEMS))
        watch.account.fault = None
    assert 500 in {answer.status for answer in watch.answers}
    watch.sees_no_sentinel()
    no_session(watch, by)


def test_what_is_on_the_way_prints_nothing(watch: Watch) -> None:
    """Requests, bodies, sessions and results."""
    by = session(watch.account, **TERMS)
    asked = watch.account.request("POST", "/v1/capture", "checkout", json_body={"items": ITEMS})
    facts = TokenFacts("t", "text", 1, None)
    for thing in (
        replace(asked, capture_session=by, origin=SHOP),
        read(asked.body, CaptureBody),
        OpenedSession(by, 1, "an-id"),
        OpenedSessionBody(by, 1, "an-id"),
        SessionTerms(("text",), SHOP, 1, 60, single_use=True, subject=TEXT),
        Captured(facts, Sensitive(TEXT)),
    ):
        assert not [trace for trace in (*TRACES, SPACED, by) if trace in f"{thing!r} {thing}"]
