"""What the service records verifies, from the table and from an export, and what is done to it is found."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tokenvault_client.audit import KmsKeys, Report, read_files, verify, verify_table

from chalicelib import wiring
from chalicelib.audit.chain import canonical
from tests.support import policies
from tests.support.faults import DYNAMODB_FAULTS
from tests.support.world import World, world

KNOWN = {"type": "text_known", "value": "x"}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An account in which everything was done once that is recorded, by two containers each."""
    clock = wiring.time.time
    passed = [0.0]
    monkeypatch.setattr(wiring.time, "time", lambda: clock() + passed[0])
    with world(policies.limited("shop", "settlement", reveals_per_hour=4)) as made:
        for _ in range(2):
            token = made.tokenize({**KNOWN, "subject": "p1"}).body["results"][0].get("token", "gone")
            made.search(KNOWN)
            made.search(KNOWN, client="checkout")
            made.detokenize(token, token)
            made.fault = lambda name, given: (
                DYNAMODB_FAULTS["read timeout"] if given.get("TableName") == "audit" else None
            )
            made.masked(token)
            made.fault = None
            made.detokenize(*[token] * 5)
            made.subject("p1")
            made.erase(token=token)
            made.erase(subject="p1")
            made.restart()
            passed[0] += 600
            made.maintain()
        yield made


def check(account: World, items: Any = None) -> Report:
    keys = KmsKeys(account.kms, account.audit_key)
    given = account.items("audit") if items is None else items
    return verify(given, vault_id=policies.VAULT_ID, unwrap=keys)


def test_everything_that_is_recorded_verifies(account: World) -> None:
    """Chains of all three functions, with failures in between, and checkpoints without a hole."""
    report = check(account)
    assert report.findings == []
    assert (report.chains, report.checkpoints) == (7, 3)
    recorded = {item["action"]["S"] for item in account.items("audit")}
    assert recorded == {
        "search", "detokenize", "detokenize.masked", "subjects.read", "erase.token", "erase.person",
        "checkpoint",
    }  # fmt: skip


def test_an_export_verifies(account: World, tmp_path: Path) -> None:
    """As DynamoDB writes it: an item a line, binary values in base64."""
    export = tmp_path / "export.json"
    export.write_text(
        "".join(json.dumps({"Item": json.loads(canonical(item))}) + "\n" for item in account.items("audit"))
    )
    assert check(account, read_files([export])).findings == []


def test_the_table_verifies(account: World) -> None:
    """Read by the auditors themselves, up to the time they began; what is later is left out."""
    keys = KmsKeys(account.kms, account.audit_key)
    report = verify_table(account.dynamodb, "audit", vault_id=policies.VAULT_ID, unwrap=keys)
    assert report.findings == []
    assert 0 < report.events < len(account.items("audit"))


def test_a_removed_and_an_edited_item_are_found(account: World) -> None:
    """By whoever can write to the table, which the chain does not hinder, but tells."""
    masked = {"S": "detokenize.masked"}
    removed, edited = [item for item in account.items("audit") if item["action"] == masked]
    key = {"pk": removed["pk"], "sk": removed["sk"]}
    account.dynamodb.delete_item(TableName="audit", Key=key)
    account.store({**edited, "client": {"S": "somebody-else"}}, "audit")
    assert check(account).counts == {"gap": 1, "edited": 1}


def test_a_deleted_end_is_found(account: World) -> None:
    """What a checkpoint saw is missed."""
    for item in account.items("audit"):
        if "checkpoint" not in item["action"]["S"] and int(item["sequence"]["N"]) >= 2:
            account.dynamodb.delete_item(TableName="audit", Key={"pk": item["pk"], "sk": item["sk"]})
    assert set(check(account).counts) == {"truncated"}


def test_another_vault_is_not_taken_for_this_one(account: World) -> None:
    """Chains are bound to the vault's id."""
    keys = KmsKeys(account.kms, account.audit_key)
    report = verify(account.items("audit"), vault_id="another-vault", unwrap=keys)
    assert report.counts == {"forged": report.chains, "uncovered": 1}


def test_another_kms_key_is_not_taken_for_ours(account: World) -> None:
    """A chain under a key of the forger's own account is refused."""
    keys = KmsKeys(account.kms, account.index_kek)
    report = verify(account.items("audit"), vault_id=policies.VAULT_ID, unwrap=keys)
    assert report.counts == {"forged": report.chains, "uncovered": 1}
