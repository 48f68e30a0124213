"""A change of policy, seen by containers that start while it is made."""

from collections.abc import Iterator

import pytest

from chalicelib import wiring
from chalicelib.errors import ConfigurationError
from tests.support import policies
from tests.support.world import World, world

TABLE = "policy"


@pytest.fixture
def account() -> Iterator[World]:
    """An account whose policy is about to be changed."""
    with world() as made:
        yield made


def _move(account: World, sha256: str) -> None:
    """What Terraform does at the end of a change: the item goes, its copy stays."""
    key = {"pk": {"S": "policy"}, "sk": {"S": sha256}}
    item = account.dynamodb.get_item(TableName=TABLE, Key=key)["Item"]
    account.dynamodb.put_item(TableName=TABLE, Item={**item, "pk": {"S": "previous"}})
    account.dynamodb.delete_item(TableName=TABLE, Key=key)


def _start(account: World, sha256: str) -> None:
    """A cold start of a version that was deployed with this policy."""
    environment = account.env("reveal") | {"TOKENVAULT_POLICY_SHA256": sha256}
    wiring.build(environment, account.client, account.telemetry)


def test_containers_of_both_generations_start_during_and_after_a_change(account: World) -> None:
    """Each finds its own policy: while both items stand, and once the older one is only a copy."""
    older = account.policy_digest
    account.put_policy(policies.limited("shop", "settlement", reveals_per_hour=7))
    newer = account.policy_digest
    for digest in (older, newer):
        _start(account, digest)
    _move(account, older)
    for digest in (older, newer):
        _start(account, digest)


def test_a_generation_that_is_gone_is_refused(account: World) -> None:
    """A container serves no other policy than the one that it was deployed with."""
    with pytest.raises(ConfigurationError, match="policy of this deployment"):
        _start(account, "0" * 64)


def test_a_copy_that_was_changed_is_refused(account: World) -> None:
    """The digest guards the kept generation as well."""
    older = account.policy_digest
    _move(account, older)
    changed = {"pk": {"S": "previous"}, "sk": {"S": older}, "document": {"S": "{}"}}
    account.dynamodb.put_item(TableName=TABLE, Item=changed)
    with pytest.raises(ConfigurationError):
        _start(account, older)
