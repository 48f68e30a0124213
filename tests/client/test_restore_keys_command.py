"""`tokenvault restore keys`: a vault is restored to before a move, and values get the very same tokens."""

import io
from collections.abc import Iterator

import pytest
from tokenvault_client.cli import main
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.session import Session
from tokenvault_client.prf_key_items import to_take_over

from chalicelib import wiring
from chalicelib.errors import Restoring
from tests.support.answers import tokens
from tests.support.retokenizing import Retokenizing, naming, pairs, switch
from tests.support.world import REGION, World, world

RESTORED = {"TOKENVAULT_VAULT_TABLE": "vault-restored", "TOKENVAULT_KEYS_TABLE": "keys-restored"}
ALL = [f"text {n}" for n in range(3)]


@pytest.fixture
def account() -> Iterator[World]:
    """An account with three values, whose tables were restored to this moment under other names."""
    with world(naming()) as made:
        tokens(made.tokenize(*({"type": "text_known", "value": value} for value in ALL)))
        for table in ("vault", "keys"):
            made.dynamodb.restore_table_to_point_in_time(
                SourceTableName=table, TargetTableName=f"{table}-restored", UseLatestRestorableTime=True
            )
        yield made


def move(account: World) -> dict[str, str]:
    """The type gets its second key, and all old tokens are retired."""
    switch(account, naming(text_known=2))
    moved = pairs(Retokenizing(account).begin().finish())
    for token in moved:
        assert account.erase(token=token).status == 204
    return moved


def serve(account: World, monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    """The functions have the restored tables, as Terraform gives them these."""
    env = account.env
    monkeypatch.setattr(account, "env", lambda name: env(name) | RESTORED | more)
    account.restart()


def take_over(*more: str) -> tuple[Exit, str, str]:
    """The command, in this process: how it ended, and both outputs."""
    named = ["--from", "keys", "--to", "keys-restored", "--region", REGION, *more]
    chosen, out, err = parser().parse_args(["restore", "keys", *named]), io.StringIO(), io.StringIO()
    session = Session({}, io.BytesIO(), out, err, interactive=False, as_json=chosen.json)
    return main.run(session, chosen), out.getvalue(), err.getvalue()


def keys(account: World, table: str = "keys-restored") -> dict[tuple[str, str], object]:
    """What a table has of PRF keys, by tenant and name."""
    items = account.dynamodb.scan(TableName=table)["Items"]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in items if "prf" in item["sk"]["S"]}


def test_a_restore_across_a_move_gives_the_very_same_tokens(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The applications hold the new tokens alone, which the restored vault has not: the move brings them."""
    moved = move(account)
    assert take_over()[0] is Exit.OK
    with monkeypatch.context() as meanwhile:
        serve(account, meanwhile, TOKENVAULT_RESTORING="on")
        account.maintain()
    serve(account, monkeypatch)
    account.maintain()
    assert pairs(Retokenizing(account).begin().finish()) == moved
    shown = account.detokenize(*moved.values()).body["results"]
    assert sorted(entry["value"] for entry in shown) == ALL


def test_maintenance_makes_no_prf_key_in_a_vault_that_is_being_restored(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be another one under the number of the one before. The run fails, and says what to do."""
    move(account)
    serve(account, monkeypatch, TOKENVAULT_RESTORING="on")
    before = keys(account)
    for number in (None, 3):
        with pytest.raises(Restoring, match="`tokenvault restore keys`"):
            wiring.maintain(account.env("maintain"), account.client, account.telemetry, None, number)
    assert keys(account) == before


def test_keys_and_marks_come_over_and_are_named(account: World) -> None:
    """Of every tenant; nothing else of the table does. Run again, there is nothing to do."""
    move(account)
    account.dynamodb.put_item(
        TableName="keys",
        Item={"pk": {"S": "shop"}, "sk": {"S": "held#us-east-1#prf-2"}, "contents": {"B": b"digest"}},
    )
    others = len(account.dynamodb.scan(TableName="keys-restored")["Items"]) - len(keys(account))
    assert take_over() == (Exit.OK, "prf-2 of clinic\nprf-2 of shop\n2 keys taken over, 3 marks\n", "")
    assert keys(account) == keys(account, "keys")
    assert len(account.dynamodb.scan(TableName="keys-restored")["Items"]) == others + len(keys(account))
    assert take_over("--json") == (Exit.OK, '{"keys": 0, "marks": 0}\n', "")


def test_another_key_under_the_same_name_is_left_and_nothing_is_written(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Maintenance made it in the restored table, which served without `restoring`: somebody has to look."""
    move(account)
    with monkeypatch.context() as meanwhile:
        serve(account, meanwhile)
        account.maintain()
    before = keys(account)
    account.dynamodb.put_item(TableName="keys", Item={"pk": {"S": "late"}, "sk": {"S": "ready#prf"}})
    end, out, err = take_over()
    assert (end, out) == (Exit.USAGE, "")
    assert "--to: it has another prf-2 of clinic, another prf-2 of shop; nothing was written" in err
    assert keys(account) == before


def test_a_key_comes_before_what_says_that_it_is_ready() -> None:
    """A run that ended half way leaves no key that is ready and not there."""
    names = ["ready#prf-2", "held#eu-west-1#prf-2", "prf-2", "ready#prf", "prf"]
    items = [{"pk": {"S": "shop"}, "sk": {"S": name}} for name in names]
    passed = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in (("#tenants", "prf"), ("shop", "branch#prf"))]
    order = [item["sk"]["S"] for item in to_take_over(passed + items, [])]
    assert order == ["prf", "prf-2", "held#eu-west-1#prf-2", "ready#prf", "ready#prf-2"]


def test_the_table_itself_is_no_source(account: World) -> None:
    """Nothing would come of it, and whoever asks mistook a name."""
    end, _, err = take_over("--from", "keys-restored")
    assert end is Exit.USAGE
    assert "--from, --to: two tables are needed" in err


def test_swapped_tables_are_no_success(account: World) -> None:
    """Nothing would be taken over, and the restored table would go without the keys that it lacks."""
    move(account)
    before = keys(account, "keys")
    end, out, err = take_over("--from", "keys-restored", "--to", "keys")
    assert (end, out) == (Exit.USAGE, "")
    assert "--from lacks prf-2 of clinic, prf-2 of shop; are the two swapped?" in err
    assert keys(account, "keys") == before
