"""Whatever is done to an audit trail without its keys is found, and said of the right container and time."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenvault_client.audit import (
    KeyRefused,
    verify,
)
from tokenvault_client.audit.events import Event

from chalicelib.audit.events import Checkpoint, Tail, timestamp
from tests.support.trails import VAULT_ID, FakeKms, Item, MemoryTrail, check

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "audit.json").read_text())


def found(trail: MemoryTrail, items: Any = None, **options: Any) -> list[tuple[Any, ...]]:
    """Kind, function, number of the container and events of each finding."""
    return [
        (
            finding.kind,
            finding.container and finding.container.function,
            finding.container and int(finding.container.chain, 16),
            finding.first,
            finding.last,
        )
        for finding in check(trail, items, **options).findings
    ]


def test_an_untouched_trail_is_sound(trail: MemoryTrail) -> None:
    """In any order, and with events that an archive has twice."""
    shuffled = [*trail.items, *trail.items[:7]]
    random.Random(1).shuffle(shuffled)
    report = check(trail, shuffled)
    assert report.ok
    assert report.findings == []
    assert (report.events, report.chains, report.checkpoints) == (24, 4, 2)
    assert report.covered_since == "2026-01-01T00:00:00.000Z"
    assert report.covered_until == "2026-01-01T00:00:23.000Z"


def test_a_removed_event_is_found(trail: MemoryTrail) -> None:
    """With its number, its container and the times around it."""
    removed = trail.of(1)[4]
    report = check(trail, [item for item in trail.items if item is not removed])
    [gap] = report.findings
    assert (gap.kind, gap.first, gap.last) == ("gap", 4, 4)
    assert gap.container is not None
    assert (gap.container.function, gap.container.region) == ("reveal", "eu-central-1")
    assert (gap.since, gap.until) == tuple(trail.of(1)[n]["sk"]["S"][:24] for n in (3, 5))
    assert report.counts == {"gap": 1}


def test_several_removed_events_are_one_gap(trail: MemoryTrail) -> None:
    """As many as are missing in a row."""
    removed = trail.of(2)[3:8]
    assert found(trail, [i for i in trail.items if i not in removed]) == [("gap", "reveal", 2, 3, 7)]


def test_a_removed_beginning_takes_the_key_along(trail: MemoryTrail) -> None:
    """Nothing of the chain can be checked then, which is said."""
    removed = trail.of(1)[:2]
    assert found(trail, [i for i in trail.items if i not in removed]) == [
        ("gap", None, 1, 0, 1),
        ("unverifiable", None, 1, 2, None),
    ]


EDITS: list[dict[str, Any]] = [
    {"purpose": {"S": "another"}},
    {"client": {"S": "somebody-else"}},
    {"outcomes": {"L": []}},
    {"more": {"S": ""}},
    {"sk": {"S": "2026-01-01T00:00:05.000Z#x"}},
    {"pk": {"S": "shop#2026-01-02"}},
    {"mac": {"B": "AAAA"}},
    {"action": {"S": "erase.token"}},
    {"previous": {"B": "AAAA"}},
]


@pytest.mark.parametrize("number", [0, 5, 10])
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: next(iter(edit)))
def test_an_edited_event_is_found(trail: MemoryTrail, edit: dict[str, Any], number: int) -> None:
    """Whatever of it was changed, wherever in the chain it stands; the others stay checkable."""
    victim = trail.of(1)[number]
    items = [{**item, **edit} if item is victim else item for item in trail.items]
    assert found(trail, items) == [("edited", "reveal", 1, number, number)]


def test_a_removed_attribute_is_found(trail: MemoryTrail) -> None:
    """Also one that a chain can do without."""
    victim = trail.of(1)[5]
    del victim["purpose"]
    assert found(trail) == [("edited", "reveal", 1, 5, 5)]
    del victim["previous"]
    assert found(trail) == [("edited", "reveal", 1, 5, 5)]


SWAPS: dict[str, set[str]] = {
    "places": {"pk", "sk"},
    "contents": {"outcomes", "request_id", "client", "purpose", "action"},
    "all but the chain": {"pk", "sk", "outcomes", "request_id", "client", "purpose", "action"},
    "numbers": {"sequence"},
}


@pytest.mark.parametrize("names", SWAPS.values(), ids=SWAPS.keys())
def test_two_swapped_events_are_found(trail: MemoryTrail, names: set[str]) -> None:
    """Whichever way they were swapped, they are named as a pair."""
    first, other = trail.of(2)[3], trail.of(2)[7]
    for name in names:
        first[name], other[name] = other[name], first[name]
    assert found(trail) == [("swapped", "reveal", 2, 3, 7)]


def test_a_cut_end_is_found(trail: MemoryTrail) -> None:
    """Against the last checkpoint that saw more, with its time."""
    removed = trail.of(1)[8:]
    report = check(trail, [item for item in trail.items if item not in removed])
    [cut] = report.findings
    assert (cut.kind, cut.first, cut.last) == ("truncated", 8, 10)
    assert cut.container is not None
    assert cut.container.function == "reveal"
    assert cut.since == trail.of(1)[7]["sk"]["S"][:24]
    assert cut.until == trail.of(4)[0]["sk"]["S"][:24]


def test_a_chain_that_is_gone_is_found(trail: MemoryTrail) -> None:
    """All of it, though nothing else names it."""
    removed = trail.of(2)
    assert found(trail, [i for i in trail.items if i not in removed]) == [("truncated", None, 2, 0, 10)]


def test_a_removed_checkpoint_is_found(trail: MemoryTrail) -> None:
    """By the next one, which saw it; and the time that it covered is a hole."""
    removed = trail.of(3)
    trail.reveals(1)
    trail.checkpoint()
    items = [item for item in trail.items if item not in removed]
    assert found(trail, items) == [("truncated", None, 3, 0, 0)]
    del items[items.index(trail.of(4)[0])]
    report = check(trail, items)
    assert report.counts == {"truncated": 1}
    assert report.covered_since == trail.of(6)[0]["since"]["S"]


def test_a_hole_between_checkpoints_is_found(trail: MemoryTrail) -> None:
    """Somebody kept the maintenance function from running, or took its events away."""
    trail.reveals(1)
    trail.checkpoint()
    middle = trail.of(4)
    report = check(trail, [item for item in trail.items if item not in middle])
    assert report.counts == {"hole": 1, "truncated": 1}
    hole = report.findings[-1]
    assert (hole.since, hole.until) == (middle[0]["since"]["S"], middle[0]["until"]["S"])


@pytest.mark.parametrize("number", [10**37, -(10**37)])
def test_a_number_that_a_checkpoint_was_made_to_note_is_found(trail: MemoryTrail, number: int) -> None:
    """Whoever writes to the table makes up an event of any number; the check goes on, and tells."""
    noted = Tail("ab" * 16, number, b"x" * 32)
    since, until = timestamp(trail.now), timestamp(trail.now + 1)
    trail.container("maintain").record(Checkpoint(since, until, (noted,)))
    assert check(trail).counts.keys() >= {"truncated"}


def test_an_end_that_is_known_from_elsewhere(trail: MemoryTrail) -> None:
    """A caller may know more than the checkpoints do."""
    chain = trail.of(1)[0]["chain"]["S"]
    assert found(trail, expected={chain: 10}) == []
    assert found(trail, expected={chain: 12}) == [("truncated", "reveal", 1, 11, 12)]


def forged(kms: FakeKms) -> MemoryTrail:
    """A trail whose maker has every right except those of KMS."""
    made = MemoryTrail()
    made.kms = kms
    return made


def test_a_chain_forged_without_the_key_is_found(trail: MemoryTrail) -> None:
    """Under a key of the forger's own, which KMS never wrapped."""
    forger = MemoryTrail()
    for _ in range(9):
        forger.container("reveal")
    forger.reveals(3)
    assert found(trail, [*trail.items, *forger.items]) == [("forged", None, 10, 0, 0)]


def test_a_chain_forged_with_anothers_wrapped_key_is_found(trail: MemoryTrail) -> None:
    """A key belongs to its chain, its function and its vault; it opens nothing else."""
    first = dict(trail.of(1)[0])
    for change in (
        {"chain": {"S": "f" * 32}},
        {"function": {"S": "tokenize"}},
        {"function": {"S": "nonsense"}},
    ):
        assert "forged" in {kind for kind, *_ in found(trail, [{**first, **change}])}
    with pytest.raises(KeyRefused):
        trail.kms.unwrap(b"wrapped-0", {"vault": "another"})


def test_events_added_to_a_chain_are_found(trail: MemoryTrail) -> None:
    """Behind its end, or beside one of its own."""
    last = trail.of(1)[-1]
    behind = {**last, "sequence": {"N": "11"}, "previous": last["mac"]}
    assert found(trail, [*trail.items, behind]) == [("edited", "reveal", 1, 11, 11)]
    beside = {**last, "client": {"S": "another"}, "sk": {"S": last["sk"]["S"] + "x"}}
    assert found(trail, [*trail.items, beside]) == [("edited", "reveal", 1, 10, 10)]
    far = {**last, "sequence": {"N": "9" * 15}}
    assert found(trail, [*trail.items, far]) == [("forged", "reveal", 1, 10**15 - 1, 10**15 - 1)]


def test_a_function_forges_no_other_functions_events() -> None:
    """Who holds a search container's key can make up searches, but no reveals and no checkpoints."""
    trail = MemoryTrail()
    trail.reveals(1, trail.container("tokenize"))
    trail.checkpoint()
    assert found(trail) == [("forged", "tokenize", 1, 0, 0)]


def test_items_without_a_chain_are_found(trail: MemoryTrail) -> None:
    """What somebody put into the table by hand, and what is no event at all."""
    by_hand = {name: value for name, value in trail.of(1)[3].items() if name not in ("chain", "mac")}
    odd: list[Any] = [
        by_hand,
        {},
        {**by_hand, "chain": {"S": "x"}, "mac": {"B": "AAAA"}},
        {**trail.of(1)[3], "sequence": {"N": "-1"}},
        {**trail.of(1)[3], "sequence": {"N": "9" * 40}},
        {**trail.of(1)[3], "mac": {"B": "not base64"}},
        {**trail.of(1)[3], "client": {"S": "\ud800"}},
        {**trail.of(1)[3], "sk": {"S": 5}},
    ]
    report = check(trail, [*trail.items, *odd])
    assert report.counts == {"unchained": len(odd)}
    assert report.findings[0].since == trail.of(1)[3]["sk"]["S"][:24]
    assert report.findings[1].since is None


def test_nothing_at_all_is_covered_by_nothing() -> None:
    """An empty export is a finding: no checkpoint vouches for it."""
    report = check(MemoryTrail(), [])
    assert (report.counts, report.events, report.covered_until) == ({"uncovered": 1}, 0, None)


@settings(max_examples=150)
@given(data=st.data())
def test_any_single_change_is_found(data: st.DataObject) -> None:
    """Of any attribute of any event, by any text; or the event is taken out."""
    trail = MemoryTrail()
    trail.reveals(3)
    trail.reveals(2)
    trail.checkpoint()
    trail.checkpoint()
    victim = data.draw(st.sampled_from(trail.items[:-1]))
    name = data.draw(st.sampled_from([*victim, None, "new"]))
    if name is None:
        trail.items.remove(victim)
    else:
        text = data.draw(
            st.text(max_size=5).map(lambda t: {"S": t}) | st.just({"N": "1"}) | st.just({"B": "QQ=="})
        )
        if victim.get(name) == text:
            return
        victim[name] = text
    assert not check(trail).ok


@pytest.mark.parametrize("vector", VECTORS["chains"], ids=lambda v: v["name"])
def test_vectors(vector: dict[str, Any]) -> None:
    """The verifier agrees with `docs/audit.md`, to the last byte."""

    def unwrap(wrapped: bytes, context: dict[str, str]) -> bytes:
        assert wrapped.hex() == vector["wrapped_key"]
        assert context == {
            "vault": VAULT_ID,
            "purpose": "audit-chain",
            "function": vector["function"],
            "chain": vector["chain"],
        }
        return bytes.fromhex(vector["key"])

    items = list(_items(vector))
    # A chain alone, without a checkpoint.
    assert verify(items, vault_id=VAULT_ID, unwrap=unwrap).counts == {"uncovered": 1}
    assert [Event.of(item).body.decode() for item in items] == [e["canonical"] for e in vector["events"]]


def _items(vector: dict[str, Any]) -> Iterator[Item]:
    for event in vector["events"]:
        yield json.loads(event["canonical"]) | {"mac": {"B": bytes.fromhex(event["mac"])}}
