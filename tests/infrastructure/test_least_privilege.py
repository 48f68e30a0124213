"""A role may do what its function does, and nothing else: action by action, table by table, key by key."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.infrastructure.state import named, statements
from tests.support.call_scenarios import CALLING, KEYS, Scenario, exporting, retokenizing, with_budgets
from tests.support.world import world


def made(scenario: Scenario) -> set[tuple[str, str]]:
    """The calls of the function whose turn comes last in a scenario, each with what it is about."""
    calls: set[tuple[str, str]] = set()
    with world(with_budgets()) as account:
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


def allowed(resources: list[dict[str, Any]], role: str) -> set[tuple[str, str]]:
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
    resources: list[dict[str, Any]],
    function: str,
) -> None:
    """A call that is not allowed, and a permission that nothing uses, are both named here."""
    calls = set().union(*(made(scenario) for scenario in CALLING[function]))
    permissions = allowed(resources, function)
    assert calls - permissions == set(), "not allowed"
    assert permissions - calls == set(), "not used"


def test_an_export_takes_two_permissions_more(resources: list[dict[str, Any]]) -> None:
    """Which the applied role lacks: no client exports there. `functions.tftest.hcl` has when it gets them."""
    more = {("dynamodb:Scan", "vault"), ("dynamodb:Query", "keys")}
    assert made(exporting) - allowed(resources, "reveal") == more


def test_new_tokens_take_two_permissions_more(resources: list[dict[str, Any]]) -> None:
    """Which the applied role lacks: no type has another PRF key there. It unwraps PRF keys besides, with the
    key that it unwraps bundles with; `functions.tftest.hcl` has when it gets all that."""
    more = {("kms:GenerateMac", "hmac"), ("dynamodb:Query", "keys")}
    assert made(retokenizing) - allowed(resources, "reveal") == more
