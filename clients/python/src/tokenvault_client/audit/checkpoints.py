"""Checkpoints: what the maintenance function noted of the ends of chains, and which times its notes cover."""

from collections.abc import Iterator
from dataclasses import dataclass

from tokenvault_client.audit.chains import Note
from tokenvault_client.audit.events import LONGEST_NUMBER, Event, Item, binary
from tokenvault_client.audit.report import Finding


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says: for the time from `since` to `until`, the last event of each chain."""

    since: str
    until: str
    notes: tuple[tuple[str, Note], ...]


def checkpoint_of(event: Event) -> Checkpoint | None:
    """The checkpoint that a sound event holds, if it is one."""
    item = event.item
    try:
        tails = [tail["M"] for tail in item["tails"]["L"]]
        notes = tuple(
            (str(tail["chain"]["S"]), Note(_number(tail), binary(tail["mac"]["B"]), event.at))
            for tail in tails
        )
        # It was written behind the time that it covers: it vouches for nothing after itself.
        until = min(str(item["until"]["S"]), event.at)
        return Checkpoint(str(item["since"]["S"]), until, notes)
    except (KeyError, TypeError, ValueError):
        return None


def _number(tail: Item) -> int:
    """Writing to the table is enough to have a checkpoint note any number; the notes have room for these."""
    return max(0, min(int(tail["sequence"]["N"]), 10**LONGEST_NUMBER))


class Coverage:
    """The times that checkpoints cover: each begins where the one before ended."""

    def __init__(self) -> None:
        self._spans: set[tuple[str, str]] = set()

    def add(self, checkpoint: Checkpoint) -> None:
        """Takes a checkpoint in."""
        self._spans.add((checkpoint.since, checkpoint.until))

    @property
    def since(self) -> str | None:
        """From when on."""
        return min((since for since, _ in self._spans), default=None)

    @property
    def until(self) -> str | None:
        """Until when."""
        return max((until for _, until in self._spans), default=None)

    def uncovered(self, required: str) -> Iterator[Finding]:
        """The time up to the required one that lies behind the last checkpoint."""
        if self.until is None:
            yield Finding("uncovered", "no checkpoint vouches for the end of any chain", until=required)
        elif self.until < required:
            detail = "no checkpoint vouches for the ends of chains from here on"
            yield Finding("uncovered", detail, since=self.until, until=required)

    def holes(self) -> Iterator[Finding]:
        """Times in between that no checkpoint covers."""
        reached = self.since
        for since, until in sorted(self._spans):
            if reached is not None and since > reached:
                detail = "no checkpoint vouches for the ends of chains in this time"
                yield Finding("hole", detail, since=reached, until=since)
            reached = max(until, reached or until)
