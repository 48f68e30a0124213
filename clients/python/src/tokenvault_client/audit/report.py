"""What a check found, container by container."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "gap",
    "edited",
    "swapped",
    "truncated",
    "forged",
    "unverifiable",
    "unchained",
    "unreadable",
    "hole",
    "uncovered",
]
"""
`gap`: events are missing between others. `edited`: an event is not what was written. `swapped`: two events
stand in each other's place. `truncated`: the end of a chain is missing, or all of it. `forged`: a chain, or
an event in it, was not made by the function it names. `unverifiable`: a chain whose first event, and so its
key, is missing. `unchained`: an item that is in no chain. `unreadable`: a line that is no item, or in which a
name stands twice. `hole`: a time between checkpoints that none covers. `uncovered`: the end of the audited
time, or all of it, behind the last checkpoint.
"""


@dataclass(frozen=True)
class Container:
    """A container of a function, by the chain of its events; what it is, its first event tells."""

    chain: str
    function: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    `first` and `last` number the events of the chain that it is about; `since` and `until` are times between
    which they lie, as the events next to them have them.
    """

    kind: Kind
    detail: str
    container: Container | None = None
    first: int | None = None
    last: int | None = None
    since: str | None = None
    until: str | None = None

    def __str__(self) -> str:
        parts = [f"{self.kind}: {self.detail}"]
        if self.container is not None:
            named = "/".join(filter(None, (self.container.function, self.container.region)))
            parts.append(f"container {named or '?'} (chain {self.container.chain})")
        if self.first is not None:
            numbers = f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"
            parts.append(f"event {numbers}")
        if self.since or self.until:
            parts.append(" to ".join(dict.fromkeys(filter(None, (self.since, self.until)))))
        return ", ".join(parts)


@dataclass(frozen=True)
class Progress:
    """How far a check is; `total` is known once everything was read."""

    stage: Literal["reading", "checking"]
    done: int
    total: int | None = None


@dataclass
class Report:
    """The result. `findings` are the first ones; `counts` are of all.

    From `covered_since` to `covered_until`, checkpoints vouch for the ends of chains; None if there is no
    checkpoint. Behind it a cut end cannot be told from a chain that ended: so many events lie there
    (`events_after`), and so many values were revealed by them (`reveals_after`).
    """

    events: int = 0
    chains: int = 0
    checkpoints: int = 0
    covered_since: str | None = None
    covered_until: str | None = None
    events_after: int = 0
    reveals_after: int = 0
    findings: list[Finding] = field(default_factory=list)
    _counts: Counter[Kind] = field(default_factory=Counter)

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self._counts

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many findings there are of each kind."""
        return dict(self._counts)

    def add(self, finding: Finding, keep: int) -> None:
        """Counts a finding, and keeps it if it is among the first."""
        self._counts[finding.kind] += 1
        if len(self.findings) < keep:
            self.findings.append(finding)
