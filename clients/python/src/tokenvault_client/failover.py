"""Which of several Regions is asked, and what one Region's failure may be mended by another. No I/O.

The reasons are in `docs/adr`, under clients that fail over.
"""

import threading
import time
from typing import Final, Literal

from tokenvault_client import forks, problems
from tokenvault_client.calls import Call
from tokenvault_client.deadlines import Clock
from tokenvault_client.http import ConnectionFailed, Response

FailoverTokenize = Literal["unsent", "always"]
"""When tokenizing may go to another Region: if surely nothing was carried out, or in any case."""

REST_SECONDS: Final = 30.0
"""How long a Region that failed is left alone."""

FAIR_SECONDS: Final = 1.0
"""A Region that did not answer within less may be none the worse for it."""

_OWN: Final = frozenset({"restoring"})
"""Codes of what holds for the vault, not for a Region."""

_NOTHING_DONE: Final = frozenset({"authorizer_unavailable"})
"""Codes that come before anything is carried out. After `store_unavailable` or `key_unavailable` a part may
be stored, with nobody told its tokens."""


def mends(outcome: Response | ConnectionFailed) -> bool:
    """Whether another Region may do what this one did not. A refusal (4xx) is the same everywhere."""
    if isinstance(outcome, ConnectionFailed):
        return True
    code = problems.problem(outcome).code
    return outcome.status >= 500 and code not in _OWN and problems.passes(outcome)


def may_move(call: Call, outcome: Response | ConnectionFailed, tokenize: FailoverTokenize) -> bool:
    """Whether a call that another Region may do can be sent there, without a second token for a value.

    Each Region knows its own idempotency keys only.
    """
    if call.idempotency_key is None or tokenize == "always":
        return True
    if isinstance(outcome, ConnectionFailed):
        return not outcome.sent
    return problems.problem(outcome).code in _NOTHING_DONE


class Preference:
    """The places of Regions in the order in which they are asked. Safe to use from several threads.

    A place that failed is asked last until it has rested. Then a single caller tries it, while the others go
    on elsewhere, and it is preferred again once it answered that one.
    """

    def __init__(self, places: int, clock: Clock = time.monotonic) -> None:
        self._places, self._clock = range(places), clock
        self._rested_at: dict[int, float] = {}
        self._lock = threading.Lock()
        forks.watch(self)

    def order(self) -> list[int]:
        """All places, those that failed last."""
        with self._lock:
            return sorted(self._places, key=lambda place: (place in self._rested_at, place))

    def to_try(self) -> int | None:
        """A place that has rested and is preferred to the one in use, for this caller alone to try."""
        now = self._clock()
        with self._lock:
            for place in self._places:
                if place not in self._rested_at:
                    return None
                if self._rested_at[place] <= now:
                    # Whatever becomes of this caller, the next one comes after another rest.
                    self._rested_at[place] = now + REST_SECONDS
                    return place
        return None

    def failed(self, place: int) -> None:
        """Leaves a place alone for a while."""
        with self._lock:
            self._rested_at[place] = self._clock() + REST_SECONDS

    def answered(self, place: int) -> None:
        """Prefers a place again."""
        with self._lock:
            self._rested_at.pop(place, None)

    def after_fork(self) -> None:
        """A thread of the parent may have held the lock."""
        self._lock = threading.Lock()
