"""What an audit trail says was erased: after a restore, all of that is to be erased again."""

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

    def __init__(self, tenant: str, since: datetime) -> None:
        """`since` is the moment whose state the vault was restored to."""
        self._tenant = tenant
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

    def take(self, event: Event) -> None:
        """Takes in an event, if it is an erasure; `verify` tells of each."""
        if event.at < self._since or event.action not in ("erase.token", "erase.person"):
            return
        if "refusal" in event.item:
            return
        for access in accesses(event):
            if access.tenant != self._tenant:
                continue
            if access.action == "erase.token" and access.token is not None:
                self._tokens[access.token] = None
            if access.action == "erase.person" and access.subject is not None:
                self._subjects[access.subject] = None
