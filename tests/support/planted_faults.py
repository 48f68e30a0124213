"""Faults that the product had, planted again into today's code, to see whether the histories find them."""

from dataclasses import replace

import pytest

from chalicelib import account
from chalicelib.audit.events import AuditEvent, Checkpoint
from chalicelib.audit.trail import ChainedTrail
from chalicelib.items import Item
from chalicelib.model import TokenRecord
from chalicelib.service.deterministic_writer import _Walk
from chalicelib.vault import token_items
from chalicelib.vault.tokens import StoredToken, Tombstone


class SideBySideTrail(ChainedTrail):
    """Has two events for a request with canaries; neither waits for the other, so the second may be first."""

    _pair: tuple[Item, ...] = ()

    def record(self, event: AuditEvent | Checkpoint) -> None:
        """Links both, then writes both."""
        with self._lock:
            self._settle()
            if self._chain is None:
                self._chain = self._begin()
            own = (replace(event, canaries=()),) if isinstance(event, AuditEvent) and event.canaries else ()
            self._pair = tuple(self._link(self._chain, each) for each in (*own, event))
            self._settle()

    def _settle(self) -> None:
        for item in reversed(self._pair):
            self._store.add(item)
        self._pair = ()


def chains_with_gaps(patch: pytest.MonkeyPatch) -> None:
    """A container that dies between a canary's two events leaves the second without the first."""
    patch.setattr(account, "ChainedTrail", SideBySideTrail)


def places_that_fall_free(patch: pytest.MonkeyPatch) -> None:
    """DynamoDB removes every expired record, formatted ones too, and leaves no tombstone; and a walk ends at
    the first free place, as if nothing of the value could stand behind it.
    """

    def removal(record: TokenRecord, expires_at: int) -> Item:
        return {"ttl": {"N": str(2 * expires_at - record.created)}}

    def own(walk: _Walk) -> StoredToken | None:
        before = (each for each in walk.places[: walk.free] if not isinstance(each, Tombstone))
        return next((each for each in before if each.fingerprint == walk.fingerprint), None)

    patch.setattr(token_items, "_removal", removal)
    patch.setattr(_Walk, "own", property(own))


def replays_that_undo_erasures(patch: pytest.MonkeyPatch) -> None:
    """A request that is sent again takes in anew what was erased since."""
    patch.setattr(_Walk, "was_erased", lambda *_: False)
    patch.setattr(_Walk, "lost_its_own", False)
