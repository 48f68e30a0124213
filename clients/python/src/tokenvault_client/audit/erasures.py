"""What an audit trail says was erased: after a restore, all of that is to be erased again."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from tokenvault_client.audit.accesses import accesses
from tokenvault_client.audit.events import Event, stamp

BEFORE: Final = timedelta(minutes=5)
"""An erasure is recorded before it is done. One that was recorded so long before a moment was done by then:
its function ends within 30 seconds, and clocks of containers differ by little."""


class Erasures:
    """Tokens and subjects of a tenant that were erased from a moment on, each once, in the trail's order.

    A refused erasure is none. Text that had not the form of a token is not in the trail, and nothing of it
    was erased.
    """

    def __init__(self, tenant: str, since: datetime, not_by: Collection[str] = ()) -> None:
        """`since` is the moment whose state the vault was restored to. Tokens that were erased by clients in
        `not_by` alone are left out: theirs ended since other tokens had taken their place (ADR 21)."""
        self._tenant, self._not_by = tenant, not_by
        self._left_out = dict[str, None]()
        self.has_moves = False
        self._since = stamp(since - BEFORE)
        self._tokens, self._subjects = dict[str, None](), dict[str, None]()

    @property
    def tokens(self) -> list[str]:
        """The tokens."""
        return list(self._tokens)

    @property
    def subjects(self) -> list[str]:
        """The subjects."""
        return list(self._subjects)

    @property
    def left_out(self) -> list[str]:
        """Tokens that only clients erased whose erasures are left out."""
        return [token for token in self._left_out if token not in self._tokens]

    def take(self, event: Event) -> None:
        """Takes in an event, if it is an erasure; `verify` tells of each.

        `has_moves` says whether values got tokens under another PRF key since: what such tokens took the
        place of must not be erased where they are not there.
        """
        if event.at < self._since or event.action not in ("erase.token", "erase.person", "retokenize"):
            return
        if "refusal" in event.item:
            return
        for access in accesses(event):
            if access.tenant != self._tenant:
                continue
            self.has_moves = self.has_moves or access.action == "retokenize"
            if access.action == "erase.token" and access.token is not None:
                found = self._left_out if access.client in self._not_by else self._tokens
                found[access.token] = None
            if access.action == "erase.person" and access.subject is not None:
                self._subjects[access.subject] = None
