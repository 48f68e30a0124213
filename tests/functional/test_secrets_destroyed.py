"""Short-lived secrets are destroyed once their time has passed, whatever else becomes of the run."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.errors import StoreUnavailable
from chalicelib.vault.short_lived import SHORT_LIVED, SLICE_SECONDS
from tests.support import policies
from tests.support.faults import DYNAMODB_FAULTS
from tests.support.logs import captured_lines
from tests.support.verification_codes import ITEM, LATER, LIMIT, TYPES, account_of_codes, secrets, tokens
from tests.support.world import World


@pytest.fixture
def account(clock: Any) -> Iterator[World]:
    with account_of_codes() as made:
        yield made


def test_secrets_go_first(account: World, clock: Any) -> None:
    """A run that ends while it reads the audit trail has destroyed them."""
    tokens(account, ITEM)
    clock(LATER)

    def fail(name: str, given: dict[str, Any]) -> Exception | None:
        if given.get("TableName") == "audit":
            raise KeyboardInterrupt  # the function's time is up
        return None

    account.fault = fail
    with pytest.raises(KeyboardInterrupt):
        account.maintain()
    account.fault = None
    assert secrets(account) == []


def test_a_late_run_is_measured(account: World, clock: Any) -> None:
    """How long a secret stood after its time, for an alarm; nothing where nothing was due."""
    tokens(account, ITEM)
    tokens(account, ITEM, client="intake")
    with captured_lines() as lines:
        account.maintain()
        clock(2 * LIMIT)
        account.maintain()
        early, late = [line for line in lines() if line["message"] == "maintenance"]
    assert early["secrets_destroyed"] == 0
    assert "ShortLivedSecretOverdue" not in early
    assert (late["secrets_destroyed"], late["ShortLivedSecretsDestroyed"]) == (2, 2)
    assert LIMIT - SLICE_SECONDS < late["ShortLivedSecretOverdue"] <= LIMIT


def test_a_tenant_whose_secrets_cannot_be_listed_holds_up_no_other(account: World, clock: Any) -> None:
    """The others' are destroyed, the error is raised, and the next run does the rest."""
    tokens(account, ITEM)
    tokens(account, ITEM, client="intake")
    clock(LATER)

    def fail(name: str, given: dict[str, Any]) -> Exception | None:
        about = {"S": f"clinic#{SHORT_LIVED}"} in given.get("ExpressionAttributeValues", {}).values()
        return DYNAMODB_FAULTS["throttled"] if about else None

    account.fault = fail
    with captured_lines() as lines:
        with pytest.raises(StoreUnavailable):
            account.maintain()
        [line] = [line for line in lines() if line["message"] == "maintenance"]
    account.fault = None
    assert line["secrets_destroyed"] == 1
    assert line["ShortLivedSecretOverdue"] > 0, "how late the others' were is told all the same"
    assert [item["pk"]["S"] for item in secrets(account)] == [f"clinic#{SHORT_LIVED}"]
    account.maintain()
    assert secrets(account) == []


def test_codes_of_a_tenant_that_left_the_policy_are_closed_too(account: World, clock: Any) -> None:
    """The tenant's keys say that it was one."""
    tokens(account, ITEM, client="intake")
    written = policies.document(TYPES)
    del written["tenants"]["clinic"]
    account.put_policy(written)
    clock(LATER)
    account.maintain()
    assert secrets(account) == []
