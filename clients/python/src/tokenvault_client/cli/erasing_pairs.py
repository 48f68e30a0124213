"""Looks at the tokens of pairs, and erases what was decided of them, many at a time."""

import time
from collections.abc import Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Final

from tokenvault_client.cli.session import Session
from tokenvault_client.client import Client
from tokenvault_client.errors import NotFound, ProblemError
from tokenvault_client.export.fates import NEITHER, NEW, Pair, State, is_changed
from tokenvault_client.export.retirement import Retirement
from tokenvault_client.results import TokenFacts

_LOOK: Final = 50
_TELL_SECONDS: Final = 10.0


class Changed(Exception):  # an outcome: the user is told what to do
    """Pairs have another fate by now than was decided of them. Nothing of their batch was erased."""


class Strangers(Exception):  # an outcome as well
    """An old token was made at another time than its pair says, so it is another value's."""


class Pairs:
    """The pairs of a file, in a vault."""

    def __init__(
        self, session: Session, client: Client, pairs: Sequence[Pair], made: Sequence[str], parallel: int
    ) -> None:
        """`made` has when each old token was made (RFC 3339): it tells tokens of one look apart."""
        self._session, self._client, self._parallel = session, client, parallel
        self._pairs, self._made = pairs, made
        self._told = time.monotonic()

    def look(self, first: int = 0) -> list[State]:
        """How the pairs from this one on are found, as of now. Raises `Strangers`."""
        states = list[State]()
        with ThreadPoolExecutor(self._parallel) as pool:
            for at in range(first, len(self._pairs), _LOOK):
                states.extend(pool.map(self._state, self._places(at, _LOOK)))
                self._tell("looked at", first + len(states))
        return states

    def carry_out(self, notes: Retirement, known: Set[int]) -> None:
        """Erases what the notes say, batch after batch.

        Raises `Strangers`, or `Changed` where a pair has another fate by now that is not `known` to have one.
        """
        with ThreadPoolExecutor(self._parallel) as pool:
            while notes.has_more:
                self._carry_out(pool, notes, known)
                self._tell("retired", notes.done * notes.size)

    def _carry_out(self, pool: ThreadPoolExecutor, notes: Retirement, known: Set[int]) -> None:
        places = self._places(notes.done * notes.size, notes.size)
        fates = (notes.fates or "")[places.start : places.stop]
        if notes.begun == notes.done:
            if changed(fates, list(pool.map(self._state, places)), places.start) - known:
                raise Changed
            notes.begin()
        list(pool.map(self._erase, places, fates))
        notes.finish()

    def _places(self, first: int, size: int) -> range:
        return range(first, min(first + size, len(self._pairs)))

    def _state(self, place: int) -> State:
        old, new = (self._facts(place, token) for token in self._pairs[place])
        if old is not None and old.created != datetime.fromisoformat(self._made[place]):
            raise Strangers
        return old is not None, new is not None

    def _facts(self, place: int, token: str) -> TokenFacts | None:
        """What is known of a token; None if it is not there. A changed record's error names the pair."""
        try:
            return self._client.facts(token)
        except NotFound:
            return None
        except ProblemError as error:
            if error.code != "record_corrupt":
                raise
            detail = (
                f"pair {place + 1:,} of the file, whose failed tokens do not count: {error.problem.detail}"
            )
            raise type(error)(replace(error.problem, detail=detail)) from None

    def _erase(self, place: int, fate: str) -> None:
        if fate != NEITHER:
            self._client.erase_token(self._pairs[place][fate == NEW])

    def _tell(self, verb: str, pairs: int) -> None:
        if time.monotonic() - self._told >= _TELL_SECONDS:
            self._told = time.monotonic()
            done = min(pairs, len(self._pairs))
            self._session.say(f"{verb} {done:,} of {len(self._pairs):,} pairs")


def changed(fates: str, states: Sequence[State], first: int) -> set[int]:
    """The places of pairs, counted from the first one's, that have another fate by now."""
    return {
        first + n
        for n, (fate, state) in enumerate(zip(fates, states, strict=True))
        if is_changed(fate, state)
    }
