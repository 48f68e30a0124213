"""The policy: which information types and tenants exist, and what each client of a tenant may do.

Terraform writes it from typed variables and checks it; it is checked once more here, since a
container that runs with a half-understood policy would grant or destroy the wrong things.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import msgspec

from chalicelib.auth.approval_policy import ApprovalDocument, approval_problems
from chalicelib.errors import ConfigurationError
from chalicelib.formats.base import Field, Options, TokenFormat
from chalicelib.formats.capacity import EXPECTED, shortage
from chalicelib.formats.imported import ImportedTokens, imported_tokens
from chalicelib.formats.sharing import Claim, crowding
from chalicelib.model import MAX_TTL_SECONDS, Action, ApprovalRule, BudgetKind, Derivation, InfoType, Mode

MAX_BUDGET: Final = 10**9
"""The largest budget of a client, of any kind, in an hour."""

MAX_EXPECTED: Final = 10**15
"""The largest number of tokens that a policy can expect of a type."""

BuildFormat = Callable[[str, str, Options], TokenFormat]
"""Makes a format from its name, the type's name and the options. Raises `ConfigurationError`."""

NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
"""Names of tenants, clients, types and purposes: they stand in keys, metrics and audit items."""


class IdentityDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One Cognito app client and the API key it must come with, in one Region."""

    issuer: str
    client_id: str
    api_key_id: str


class ClientDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one client of a tenant may do, and how much of it in an hour, in all Regions together.

    `on_behalf_of`: whether its reveals may name, on the client's word alone, the person they are for.
    `fields`: all that it may reveal in full, of values that are objects; then it reveals nothing else so.
    """

    identities: list[IdentityDocument]
    actions: list[Action]
    types: list[str]
    purposes: list[str] = []
    reveals_per_hour: int | None = None
    searches_per_hour: int | None = None
    deterministic_tokens_per_hour: int | None = None
    on_behalf_of: bool = False
    approval: ApprovalDocument | None = None
    fields: list[Field] | None = None

    @property
    def budgets(self) -> dict[BudgetKind, int]:
        """The limits that are set."""
        limits: dict[BudgetKind, int | None] = {
            "reveals": self.reveals_per_hour,
            "searches": self.searches_per_hour,
            "deterministic_tokens": self.deterministic_tokens_per_hour,
            "unapproved_reveals": self.approval.over_per_hour if self.approval else None,
        }
        return {kind: limit for kind, limit in limits.items() if limit is not None}


class TenantDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clients of one tenant, by name, and its canaries: tokens that nobody has a reason to detokenize."""

    clients: dict[str, ClientDocument]
    canaries: list[str] = []


class ImportedTokensDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens from elsewhere that values of a type may be stored under: all of the pattern, but for those that
    look like tokens of this vault (`own_shape`) or are valid values (`values`)."""

    pattern: str
    own_shape: bool = False
    values: bool = False


class TypeDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One information type. Times are in seconds; `expected_tokens` counts erased ones, of one tenant.

    Without `imported_tokens`, values get no tokens but our own.
    """

    format: str
    mode: Mode = "random"
    derivation: Derivation | None = None
    options: dict[str, object] = {}
    default_ttl_seconds: int | None = None
    max_ttl_seconds: int | None = None
    expected_tokens: int | None = None
    imported_tokens: ImportedTokensDocument | None = None


class PolicyDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole policy as it is stored."""

    version: Literal[1]
    vault_id: str
    types: dict[str, TypeDocument]
    tenants: dict[str, TenantDocument]


@dataclass(frozen=True)
class Client:
    """A client of a tenant, and the API keys it may come with."""

    tenant: str
    name: str
    api_key_ids: frozenset[str]
    actions: frozenset[Action]
    types: frozenset[str]
    purposes: frozenset[str]
    budgets: Mapping[BudgetKind, int]
    on_behalf_of: bool = False
    approval: ApprovalRule | None = None
    fields: frozenset[Field] | None = None


@dataclass(frozen=True)
class Policy:
    """The checked policy: `clients` by (issuer, client id) of an access token, `canaries` by tenant."""

    types: Mapping[str, InfoType]
    tenants: frozenset[str]
    clients: Mapping[tuple[str, str], Client]
    canaries: Mapping[str, frozenset[str]]


def load(
    text: str, sha256: str, vault_id: str, build_format: BuildFormat, slot_share: Fraction = Fraction(1)
) -> Policy:
    """The policy from its stored text, once per container.

    `sha256` is the hex digest that was deployed with the function: an attacker who can write to the
    table but cannot deploy changes nothing. `slot_share` is how much of the space of random formatted
    tokens this Region draws from. Raises `ConfigurationError` with every problem found.
    """
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        raise ConfigurationError(["the stored policy is not the one this function was deployed with"])
    try:
        document = msgspec.json.decode(text, type=PolicyDocument)
    except msgspec.DecodeError as error:
        raise ConfigurationError([f"the policy does not parse: {error}"]) from None
    problems = list(_problems(document, vault_id))
    types = _types(document, build_format, slot_share, problems)
    if problems:
        raise ConfigurationError(problems)
    canaries = {name: frozenset(tenant.canaries) for name, tenant in document.tenants.items()}
    return Policy(types, frozenset(document.tenants), dict(_clients(document)), canaries)


def _problems(document: PolicyDocument, vault_id: str) -> Iterator[str]:
    if document.vault_id != vault_id:
        yield "the policy belongs to another vault"
    for kind, names in (("type", document.types), ("tenant", document.tenants)):
        yield from (f"{kind} names match {NAME.pattern}" for name in names if not NAME.fullmatch(name))
    for tenant_name, tenant in document.tenants.items():
        approvers = any("approve" in client.actions for client in tenant.clients.values())
        for name, client in tenant.clients.items():
            where = f"client {name} of tenant {tenant_name}"
            yield from (f"{where} {problem}" for problem in _client_problems(name, client, document))
            wrong = approval_problems(client.approval, client.actions, client.types, has_approvers=approvers)
            yield from (f"{where} {problem}" for problem in wrong)
    yield from _shared_identities(document)


def _client_problems(name: str, client: ClientDocument, document: PolicyDocument) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield f"has a name that does not match {NAME.pattern}"
    if unknown := set(client.types) - set(document.types):
        yield f"uses types that the policy does not have: {', '.join(sorted(unknown))}"
    if any(not NAME.fullmatch(purpose) for purpose in client.purposes):
        yield f"has a purpose that does not match {NAME.pattern}"
    if "detokenize" in client.actions and not client.purposes:
        yield "may reveal in full but has no purpose to do it for"
    if "import" in client.actions and set(client.actions) - {"import", "read"}:
        yield "may import tokens, and so no more than that and read"
    if client.on_behalf_of and not {"detokenize", "detokenize.masked"} & set(client.actions):
        yield "may name whom it reveals for (on_behalf_of), and may not reveal"
    if client.fields is not None and "detokenize" not in client.actions:
        yield "is held to fields that it may reveal in full, and may reveal nothing in full"
    if client.fields is not None and not client.fields:
        yield "may reveal in full but has no field to do it for; leave fields out for no limit, or the action"
    limits = (limit for kind, limit in client.budgets.items() if kind != "unapproved_reveals")
    if any(not 1 <= limit <= MAX_BUDGET for limit in limits):
        yield f"has a budget that is not from 1 to {MAX_BUDGET}; leave it out for no limit, or the action"


def _shared_identities(document: PolicyDocument) -> Iterator[str]:
    """An access token must mean one client; an API key may not let one client pass for another."""
    seen: dict[tuple[str, ...], str] = {}
    for tenant_name, tenant in document.tenants.items():
        for name, client in tenant.clients.items():
            for identity in client.identities:
                for key in ((identity.issuer, identity.client_id), (identity.api_key_id,)):
                    holder = f"{tenant_name}/{name}"
                    if seen.setdefault(key, holder) != holder:
                        yield f"clients {seen[key]} and {holder} share an identity or an API key"


def _types(
    document: PolicyDocument, build_format: BuildFormat, slot_share: Fraction, problems: list[str]
) -> dict[str, InfoType]:
    built = {}
    for name, written in document.types.items():
        problems += [f"type {name} {problem}" for problem in _mode_problems(written)]
        try:
            token_format = build_format(written.format, name, written.options)
        except ConfigurationError as error:
            problems += [f"type {name}: {problem}" for problem in error.problems]
            continue
        longest = token_format.facts.longest_ttl_seconds
        unfit = [*_limit_problems(written, longest), *_capacity_problems(written, token_format, slot_share)]
        problems += [f"type {name} {problem}" for problem in unfit]
        built[name] = InfoType(
            name,
            token_format,
            written.mode,
            written.derivation or "kms",
            written.default_ttl_seconds,
            written.max_ttl_seconds or longest,
            _imported(name, written, problems),
        )
    claims = {name: _claim(document.types[name], info_type) for name, info_type in built.items()}
    problems += [f"type {name} {reason}" for name, reason in crowding(claims, slot_share)]
    return built


def _imported(name: str, written: TypeDocument, problems: list[str]) -> ImportedTokens | None:
    if (said := written.imported_tokens) is None:
        return None
    try:
        return imported_tokens(said.pattern, own_shape=said.own_shape, values=said.values)
    except ConfigurationError as error:
        problems += [f"type {name}: imported_tokens: {problem}" for problem in error.problems]
        return None


def _claim(written: TypeDocument, info_type: InfoType) -> Claim:
    expected = EXPECTED if written.expected_tokens is None else written.expected_tokens
    return Claim(info_type.format, info_type.mode, expected)


def _mode_problems(written: TypeDocument) -> Iterator[str]:
    default, longest = written.default_ttl_seconds, written.max_ttl_seconds
    if any(limit is not None and not 1 <= limit <= MAX_TTL_SECONDS for limit in (default, longest)):
        yield f"has a time limit that is not from 1 to {MAX_TTL_SECONDS} seconds"
    if longest is not None and (default is None or default > longest):
        yield "has a longest time limit but no default within it"
    if written.mode == "random" and written.derivation is not None:
        yield "has a derivation but is not deterministic"
    if written.mode == "deterministic" and written.imported_tokens is not None:
        yield "is deterministic and so takes no imported tokens: a value would have two"
    if written.mode == "deterministic" and (default, longest) != (None, None):
        yield "is deterministic and so takes no time limit"


def _limit_problems(written: TypeDocument, longest: int | None) -> Iterator[str]:
    """Whether tokens live longer than the rules for values of the format allow."""
    if longest is None:
        return
    if written.default_ttl_seconds is None:
        yield "holds values that may not be kept: it must be random and have a default time limit"
    if any((limit or 0) > longest for limit in (written.default_ttl_seconds, written.max_ttl_seconds)):
        yield f"has a time limit over {longest} seconds, the longest for values of its format"


def _capacity_problems(
    written: TypeDocument, token_format: TokenFormat, slot_share: Fraction
) -> Iterator[str]:
    expected = EXPECTED if written.expected_tokens is None else written.expected_tokens
    if not 1 <= expected <= MAX_EXPECTED:
        yield f"expects a number of tokens that is not from 1 to {MAX_EXPECTED}"
    elif reason := shortage(token_format.capacity(), expected, written.mode, slot_share):
        yield reason


def _clients(document: PolicyDocument) -> Iterator[tuple[tuple[str, str], Client]]:
    for tenant_name, tenant in document.tenants.items():
        for name, written in tenant.clients.items():
            for identity in written.identities:
                # Regions have pools and API keys of their own: the key must be of the pool's Region.
                yield (
                    (identity.issuer, identity.client_id),
                    Client(
                        tenant=tenant_name,
                        name=name,
                        api_key_ids=frozenset(
                            other.api_key_id
                            for other in written.identities
                            if other.issuer == identity.issuer
                        ),
                        actions=frozenset(written.actions),
                        types=frozenset(written.types),
                        purposes=frozenset(written.purposes),
                        budgets=written.budgets,
                        on_behalf_of=written.on_behalf_of,
                        approval=written.approval.rule if written.approval else None,
                        fields=None if written.fields is None else frozenset(written.fields),
                    ),
                )
