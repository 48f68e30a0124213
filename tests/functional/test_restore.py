"""Restored tables have other names; what is in them is bound to the vault's id, and opens."""

from chalicelib import wiring
from tests.support import policies
from tests.support.world import World

RESTORED = {"TOKENVAULT_VAULT_TABLE": "vault-restored", "TOKENVAULT_KEYS_TABLE": "keys-restored"}
TEXT = {"type": "text", "value": "kept"}


def restore(account: World) -> None:
    """The vault and its keys under new names, and nothing left under the old ones."""
    for table in ("vault", "keys"):
        account.dynamodb.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=f"{table}-restored", UseLatestRestorableTime=True
        )
        account.dynamodb.delete_table(TableName=table)


def start(account: World, **changes: str) -> None:
    """New containers with another environment."""
    for function in account.services:
        env = {**account.env(function), **changes}
        account.services[function] = wiring.build(env, account.client, account.telemetry)


def test_restored_tables_open_under_their_new_names(account: World) -> None:
    """What was tokenized before is turned back, and what comes is taken in."""
    token = account.tokenize(TEXT).only["token"]
    restore(account)
    start(account, **RESTORED)
    assert account.detokenize(token).only["value"] == "kept"
    assert account.detokenize(account.tokenize(TEXT).only["token"]).only["value"] == "kept"


def test_the_same_tables_do_not_open_under_another_vault_id(account: World) -> None:
    """The id is in every ciphertext: nothing is revealed, and nothing taken in."""
    token = account.tokenize(TEXT).only["token"]
    account.put_policy({**policies.document(), "vault_id": "another-vault"})
    start(account, TOKENVAULT_VAULT_ID="another-vault")
    assert "value" not in account.detokenize(token).raw.body.decode()
    assert account.tokenize(TEXT).status != 200


def test_a_vault_that_is_restored_gives_nothing_out(account: World) -> None:
    """No value, no mask, no token, until what was erased since the restored moment is erased again."""
    [token, erased] = (account.tokenize({**TEXT, "subject": name}).only["token"] for name in ("p1", "p2"))
    start(account, TOKENVAULT_RESTORING="on")
    refused = [
        account.detokenize(token),
        account.masked(token),
        account.tokenize(TEXT),
        account.search({"type": "card_known", "value": "4111111111111111"}),
    ]
    for answer in refused:
        assert (answer.status, answer.body["code"]) == (503, "restoring")
        assert "Retry-After" in answer.raw.headers
    assert account.erase(token=erased).status == 204
    assert account.facts(erased).status == 404
    assert account.facts(token).status == 200
    start(account)
    assert account.detokenize(token).only["value"] == "kept"
