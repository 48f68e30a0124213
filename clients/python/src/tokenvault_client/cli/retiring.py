"""The command that ends the old tokens of a file of pairs, and evens out what was erased meanwhile."""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tokenvault_client.cli.exits import Exit, OutputFailed, UsageError
from tokenvault_client.cli.exporting import keys_of, unsealing_of_extra
from tokenvault_client.cli.session import Session
from tokenvault_client.client import Client
from tokenvault_client.errors import NotFound
from tokenvault_client.export.retirement import OtherFile, Retirement, opened
from tokenvault_client.locking import Busy

Pair = tuple[str, str]
_BATCH: Final = 50
"""Pairs that are noted at once, and erased before the next ones are looked at."""

_TELL_SECONDS: Final = 10.0
_OLD, _NEW, _NEITHER = "o", "n", "-"
_MEANINGS: Final = {
    _OLD: "old tokens to erase",
    _NEW: "new tokens to erase, whose old ones are gone",
    _NEITHER: "pairs that are gone",
}


def retire(session: Session, chosen: argparse.Namespace) -> Exit:
    """Erases the old token of each pair; of a pair of which one is gone, the other one."""
    if chosen.input == "-":
        raise UsageError("FILE: stdin will not do, since what is done is noted beside the file")
    pairs, of = _verified(session, chosen)
    place = Path(f"{chosen.input}.retired")
    with _told(), opened(place, of) as notes, session.client() as client:
        if notes.ended is not None:
            return _shown(session, "retired", notes.ended, "was retired already: ")
        work = _Work(session, client, pairs, notes, chosen.parallel)
        if notes.is_new:
            ready = False
            try:
                ready = _agreed(session, chosen, work)
            finally:
                if not ready:
                    notes.remove()
            if not ready:
                return Exit.OK
        return _shown(session, "retired", work.carry_out(), "")


class _Work:
    """The pairs of a file, looked at and erased so many at a time."""

    def __init__(
        self, session: Session, client: Client, pairs: Sequence[Pair], notes: Retirement, parallel: int
    ) -> None:
        self._session, self._client, self._notes, self._parallel = session, client, notes, parallel
        self._batches = [pairs[at : at + _BATCH] for at in range(0, len(pairs), _BATCH)]
        self._told = time.monotonic()

    def look(self) -> tuple[Counter[str], int]:
        """What is to be erased of all pairs, as of now, and of how many pairs one token is gone."""
        counts, halves = Counter[str](), 0
        with ThreadPoolExecutor(self._parallel) as pool:
            for number, batch in enumerate(self._batches):
                states = list(pool.map(self._state, batch))
                counts.update(_fate(state) for state in states)
                halves += sum(state in ((True, False), (False, True)) for state in states)
                self._tell("looked at", number)
        return counts, halves

    def carry_out(self) -> Mapping[str, int]:
        """Erases batch after batch, each on the disk before anything of it is erased."""
        counts = Counter[str]()
        with ThreadPoolExecutor(self._parallel) as pool:
            for number, batch in enumerate(self._batches):
                if number not in self._notes.begun:
                    fates = "".join(_fate(state) for state in pool.map(self._state, batch))
                    self._notes.begin(number, fates)
                if number not in self._notes.done:
                    list(pool.map(self._erase, batch, self._notes.begun[number]))
                    self._notes.finish(number)
                counts.update(self._notes.begun[number])
                self._tell("retired", number)
        ended = _named(counts)
        self._notes.end(ended)
        return ended

    def _state(self, pair: Pair) -> tuple[bool, bool]:
        return self._is_there(pair[0]), self._is_there(pair[1])

    def _is_there(self, token: str) -> bool:
        try:
            self._client.facts(token)
        except NotFound:
            return False
        return True

    def _erase(self, pair: Pair, fate: str) -> None:
        if fate != _NEITHER:
            self._client.erase_token(pair[fate == _NEW])

    def _tell(self, verb: str, number: int) -> None:
        if time.monotonic() - self._told >= _TELL_SECONDS:
            self._told = time.monotonic()
            self._session.say(f"{verb} {number + 1:,} of {len(self._batches):,} batches of {_BATCH} pairs")


def _fate(state: tuple[bool, bool]) -> str:
    """The value of a pair of which one token was erased was meant: the other one goes, too."""
    old, new = state
    return _OLD if old else _NEW if new else _NEITHER


def _agreed(session: Session, chosen: argparse.Namespace, work: _Work) -> bool:
    """Whether to begin, once it was said what would be erased. Raises `UsageError`."""
    counts, halves = work.look()
    if chosen.dry_run:
        _shown(session, "dry_run", _named(counts) | {"one_gone": halves}, "nothing was erased; ")
        return False
    if halves != chosen.one_gone:
        raise UsageError(
            f"of {halves:,} pairs one token is gone, and the value is erased with the other one; if somebody "
            f"erased those values, say --one-gone {halves}; if not, this is another vault, "
            "or the file was retired"
        )
    if not chosen.yes:
        session.say(_text(_named(counts)))
        why = "retiring erases tokens for good"
        session.confirm("Erased tokens do not open any more.", otherwise="nothing was erased", why=why)
    return True


def _verified(session: Session, chosen: argparse.Namespace) -> tuple[list[Pair], Mapping[str, Any]]:
    """The pairs of the file, once all of it was verified, and what tells it from others."""
    unsealing, pairs = unsealing_of_extra(), list[Pair]()

    def take(written: str) -> None:
        entry = json.loads(written)
        if "error" not in entry:
            pairs.append((str(entry["token"]), str(entry["new_token"])))

    private, vault_key = keys_of(session, chosen)
    with session.reading(chosen.input, "FILE") as source:
        found = unsealing.open_files([source], private, vault_key, take, unsealing.PAIRS)
    return pairs, {"sha256": found.receipts[0]["sha256"], "pairs": len(pairs)}


def _shown(session: Session, name: str, counts: Mapping[str, int], before: str) -> Exit:
    session.result({name: dict(counts)}, before + _text(counts))
    return Exit.OK


def _named(counts: Mapping[str, int]) -> dict[str, int]:
    names = {_OLD: "old", _NEW: "new", _NEITHER: "gone"}
    return {name: counts.get(fate, 0) for fate, name in names.items()}


def _text(counts: Mapping[str, int]) -> str:
    parts = [
        f"{counts[name]:,} {meaning}"
        for name, meaning in zip(("old", "new", "gone"), _MEANINGS.values(), strict=True)
    ]
    return ", ".join(parts)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OtherFile, Busy) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise OutputFailed(f"a file could not be read or written: {reason}") from None
