"""The steps of `docs/leaks.md` on a stack that is up: the page's own commands, within its seconds."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.crypto.record_cipher import parse_sealed
from local.caller import TokenRefusedError, access_token
from local.processes import wait_until
from local.stack import VARIABLES
from tests.infrastructure.state import planned
from tests.support.leaks_page import ROOT, shell, steps
from tests.support.running import Running

STEPS = steps()
LOCAL = ROOT / "terraform" / VARIABLES
TOKENIZE, REVEAL = ["vault/tokenize"], ["vault/detokenize"]


@dataclass
class Operator:
    """Who has to deal with a leak: a shell with the page's variables, and Terraform's variables in a file."""

    running: Running
    folder: Path
    variables: dict[str, str]

    def shell(self, script: str) -> str:
        """What a block of the page prints."""
        account = self.running.stack.account.environment
        return shell(self.folder, script, {**account, **self.variables})

    def file(self, api_keys: str = 'api_keys = ["a"]', *more: str) -> str:
        """The usual variables, keys that are held for a second, and one client more."""
        client = (
            f'actions = ["tokenize", "detokenize"], types = ["*"], purposes = ["payout"], {api_keys.strip()}'
        )
        text = LOCAL.read_text().replace(
            "tenants = {\n", f"tenants = {{\n  bank = {{ clients = {{ teller = {{ {client} }} }} }}\n"
        )
        written = self.folder / "leak.tfvars"
        written.write_text("\n".join([text, "key_cache_seconds = 1", *more]))
        return str(written)

    def changes(self) -> dict[str, str]:
        """What `terraform plan` would change."""
        return planned(self.running.stack.terraform, str(self.folder / "leak.tfvars"))

    def tokenize(self, client: dict[str, Any], token: str | None = None) -> Any:
        token = token or access_token(self.running.stack.token_url, client, TOKENIZE)
        body = {"items": [{"type": "text", "value": "of the bank"}]}
        return self.running.raw("POST", "/v1/tokenize", token, client["api_key"], body)

    def reveal(self, client: dict[str, Any], made: str) -> Any:
        token = access_token(self.running.stack.token_url, client, REVEAL)
        body = {"items": [{"token": made}], "purpose": "payout"}
        return self.running.raw("POST", "/v1/detokenize", token, client["api_key"], body)


@contextmanager
def within(step: str) -> Iterator[None]:
    """Asserts that a step is done within the page's seconds, and prints what it took."""
    begun = time.monotonic()
    yield
    took = time.monotonic() - begun
    print(f"{step}: {took:.1f} s")
    assert took <= STEPS[step].limit, step


def until(holds: Callable[[], bool], step: str) -> None:
    """Waits for a step to be felt."""
    assert wait_until(holds, STEPS[step].limit), step


@pytest.fixture(scope="module")
def operator(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """The stack with the tenant `bank`, whose client `teller` loses its credentials."""
    made = Operator(running, tmp_path_factory.mktemp("leak"), {})
    try:
        running.stack.change(made.file())
        outputs = running.stack.outputs
        made.variables |= {
            "NAME": "tokenvault", "TENANT": "bank", "CLIENT": "teller", "FUNCTION": "reveal",
            "REGION": outputs["region"], "VAULT_ID": outputs["vault_id"], "POOL": outputs["user_pool_id"],
            "ID": outputs["client_ids"]["bank/teller"], "API_KEY_NAME": "tokenvault-bank-teller",
            "AUDIT_KEY_ARN": outputs["audit_key_arn"], "AUDIT_TABLE": outputs["tables"]["audit"],
            "VAULT_KEY_ID": outputs["key_arns"]["vault"].rpartition("/")[2],
            "MAINTAIN": outputs["function_names"]["maintain"], "DAY": today(),
            "AWS_REGION": outputs["region"], "AWS_DEFAULT_REGION": outputs["region"],
        }  # fmt: skip
        yield made
    finally:
        running.stack.change(VARIABLES)


def today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


def test_an_access_token_outlives_its_secret_and_ends_by_itself(operator: Operator) -> None:
    """It lasts `access_token_minutes`, 15 by default, and says so; alone it opens nothing."""
    client = operator.running.client("teller")
    token = access_token(operator.running.stack.token_url, client, TOKENIZE)
    claims = token.split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert said["exp"] - said["iat"] == 15 * 60
    assert operator.tokenize(client, token).status == 200
    assert (
        operator.tokenize(client | {"api_key": operator.running.client("checkout")["api_key"]}, token).status
        == 403
    )


def test_a_client_is_stopped_and_comes_back_with_other_credentials(operator: Operator) -> None:
    """The thief's access token dies with the API key, and gets no successor; what was done is on record."""
    running, stolen = operator.running, dict(operator.running.client("teller"))
    token = access_token(running.stack.token_url, stolen, TOKENIZE)
    made = operator.tokenize(stolen, token).body["results"][0]["token"]
    assert operator.reveal(stolen, made).status == 200

    with pytest.raises(AssertionError, match="no API key has the name nobody: nobody was stopped"):
        operator.shell("API_KEY_NAME=nobody\n" + STEPS["Stop a client"].blocks[0])
    with within("Stop a client"):
        operator.shell(STEPS["Stop a client"].blocks[0])
        until(lambda: operator.tokenize(stolen, token).status == 403, "Stop a client")
    assert operator.tokenize(stolen, token).body["code"] == "invalid_api_key"
    assert running.tokenize({"type": "text", "value": "of the shop"}).status == 200
    key = 'module.identity.aws_api_gateway_api_key.this["bank/teller"]'
    assert operator.changes() == {key: "update"}, "the next apply would switch it on again"

    with within("See what a client did"):
        did = json.loads(operator.shell(STEPS["See what a client did"].blocks[0]))
    assert {event["client"]["S"] for event in did["Items"]} == {"teller"}
    revealed = [outcome["M"]["token"]["S"] for event in did["Items"] for outcome in event["outcomes"]["L"]]
    assert made in revealed
    in_words = operator.shell(STEPS["See what a client did"].blocks[1]).splitlines()
    assert any("bank/teller detokenize: revealed" in line and made in line for line in in_words)

    with within("Replace an API key at once"):
        running.stack.change(operator.file(STEPS["Replace an API key at once"].blocks[0]))
    used = dict(running.client("teller"))
    until(lambda: operator.tokenize(used).status == 200, "Stop a client")
    assert operator.tokenize(stolen, token).status == 403

    with within("Add a secret"):
        listed = operator.shell(STEPS["Add a secret"].blocks[0])
    assert listed.count('"id"') == 2
    used["client_secret"] = (operator.folder / "secret.txt").read_text().strip()
    with within("Retire the old secret"):
        operator.shell(STEPS["Retire the old secret"].blocks[0])
    with pytest.raises(TokenRefusedError, match="invalid_client"):
        access_token(running.stack.token_url, stolen, TOKENIZE)
    assert operator.reveal(used, made).body["results"][0]["value"] == "of the bank"
    assert operator.tokenize(used, token).status == 200, "it lasts, for whoever has the new API key"


def chains(operator: Operator) -> set[str]:
    """The chains of the revealing function's containers that are on record."""
    dynamodb = operator.running.stack.account.client("dynamodb")
    events = dynamodb.scan(TableName=operator.variables["AUDIT_TABLE"])["Items"]
    return {event["chain"]["S"] for event in events if event.get("function", {}).get("S") == "reveal"}


def key_id(operator: Operator, token: str) -> str:
    """The version of the branch key that a record names."""
    dynamodb, table = (
        operator.running.stack.account.client("dynamodb"),
        operator.running.stack.outputs["tables"],
    )
    key = {"pk": {"S": f"bank#{token}"}, "sk": {"S": "record"}}
    return parse_sealed(dynamodb.get_item(TableName=table["vault"], Key=key)["Item"]).key_id


def test_containers_and_keys_are_replaced(operator: Operator) -> None:
    """New records are under a key that no container of before has seen; old ones open; the trail is whole."""
    running = operator.running
    current = operator.file('api_keys = ["a"]')
    running.stack.change(current)
    before = operator.tokenize(running.client("teller")).body["results"][0]["token"]
    operator.reveal(running.client("teller"), before)
    older = chains(operator)

    with within("Rotate a tenant's keys"):
        said = operator.shell(STEPS["Rotate a tenant's keys"].blocks[0])
    rotated, _ = json.JSONDecoder().raw_decode(said)  # behind it, the tool says how the call itself went
    [ready] = rotated["ready"]
    with within("Replace a function's containers"):
        running.stack.change(
            operator.file('api_keys = ["a"]', STEPS["Replace a function's containers"].blocks[0])
        )
    after = operator.tokenize(running.client("teller")).body["results"][0]["token"]
    assert (key_id(operator, after), key_id(operator, before) == ready) == (ready, False)
    assert operator.reveal(running.client("teller"), before).body["results"][0]["value"] == "of the bank"
    assert chains(operator) - older

    with within("Check the trail"):
        operator.shell(STEPS["Check the trail"].blocks[0])


FOREIGN = {
    "Sid": "Foreign", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::123456789012:role/thief"},
}  # fmt: skip


def test_a_foreign_right_on_the_vaults_key_is_found_and_taken_away(operator: Operator) -> None:
    """A statement that somebody added to its policy shows in the plan; a grant in the list; and both go."""
    running, key = operator.running, operator.variables["VAULT_KEY_ID"]
    running.stack.change(operator.file())
    kms = running.stack.account.client("kms")
    ours = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    policy = json.loads(ours)
    policy["Statement"].append(FOREIGN)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    kms.create_grant(KeyId=key, GranteePrincipal=FOREIGN["Principal"]["AWS"], Operations=["Decrypt"])

    assert operator.changes() == {'module.keys.aws_kms_key.this["vault"]': "update"}
    with within("Put a key's policy back"):
        operator.shell(STEPS["Put a key's policy back"].blocks[0])
        running.stack.change(operator.file())
    assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == json.loads(ours)
    assert kms.list_grants(KeyId=key)["Grants"] == []
    assert operator.changes() == {}


def test_reveals_stop_with_the_vaults_key_and_tokenizing_goes_on(operator: Operator) -> None:
    """Containers that hold keys forget them after `key_cache_seconds`; switched on, all is as before."""
    client = operator.running.client("teller")
    made = operator.tokenize(client).body["results"][0]["token"]
    assert operator.reveal(client, made).body["results"][0]["value"] == "of the bank"
    off, on = STEPS["Switch the vault's key off"].blocks
    with within("Switch the vault's key off"):
        operator.shell(off)
        until(lambda: operator.reveal(client, made).status == 500, "Switch the vault's key off")
    try:
        assert operator.reveal(client, made).body["code"] == "key_refused"
        assert operator.tokenize(client).status == 200
        changes = operator.changes()
        assert changes == {'module.keys.aws_kms_key.this["vault"]': "update"}, "an apply would switch it on"
    finally:
        operator.shell(on)
    until(lambda: operator.reveal(client, made).status == 200, "Switch the vault's key off")


def test_terraform_leaves_revoked_sessions_alone(operator: Operator) -> None:
    """The policy that denies them stands beside the role's own, with the time of now; no plan removes it."""
    iam, role = operator.running.stack.account.client("iam"), "tokenvault-reveal-us-east-1"
    operator.file()
    with within("Revoke a role's sessions"):
        operator.shell(STEPS["Revoke a role's sessions"].blocks[0])
    named = {"RoleName": role, "PolicyName": "AWSRevokeOlderSessions"}
    try:
        [statement] = iam.get_role_policy(**named)["PolicyDocument"]["Statement"]
        since = statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
        assert re.fullmatch(rf"{today()}T\d\d:\d\d:\d\dZ", since)
        assert (statement["Effect"], statement["Action"]) == ("Deny", "*")
        assert not [address for address in operator.changes() if "iam" in address]
    finally:
        iam.delete_role_policy(**named)
