"""From what a caller sent to what the vault takes in: known type, canonical value, limits kept."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from chalicelib.auth.permissions import require_type
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.errors import InvalidValue, TokenNotFound, UnknownType
from chalicelib.formats.base import DescribesCards, TokenFormat
from chalicelib.formats.card_detector import looks_like_card
from chalicelib.model import NO_CARD, CardFacts, InfoType, RecordDraft
from chalicelib.sensitive import Sensitive
from chalicelib.service.subject_ids import known_subject, new_subject

MAX_METADATA: Final = 8
"""Entries a token may carry: facts for the application's own use, not a second database."""

SESSION_MARK: Final = "capture_session"
"""Metadata of every token that a page made, with the id of its session; no client gives it (ADR 18)."""

_METADATA_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_METADATA_CHARACTERS: Final = 128
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class ValueItem:
    """A value as the caller sent it, with its subject, if any."""

    type: str
    value: Sensitive[object]
    subject: str | None = None


@dataclass(frozen=True)
class TokenizeItem(ValueItem):
    """A value to take in, with a time limit in seconds and facts that are not sensitive."""

    ttl_seconds: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class ImportItem(TokenizeItem):
    """A value to take in, and the token that it has from elsewhere: not checked yet, so it may be a value."""

    token: str = field(kw_only=True, repr=False)


def permitted_type(caller: Caller, policy: Policy, name: str) -> InfoType:
    """The information type of an item. Raises `UnknownType` or `NotPermitted`."""
    info_type = policy.types.get(name)
    if info_type is None:
        raise UnknownType("the policy has no information type of this name; GET /v1/types lists them")
    require_type(caller, info_type.name)
    return info_type


def draft(
    tenant: str,
    info_type: InfoType,
    item: ValueItem,
    created: int,
    *,
    expires_at: int | None = None,
    metadata: Mapping[str, str] = _NONE,
    read_subject: Callable[[str], str] = known_subject,
    created_by: str | None = None,
) -> RecordDraft:
    """The item as the vault takes it in, or looks for it. Raises `InvalidValue`.

    `read_subject` is stricter for what is taken in (`new_subject`), which names its client, `created_by`.
    """
    canonical = info_type.format.canonicalize(item.value.reveal())
    return RecordDraft(
        tenant,
        info_type,
        Sensitive(canonical),
        info_type.format.space(canonical),
        created,
        expires_at,
        metadata,
        None if item.subject is None else read_subject(item.subject),
        card=_card(info_type.format, canonical),
        created_by=created_by,
    )


def new_draft(caller: Caller, policy: Policy, item: TokenizeItem, created: int, now: float) -> RecordDraft:
    """The item as the vault takes it in for a caller, by a request that was first sent at `created`.

    Raises `UnknownType`, `NotPermitted`, `InvalidValue`, or `TokenNotFound` for a late retry: had the first
    try succeeded, its token would be gone by now.
    """
    info_type = permitted_type(caller, policy, item.type)
    expires_at = expiry(info_type, item.ttl_seconds, created)
    metadata = checked_metadata(item.metadata)
    if SESSION_MARK in metadata and caller.session is None:
        raise InvalidValue(f"metadata: {SESSION_MARK} is for what a page makes by a capture session")
    drafted = draft(
        caller.tenant,
        info_type,
        item,
        created,
        expires_at=expires_at,
        metadata=metadata,
        read_subject=new_subject,
        created_by=caller.client,
    )
    if expires_at is not None and expires_at <= now:
        raise TokenNotFound("expired")
    return drafted


def _card(token_format: TokenFormat, canonical: str) -> CardFacts:
    if not isinstance(token_format, DescribesCards):
        return NO_CARD
    return CardFacts(token_format.brand(canonical), token_format.bin(canonical))


def expiry(info_type: InfoType, ttl_seconds: int | None, now: int) -> int | None:
    """When a new token expires. Raises `InvalidValue` for a limit that the type does not allow."""
    if ttl_seconds is not None and info_type.mode == "deterministic":
        raise InvalidValue("ttl_seconds: tokens of a deterministic type take no time limit")
    longest = info_type.max_ttl_seconds
    if ttl_seconds is not None and longest is not None and ttl_seconds > longest:
        raise InvalidValue(f"ttl_seconds: at most {longest} for this information type")
    seconds = info_type.default_ttl_seconds if ttl_seconds is None else ttl_seconds
    return None if seconds is None else now + seconds


def checked_metadata(metadata: Mapping[str, str]) -> Mapping[str, str]:
    """Facts that go along with a token, readable by anyone who may read the table. Raises `InvalidValue`."""
    if len(metadata) > MAX_METADATA:
        raise InvalidValue(f"metadata: at most {MAX_METADATA} entries")
    if not all(_METADATA_NAME.fullmatch(name) for name in metadata):
        raise InvalidValue("metadata: names are 1 to 32 of a-z, 0-9 and _, beginning with a letter")
    if any(len(text) > _METADATA_CHARACTERS for text in metadata.values()):
        raise InvalidValue(f"metadata: values have at most {_METADATA_CHARACTERS} characters")
    if any(looks_like_card(text) for entry in metadata.items() for text in entry):
        raise InvalidValue("metadata: looks like it holds a card number; metadata is not encrypted")
    return metadata
