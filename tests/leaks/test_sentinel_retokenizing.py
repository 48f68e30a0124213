"""The sentinel gets another token, and shows up nowhere."""

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

import pytest

from chalicelib import key_wiring
from chalicelib.errors import TokenvaultError
from tests.leaks.watch import CARD, TEXT, TRACES, Watch
from tests.support.answers import tokens
from tests.support.faults import DYNAMODB_FAULTS, KMS_FAULTS, client_error, failing
from tests.support.logs import captured_logs
from tests.support.retokenizing import Retokenizing, naming, pairs, switch
from tests.support.world import world

SECOND = naming(card_known=2, text_known=2)


@pytest.fixture
def watch() -> Iterator[Watch]:
    printed = StringIO()
    with (
        captured_logs() as logged,
        redirect_stdout(printed),
        redirect_stderr(printed),
        world(naming()) as account,
    ):
        yield Watch(account, printed, logged)


def answer_to(work: Any, *args: Any, **kwargs: Any) -> str:
    """What an operator is told, whatever becomes of it."""
    return f"{key_wiring.answered(work, *args, **kwargs)}"


def test_new_tokens_show_nothing(watch: Watch) -> None:
    """Beginning, going on, failing, and being refused, also with a value in place of anything else."""
    account, shown = watch.account, list[str]()
    items = [{"type": "card_known", "value": CARD}, {"type": "text_known", "value": TEXT}]
    old = tokens(account.tokenize(*items))
    switch(account, SECOND)
    runs = [Retokenizing(account, name, run=n * 32) for name, n in (("card_known", "1"), ("text_known", "2"))]
    for run in runs:
        run.begin()
        run.walk(revision=0)
        for fault in (
            failing("dynamodb.Query", client_error("ValidationException", 400, f"bad item {TEXT}")),
            failing("dynamodb.GetItem", DYNAMODB_FAULTS["throttled"]),
            failing("dynamodb.PutItem", client_error("ValidationException", 400, f"bad item {CARD}")),
            failing("kms.Verify", KMS_FAULTS["throttled"]),
            failing("kms.Sign", RuntimeError(f"unforeseen {TEXT}")),
        ):
            account.fault = fault
            shown += [answer_to(run.page), answer_to(run.send, **run.which, recipient=TEXT)]
        account.fault = None
        shown += [
            answer_to(run.send, **{**run.which, "run": CARD}, recipient=TEXT),
            answer_to(run.send, **{**run.which, "type": CARD}, recipient=TEXT),
            answer_to(run.send, opening=CARD, cursor=run.cursor),
            answer_to(run.send, opening=run.opening, cursor=TEXT),
            answer_to(run.walk, revision=CARD),
            answer_to(run.walk, anew=TEXT),
        ]
        assert len(pairs(run.finish())) == 1
        shown += run.lines
    assert not [trace for trace in TRACES if trace in "".join(shown)]
    watch.answers.append(account.facts(old[0]))
    watch.sees_no_sentinel()


def test_a_value_that_is_none_of_its_type_any_more_shows_nothing(watch: Watch) -> None:
    """It is named as failed, by its token."""
    account = watch.account
    [old] = tokens(account.tokenize({"type": "text_known", "value": TEXT}))
    written = naming(text_known=2)
    written["types"]["text_known"]["format"] = "card_number"
    switch(account, written)
    [entry] = Retokenizing(account).begin().finish()
    assert entry == {"token": old, "error": "invalid_value"}
    watch.answers.append(account.facts(old))
    watch.sees_no_sentinel()


def test_no_error_of_ours_quotes_what_was_sent(watch: Watch) -> None:
    """Each names its field and its rule."""
    switch(watch.account, SECOND)
    run = Retokenizing(watch.account)
    for fields in ({"tenant": CARD}, {"type": CARD}, {"run": CARD}, {"recipient": CARD}):
        with pytest.raises(TokenvaultError) as refused:
            run.send(**{**run.which, "recipient": "x", **fields})
        assert not [trace for trace in TRACES if trace in str(refused.value)]
