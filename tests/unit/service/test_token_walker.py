"""Walks over the tokens of a tenant, step by step, without a table."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib.errors import InvalidRequest, RecordCorrupt, StoreUnavailable
from chalicelib.items import Item
from chalicelib.service.token_walker import TokenWalker
from chalicelib.vault.token_walk_items import parse_token_walk, token_walk_item
from chalicelib.vault.token_walks import PAGE_TOKENS, TokenWalk
from chalicelib.vault.walks import SEGMENTS, ScannedPage

RUN, OTHER = "a" * 32, "b" * 32
WHICH = "shop", "note", RUN
WALK = "c" * 32
NEW = TokenWalk(*WHICH, begun=7, walk_id=WALK)


@dataclass
class Walks:
    """A `TokenWalkStore` of one walk. `takes` says whether it saves, or somebody else was first."""

    walk: TokenWalk | None = None
    takes: bool = True

    def find(self, tenant: str, type_name: str) -> TokenWalk | None:
        return self.walk

    def save(self, walk: TokenWalk, before: TokenWalk | None) -> bool:
        assert before == self.walk
        if self.takes:
            self.walk = walk
        return self.takes


@dataclass
class Records:
    """A `RecordScanner` of so many items in each segment, every second of them a token of the tenant."""

    size: int = 300
    asked: list[int] = field(default_factory=list)

    def scan(self, tenant: str, segment: int, position: Mapping[str, Any] | None, limit: int) -> ScannedPage:
        self.asked.append(limit)
        first = 0 if position is None else int(position["at"]["N"])
        end = min(self.size, first + limit)
        tokens = tuple((f"{segment}-{n}", "v") for n in range(first, end) if n % 2)
        return ScannedPage(tokens, end - first, None if end == self.size else {"at": {"N": str(end)}})


def walker(walks: Walks, records: Records | None = None) -> TokenWalker:
    return TokenWalker(
        walks=walks, records=records or Records(), clock=lambda: 1000.5, random_bytes=secrets.token_bytes
    )


def test_every_token_is_on_one_page_and_no_page_is_overfull() -> None:
    """In the order of the segments, each once, whatever the pace."""
    for limit in (7, 100, 1000):
        walks, records, seen = Walks(), Records(), list[str]()
        job = walker(walks, records)
        walk = job.begin(*WHICH)
        while not walk.is_done:
            walk = job.step(*WHICH, walk.revision, limit)
            assert len(walk.page) <= PAGE_TOKENS
            seen += walk.page
        assert seen == [f"{segment}-{n}" for segment in range(SEGMENTS) for n in range(1, 300, 2)]
        assert (walk.seen, walk.seen_before) == (300 * SEGMENTS, 300 * SEGMENTS)
        assert max(records.asked) <= min(limit, PAGE_TOKENS)


def test_a_step_that_somebody_else_took_is_not_taken_twice() -> None:
    """Of two at once one saves; the other is told that the same may be asked again."""
    walks = Walks()
    job = walker(walks)
    job.begin(*WHICH)
    walks.takes = False
    with pytest.raises(StoreUnavailable):
        job.step(*WHICH, 0, 100)
    walks.takes = True
    assert job.step(*WHICH, 0, 100).revision == 1


def test_of_two_that_begin_at_once_one_does() -> None:
    """The other begins again, and is then told of the first."""
    with pytest.raises(StoreUnavailable):
        walker(Walks(takes=False)).begin(*WHICH)


def test_a_walk_that_came_to_its_end_makes_way() -> None:
    """For any run; before, only for one that ends it. A step of a run that lost it is refused."""
    walks = Walks()
    job = walker(walks)
    walk = job.begin(*WHICH)
    with pytest.raises(InvalidRequest, match="another run goes on"):
        job.begin("shop", "note", OTHER)
    while not walk.is_done:
        walk = job.step(*WHICH, walk.revision, 10_000)
    assert job.begin(*WHICH) == walk
    with pytest.raises(InvalidRequest, match="the walk stands at another page"):
        job.step(*WHICH, walk.revision, 100)
    other = job.begin("shop", "note", OTHER)
    assert (other.revision, len(other.walk_id)) == (0, 32)
    assert other.walk_id != walk.walk_id
    with pytest.raises(InvalidRequest, match="another run began"):
        job.step(*WHICH, 0, 100)


def test_an_estimate_comes_with_the_first_segment() -> None:
    """As many items in each, as DynamoDB spreads them."""
    walk = TokenWalk(*WHICH, begun=1, walk_id=WALK)
    assert walk.estimate is None
    assert replace(walk, segment=2, seen=700, seen_before=600).estimate == 300 * SEGMENTS


@pytest.mark.parametrize("position", [None, {"pk": {"S": "shop#a"}, "sk": {"S": "record"}}])
def test_a_walk_is_the_same_out_of_its_item(position: Mapping[str, Any] | None) -> None:
    """To the last field; a page that is empty too."""
    walk = replace(NEW, segment=3, position=position, seen=5, seen_before=4, revision=2)
    for page in ((), ("a", "b")):
        written = replace(walk, page=page)
        assert parse_token_walk(token_walk_item(written, "eu-west-1")) == written


@pytest.mark.parametrize("name", ["run", "begun", "walk_id", "segment", "page", "revision"])
def test_a_changed_item_is_no_walk(name: str) -> None:
    """Nothing is guessed of what is missing or of another kind."""
    item = token_walk_item(replace(NEW, page=("a",)), "eu-west-1")
    without: Item = {key: value for key, value in item.items() if key != name}
    for changed in (without, {**item, name: {"BOOL": True}}):
        with pytest.raises(RecordCorrupt, match="a walk over tokens does not parse"):
            parse_token_walk(changed)
