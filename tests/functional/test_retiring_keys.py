"""A version of a key retires once no record names it, and only then; it can be brought back."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import InvalidRequest, RecordCorrupt, StoreUnavailable
from tests.support.answers import tokens
from tests.support.rotations import Operator
from tests.support.values import of_a_subject, opaque
from tests.support.world import World, world


@pytest.fixture
def account() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def operator(account: World) -> Operator:
    return Operator(account)


def rotated(operator: Operator) -> tuple[str, str]:
    """A version that nobody writes with any more, and the one after it."""
    newest = operator.rotate()
    operator.settle()
    return operator.versions()[0]["key_id"], newest


def test_a_version_that_no_record_names_retires(account: World, operator: Operator) -> None:
    """Every value opens as before, new ones are taken in, and its private half is asked for no more."""
    made = tokens(account.tokenize(*of_a_subject(1)))
    old, _ = rotated(operator)
    operator.walk(moves=True)
    operator.named()
    assert operator.ask("retire", key=old) == {"retire": old}
    account.restart()
    unwrapped = set[str]()

    def note(name: str, given: dict[str, Any]) -> None:
        if name == "kms.Decrypt":
            unwrapped.add(given["EncryptionContext"]["key"])

    account.fault = note
    shown = account.detokenize(*made, *tokens(account.tokenize(*opaque(2)))).body["results"]
    assert [entry["value"] for entry in shown] == [item["value"] for item in (*of_a_subject(1), *opaque(2))]
    assert old not in unwrapped
    first, second = operator.versions()
    assert first["retired"] is not None
    assert second["retired"] is None


def test_a_version_that_records_name_does_not_retire(account: World, operator: Operator) -> None:
    """The walk that moved them had counted them: it takes one that finds none."""
    account.tokenize(*opaque(1))
    old, _ = rotated(operator)
    assert operator.named()[old] == 1
    with pytest.raises(InvalidRequest, match="records name it"):
        operator.ask("retire", key=old)
    operator.walk(moves=True)
    with pytest.raises(InvalidRequest, match="records name it"):
        operator.ask("retire", key=old)
    assert operator.named()[old] == 0
    operator.ask("retire", key=old)


def test_a_walk_tells_nothing_of_a_version_that_was_still_written_with(
    account: World, operator: Operator
) -> None:
    """A container that knew of no newer version may have written behind the walk."""
    account.tokenize(*opaque(1))
    operator.rotate()
    old, _ = operator.versions()
    operator.walk(moves=True)
    assert operator.named()[old["key_id"]] == 0
    with pytest.raises(InvalidRequest, match="may still have been written with"):
        operator.ask("retire", key=old["key_id"])
    assert old["retires_from"] > old["created"]


@pytest.mark.parametrize("finished", [False, True])
def test_an_unfinished_walk_tells_nothing(account: World, operator: Operator, finished: bool) -> None:
    """Neither does the finished one before it."""
    old, _ = rotated(operator)
    if finished:
        operator.named()
    operator.ask("walk", moves=False)
    assert operator.versions()[0]["records"] is None
    with pytest.raises(InvalidRequest, match="no walk"):
        operator.ask("retire", key=old)


def test_the_version_in_use_does_not_retire(account: World, operator: Operator) -> None:
    """There has to be a newer one, which is ready."""
    operator.named()
    [only] = operator.versions()
    for compromised in (False, True):
        with pytest.raises(InvalidRequest, match="no newer version"):
            operator.ask("retire", key=only["key_id"], compromised=compromised)


def test_a_compromised_version_retires_with_what_cannot_be_moved(account: World, operator: Operator) -> None:
    """What was moved opens; what somebody had changed opens no more than before, and says why."""
    spoiled, good = tokens(account.tokenize(*opaque(1), *opaque(2)))
    account.store(account.stored(spoiled) | {"created": {"N": "1"}})
    old, _ = rotated(operator)
    operator.walk(moves=True)
    assert operator.named()[old] == 1
    operator.ask("retire", key=old, compromised=True)
    account.restart()
    assert account.detokenize(good).only["value"] == "text 2"
    assert account.detokenize(spoiled).only["error"] == {
        "code": "record_corrupt",
        "detail": "a record names a version of its branch key that was retired",
    }


def test_a_retired_version_is_brought_back_for_records_that_came_back(
    account: World, operator: Operator
) -> None:
    """A backup, or a Region that was cut off, brings one back: it opens after `reinstate`, and moves."""
    [token] = tokens(account.tokenize(*opaque(1)))
    before = account.stored(token)
    old, newest = rotated(operator)
    operator.walk(moves=True)
    operator.named()
    operator.ask("retire", key=old)
    account.store(before)
    account.restart()
    assert account.detokenize(token).only["error"]["code"] == "record_corrupt"
    assert operator.named()[old] == 1
    assert operator.ask("reinstate", key=old) == {"reinstate": old}
    account.restart()
    assert account.detokenize(token).only["value"] == "text 1"
    operator.restart()
    assert operator.walk(moves=True)["moved"] == 1
    assert operator.named() == {old: 0, newest: 1}
    operator.ask("retire", key=old)


def test_retiring_twice_changes_nothing(account: World, operator: Operator) -> None:
    """The time of the first stays, whatever a later walk says."""
    old, _ = rotated(operator)
    operator.named()
    operator.ask("retire", key=old)
    first = operator.versions()[0]["retired"]
    operator.ask("walk", moves=False)
    operator.ask("retire", key=old)
    assert operator.versions()[0]["retired"] == first


@pytest.mark.parametrize("torn", ["counts", "position", "newest", "revision"])
def test_a_torn_place_of_a_walk_is_deleted_as_the_runbook_says(
    account: World, operator: Operator, torn: str
) -> None:
    """Each command names the item, records open all the while, and a walk from the beginning retires it."""
    made = tokens(account.tokenize(*opaque(3)))
    old, _ = rotated(operator)
    operator.until_page()
    [place] = [item for item in account.items("keys") if item["pk"]["S"].endswith("#walk")]
    account.store({name: part for name, part in place.items() if name != torn}, "keys")
    named = r"delete its item from the keys table \(pk shop#walk, sk us-east-1\)"
    for command in (operator.versions, operator.rewrap_page, operator.until_page):
        with pytest.raises(RecordCorrupt, match=named):
            command()
    assert [entry["value"] for entry in account.detokenize(*made).body["results"]] == values(3)
    account.dynamodb.delete_item(TableName="keys", Key=key_of_the_runbook())
    assert operator.walk(moves=True)["moved"] == len(made)
    assert operator.named()[old] == 0
    operator.ask("retire", key=old)


def key_of_the_runbook() -> dict[str, Any]:
    """The key in the command that deletes the place of a walk."""
    page = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    [key] = re.findall(r"delete-item --table-name \S+ --key '(.+?)'`", page, re.DOTALL)
    parsed: dict[str, Any] = json.loads(key)
    return parsed


def values(number: int) -> list[str]:
    """What `opaque` has tokenized."""
    return [item["value"] for item in opaque(number)]


def test_a_walk_that_another_run_went_on_with_is_not_gone_on_with(account: World, operator: Operator) -> None:
    """Of two runs in a Region one is told so; nothing is counted twice."""
    account.tokenize(*[{"type": "text", "value": "x"}] * 10)
    mine, other = operator.ask("walk", moves=False), operator.ask("walk", moves=False)
    assert mine == other
    operator.ask("walk", revision=other["revision"], limit=3)
    with pytest.raises(InvalidRequest, match="another run"):
        operator.ask("walk", revision=mine["revision"])
    assert sum(operator.named().values()) == 10


@pytest.mark.parametrize("limit", [3, 1000])
def test_two_steps_at_once_are_one(account: World, operator: Operator, limit: int) -> None:
    """If they differ, the second to write is told that somebody came before it; else it is the same step."""
    account.tokenize(*[{"type": "text", "value": "x"}] * 10)
    walk = operator.ask("walk", moves=False)

    def overtake(name: str, given: dict[str, Any]) -> None:
        if name == "dynamodb.Scan":
            account.fault = None
            operator.ask("walk", revision=walk["revision"], limit=limit)

    account.fault = overtake
    if limit == 1000:
        operator.ask("walk", revision=walk["revision"], limit=1000)
    else:
        with pytest.raises(StoreUnavailable, match="another run"):
            operator.ask("walk", revision=walk["revision"], limit=1000)
    assert sum(operator.named().values()) == 10


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"walk": {}}, "tenant"),
    ({"walk": {"tenant": "Shop 4929-SENTINEL-7712"}}, "tenant"),
    ({"walk": {"tenant": "shop", "moves": "4929-SENTINEL-7712"}}, "moves"),
    ({"walk": {"tenant": "shop", "revision": True}}, "revision"),
    ({"walk": {"tenant": "shop", "revision": 0, "limit": 0}}, "limit"),
    ({"retire": {"tenant": "shop", "key": "4929-SENTINEL-7712"}}, "key"),
    ({"retire": {"tenant": "shop", "key": "0" * 32}}, "key"),
    ({"reinstate": {"tenant": "shop"}}, "key"),
    ({"versions": "shop"}, "event"),
    ({"versions": {"tenant": "shop"}, "walk": {"tenant": "shop"}}, "event"),
)


def test_a_wrong_event_names_field_and_rule(operator: Operator) -> None:
    """And nothing of what was given."""
    for event, rule in WRONG:
        with pytest.raises(InvalidRequest) as refused:
            operator.send(event)
        assert refused.value.detail.startswith(f"{rule}: ")
        assert "SENTINEL" not in refused.value.detail
