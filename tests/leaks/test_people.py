"""Who asked is no value, and belongs into the audit trail alone: not into lines, answers or other tables."""

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest

from chalicelib.api.reading import read
from chalicelib.api.revealing_bodies import DetokenizeBody
from chalicelib.audit.events import AuditEvent
from chalicelib.caller import Caller, User
from chalicelib.service.revealer import DetokenizeRequest
from tests.leaks.watch import TEXT, Watch
from tests.support import policies
from tests.support.faults import DYNAMODB_FAULTS, client_error, dumps, failing
from tests.support.logs import captured_logs
from tests.support.world import TABLES, world

SUB, USERNAME, CLAIMED = (f"{name}-2c61-who" for name in ("sub", "username", "claimed"))
WHO = "2c61-who"
SIGNED_IN = {"sub": SUB, "username": USERNAME}
BODY = {"purpose": "settlement", "on_behalf_of": CLAIMED}


@pytest.fixture
def watch() -> Iterator[Watch]:
    printed = StringIO()
    with (
        captured_logs() as logged,
        redirect_stdout(printed),
        redirect_stderr(printed),
        world(policies.naming("settlement", "support")) as account,
    ):
        yield Watch(account, printed, logged)


def ask_in_every_way(watch: Watch) -> None:
    """Reveals that succeed, that are refused and that fail, searches and erasures, all by a person."""
    account = watch.account
    token = account.tokenize({"type": "text", "value": TEXT}, **SIGNED_IN).only["token"]
    body = {"items": [{"token": token}], **BODY}
    for fault in (
        None,
        failing("dynamodb.PutItem", DYNAMODB_FAULTS["throttled"]),
        failing("dynamodb.Query", client_error("ValidationException", 400, f"bad item {WHO}")),
        failing("dynamodb.Query", RuntimeError(f"unforeseen {WHO}")),
    ):
        account.fault = fault
        watch.answers += [
            account.detokenize(json_body=body | {"reveal": "masked"}, **SIGNED_IN),
            account.detokenize("unknown", json_body=body | {"items": [{"token": "unknown"}]}, **SIGNED_IN),
            account.detokenize(json_body=body | {"purpose": "another"}, **SIGNED_IN),
            account.detokenize(json_body=body, client="support", **SIGNED_IN),
            account.detokenize(json_body=body | {"on_behalf_of": f"{CLAIMED} {CLAIMED}"}, **SIGNED_IN),
            account.detokenize(json_body=body, scopes=("read",), api_key_of="support", **SIGNED_IN),
            account.search({"type": "text_known", "value": TEXT}, **SIGNED_IN),
            account.facts(token, **SIGNED_IN),
        ]
    account.fault = None


def test_the_trail_alone_says_who_asked(watch: Watch) -> None:
    """Neither the lines that are log and metrics at once, nor answers, nor another table."""
    ask_in_every_way(watch)
    account = watch.account
    assert {answer.status for answer in watch.answers} >= {200, 400, 403, 500, 503}
    assert WHO not in watch.logged.getvalue()
    assert WHO not in watch.printed.getvalue()
    assert not [answer for answer in watch.answers if WHO in answer.raw.body.decode() + repr(answer.raw)]
    assert [table for table in TABLES if WHO in dumps(account.items(table))] == ["audit"]
    watch.sees_no_sentinel()


def test_objects_on_the_way_do_not_print_who_asked() -> None:
    """A line that prints one by mistake names nobody."""
    caller = Caller("shop", "settlement", frozenset(), frozenset(), frozenset(), user=User(SUB, USERNAME))
    event = AuditEvent(
        "shop",
        "settlement",
        "detokenize",
        "r",
        user_sub=SUB,
        username=USERNAME,
        on_behalf_of=CLAIMED,
        asserted_sub=CLAIMED,
    )
    said = f'"on_behalf_of": "{CLAIMED}", "assertion": "{CLAIMED}"'
    body = read(f'{{"items": [{{"token": "t"}}], {said}}}'.encode(), DetokenizeBody)
    for thing in (caller, event, body, DetokenizeRequest((), "full", None, "r", CLAIMED, assertion=CLAIMED)):
        assert WHO not in f"{thing} {thing!r}"
