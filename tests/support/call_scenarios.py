"""What each function is asked in its life, so that it makes every AWS call that it ever makes."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.service import exporter
from tests.support import exports, policies
from tests.support.retokenizing import Retokenizing, naming, switch
from tests.support.rotations import Operator
from tests.support.world import World

Scenario = Callable[[World], None]
"""Uses an account such that the calls since the last `account.calls.clear()` are those of one function."""

KEYS = {
    # The world of the tests has a key in an attribute, Terraform under a name.
    "vault_kek": "vault",
    "index_kek": "index",
    "hmac_key": "hmac",
    "receipt_key": "receipts",
    "audit_key": "audit",
}


def with_budgets() -> dict[str, Any]:
    """A policy whose clients all have budgets, one of them for reveals that nobody else approves."""
    written = policies.approving(over_per_hour=1000)
    for tenant in written["tenants"].values():
        for client in tenant["clients"].values():
            client |= {
                "reveals_per_hour": 1000,
                "searches_per_hour": 1000,
                "deterministic_tokens_per_hour": 1000,
            }
    return written


def tokenizing(account: World) -> None:
    """A new container of the tokenizing function takes values of every kind in."""
    account.services["tokenize"] = wiring.build(account.env("tokenize"), account.client, account.telemetry)
    card, text = {"type": "card_number", "value": "4111111111111111"}, {"type": "text", "value": "x"}
    known = {**card, "type": "card_known"}
    made = account.tokenize(card, text, {**text, "subject": "p1"}, idempotency_key="k" * 22)
    account.tokenize(text, text)
    account.tokenize(known, {**known, "value": "5555555555554444"})
    account.search(known)
    account.facts(made.body["results"][0]["token"])


def revealing(account: World) -> None:
    """A new container of the revealing function reveals and erases."""
    texts = [{"type": "text", "value": str(n), "subject": "p1"} for n in range(2)]
    tokens = [account.tokenize(text).only["token"] for text in texts]
    account.calls.clear()
    account.services["reveal"] = wiring.build(account.env("reveal"), account.client, account.telemetry)
    account.detokenize(tokens[0])
    account.detokenize(*tokens)
    account.subject("p1")
    approval = account.ask_approval(tokens[0]).body["approval"]
    account.decide(approval)
    asked = {"items": [{"token": tokens[0]}], "purpose": "settlement", "approval": approval}
    account.detokenize(json_body=asked)
    account.erase(token=tokens[0])
    account.erase(subject="p1")


def exporting(account: World) -> None:
    """A new container of the revealing function exports, with a second person's approval."""
    account.deploy(exporting_policy())
    # So many in pages so small that some end within a segment: only then is there a place to seal.
    account.tokenize(*[{"type": "text", "value": "x", "subject": "p1"}] * 80)
    account.calls.clear()
    account.services["reveal"] = wiring.build(account.env("reveal"), account.client, account.telemetry)
    approval = exports.ask(account).body["approval"]
    account.decide(approval)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporter, "PAGE", 4)
        exports.begun(account, {"approval": approval}).finish()


def exporting_policy() -> dict[str, Any]:
    """A policy whose exports need approval and count, as `with_budgets` has it of everything else."""
    written = policies.exporting(with_budgets(), approval={})
    written["tenants"]["shop"]["clients"]["mover"]["reveals_per_hour"] = 1000
    return written


def retokenizing(account: World) -> None:
    """A new container of the revealing function gives values of a type their tokens under another PRF key."""
    known = [{"type": "card_known", "value": card} for card in ("4111111111111111", "5555555555554444")]
    account.tokenize(*known, {**known[0], "subject": "p3"})
    switch(account, naming(card_known=2))
    run = Retokenizing(account, "card_known")
    run.walk()
    run.walk(revision=0)
    account.calls.clear()
    run.ask()
    run.take(run.page())
    assert run.counts == [{"moved": 3, "passed": 0, "closed": 0, "failed": 0}]


def rewrapping(account: World) -> None:
    """A new container of the revealing function seals a page of records again."""
    operator = Operator(account)
    account.tokenize({"type": "text", "value": "x", "subject": "p2"})
    operator.rotate()
    operator.until_page()
    account.calls.clear()
    operator.rewrap_page()


def walking(account: World) -> None:
    """The maintenance function counts what names each version, and retires the one that nothing names."""
    operator = Operator(account)
    operator.rotate()
    operator.settle()
    old, *_ = operator.versions()
    account.calls.clear()
    operator.walk(moves=False)
    operator.ask("retire", key=old["key_id"])


def maintaining(account: World) -> None:
    """The maintenance function has a subject to clean up after, and then a key to make."""
    account.tokenize({"type": "text", "value": "x", "subject": "p1"})
    account.erase(subject="p1")
    account.settle()
    account.calls.clear()
    account.maintain()
    wiring.maintain(account.env("maintain"), account.client, account.telemetry, "shop")


def facts_in_a_new_container(account: World) -> None:
    """Facts of a token whose key the container has not met: of an older version, or its first request."""
    token = account.tokenize({"type": "text", "value": "x"}).only["token"]
    account.restart()
    account.calls.clear()
    assert account.facts(token).status == 200


def an_eraser_that_died(account: World) -> None:
    """The job finishes an erasing whose note stands and whose marker does not."""
    account.tokenize({"type": "text", "value": "x", "subject": "p1"})
    account.erase(subject="p1")
    marker = {"pk": {"S": "shop#p1"}, "sk": {"S": "erased"}}
    account.dynamodb.delete_item(TableName="subjects", Key=marker)
    account.settle()
    account.calls.clear()
    account.maintain()


CALLING: dict[str, tuple[Scenario, ...]] = {
    "tokenize": (tokenizing, facts_in_a_new_container),
    "reveal": (revealing, rewrapping),
    "maintain": (maintaining, an_eraser_that_died, walking),
}
"""By function."""
