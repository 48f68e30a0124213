"""A role may do what its function does, and nothing else: action by action, table by table, key by key."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.functional import test_calls
from tests.infrastructure.test_applied import named, statements
from tests.infrastructure.test_watching import resources  # noqa: F401  # a fixture: the applied state
from tests.support.world import World, world

Scenario = Callable[[World], None]


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
    "tokenize": (test_calls.test_tokenizing_calls, facts_in_a_new_container),
    "reveal": (test_calls.test_revealing_calls,),
    "maintain": (test_calls.test_maintenance_calls, an_eraser_that_died),
}
KEYS = {
    # The world of the tests has a key in an attribute, Terraform under a name.
    "vault_kek": "vault",
    "index_kek": "index",
    "hmac_key": "hmac",
    "receipt_key": "receipts",
    "audit_key": "audit",
}


def made(scenario: Scenario) -> set[tuple[str, str]]:
    """The calls of the function whose turn comes last in a scenario, each with what it is about."""
    calls: set[tuple[str, str]] = set()
    with world(test_calls.with_budgets()) as account:
        keys = {getattr(account, attribute, attribute): name for attribute, name in KEYS.items()}

        def note(call: str, parameters: dict[str, Any]) -> None:
            if len(account.calls) == 1:
                calls.clear()  # what went before was another function's
            calls.update((call.replace(".", ":", 1), about) for about in _about(parameters, keys))

        account.fault = note
        scenario(account)
    return calls


def _about(parameters: dict[str, Any], keys: dict[str, str]) -> Iterator[str]:
    """The tables, the index or the key that a call names."""
    if "KeyId" in parameters:
        yield keys[parameters["KeyId"]]
    elif "IndexName" in parameters:
        yield f"{parameters['TableName']}/index/{parameters['IndexName']}"
    else:
        yield from parameters.get("RequestItems") or [parameters["TableName"]]


def allowed(resources: list[dict[str, Any]], role: str) -> set[tuple[str, str]]:  # noqa: F811  # a fixture's value
    """What the applied policy of a role lets it do, with what."""
    keys = {key["key_id"]: name for name, key in named(resources, "aws_kms_key").items()}
    return {
        (action, _named_by(arn, keys))
        for statement in statements(named(resources, "aws_iam_role_policy")[role]["policy"])
        for action in statement["Action"]
        if action.startswith(("dynamodb:", "kms:"))
        for arn in statement["Resource"]
    }


def _named_by(arn: str, keys: dict[str, str]) -> str:
    kind, _, name = arn.split(":", 5)[5].partition("/")
    return keys[name] if kind == "key" else name.removeprefix("tokenvault-")


@pytest.mark.parametrize("function", CALLING)
def test_a_role_may_do_what_its_function_does_and_nothing_else(
    resources: list[dict[str, Any]],  # noqa: F811  # the fixture
    function: str,
) -> None:
    """A call that is not allowed, and a permission that nothing uses, are both named here."""
    calls = set().union(*(made(scenario) for scenario in CALLING[function]))
    permissions = allowed(resources, function)
    assert calls - permissions == set(), "not allowed"
    assert permissions - calls == set(), "not used"
