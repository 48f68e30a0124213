"""A large table is walked through by its segments, side by side: what that moves, counts and retires."""

from collections.abc import Iterator

import pytest

from chalicelib.errors import InvalidRequest
from chalicelib.service import key_events
from chalicelib.vault.walks import SEGMENTS
from tests.support.answers import tokens
from tests.support.rotations import Operator
from tests.support.values import opaque
from tests.support.world import REGION, World, world

RECORDS = 30


@pytest.fixture
def account() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def operator(account: World) -> Operator:
    return Operator(account)


def made(account: World) -> list[str]:
    """Tokens of records, in nearly every segment."""
    return tokens(account.tokenize(*(item for number in range(RECORDS) for item in opaque(number))))


def walk_parts(operator: Operator, *, moves: bool) -> int:
    """A walk over each segment, the last begun first to end; how many records they moved."""
    return sum(operator.walk(moves=moves, part=part).get("moved", 0) for part in reversed(range(SEGMENTS)))


def begin_earlier(account: World, walk: str = REGION) -> None:
    """Has the walks whose sort keys begin so have begun long ago."""
    for item in account.items("keys"):
        if item["pk"]["S"] == "shop#walk" and item["sk"]["S"].startswith(walk):
            account.store(item | {"begun": {"N": "1"}}, "keys")


def records(operator: Operator) -> list[int | None]:
    """How many records name each version, the oldest first."""
    return [version["records"] for version in operator.versions()]


def test_segments_move_every_record_once_and_count_them(account: World, operator: Operator) -> None:
    """The walks share nothing: what all of them moved and counted are all records."""
    values = made(account)
    operator.rotate()
    assert walk_parts(operator, moves=True) == RECORDS
    walk_parts(operator, moves=False)
    assert records(operator) == [0, RECORDS]
    shown = account.detokenize(*values).body["results"]
    assert [entry["value"] for entry in shown] == [f"text {number}" for number in range(RECORDS)]


def test_counts_stand_only_once_every_segment_was_counted(account: World, operator: Operator) -> None:
    """One that is missing, or under way, could hold the record that keeps a version."""
    made(account)
    for part in range(1, SEGMENTS):
        operator.walk(moves=False, part=part)
    assert records(operator) == [None]
    operator.ask("walk", moves=False, part=0)
    assert records(operator) == [None]
    operator.walk(moves=False, part=0)
    assert records(operator) == [RECORDS]


def test_the_later_count_is_told(account: World, operator: Operator) -> None:
    """Of the walk over the whole table and those over its segments, whichever began later."""
    account.tokenize(*opaque(1))
    walk_parts(operator, moves=False)
    account.tokenize(*opaque(2))
    begin_earlier(account)
    assert list(operator.named().values()) == [2]
    begin_earlier(account)
    account.tokenize(*opaque(3))
    walk_parts(operator, moves=False)
    assert records(operator) == [3]


def test_a_version_retires_by_the_counts_of_all_segments(account: World, operator: Operator) -> None:
    """Not before its last record was moved; said twice it changes nothing."""
    made(account)
    old = operator.versions()[0]["key_id"]
    operator.rotate()
    assert operator.ask("retire") == {"retire": {old: "key: no walk over the records was finished"}}
    walk_parts(operator, moves=False)
    early = "key: the latest walk began while it may still have been written with"
    assert operator.ask("retire") == {"retire": {old: early}}
    operator.settle()
    assert operator.ask("retire") == {"retire": {old: "key: records name it; move them, then count again"}}
    walk_parts(operator, moves=True)
    walk_parts(operator, moves=False)
    assert operator.ask("retire") == {"retire": {old: None}}
    assert operator.ask("retire") == {"retire": {}}
    assert operator.versions()[0]["retired"] is not None


def test_one_segment_begun_too_early_holds_a_version_up(account: World, operator: Operator) -> None:
    """The earliest beginning of all counts, since a record may have been written there after it."""
    account.tokenize(*opaque(1))
    old = operator.versions()[0]["key_id"]
    operator.rotate()
    operator.settle()
    for moves in (True, False):
        walk_parts(operator, moves=moves)
    begin_earlier(account, f"{REGION}#07")
    early = "key: the latest walk began while it may still have been written with"
    assert operator.ask("retire") == {"retire": {old: early}}


def test_the_version_in_use_does_not_retire(account: World, operator: Operator) -> None:
    """However few records name it."""
    walk_parts(operator, moves=False)
    assert operator.ask("retire") == {"retire": {}}
    with pytest.raises(InvalidRequest, match="key: the id of a version is needed"):
        operator.ask("retire", compromised=True)


@pytest.mark.parametrize("part", [-1, SEGMENTS, True, "3", 1.0])
def test_a_part_is_a_segment(account: World, operator: Operator, part: object) -> None:
    """Of a walk, of its steps and of a page to be sealed again."""
    for event in ({"moves": True}, {"revision": 0}):
        with pytest.raises(InvalidRequest, match="part: a segment from 0 to 15 is needed"):
            operator.ask("walk", part=part, **event)
    with pytest.raises(InvalidRequest, match="part: a segment from 0 to 15 is needed"):
        key_events.read_rewrap({"rewrap": "shop", "part": part})


def test_progress_is_told_over_all_segments(account: World, operator: Operator) -> None:
    """How many are done, how much was looked at, and from those done, about how much there is."""
    made(account)
    assert operator.ask("versions")["progress"] is None
    operator.ask("walk", moves=True, part=0)
    assert operator.ask("versions")["progress"] == {"done": 0, "seen": 0, "estimate": None}
    operator.walk(moves=True, part=0)
    half = operator.ask("versions")["progress"]
    assert (half["done"], half["estimate"]) == (1, half["seen"] * SEGMENTS)
    walk_parts(operator, moves=False)
    assert operator.ask("versions")["progress"] == {"done": SEGMENTS, "seen": RECORDS, "estimate": RECORDS}
