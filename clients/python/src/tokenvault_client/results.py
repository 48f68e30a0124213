"""What goes in and what comes back, as frozen types. Fields that a later service adds are ignored."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from tokenvault_client.errors import RETRYABLE
from tokenvault_client.sensitive import Sensitive

Reveal = Literal["full", "masked"]
Field = Literal["number", "expiry", "holder"]
"""What a value that is an object may have, and a reveal may show alone."""


@dataclass(frozen=True)
class SearchItem:
    """A value whose token is looked for, that of a subject if `subject` is given.

    The value may come wrapped in `Sensitive`, and is never shown.
    """

    type: str
    value: object = field(repr=False)
    subject: str | None = None

    def body(self) -> dict[str, Any]:
        """The item as the API takes it; what was not given is left out."""
        value = self.value.reveal() if isinstance(self.value, Sensitive) else self.value
        subject = {} if self.subject is None else {"subject": self.subject}
        return {"type": self.type, "value": value, **subject}


@dataclass(frozen=True)
class TokenizeItem(SearchItem):
    """A value to take in, with a limit in seconds (random types) and facts that are not sensitive.

    Facts are those of a token's making: where a deterministic type has it already, new ones are not kept.
    """

    ttl_seconds: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The item as the API takes it; what was not given is left out."""
        lives = {} if self.ttl_seconds is None else {"ttl_seconds": self.ttl_seconds}
        return {**super().body(), **lives, **({"metadata": dict(self.metadata)} if self.metadata else {})}


@dataclass(frozen=True, kw_only=True)
class ImportItem(TokenizeItem):
    """A value to take in under the token that it has from elsewhere."""

    token: str

    def body(self) -> dict[str, Any]:
        """The item as the API takes it; what was not given is left out."""
        return {**super().body(), "token": self.token}


def given(**fields: str | None) -> dict[str, str]:
    """The fields of a request that were given, as the API takes them; the others are left out."""
    return {name: text for name, text in fields.items() if text is not None}


@dataclass(frozen=True)
class ItemError:
    """Why an item of a batch failed, while others may have succeeded."""

    code: str
    detail: str

    @property
    def retryable(self) -> bool:
        """Whether the same item may succeed later, with nothing changed about it or about the service."""
        return self.code in RETRYABLE

    if not TYPE_CHECKING:  # type checkers go on refusing what an error does not have

        def __getattr__(self, name: str) -> NoReturn:
            """Why there is no `token` or `value`, for programs that take one without a look."""
            known = vars(self)  # empty while it is copied or unpickled
            why = f": the item failed, {known['code']}: {known['detail']}" if known else ""
            raise AttributeError(f"an ItemError has no {name}{why}")


@dataclass(frozen=True)
class CardFacts:
    """What the policy tells of a card besides its token; None where it does not, or where it is not known.

    Two tokens of a tenant whose cards have the same `fingerprint` stand for the same number.
    """

    brand: str | None = None
    bin: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True)
class TokenFacts:
    """A token and facts about it. Only `Client.facts` fills in `metadata`, `created_by` and `imported`.

    `created_by` is the client that first asked for the token; None if the release that made the token did not
    keep it. `imported` says that the token was made elsewhere.
    """

    token: str
    type: str
    created: datetime
    expires_at: datetime | None
    metadata: Mapping[str, str] = field(default_factory=dict)
    card: CardFacts = field(default_factory=CardFacts)
    created_by: str | None = None
    imported: bool = False


@dataclass(frozen=True)
class Revealed:
    """A token turned back: its value, or the mask of it."""

    token: str
    type: str
    value: Sensitive[Any]


@dataclass(frozen=True)
class InfoType:
    """An information type that the client may use, and how. Times are in seconds."""

    type: str
    format: str
    mode: str
    default_ttl_seconds: int | None
    max_ttl_seconds: int | None


@dataclass(frozen=True)
class FailedToken:
    """A token of a subject whose facts are not told, and why."""

    token: str
    error: ItemError


@dataclass(frozen=True)
class SubjectTokens:
    """What is kept of a subject: `tokens` and `failed` are all that erasing it would close.

    An unknown subject has neither: is the id right? `erased_at` is set if it was erased.
    """

    tokens: tuple[TokenFacts, ...]
    failed: tuple[FailedToken, ...]
    erased_at: datetime | None

    @property
    def sha256(self) -> str:
        """The digest that a receipt has if exactly these tokens were closed: SHA-256 of the tokens in the
        order of their bytes, each with a line feed behind it."""
        tokens = [*(facts.token for facts in self.tokens), *(failed.token for failed in self.failed)]
        return hashlib.sha256("".join(f"{token}\n" for token in sorted(tokens)).encode()).hexdigest()

    @classmethod
    def joined(cls, pages: "Sequence[SubjectTokens]") -> "SubjectTokens":
        """All pages, of which there is at least one, as one."""
        return cls(
            tuple(facts for page in pages for facts in page.tokens),
            tuple(failed for page in pages for failed in page.failed),
            pages[-1].erased_at,
        )


@dataclass(frozen=True)
class Remains:
    """What is still there after an erasure, and the day on which the last copy in a backup goes."""

    what: tuple[str, ...]
    in_backups_until: date


@dataclass(frozen=True)
class Receipt:
    """What of a subject was erased, when, and how much of it.

    `tokens_sha256` is the digest of the tokens, as `SubjectTokens.sha256` computes it; None if an earlier
    release erased the subject.
    """

    version: int
    vault_id: str
    tenant: str
    subject: str
    erased_at: datetime
    secrets_destroyed: int
    tokens_closed: int
    remains: Remains
    tokens_sha256: str | None = None


@dataclass(frozen=True)
class SignedReceipt:
    """A receipt, and the same signed: a JWS in compact form, which `receipts.verify` checks.

    Keep `jws`: it is the proof. `claims` is the receipt as JSON, as it stood in the answer or in the JWS.
    """

    receipt: Receipt
    jws: str
    claims: Mapping[str, Any] = field(repr=False)


TokenizeResult = TokenFacts | ItemError
DetokenizeResult = Revealed | ItemError


def token_facts(body: Mapping[str, Any]) -> TokenFacts:
    """Facts about a token, from an answer."""
    expires_at = body["expires_at"]
    return TokenFacts(
        token=body["token"],
        type=body["type"],
        created=datetime.fromisoformat(body["created"]),
        expires_at=None if expires_at is None else datetime.fromisoformat(expires_at),
        metadata=dict(body.get("metadata") or {}),
        card=_card_facts(body.get("card") or {}),
        created_by=body.get("created_by"),
        imported=bool(body.get("imported")),
    )


def _card_facts(body: Mapping[str, Any]) -> CardFacts:
    return CardFacts(body.get("brand"), body.get("bin"), body.get("fingerprint"))


def revealed(body: Mapping[str, Any]) -> Revealed:
    """A token turned back, from an answer."""
    return Revealed(body["token"], body["type"], Sensitive(body["value"]))


def info_type(body: Mapping[str, Any]) -> InfoType:
    """An information type, from an answer."""
    return InfoType(
        body["type"], body["format"], body["mode"], body["default_ttl_seconds"], body["max_ttl_seconds"]
    )


def subject_tokens(body: Mapping[str, Any]) -> SubjectTokens:
    """A page of what is kept of a subject, from an answer."""
    failed = ((entry["token"], entry["error"]) for entry in body["failed"])
    return SubjectTokens(
        tuple(token_facts(entry) for entry in body["tokens"]),
        tuple(FailedToken(token, ItemError(error["code"], error["detail"])) for token, error in failed),
        None if body["erased_at"] is None else datetime.fromisoformat(body["erased_at"]),
    )


def receipt(claims: Mapping[str, Any]) -> Receipt:
    """An erasure receipt, from an answer or from the payload of its JWS."""
    remains = claims["remains"]
    return Receipt(
        version=claims["version"],
        vault_id=claims["vault_id"],
        tenant=claims["tenant"],
        subject=claims["subject"],
        erased_at=datetime.fromisoformat(claims["erased_at"]),
        secrets_destroyed=claims["secrets_destroyed"],
        tokens_closed=claims["tokens_closed"],
        remains=Remains(tuple(remains["what"]), date.fromisoformat(remains["in_backups_until"])),
        tokens_sha256=claims.get("tokens_sha256"),
    )
