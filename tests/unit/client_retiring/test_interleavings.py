"""Retirements of copies of a file, killed and begun anew while others erase values: which ones are lost?"""

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tokenvault_client.cli import retiring
from tokenvault_client.cli.exits import UsageError
from tokenvault_client.errors import NotFound, Unavailable
from tokenvault_client.export.fates import Pair
from tokenvault_client.results import TokenFacts

PAIRS: list[Pair] = [(f"old-{n}", f"new-{n - n % 2 if n < 6 else n}") for n in range(14)]
"""Fourteen, of which the first six have three new tokens."""
CALLS = 400
MADE = "2026-11-30T00:00:00Z"


@dataclass
class MemoryVault:
    """The tokens that are there, and what happens at which of the calls to come."""

    there: set[str] = field(default_factory=lambda: {token for pair in PAIRS for token in pair})
    meant: set[str] = field(default_factory=set)
    to_come: list[Callable[[], None] | None] = field(default_factory=list)

    def facts(self, token: str) -> TokenFacts:
        """Raises `NotFound` where there is none."""
        self._turn()
        if token not in self.there:
            raise NotFound.of("token_not_found", "there is no such token")
        return TokenFacts(token, "text", datetime.fromisoformat(MADE), None)

    def erase_token(self, token: str) -> None:
        """It may be gone already; a call that dies may have erased it."""
        self.there.discard(token)
        self._turn()

    def erase_for_good(self, pair: Pair, *, by_new: bool) -> None:
        """Somebody closes a value, by the token that they know."""
        self.there.discard(pair[by_new])
        self.meant.add(pair[1])

    def one_gone(self) -> int:
        """What somebody says who knows which values were erased on purpose."""
        leading = {new for old, new in PAIRS if old in self.there}
        halves = [pair for pair in PAIRS if (pair[0] in self.there) != (pair[1] in self.there)]
        return sum(new in self.meant and (old in self.there or new not in leading) for old, new in halves)

    def _turn(self) -> None:
        if self.to_come and (happens := self.to_come.pop()) is not None:
            happens()


@dataclass
class Retirer:
    """Who runs the tool on a copy of the file, and goes on however often it was killed."""

    vault: MemoryVault
    copy: Path
    is_done: bool = False
    answer: Mapping[str, Any] = field(default_factory=dict)

    def retire(self) -> None:
        """Once, with the number of erased values, and going on as decided whatever changed since."""
        gone_since = 0
        while True:
            try:
                self._run(dry_run=False, one_gone=self.vault.one_gone(), gone_since=gone_since)
            except (UsageError, Unavailable):
                self.is_done = False
            else:
                self.is_done = True
            if self.is_done or gone_since or not (gone_since := self._changed()):
                return

    def result(self, fields: Mapping[str, Any], plain: str) -> None:
        """As the session has it."""
        self.answer = fields

    def say(self, text: str) -> None:
        """The same."""

    @contextmanager
    def client(self) -> Iterator[MemoryVault]:
        """The same."""
        yield self.vault

    def _changed(self) -> int:
        """What a dry run tells of that, which erases nothing."""
        try:
            self._run(dry_run=True, one_gone=0, gone_since=0)
        except (UsageError, Unavailable):
            return 0
        return int(self.answer["dry_run"].get("gone_since", 0))

    def _run(self, **options: Any) -> None:
        retiring.retire(self, Namespace(input=str(self.copy), yes=True, parallel=1, **options))  # type: ignore[arg-type]  # a fake


def dies() -> None:
    """The tool is killed."""
    raise Unavailable.of("unavailable", "killed")


def what_happens(random: Random, vault: MemoryVault, retirers: list[Retirer]) -> Callable[[], None]:
    """At some call: an erasure, the end of the tool, or a whole run of the other retirer."""
    pair, by_new = random.choice(PAIRS), random.random() < 0.5
    other = random.choice(retirers)
    erases = partial(vault.erase_for_good, pair, by_new=by_new)
    return random.choice([erases, dies, dies, other.retire])


@pytest.fixture(autouse=True)
def pairs_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three, from a file that verifies; what a lost disk does is tried elsewhere."""
    of = {"sha256": "0" * 64, "pairs": len(PAIRS)}
    monkeypatch.setattr(retiring, "BATCH", 3)
    monkeypatch.setattr(
        retiring, "_verified", lambda session, chosen: (PAIRS, [MADE] * len(PAIRS), of, "tenant shop")
    )
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.mark.parametrize("seed", range(60))
def test_no_value_is_lost_that_nobody_erased(seed: int, tmp_path: Path) -> None:
    """Two retirers with a copy each, at once; and who comes to an end has ended all old tokens."""
    random, vault = Random(seed), MemoryVault()
    retirers = [Retirer(vault, tmp_path / name) for name in ("a", "b")]
    for pair in random.sample(PAIRS, random.choice([0, 0, 1, 2])):
        vault.erase_for_good(pair, by_new=random.random() < 0.5)
    rate = random.choice([0.01, 0.03, 0.1])
    vault.to_come = [
        what_happens(random, vault, retirers) if random.random() < rate else None for _ in range(CALLS)
    ]
    for _ in range(12):
        random.choice(retirers).retire()
    lost = {new for _, new in PAIRS if new not in vault.there}
    assert lost <= vault.meant
    if any(retirer.is_done for retirer in retirers):
        assert not {old for old, _ in PAIRS} & vault.there
