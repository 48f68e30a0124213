"""A chain, from its first event to its last: what holds, and what does not."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain as joined
from itertools import groupby, islice
from typing import Final

from tokenvault_client.audit.events import Event, Item, binary, canonical, mac, next_key
from tokenvault_client.audit.keys import KeyRefused, Unwrap
from tokenvault_client.audit.report import Container, Finding, Kind

PURPOSE: Final = "audit-chain"

ACTIONS: Final = {
    "tokenize": frozenset({"search", "tokenize", "import", "capture"}),
    "reveal": frozenset(
        {
            "detokenize",
            "detokenize.masked",
            "canary",
            "subjects.read",
            "erase.token",
            "erase.person",
            "rewrap",
            "approvals.ask",
            "approvals.look",
            "approvals.approve",
            "approvals.refuse",
            "export",
            "export.ask",
            "export.begin",
            "retokenize",
            "retokenize.begin",
        }
    ),
    "maintain": frozenset({"checkpoint"}),
}
"""What each function records. An event of another kind in its chain was made up by somebody with its key."""

MOST_MISSING: Final = 1_000_000
"""The key steps on event by event, over missing ones too. So many of a chain may be missing, all its gaps
together; behind that, numbers are made up, to have the auditor count."""

MOST_KEYS: Final = 32
"""So many first events of a chain are tried, each of which costs a call of KMS."""

NO_MAC: Final = b""
"""Stands for the MAC of an event of which only the number is known."""

_PLACE: Final = frozenset({"pk", "sk"})
_TIE: Final = frozenset({"chain", "sequence", "previous", "function", "region", "wrapped_key"})
_COMPARED: Final = 32
"""So many wrong events of a chain are compared with each other; with more, none were exchanged."""


@dataclass(frozen=True)
class Note:
    """What a checkpoint of the time `at` saw: the event of this number, by its MAC."""

    sequence: int
    mac: bytes
    at: str


@dataclass(frozen=True)
class _Wrong:
    """An event that its MAC does not fit, and the key of its place."""

    event: Event
    key: bytes


@dataclass
class ChainCheck:
    """Follows one chain. `sound` is told of each event that holds, and what container its chain is."""

    vault_id: str
    unwrap: Unwrap
    container: Container
    notes: Sequence[Note] = ()
    sound: Callable[[Event, Container], None] = lambda event, container: None
    _wrong: list[_Wrong] = field(default_factory=list)
    _key: bytes = b""
    _last: Event | None = None
    _missing: int = 0

    def findings(self, events: Iterable[Event]) -> Iterator[Finding]:
        """What is wrong with the chain, whose events come in order; there is at least one."""
        numbered = groupby(events, key=lambda event: event.sequence)
        number, standing = next(numbered)
        if number:
            yield from self._without_key(next(standing))
            return
        yield from self._open(standing)
        if not self._key:
            return
        reached = 0
        for number, standing in numbered:
            self._missing += number - reached - 1
            if self._missing > MOST_MISSING:
                yield self._finding("forged", "a number that no container reached", next(standing))
                break
            yield from self._step(reached, number, standing)
            reached = number
        yield from self._exchanged()
        yield from self._cut_off(reached)

    def _without_key(self, event: Event) -> Iterator[Finding]:
        missing = "the beginning is missing, and the key with it"
        yield Finding("gap", missing, self.container, 0, event.sequence - 1, until=event.at)
        rest = "nothing from here on can be checked"
        yield Finding("unverifiable", rest, self.container, event.sequence, since=event.at)

    def _open(self, standing: Iterator[Event]) -> Iterator[Finding]:
        """Takes the key from the first event, or from what was made of it, and checks what stands there."""
        for event in islice(standing, MOST_KEYS):
            if self._take_key(event):
                yield from self._check(joined([event], standing))
                return
            yield self._finding("forged", "KMS did not make its key for this vault and chain", event)
        for event in islice(standing, 1):
            detail = f"more than {MOST_KEYS} first events; no more keys are tried"
            yield Finding("unverifiable", detail, self.container, 0, since=event.at)

    def _take_key(self, event: Event) -> bool:
        try:
            item = event.item
            function, region = item["function"]["S"], str(item["region"]["S"])
            if function not in ACTIONS:
                return False
            context = {
                "vault": self.vault_id,
                "purpose": PURPOSE,
                "function": function,
                "chain": event.chain,
            }
            self._key = self.unwrap(binary(item["wrapped_key"]["B"]), context)
        except (KeyRefused, KeyError, TypeError, ValueError):
            return False
        self.container = Container(event.chain, function, region)
        return True

    def _step(self, reached: int, number: int, standing: Iterator[Event]) -> Iterator[Finding]:
        """On to the next number that is there; the key takes the missing ones as well."""
        for _ in range(number - reached):
            self._key = next_key(self._key)
        if number > reached + 1:
            event = next(standing)
            since = None if self._last is None else self._last.at
            detail = "missing between others"
            yield Finding("gap", detail, self.container, reached + 1, number - 1, since, event.at)
            self._last, standing = None, joined([event], standing)
        yield from self._check(standing)

    def _check(self, standing: Iterator[Event]) -> Iterator[Finding]:
        """The events of a number: a single one of them is right, or none."""
        right: Event | None = None
        for event in standing:
            if not event.holds(self._key):
                yield from self._note_wrong(event)
            elif right is not None:
                yield self._finding("forged", "a second event of this number", event)
            else:
                right = event
                yield from self._check_right(event)
        self._last = right

    def _check_right(self, event: Event) -> Iterator[Finding]:
        function = str(self.container.function)
        if event.action not in ACTIONS[function]:
            yield self._finding("forged", f"the {function} function records no such event", event)
        if self._last is not None and event.previous != self._last.mac:
            yield self._finding("forged", "it names another event as the one before", event)
        for note in self.notes:
            if note.sequence == event.sequence and note.mac not in (event.mac, NO_MAC):
                yield self._finding(
                    "edited", f"not the event that was seen by the checkpoint of {note.at}", event
                )
        self.sound(event, self.container)

    def _note_wrong(self, event: Event) -> Iterator[Finding]:
        if len(self._wrong) < _COMPARED:
            self._wrong.append(_Wrong(event, self._key))
        else:
            yield self._edited(event)

    def _exchanged(self) -> Iterator[Finding]:
        """Pairs of wrong events that are right with what the other has; the others were edited."""
        left = list(self._wrong)
        while left:
            wrong = left.pop(0)
            other = next((o for o in left if _fits(wrong, o) and _fits(o, wrong)), None)
            if other is None:
                yield self._edited(wrong.event)
                continue
            left.remove(other)
            first, last = sorted((wrong.event, other.event), key=lambda event: event.sequence)
            detail = f"events {first.sequence} and {last.sequence} stand in each other's place"
            since, until = sorted((first.at, last.at))
            yield Finding("swapped", detail, self.container, first.sequence, last.sequence, since, until)

    def _cut_off(self, reached: int) -> Iterator[Finding]:
        noted = max(self.notes, key=lambda note: note.sequence, default=None)
        if noted is not None and noted.sequence > reached:
            yield cut_off(self.container, reached + 1, noted, None if self._last is None else self._last.at)

    def _edited(self, event: Event) -> Finding:
        return self._finding("edited", "not what the container wrote", event)

    def _finding(self, kind: Kind, detail: str, event: Event) -> Finding:
        return Finding(kind, detail, self.container, event.sequence, event.sequence, event.at, event.at)


def cut_off(container: Container, first: int, noted: Note, since: str | None) -> Finding:
    """The finding that a checkpoint saw events that are not there."""
    detail = f"missing at the end, though event {noted.sequence} was seen by the checkpoint of {noted.at}"
    return Finding("truncated", detail, container, first, noted.sequence, since, noted.at)


def _fits(wrong: _Wrong, other: _Wrong) -> bool:
    """Whether the first is right with the other's place in the table, number or content."""
    mine, theirs = wrong.event.item, other.event.item
    content = (mine.keys() | theirs.keys()) - _TIE
    return any(
        mac(key, canonical(_with(mine, theirs, names))) == wrong.event.mac
        for names in (_PLACE, content, content - _PLACE, {"sequence"})
        for key in (wrong.key, other.key)
    )


def _with(item: Item, other: Item, names: Iterable[str]) -> Item:
    """The item with the other's attributes of these names."""
    kept = {name: value for name, value in item.items() if name not in names}
    return kept | {name: value for name, value in other.items() if name in names}
