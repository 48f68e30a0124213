"""Who asked for what: the events of an audit trail that name a token, a client, or a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tokenvault_client.audit.events import Event, Item, stamp


@dataclass(frozen=True)
class Access:
    """What a client did, or tried to do, with one token; or with a request or subject, where `token` is None.

    `outcome` is what became of it, `request` the request's id, as the service's log and the client's own have
    it. Tokens of a request that was refused whole have the reason as their outcome, or the request has it
    where it named none; a canary that was asked for has `canary`. `rule` says of `not_permitted` what of the
    policy was in the way: `action`, `type`, `purpose`, `fields` and others, as docs/audit.md lists them. That
    of an item is the item's own.

    `user_sub` and `username` are of the person who signed in to the client, as Cognito verified it.
    `on_behalf_of` is the person for whom the client said that it asks, which nobody verified.
    `asserted_sub` is the one for whom it asked by an assertion of the identity provider `asserted_by`.

    `approval` is the id of the approval that it was about. Of a reveal under one, `approver` is the client
    that approved it; `approver_sub` and `approver_username` are of the person who signed in to that one. Of a
    look at an approval or a decision on one, `asker` and what begins with it say whose request it was.
    `fields` are names: of a value that is an object, what was revealed of it, or what a refused request asked
    for. None of any other value, of masks, and of refused requests for whole values.
    """

    at: str
    tenant: str
    client: str
    action: str
    outcome: str
    request: str
    token: str | None = None
    type: str | None = None
    purpose: str | None = None
    subject: str | None = None
    user_sub: str | None = None
    username: str | None = None
    on_behalf_of: str | None = None
    asserted_by: str | None = None
    asserted_sub: str | None = None
    approval: str | None = None
    approver: str | None = None
    approver_sub: str | None = None
    approver_username: str | None = None
    asker: str | None = None
    asker_sub: str | None = None
    asker_username: str | None = None
    fields: tuple[str, ...] | None = None
    rule: str | None = None

    def is_signed_in(self, person: str) -> bool:
        """Whether it was this person who signed in, by `sub` or username, in whatever case."""
        return _same(person, self.user_sub) or _same(person, self.username)

    def is_asserted(self, person: str) -> bool:
        """Whether an identity provider signed that the client asked for this person, in whatever case."""
        return _same(person, self.asserted_sub)

    def is_approved_by(self, person: str) -> bool:
        """Whether it was a reveal that this person approved, by `sub` or username, in whatever case."""
        return _same(person, self.approver_sub) or _same(person, self.approver_username)

    def is_proven(self, person: str) -> bool:
        """Whether there is more than a client's word for what this person has to do with it."""
        return self.is_signed_in(person) or self.is_asserted(person) or self.is_approved_by(person)

    def names(self, person: str) -> bool:
        """Whether there is proof of this person, or a client's word."""
        return self.is_proven(person) or _same(person, self.on_behalf_of)


@dataclass(frozen=True)
class Question:
    """Which accesses are asked for; a part that is left out fits every one.

    `client` is the one that asked, or that approved what another one asked for. `since` is the first moment,
    `before` the first that no longer counts. A time without a zone is in UTC.
    `person` is a `sub` or a username, of who signed in or of who approved, or whom an assertion or a client
    named; the access says which of them it was. Two identity providers may give one `sub` to two people:
    `asserted_by` is an issuer, and then only its assertions count, as proof of the person too.
    """

    tokens: frozenset[str] = frozenset()
    tenant: str | None = None
    client: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    person: str | None = None
    asserted_by: str | None = None
    actions: frozenset[str] = frozenset()
    purpose: str | None = None
    approval: str | None = None
    subject: str | None = None

    def answers(self, event: Event) -> Iterator[Access]:
        """The accesses of an event that are asked for; `verify` tells of each event."""
        if event.action == "checkpoint" or not self._is_time(event.at):
            return
        for access in accesses(event):
            if self._fits(access):
                yield access

    def _is_time(self, at: str) -> bool:
        early = self.since is not None and at < stamp(self.since)
        late = self.before is not None and at >= stamp(self.before)
        return not (early or late)

    def _fits(self, access: Access) -> bool:
        return (
            (not self.tokens or access.token in self.tokens)
            and self.tenant in (None, access.tenant)
            and self.client in (None, access.client, access.approver)
            and (not self.actions or access.action in self.actions)
            and self.purpose in (None, access.purpose)
            and self.approval in (None, access.approval)
            and self.subject in (None, access.subject)
            and self.asserted_by in (None, access.asserted_by)
            and (self.person is None or self._is_of(access, self.person))
        )

    def _is_of(self, access: Access, person: str) -> bool:
        return access.names(person) if self.asserted_by is None else access.is_asserted(person)


_TEXTS: Final = (
    *("purpose", "subject", "user_sub", "username", "on_behalf_of", "asserted_by", "asserted_sub"),
    *("approval", "approver", "approver_sub", "approver_username", "asker", "asker_sub", "asker_username"),
)
"""What an access has from its event under the same name."""


def accesses(event: Event) -> list[Access]:
    """What an event says was done; nothing for one that no service of ours writes, which the check finds."""
    try:
        return list(_accesses(event))
    except (KeyError, TypeError, AttributeError):
        return []


def _accesses(event: Event) -> Iterator[Access]:
    item = event.item
    text = _Texts(item)
    rule = text.get("rule")
    common: dict[str, Any] = {
        "at": event.at,
        "tenant": str(item["pk"]["S"].rpartition("#")[0]),
        "client": text.get("client") or "",
        "action": event.action,
        "request": text.get("request_id") or "",
        **{name: text.get(name) for name in _TEXTS},
    }
    refusal, outcomes = text.get("refusal"), item["outcomes"]["L"]
    asked = _fields(item)
    refused = [token["S"] for token in item.get("asked_for", {"L": []})["L"]]
    if not refused and (refusal or not outcomes):
        yield Access(**common, outcome=refusal or "", fields=asked, rule=rule)
    for token in refused:
        yield Access(**common, outcome=refusal or "", token=token, fields=asked, rule=rule)
    for part in outcomes:
        found = _Texts(part["M"])
        yield Access(
            **common,
            outcome=found.get("outcome") or "",
            token=found.get("token"),
            type=found.get("type"),
            fields=_fields(part["M"]),
            rule=found.get("rule"),
        )
    for canary in item.get("canaries", {"L": []})["L"]:
        yield Access(**common, outcome="canary", token=canary["S"])


def _fields(attributes: Item) -> tuple[str, ...] | None:
    return tuple(name["S"] for name in attributes["fields"]["L"]) if "fields" in attributes else None


def _same(person: str, name: str | None) -> bool:
    """Usernames of the pool differ by more than case, and a person must not be missed for a capital."""
    return name is not None and name.casefold() == person.casefold()


class _Texts:
    """The attributes of an item that are texts."""

    def __init__(self, item: Item) -> None:
        self._item = item

    def get(self, name: str) -> str | None:
        attribute = self._item.get(name, {})
        return attribute.get("S") if isinstance(attribute, dict) else None
