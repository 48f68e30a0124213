"""The words of the vault as types. Frozen, and free of behaviour that needs the outside world."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from chalicelib.formats.base import DescribesCards, TokenFormat, TokenSpace
from chalicelib.formats.imported import ImportedTokens
from chalicelib.sensitive import Sensitive

Action = Literal[
    "tokenize",
    "import",
    "capture",
    "detokenize",
    "detokenize.masked",
    "search",
    "read",
    "subjects.read",
    "erase",
    "approve",
    "export",
]
"""What a client of a tenant may be allowed to do. Each has an OAuth scope of the same name."""
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

Mode = Literal["random", "deterministic"]
Derivation = Literal["kms", "cached"]
"""Where deterministic tokens come from: `kms` sends the PRF output through an HMAC key that never leaves
KMS; `cached` spends no call and accepts that a thief of the PRF key can try values offline."""
RevealMode = Literal["full", "masked"]
MAX_TTL_SECONDS: Final = 100 * 366 * 24 * 3600
"""Longest time limit of a token, in a request and in the policy: a hundred years."""

FIRST_PRF_KEY: Final = 1
MAX_PRF_KEY: Final = 999
"""The highest number of a tenant's PRF key: a new one every two weeks lasts for nearly forty years."""

ApprovalState = Literal["pending", "approved", "refused", "used", "expired"]

BudgetKind = Literal[
    "reveals", "searches", "deterministic_tokens", "unapproved_reveals", "captured_values", "late_captures"
]
"""What may be limited. Masked reveals count too: asking often must gain nothing. Unapproved are full reveals
that nobody but the caller stands for. Captured values, and late captures (by a session that was used), are of
one capture session, all else is by the hour."""


@dataclass(frozen=True)
class InfoType:
    """What kind of value: its name in the policy, its format, and the limits the policy sets.

    `prf_key` is the number of the tenant's key that tokens of a deterministic type are derived with.
    Times are in seconds. `max_ttl_seconds` of None means that tokens may live without a limit.
    `imported` of None means that values only get tokens of our own making.
    """

    name: str
    format: TokenFormat = field(repr=False)
    mode: Mode = "random"
    derivation: Derivation = "kms"
    default_ttl_seconds: int | None = None
    max_ttl_seconds: int | None = None
    imported: ImportedTokens | None = None
    prf_key: int = FIRST_PRF_KEY

    @property
    def is_short_lived(self) -> bool:
        """Whether the rules for such values let none be kept: then no copy may outlive the time limit."""
        return self.format.facts.longest_ttl_seconds is not None

    @property
    def has_fingerprints(self) -> bool:
        """Whether answers carry the fingerprints of cards."""
        return isinstance(self.format, DescribesCards) and self.format.fingerprint

    @property
    def confirms_guesses(self) -> bool:
        """Whether answers of two equal values show that they are equal: a right guess is known as one."""
        return self.mode == "deterministic" or self.has_fingerprints


@dataclass(frozen=True)
class CardFacts:
    """What answers tell of a card besides its token, where the policy asks for it; None elsewhere.

    A record holds the same in the clear, signed: whoever only has the token is answered from there.
    `fingerprint` is the same for the same number within a tenant, whatever the type, token and subject.
    """

    brand: str | None = None
    bin: str | None = None
    fingerprint: str | None = None

    @property
    def known(self) -> dict[str, str]:
        """What there is to tell, by name."""
        parts = {"brand": self.brand, "bin": self.bin, "fingerprint": self.fingerprint}
        return {name: text for name, text in parts.items() if text is not None}


NO_CARD: Final = CardFacts()
"""Of a value that is no card, or of which the policy tells nothing."""


@dataclass(frozen=True)
class SubjectSecret:
    """One secret of a subject, or a short-lived one. A record that names it cannot be opened without it."""

    subject: str
    secret_id: str
    secret: Sensitive[bytes]


@dataclass(frozen=True)
class TokenRecord:
    """A token and what it stands for. `created` and `expires_at` are Unix times in whole seconds.

    `fingerprint` tells deterministic values apart, `origin` marks the records of one idempotent request;
    neither says anything of the value. `metadata` is the caller's, and declared not to be sensitive.
    `secret` is that of the subject that the value belongs to, if any, `short_lived` the one that is destroyed
    when the time is up, for values that may not be kept. `is_opaque` says that no other record can ever get
    this token. `created_by` is the client that it was made for; records of earlier releases do not say.
    `imported` says that another system made the token.
    """

    tenant: str
    token: str
    type: str
    value: Sensitive[str]
    created: int
    expires_at: int | None = None
    fingerprint: bytes | None = None
    origin: bytes | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    secret: SubjectSecret | None = None
    is_opaque: bool = True
    short_lived: SubjectSecret | None = None
    card: CardFacts = NO_CARD
    created_by: str | None = None
    imported: bool = False

    @property
    def secrets(self) -> tuple[SubjectSecret, ...]:
        """All that the record is sealed with, the subject's first."""
        return tuple(secret for secret in (self.secret, self.short_lived) if secret is not None)

    @property
    def facts(self) -> "TokenFacts":
        """What may be told about the token."""
        times = self.created, self.expires_at
        by = self.created_by
        return TokenFacts(self.token, self.type, *times, self.metadata, self.card, by, self.imported)


@dataclass(frozen=True)
class RecordDraft:
    """A canonical value on its way to a token: its record without the token, and the tokens it may get.

    `subject` names the subject that the value belongs to, `secret` is that subject's once it was read;
    `short_lived` is the secret that a value needs besides which may not be kept. `imported_token` is the
    token that the value has from another system; it gets no other.
    """

    tenant: str
    type: InfoType
    value: Sensitive[str]
    space: TokenSpace = field(repr=False)
    created: int
    expires_at: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    subject: str | None = None
    secret: SubjectSecret | None = None
    short_lived: SubjectSecret | None = None
    card: CardFacts = NO_CARD
    created_by: str | None = None
    imported_token: str | None = None

    def with_token(
        self, token: str, *, fingerprint: bytes | None = None, origin: bytes | None = None
    ) -> TokenRecord:
        """The record. Raises `AssertionError` (a bug) for a value without a secret that it needs."""
        if self.subject is not None and self.secret is None:
            raise AssertionError("a value of a subject needs the subject's secret")
        if self.type.is_short_lived and self.short_lived is None:
            raise AssertionError("a value that may not be kept needs a short-lived secret")
        return TokenRecord(
            self.tenant,
            token,
            self.type.name,
            self.value,
            self.created,
            self.expires_at,
            fingerprint,
            origin,
            self.metadata,
            self.secret,
            # Whoever made an imported token may make it again: its place stays taken like a formatted one's.
            self.space.opaque and self.imported_token is None,
            self.short_lived,
            self.card,
            self.created_by,
            self.imported_token is not None,
        )


@dataclass(frozen=True)
class TokenFacts:
    """What may be told about a token without its value.

    `created_by` is the client that first asked for it; None of a record that does not say. `imported` says
    that another system made the token.
    """

    token: str
    type: str
    created: int
    expires_at: int | None
    metadata: Mapping[str, str] = field(default_factory=dict)
    card: CardFacts = NO_CARD
    created_by: str | None = None
    imported: bool = False
