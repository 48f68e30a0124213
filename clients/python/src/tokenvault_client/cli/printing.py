"""Results as JSON and as plain text."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from tokenvault_client.errors import Problem
from tokenvault_client.results import InfoType, Receipt, SubjectTokens, TokenFacts

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def time(at: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def facts_fields(facts: TokenFacts) -> dict[str, Any]:
    """Facts about a token, its metadata left out; of a card only what is known."""
    card = card_fields(facts)
    return {
        "token": facts.token,
        "type": facts.type,
        "created": time(facts.created),
        "expires_at": time(facts.expires_at),
        **({"card": card} if card else {}),
    }


def card_fields(facts: TokenFacts) -> dict[str, str]:
    """What is known of a card."""
    return {name: text for name, text in asdict(facts.card).items() if text is not None}


def facts_text(facts: TokenFacts) -> str:
    """The same for reading. Metadata is another client's text: what would steer the terminal is escaped."""
    fields = {**facts_fields(facts), "created_by": facts.created_by, "card": None, **card_fields(facts)}
    fields["imported"] = "yes" if facts.imported else None
    lines = [f"{name + ':':11} {text}" for name, text in fields.items() if text is not None]
    return "\n".join([*lines, *(f"  {name}: {tame(text)}" for name, text in sorted(facts.metadata.items()))])


def facts_line(facts: TokenFacts) -> str:
    """Token, type and times on a line, separated by tabs; `-` for a token that does not expire."""
    fields = facts_fields(facts).values()
    return "\t".join("-" if text is None else tame(text) for text in fields)


def subject_text(found: SubjectTokens) -> str:
    """How much is kept of a subject, in a sentence. The id is not repeated: it may be a value."""
    if found.erased_at is not None:
        return f"this subject was erased {time(found.erased_at)}"
    many = len(found.tokens) + len(found.failed)
    if not many:
        return "this subject has no tokens: is the id right? An id that was erased is never taken in again"
    closed = f"would close {many} token{'s' if many > 1 else ''}, SHA-256 {found.sha256}"
    if others := sum(failed.error.code == "not_permitted" for failed in found.failed):
        why = (
            f"but {others} of them are of types that this client may not use, so it may not erase the subject"
        )
        return f"erasing this subject {closed}, {why}; nothing was erased"
    return f"erasing this subject {closed}; nothing was erased"


def tame(text: str) -> str:
    """Somebody else's text on one line: what would steer the terminal is escaped."""
    return json.dumps(text) if value_text(text) is None else text


def type_text(info: InfoType) -> str:
    """An information type on a line."""
    limit = "" if info.max_ttl_seconds is None else f", at most {info.max_ttl_seconds} s"
    default = (
        "" if info.default_ttl_seconds is None else f", {info.default_ttl_seconds} s unless told otherwise"
    )
    return f"{info.type:20}{info.mode}, format {info.format}{limit}{default}"


def value_text(value: object) -> str | None:
    """A value on a line of its own; None if it would be more than a line, or steer the terminal."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return None if _CONTROL.search(text) else text


def receipt_text(receipt: Receipt) -> str:
    """A receipt for reading."""
    what = "\n".join(f"  {part}" for part in receipt.remains.what)
    return (
        f"subject {receipt.subject} of tenant {receipt.tenant}, vault {receipt.vault_id}\n"
        f"erased {time(receipt.erased_at)}: {receipt.secrets_destroyed} secrets destroyed, "
        f"{receipt.tokens_closed} tokens closed{_digest(receipt)}\n"
        f"what remains in backups until {receipt.remains.in_backups_until.isoformat()}:\n{what}"
    )


def _digest(receipt: Receipt) -> str:
    return "" if receipt.tokens_sha256 is None else f", SHA-256 {receipt.tokens_sha256}"


def problem_fields(problem: Problem) -> Mapping[str, Any]:
    """A problem as JSON; what is not known is left out."""
    errors = [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in problem.errors]
    known = {
        "code": problem.code,
        "detail": problem.detail,
        "status": problem.status,
        "request_id": problem.request_id,
        "retry_after": problem.retry_after,
        "errors": errors or None,
    }
    return {name: value for name, value in known.items() if value is not None}
