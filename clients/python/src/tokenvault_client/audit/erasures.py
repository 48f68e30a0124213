"""What an audit trail says was erased: after a restore, all of that is to be erased again."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from tokenvault_client.audit.accesses import Access, accesses
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
        """`since` is the moment whose state the vault was restored to. Tokens whose values got another one
        since, and which clients in `not_by` alone erased, are left out: they ended because others had taken
        their place (ADR 21). What else those clients erased was meant, as every erasure is."""
        self._tenant, self._not_by = tenant, not_by
        self._since = stamp(since - BEFORE)
        self._retired_alone, self._subjects = dict[str, bool](), dict[str, None]()
        self._moved = set[str]()
        self.has_moves = False

    @property
    def tokens(self) -> list[str]:
        """The tokens."""
        return [token for token in self._retired_alone if not self._is_left_out(token)]

    @property
    def subjects(self) -> list[str]:
        """The subjects."""
        return list(self._subjects)

    @property
    def left_out(self) -> list[str]:
        """Tokens that were retired, and are left as they are."""
        return [token for token in self._retired_alone if self._is_left_out(token)]

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
            self._take(access)

    def _take(self, access: Access) -> None:
        if access.action == "retokenize":
            self.has_moves = True
            if access.outcome == "retokenized" and access.token is not None:
                self._moved.add(access.token)
        elif access.action == "erase.token" and access.token is not None:
            alone = self._retired_alone.get(access.token, True)
            self._retired_alone[access.token] = alone and access.client in self._not_by
        elif access.action == "erase.person" and access.subject is not None:
            self._subjects[access.subject] = None

    def _is_left_out(self, token: str) -> bool:
        return self._retired_alone[token] and token in self._moved
