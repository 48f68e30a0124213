"""Looks at the tokens of pairs, and erases what was decided of them, many at a time."""

import time
from collections.abc import Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from tokenvault_client.cli.session import Session
from tokenvault_client.client import Client
from tokenvault_client.errors import NotFound
from tokenvault_client.export.fates import NEITHER, NEW, Pair, State, is_changed
from tokenvault_client.export.retirement import Retirement

_LOOK: Final = 50
_TELL_SECONDS: Final = 10.0


class Changed(Exception):  # an outcome: the user is told what to do
    """Pairs have another fate by now than was decided of them. Nothing of their batch was erased."""


class Pairs:
    """The pairs of a file, in a vault."""

    def __init__(self, session: Session, client: Client, pairs: Sequence[Pair], parallel: int) -> None:
        self._session, self._client, self._pairs, self._parallel = session, client, pairs, parallel
        self._told = time.monotonic()

    def look(self, first: int = 0) -> list[State]:
        """How the pairs from this one on are found, as of now."""
        states = list[State]()
        with ThreadPoolExecutor(self._parallel) as pool:
            for at in range(first, len(self._pairs), _LOOK):
                states.extend(pool.map(self._state, self._pairs[at : at + _LOOK]))
                self._tell("looked at", first + len(states))
        return states

    def carry_out(self, notes: Retirement, known: Set[int]) -> None:
        """Erases what the notes say, batch after batch.

        Raises `Changed` where a pair has another fate by now that is not `known` to have one.
        """
        with ThreadPoolExecutor(self._parallel) as pool:
            while notes.has_more:
                self._carry_out(pool, notes, known)
                self._tell("retired", notes.done * notes.size)

    def _carry_out(self, pool: ThreadPoolExecutor, notes: Retirement, known: Set[int]) -> None:
        at, end = notes.done * notes.size, (notes.done + 1) * notes.size
        pairs, fates = self._pairs[at:end], (notes.fates or "")[at:end]
        if notes.begun == notes.done:
            if changed(fates, list(pool.map(self._state, pairs)), at) - known:
                raise Changed
            notes.begin()
        list(pool.map(self._erase, pairs, fates))
        notes.finish()

    def _state(self, pair: Pair) -> State:
        return self._is_there(pair[0]), self._is_there(pair[1])

    def _is_there(self, token: str) -> bool:
        try:
            self._client.facts(token)
        except NotFound:
            return False
        return True

    def _erase(self, pair: Pair, fate: str) -> None:
        if fate != NEITHER:
            self._client.erase_token(pair[fate == NEW])

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
