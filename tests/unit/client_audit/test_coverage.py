"""The end of the audited time: what lies behind the last checkpoint is counted, and may be a finding."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tokenvault_client.audit import chains, verify
from tokenvault_client.audit.events import next_key

from chalicelib.audit.events import Checkpoint, timestamp
from tests.support.trails import START, VAULT_ID, MemoryTrail, check

HOUR = 3600


def at(seconds: float) -> datetime:
    """So long after the beginning of the trail."""
    return datetime.fromtimestamp(START + seconds, UTC)


@pytest.fixture
def two_days() -> MemoryTrail:
    """A trail of 48 hours: a container an hour with three reveals, and a checkpoint at each hour's end."""
    trail = MemoryTrail()
    for hour in range(48):
        trail.now = START + hour * HOUR
        trail.reveals(3)
        trail.now = START + (hour + 1) * HOUR - 61
        trail.checkpoint()
    return trail


def test_a_whole_trail_is_covered_to_its_end(two_days: MemoryTrail) -> None:
    """Up to the time that the last checkpoint covers, and no further."""
    end = 48 * HOUR - 61
    assert check(two_days, until=at(end)).findings == []
    [finding] = check(two_days, until=at(end + 1)).findings
    assert (finding.kind, finding.since, finding.until) == (
        "uncovered",
        timestamp(START + end),
        timestamp(START + end + 1),
    )


def test_a_trail_without_its_checkpoints_is_not_sound(two_days: MemoryTrail) -> None:
    """All of them deleted: nothing else misses them."""
    events = [item for item in two_days.items if item["action"]["S"] != "checkpoint"]
    report = check(two_days, events, until=at(0))
    assert report.counts == {"uncovered": 1}
    assert (report.events, report.events_after, report.reveals_after) == (144, 144, 144)


def test_a_trail_that_was_cut_is_not_sound(two_days: MemoryTrail) -> None:
    """At hour 12 of 48, events and checkpoints alike: what is left is in order, and ends too early."""
    cut = timestamp(START + 12 * HOUR)
    kept = [item for item in two_days.items if item["sk"]["S"] < cut]
    report = check(two_days, kept, until=at(48 * HOUR))
    [finding] = report.findings
    assert (finding.kind, finding.since) == ("uncovered", timestamp(START + 12 * HOUR - 61))
    assert check(two_days, kept, until=at(11 * HOUR)).ok


@pytest.mark.parametrize(("ago", "sound"), [(70, True), (80, False)])
def test_by_default_the_audited_time_ends_now(ago: int, sound: bool) -> None:
    """A running service's next checkpoint may be due, and not overdue."""
    trail = MemoryTrail()
    trail.now = (datetime.now(UTC) - timedelta(minutes=ago)).timestamp()
    trail.reveals(1)
    trail.checkpoint()
    assert check(trail, until=None).ok is sound


def test_a_time_without_a_zone_is_in_utc(two_days: MemoryTrail) -> None:
    """And one of another zone is the same moment."""
    end = at(48 * HOUR - 61)
    assert check(two_days, until=end.replace(tzinfo=None)).ok
    assert check(two_days, until=end.astimezone()).ok
    assert not check(two_days, until=end.replace(tzinfo=None) + timedelta(hours=1)).ok


def test_what_lies_behind_the_last_checkpoint_is_counted(two_days: MemoryTrail) -> None:
    """Events, the checkpoint's own among them, and the values that they revealed."""
    report = check(two_days)
    assert (report.events_after, report.reveals_after) == (1, 0)
    two_days.reveals(5)
    report = check(two_days)
    assert (report.events_after, report.reveals_after) == (6, 5)
    two_days.items[-1]["outcomes"] = {"L": [{"M": {}}]}
    assert check(two_days).reveals_after == 4


def test_a_checkpoint_vouches_for_nothing_after_itself(two_days: MemoryTrail) -> None:
    """Whatever it says."""
    two_days.container("maintain").record(
        Checkpoint(timestamp(START + 48 * HOUR - 61), "9999-01-01T00:00:00.000Z", ())
    )
    report = check(two_days)
    assert report.covered_until == timestamp(two_days.now)


class Steps:
    """Counts the steps of keys."""

    def __init__(self) -> None:
        self.taken = 0

    def __call__(self, key: bytes) -> bytes:
        self.taken += 1
        return next_key(key)


def test_made_up_numbers_cost_a_chain_its_budget_once(
    monkeypatch: pytest.MonkeyPatch, trail: MemoryTrail
) -> None:
    """An auditor steps over a bounded number of missing events of a chain, in however many gaps they are."""
    steps = Steps()
    monkeypatch.setattr(chains, "MOST_MISSING", 100)
    monkeypatch.setattr(chains, "next_key", steps)
    check(trail)
    honest, steps.taken = steps.taken, 0
    last = trail.of(1)[-1]
    made_up = [{**last, "sequence": {"N": str(11 + 90 * n)}} for n in range(1, 50)]
    report = check(trail, [*trail.items, *made_up])
    assert report.counts.keys() == {"gap", "edited", "forged"}
    assert steps.taken <= honest + 2 * 100


def test_gaps_within_the_budget_are_gaps(monkeypatch: pytest.MonkeyPatch, trail: MemoryTrail) -> None:
    """Events that were there count once, however many there are."""
    monkeypatch.setattr(chains, "MOST_MISSING", 3)
    removed = [trail.of(1)[n] for n in (2, 5, 7)]
    kept = [item for item in trail.items if item not in removed]
    assert check(trail, kept).counts == {"gap": 3}
    monkeypatch.setattr(chains, "MOST_MISSING", 2)
    assert check(trail, kept).counts == {"gap": 2, "forged": 1, "truncated": 1}


def test_first_events_that_were_made_up_cost_a_bounded_number_of_calls(trail: MemoryTrail) -> None:
    """Each needs a call of KMS, which costs money; the chain is then not verifiable, which is said."""
    first, calls = trail.of(1)[0], list[bytes]()

    def unwrap(wrapped: bytes, context: dict[str, str]) -> bytes:
        calls.append(wrapped)
        return trail.kms.unwrap(wrapped, context)

    forged = {**first, "wrapped_key": {"B": "QUJD"}, "mac": {"B": ""}}
    made_up: list[Any] = [{**forged, "client": {"S": f"c{n}"}} for n in range(500)]
    report = verify([*trail.items, *made_up], vault_id=VAULT_ID, unwrap=unwrap, until=at(0))
    assert report.counts["unverifiable"] == 1
    assert len(calls) < 100
