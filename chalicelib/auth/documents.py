"""The policy as it is stored: the shape of the document that Terraform writes."""

from typing import Literal

import msgspec

from chalicelib.auth.approval_policy import ApprovalDocument
from chalicelib.auth.assertions import AssertionsDocument
from chalicelib.formats.base import Field
from chalicelib.model import Action, BudgetKind, Derivation, Mode

ClientKind = Literal["service", "browser"]
"""Whether a client asks for itself, with a secret and an API key, or people sign in to it."""


class IdentityDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One Cognito app client and the API key it must come with, in one Region; a client for people: none."""

    issuer: str
    client_id: str
    api_key_id: str | None = None


class GrantDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be done together, and by each person of a group how much of it in an hour, in all Regions."""

    actions: list[Action]
    types: list[str]
    purposes: list[str] = []
    reveals_per_hour: int | None = None
    searches_per_hour: int | None = None
    deterministic_tokens_per_hour: int | None = None

    @property
    def budgets(self) -> dict[BudgetKind, int]:
        """The limits that are set."""
        limits: dict[BudgetKind, int | None] = {
            "reveals": self.reveals_per_hour,
            "searches": self.searches_per_hour,
            "deterministic_tokens": self.deterministic_tokens_per_hour,
        }
        return {kind: limit for kind, limit in limits.items() if limit is not None}


class ClientDocument(GrantDocument, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one client of a tenant may do, and how much of it in an hour, in all Regions together.

    `on_behalf_of`: whether its reveals may name, on the client's word alone, the person they are for;
    `assertions`: whose signed word for it they may pass on. `kind`: whether it asks for itself, with a secret
    and an API key, or people sign in to it, who may do what their groups may, within what the client may.
    `fields`: all that it may reveal in full, of values that are objects; then it reveals nothing else so.
    """

    identities: list[IdentityDocument]
    on_behalf_of: bool = False
    assertions: AssertionsDocument | None = None
    kind: ClientKind = "service"
    approval: ApprovalDocument | None = None
    fields: list[Field] | None = None

    @property
    def budgets(self) -> dict[BudgetKind, int]:
        """The limits that are set; that of reveals without a second person may be 0."""
        unapproved = self.approval.over_per_hour if self.approval else None
        return super().budgets | ({} if unapproved is None else {"unapproved_reveals": unapproved})


class TenantDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Clients and groups of one tenant, by name, and its canaries: tokens that nobody has to detokenize."""

    clients: dict[str, ClientDocument]
    canaries: list[str] = []
    groups: dict[str, GrantDocument] = {}


class ImportedTokensDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens from elsewhere that values of a type may be stored under: all of the pattern, but for those that
    look like tokens of this vault (`own_shape`) or are valid values (`values`)."""

    pattern: str
    own_shape: bool = False
    values: bool = False


class TypeDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One information type. Times are in seconds; `expected_tokens` counts erased ones, of one tenant.

    Without `imported_tokens`, values get no tokens but our own; without `prf_key`, deterministic ones are
    derived with the tenant's first PRF key.
    """

    format: str
    mode: Mode = "random"
    derivation: Derivation | None = None
    options: dict[str, object] = {}
    default_ttl_seconds: int | None = None
    max_ttl_seconds: int | None = None
    expected_tokens: int | None = None
    imported_tokens: ImportedTokensDocument | None = None
    prf_key: int | None = None


class PolicyDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole policy as it is stored."""

    version: Literal[1]
    vault_id: str
    types: dict[str, TypeDocument]
    tenants: dict[str, TenantDocument]
