"""Checkpoints follow each other without a hole, and name the last event of every chain in between."""

from collections.abc import Iterator

from chalicelib.audit.checkpointer import Checkpointer
from chalicelib.audit.events import NOBODY, AuditEvent, Checkpoint, Tail, partition, timestamp

NOON = 1767268800.0
DAY = 24 * 3600


class Events:
    """Stored events, as an `AuditReader`, and what was recorded, as an `AuditTrail`."""

    def __init__(self) -> None:
        self.stored: list[tuple[str, str, Tail]] = []
        self.checkpoints: list[tuple[str, str]] = []
        self.recorded: list[Checkpoint] = []

    def add(self, tenant: str, at: float, chain: str, sequence: int) -> None:
        when = timestamp(at)
        self.stored.append((partition(tenant, when), f"{when}#x", Tail(chain, sequence, b"%d" % sequence)))

    def noted(self, at: float, until: float) -> None:
        self.checkpoints.append((f"{timestamp(at)}#x", timestamp(until)))

    def tails(self, partition: str, since: str, until: str) -> Iterator[Tail]:
        return (tail for pk, sk, tail in self.stored if pk == partition and since <= sk <= until)

    def covered_until(self, partition: str, since: str, until: str) -> str | None:
        day = partition.removeprefix(f"{NOBODY}#")
        found = [(sk, at) for sk, at in self.checkpoints if sk.startswith(day) and since <= sk <= until]
        return max(found)[1] if found else None

    def record(self, event: AuditEvent | Checkpoint) -> None:
        assert isinstance(event, Checkpoint)
        self.recorded.append(event)

    def check(self, now: float = NOON) -> Checkpoint:
        Checkpointer(store=self, audit=self, clock=lambda: now).check(["shop", "clinic"])
        return self.recorded[-1]


def test_the_first_looks_a_day_back() -> None:
    """There was none before; the last event of each chain counts, in whatever partition it lies."""
    events = Events()
    for sequence, (tenant, ago) in enumerate([("shop", DAY + 1), ("shop", DAY - 1), ("clinic", 120)]):
        events.add(tenant, NOON - ago, "a", sequence)
    events.add("shop", NOON - 3600, "b", 7)
    events.add(NOBODY, NOON - 3600, "c", 0)
    made = events.check()
    assert (made.since, made.until) == (timestamp(NOON - DAY), timestamp(NOON - 60))
    assert made.tails == (Tail("a", 2, b"2"), Tail("b", 7, b"7"), Tail("c", 0, b"0"))


def test_each_begins_where_the_last_ended() -> None:
    """What the last one covered is not read again, and what is not settled yet is left for the next."""
    events = Events()
    events.noted(NOON - 7200, NOON - 7260)
    events.noted(NOON - 3600, NOON - 3660)
    events.add("shop", NOON - 3661, "a", 1)
    events.add("shop", NOON - 3660, "b", 1)
    events.add("shop", NOON - 61, "c", 1)
    events.add("shop", NOON - 60, "d", 1)
    made = events.check()
    assert (made.since, made.until) == (timestamp(NOON - 3660), timestamp(NOON - 60))
    assert [tail.chain for tail in made.tails] == ["b", "c"]


def test_midnight_makes_no_hole() -> None:
    """The last one may be of yesterday, and so may events since."""
    midnight = NOON + DAY / 2
    events = Events()
    events.noted(midnight - 1800, midnight - 1860)
    events.add("shop", midnight - 1000, "a", 1)
    events.add("shop", midnight + 1000, "b", 1)
    made = events.check(midnight + 1800)
    assert made.since == timestamp(midnight - 1860)
    assert [tail.chain for tail in made.tails] == ["a", "b"]


def test_a_checkpoint_from_the_future_counts_for_nothing_more_than_now() -> None:
    """Whoever forges one into the table opens a hole, which the verifier reports; time goes on."""
    events = Events()
    events.noted(NOON - 100, NOON + 100 * DAY)
    made = events.check()
    assert made.since == made.until == timestamp(NOON - 60)


def test_many_chains_are_several_checkpoints_and_only_the_last_covers_the_time() -> None:
    """An item holds a thousand tails; none is left out, also if a later part is never written."""
    events = Events()
    for number in range(2500):
        events.add("shop", NOON - 100, f"{number:04}", number)
    events.check()
    assert [len(made.tails) for made in events.recorded] == [1000, 1000, 500]
    assert [made.until == made.since for made in events.recorded] == [True, True, False]
    assert len({made.since for made in events.recorded}) == 1
    assert len({tail.chain for made in events.recorded for tail in made.tails}) == 2500


def test_an_idle_hour_has_a_checkpoint_too() -> None:
    """Or it would look as if somebody had taken one away."""
    events = Events()
    assert events.check().tails == ()
