"""The command that ends the old tokens of a file of pairs, and evens out what was erased meanwhile."""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tokenvault_client.cli.erasing_pairs import Changed, Pairs, Strangers, changed
from tokenvault_client.cli.exits import Exit, OutputFailed, UsageError
from tokenvault_client.cli.exporting import keys_of, unsealing_of_extra
from tokenvault_client.cli.session import Session
from tokenvault_client.export.fates import (
    NEITHER,
    Pair,
    State,
    ambiguity,
    counted,
    decide,
    halves,
    spared,
)
from tokenvault_client.export.retirement import BATCH, Retirement, UnusableNotes, opened
from tokenvault_client.locking import Busy

_MEANINGS: Final = {
    "old": "old tokens to erase",
    "new": "new tokens to erase, whose old ones are gone",
    "gone": "pairs with nothing to erase",
}
_CHANGED: Final = (
    "pairs have changed since it was decided what to erase, and nothing more was erased: this is another "
    "tenant's client, or another vault; or the file was retired elsewhere, and then nothing is left to be "
    "done here; or somebody erased values by their old tokens, and their new ones are to be erased as well"
)
_STRANGERS: Final = (
    "an old token of the file was made at another time here, and nothing more was erased: this is another "
    "tenant's client, or another vault; or the value was erased and taken in again since, and then another "
    "file is needed (`retokenize run --anew`)"
)


def retire(session: Session, chosen: argparse.Namespace) -> Exit:
    """Erases the old token of each pair; of a pair of which one is gone, the other one."""
    if chosen.input == "-":
        raise UsageError("FILE: stdin will not do, since what is done is noted beside the file")
    pairs, made, of, owner = _verified(session, chosen)
    if (why := ambiguity(pairs)) is not None:
        raise UsageError(f"FILE: {why}; make another one with `retokenize run --anew`")
    with _told(), session.client() as client, opened(Path(f"{chosen.input}.retired"), of) as notes:
        if notes.ended is not None:
            return _shown(session, "retired", notes.ended, "was retired already: ")
        work = Pairs(session, client, pairs, made, chosen.parallel)
        known = _known(_Asked(session, chosen, owner), work, pairs, notes)
        if known is None:
            return Exit.OK
        work.carry_out(notes, known)
        return _shown(session, "retired", notes.end(), "")


def _known(asked: "_Asked", work: Pairs, pairs: Sequence[Pair], notes: Retirement) -> Set[int] | None:
    """Pairs that may have another fate by now than the notes say; None if nothing is to be done."""
    if notes.fates is not None:
        return asked.go_on(work.look(notes.done * notes.size), notes)
    try:
        states = work.look()
        fates = decide(pairs, states)
        if asked.begin(fates, states):
            notes.decide(fates, BATCH)
            return set()
    finally:
        if notes.fates is None:
            notes.remove()
    return None


class _Asked:
    """What the user of the tool said, and says when asked."""

    def __init__(self, session: Session, chosen: argparse.Namespace, owner: str) -> None:
        self._session, self._chosen, self._owner = session, chosen, owner

    def begin(self, fates: str, states: Sequence[State]) -> bool:
        """Whether to do all of this. Raises `UsageError`."""
        _refuse_strangers(states, self._owner)
        one_gone, counts = halves(fates, states), counted(fates)
        if stays := spared(fates, states):
            self._session.say(
                f"{stays:,} new tokens stay though their old ones are gone: other old tokens have the same"
            )
        if self._chosen.dry_run:
            return self._only_tell(counts | {"one_gone": one_gone})
        if one_gone != self._chosen.one_gone:
            raise UsageError(
                f"of {one_gone:,} pairs one token is gone, and the value is erased with the other one; if "
                f"somebody erased those values, say --one-gone {one_gone}; if not, this is another vault, "
                "or the file was retired, or an earlier file that has the same old tokens"
            )
        self._confirm(counts)
        return True

    def go_on(self, states: Sequence[State], notes: Retirement) -> Set[int] | None:
        """Whether to do what is left of it, and with which pairs that changed. Raises `UsageError`."""
        at, fates = notes.done * notes.size, notes.fates or ""
        begun, counts = notes.begun * notes.size, counted(fates[at:])
        found = {place for place in changed(fates[at:], states, at) if place >= begun}
        if self._chosen.dry_run:
            self._only_tell(counts | {"gone_since": len(found)})
            return None
        if set(fates[at:]) - {NEITHER}:
            _refuse_strangers(states, self._owner)
        if len(found) != self._chosen.gone_since:
            raise UsageError(f"{len(found):,} {_CHANGED}; to go on as decided, say --gone-since {len(found)}")
        self._confirm(counts)
        return found

    def _only_tell(self, counts: Mapping[str, int]) -> bool:
        _shown(self._session, "dry_run", counts, "nothing was erased; ")
        return False

    def _confirm(self, counts: Mapping[str, int]) -> None:
        if self._chosen.yes:
            return
        self._session.say(f"{_text(counts)}, of {self._owner}")
        why = "retiring erases tokens for good"
        self._session.confirm("Erased tokens do not open any more.", otherwise="nothing was erased", why=why)


def _refuse_strangers(states: Sequence[State], owner: str) -> None:
    """Raises `UsageError` where no token is there at all: the service does not say whose client one is."""
    if states and not any(map(any, states)):
        raise UsageError(
            f"no token of these pairs is there, and nothing was erased: this is not a client of {owner}, or "
            "all of the values were erased, and then there is nothing to retire"
        )


def _verified(
    session: Session, chosen: argparse.Namespace
) -> tuple[list[Pair], list[str], Mapping[str, Any], str]:
    """The pairs of the file, once all of it was verified, and when their old tokens were made; what tells it
    from other files, and whose it is."""
    unsealing, pairs, made = unsealing_of_extra(), list[Pair](), list[str]()

    def take(written: str) -> None:
        entry = json.loads(written)
        if "error" not in entry:
            pairs.append((str(entry["token"]), str(entry["new_token"])))
            made.append(str(entry["created"]))

    private, vault_key = keys_of(session, chosen)
    with session.reading(chosen.input, "FILE") as source:
        found = unsealing.open_files([source], private, vault_key, take, unsealing.PAIRS)
    owner = f"tenant {found.opening['tenant']} of the vault {found.opening['vault_id']}"
    return pairs, made, {"sha256": found.receipts[0]["sha256"], "pairs": len(pairs)}, owner


def _shown(session: Session, name: str, counts: Mapping[str, int], before: str) -> Exit:
    session.result({name: dict(counts)}, before + _text(counts))
    return Exit.OK


def _text(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[name]:,} {meaning}" for name, meaning in _MEANINGS.items())


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except Strangers:
        raise UsageError(_STRANGERS) from None
    except Changed:
        raise UsageError(f"{_CHANGED}; the same command with --dry-run counts them") from None
    except (UnusableNotes, Busy) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise OutputFailed.of(error) from None
