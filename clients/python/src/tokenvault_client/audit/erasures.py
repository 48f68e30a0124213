"""What an audit trail says was erased: after a restore, all of that is to be erased again."""

from datetime import UTC, datetime, timedelta
from typing import Final

from tokenvault_client.audit.events import Event, Item

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
        began = since.astimezone(UTC) - BEFORE
        self._since = began.isoformat(timespec="milliseconds").replace("+00:00", "Z")
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
        item = event.item
        if "refusal" in item or _tenant(item) != self._tenant:
            return
        if event.action == "erase.token":
            self._tokens |= dict.fromkeys(_tokens(item))
        elif "subject" in item:
            self._subjects[item["subject"]["S"]] = None


def _tenant(item: Item) -> str:
    """Partitions are of a tenant and a day."""
    return str(item["pk"]["S"].rpartition("#")[0])


def _tokens(item: Item) -> list[str]:
    outcomes = (outcome["M"] for outcome in item["outcomes"]["L"])
    return [outcome["token"]["S"] for outcome in outcomes if "token" in outcome]
